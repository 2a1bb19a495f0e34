"""Elementwise functions at corners, poles and extremes, each answer stated.

Where a derivative is finite no warning of NumPy's is accepted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.derivatives.elementwise import sinc_derivative

pytestmark = pytest.mark.filterwarnings("error")

inf, nan = np.inf, np.nan


def gradients(f: Any, *args: Any, dtype: Any = float) -> list[Any]:
    """Return the gradients of the sum of `f` by each float or array among `args`."""
    inputs = [
        ag.Tensor(x, dtype=dtype, requires_grad=True) if isinstance(x, float | np.ndarray) else x
        for x in args
    ]
    np.sum(f(*inputs)).backward()
    return [x.grad.numpy() for x in inputs if isinstance(x, ag.Tensor)]


def hessian(f: Any, *point: float) -> Any:
    return ag.hessian(lambda x: f(*[x[i] for i in range(len(point))]))(np.array(point))


AT_SPECIAL_POINTS = [
    # a power of zero, and to the power zero
    (np.power, (0.0, 0.0), (0, 0)),
    (np.power, (0.0, 1.0), (1, 0)),
    (np.power, (0.0, 2.0), (0, 0)),
    (np.power, (0.0, 3.0), (0, 0)),
    (np.power, (2.0, 0.0), (0, np.log(2))),
    (np.power, (0.0, 0), (0,)),
    (np.power, (0.0, 1), (1,)),
    (np.power, (0.0, 2), (0,)),
    (np.power, (0.0, 0.0), (0, 0)),
    (np.power, (-2.0, 3), (12,)),
    (np.power, (-2.0, 0), (0,)),
    (np.power, (-2.0, -1), (-0.25,)),
    (np.power, (0, 2.0), (0,)),
    (np.power, (0, 0.5), (0,)),
    (np.power, (inf, 1), (1,)),
    (np.power, (inf, 0), (0,)),
    (np.float_power, (0.0, 0.0), (0, 0)),
    (np.float_power, (0.0, 1.0), (1, 0)),
    (np.float_power, (-2.0, 3), (12,)),
    # corners: in absolute values as the sign, 0 at 0, and at the origin, where there is no
    # derivative, 0 as well
    (np.absolute, (0.0,), (0,)),
    (np.absolute, (-0.0,), (0,)),
    (np.absolute, (-inf,), (-1,)),
    (np.fabs, (0.0,), (0,)),
    (np.hypot, (0.0, 0.0), (0, 0)),
    (np.hypot, (0.0, -2.0), (0, -1)),
    (np.hypot, (3e200, 4e200), (0.6, 0.8)),
    (np.hypot, (3e-200, 4e-200), (0.6, 0.8)),
    (np.arctan2, (0.0, 0.0), (0, 0)),
    (np.arctan2, (0.0, 1.0), (1, 0)),
    (np.arctan2, (0.0, -1.0), (-1, 0)),
    (np.arctan2, (1e200, 1e200), (5e-201, -5e-201)),
    (np.arctan2, (1e-200, 1e-200), (5e199, -5e199)),
    (np.copysign, (0.0, 1.0), (0, 0)),
    (np.copysign, (2.0, -0.0), (-1, 0)),
    (np.copysign, (-2.0, -3.0), (1, 0)),
    # the sum of exponentials, whose parts add to one
    (np.logaddexp, (1e300, 1e300), (0.5, 0.5)),
    (np.logaddexp, (1e300, -1e300), (1, 0)),
    (np.logaddexp, (-800.0, 0.0), (0, 1)),
    (np.logaddexp, (-40.0, 0.0), (np.exp(-40), 1)),
    (np.logaddexp, (inf, inf), (0.5, 0.5)),
    (np.logaddexp, (-inf, -inf), (0.5, 0.5)),
    (np.logaddexp, (inf, -inf), (1, 0)),
    (np.logaddexp, (inf, 1.0), (1, 0)),
    (np.logaddexp, (-inf, 1.0), (0, 1)),
    (np.logaddexp, (-inf, 1), (0,)),
    (np.logaddexp2, (1e300, 1e300), (0.5, 0.5)),
    (np.logaddexp2, (-40.0, 0.0), (2.0**-40 / (1 + 2.0**-40), 1 / (1 + 2.0**-40))),
    (np.logaddexp2, (-inf, -inf), (0.5, 0.5)),
    (np.logaddexp2, (1.0, inf), (0, 1)),
    # equal arguments share; NaN goes where NumPy takes it from
    (np.maximum, (1.0, 1.0), (0.5, 0.5)),
    (np.maximum, (0.0, -0.0), (0.5, 0.5)),
    (np.maximum, (inf, inf), (0.5, 0.5)),
    (np.maximum, (0.0, 0), (0.5,)),
    (np.maximum, (nan, 1.0), (1, 0)),
    (np.maximum, (1.0, nan), (0, 1)),
    (np.maximum, (nan, nan), (0.5, 0.5)),
    (np.minimum, (1.0, 1.0), (0.5, 0.5)),
    (np.minimum, (nan, 1.0), (1, 0)),
    (np.fmax, (1.0, 1.0), (0.5, 0.5)),
    (np.fmax, (nan, 1.0), (0, 1)),
    (np.fmax, (nan, nan), (0.5, 0.5)),
    (np.fmin, (1.0, 1.0), (0.5, 0.5)),
    (np.fmin, (1.0, nan), (1, 0)),
    # an array at a bound is within
    (np.clip, (1.0, 1.0, 2.0), (1, 0, 0)),
    (np.clip, (2.0, 1.0, 2.0), (1, 0, 0)),
    (np.clip, (1.0, 1.0, 1.0), (1, 0, 0)),
    (np.clip, (0.0, 1.0, 2.0), (0, 1, 0)),
    (np.clip, (3.0, 1.0, 2.0), (0, 0, 1)),
    (np.clip, (1.0, 2.0, 0.0), (0, 0, 1)),  # the upper bound wins
    (np.clip, (-1.0, 2.0, 0.0), (0, 0, 1)),
    (np.clip, (3.0, 2.0, 0.0), (0, 0, 1)),
    (np.clip, (nan, 1.0, 2.0), (0, 0, 0)),
    (np.clip, (inf, 1.0, None), (1, 0)),
    (np.clip, (-inf, None, 1.0), (1, 0)),
    # steps
    (np.heaviside, (0.0, 0.5), (0, 1)),
    (np.heaviside, (-1.0, 0.5), (0, 0)),
    (np.remainder, (6.0, 3.0), (1, -2)),
    (np.remainder, (-5.0, 3.0), (1, 2)),
    (np.remainder, (5.0, -3.0), (1, 2)),
    (np.remainder, (1.0, 0.1), (1, -9)),
    (np.remainder, (-1.0, inf), (1, 1)),
    (np.fmod, (6.0, 3.0), (1, -2)),
    (np.fmod, (-5.0, 3.0), (1, 1)),
    (np.fmod, (1.0, 0.1), (1, -9)),  # though 1 / 0.1 is 10
    (np.fmod, (1.0, inf), (1, 0)),
    (np.nextafter, (1.0, 2.0), (1, 0)),
    # infinities and NaN replaced are constants
    (np.nan_to_num, (nan,), (0,)),
    (np.nan_to_num, (inf,), (0,)),
    (np.nan_to_num, (-inf,), (0,)),
    (np.nan_to_num, (3.0,), (1,)),
    # no overflow, no cancellation
    (np.arctan, (1e200,), (0,)),
    (np.arctan, (1e10,), (1e-20,)),
    (np.arctan, (inf,), (0,)),
    (np.arcsinh, (1e200,), (1e-200,)),
    (np.arccosh, (1e200,), (1e-200,)),
    (np.arccosh, (1 + 2.0**-40,), (1 / np.sqrt(2.0**-39 + 2.0**-80),)),
    (np.arctanh, (1 - 2.0**-40,), (1 / (2.0**-39 - 2.0**-80),)),
    (np.arcsin, (1 - 2.0**-40,), (1 / np.sqrt(2.0**-39 - 2.0**-80),)),
    (np.expm1, (-40.0,), (np.exp(-40),)),
    (np.log1p, (-1 + 2.0**-40,), (2.0**40,)),
    (np.log1p, (1e-20,), (1,)),
    (np.log10, (1.7e308,), (1 / 1.7e308 / np.log(10),)),
    (np.tanh, (1000.0,), (0,)),
    (np.sinc, (0.0,), (0,)),
    (np.sinc, (1e-9,), (-(np.pi**2) / 3 * 1e-9,)),
    (np.sinc, (1.0,), (-1,)),
    (np.cbrt, (1e-300,), (1e200 / 3,)),
    (np.cbrt, (-8.0,), (1 / 12,)),
    (np.frexp, (0.0,), (1,)),
]


@pytest.mark.parametrize(("f", "args", "expected"), AT_SPECIAL_POINTS)
def test_at_special_points(f: Any, args: Any, expected: Any) -> None:
    def first(*values: Any) -> Any:
        out = f(*values)
        return out[0] if isinstance(out, tuple) else out

    with np.errstate(divide="ignore" if f is np.power and args == (0, 0.5) else "warn"):
        np.testing.assert_allclose(gradients(first, *args), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("f", "args", "expected"),
    [
        (np.sqrt, (0.0,), (inf,)),
        (np.cbrt, (0.0,), (inf,)),
        (np.power, (0.0, 0.5), (inf, 0)),
        (np.power, (0.0, -1.0), (-inf, -inf)),
        (np.power, (-2.0, 3.0), (12, nan)),  # between whole exponents there is no real power
        (np.power, (-2.0, 2.0), (-4, nan)),
        (np.log, (0.0,), (inf,)),
        (np.reciprocal, (0.0,), (-inf,)),
        (np.arcsin, (1.0,), (inf,)),
        (np.arccos, (1.0,), (-inf,)),
        (np.arccosh, (1.0,), (inf,)),
        (np.arctanh, (1.0,), (inf,)),
        (np.log1p, (-1.0,), (inf,)),
    ],
)
def test_poles(f: Any, args: Any, expected: Any) -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(gradients(f, *args), expected)


@pytest.mark.parametrize(
    ("f", "point", "expected"),
    [
        (np.power, (0.0, 2.0), [[2, 0], [0, 0]]),
        (np.power, (0.0, 3.0), [[0, 0], [0, 0]]),
        (np.power, (2.0, 0.0), [[0, 0.5], [0.5, np.log(2) ** 2]]),
        (lambda x: x**0, (0.0,), [[0]]),
        (lambda x: x**1, (0.0,), [[0]]),
        (lambda x: x**2, (0.0,), [[2]]),
        (lambda x: x**3, (0.0,), [[0]]),
        (lambda x: np.power(x, 2), (0.0,), [[2]]),
        (lambda x: np.power(x, np.array(2, np.uint8)), (0.0,), [[2]]),
        (lambda x: x**-1, (-2.0,), [[-0.25]]),
        (np.absolute, (0.0,), [[0]]),
        (np.hypot, (0.0, 2.0), [[0.5, 0], [0, 0]]),
        (np.hypot, (0.0, 0.0), [[0, 0], [0, 0]]),
        (np.arctan2, (0.0, 2.0), [[0, -0.25], [-0.25, 0]]),
        (np.arctan2, (2.0, 0.0), [[0, 0.25], [0.25, 0]]),
        (np.logaddexp, (1.0, 1.0), [[0.25, -0.25], [-0.25, 0.25]]),
        (np.logaddexp, (1e300, 1e300), [[0.25, -0.25], [-0.25, 0.25]]),
        (np.logaddexp, (900.0, -900.0), [[0, 0], [0, 0]]),
        (np.logaddexp, (inf, 1.0), [[0, 0], [0, 0]]),
        (np.logaddexp, (-inf, 1.0), [[0, 0], [0, 0]]),
        (np.maximum, (1.0, 1.0), [[0, 0], [0, 0]]),
        (lambda x, y: np.maximum(x, y) ** 2, (3.0, 1.0), [[2, 0], [0, 0]]),
        (lambda x: np.clip(x, -1, 1) ** 2, (1.0,), [[2]]),
        (lambda x: np.clip(x, -1, 1) ** 2, (2.0,), [[0]]),
        (lambda x, y: (x % y) ** 2, (7.0, 3.0), [[2, -4], [-4, 8]]),
        (lambda x, y: np.fmod(x, y) ** 2, (-7.0, 3.0), [[2, 4], [4, 8]]),
        (np.arctan, (0.0,), [[0]]),
        (np.arctan, (1e200,), [[0]]),
        (np.sinc, (0.0,), [[-(np.pi**2) / 3]]),
        (np.sinc, (1e-5,), [[-(np.pi**2) / 3 + np.pi**4 / 10 * 1e-10]]),
        (np.expm1, (-40.0,), [[np.exp(-40)]]),
        (np.tanh, (0.0,), [[0]]),
    ],
)
def test_second_order_at_special_points(f: Any, point: Any, expected: Any) -> None:
    np.testing.assert_allclose(hessian(f, *point), expected, rtol=1e-13, atol=1e-300)


TORCH = {
    "power": "pow", "absolute": "abs", "arctan2": "atan2", "arccosh": "acosh", "arcsin": "asin",
    "arctanh": "atanh", "maximum": "maximum", "clip": "clamp", "remainder": "remainder",
    "fmod": "fmod", "copysign": "copysign", "nan_to_num": "nan_to_num", "logaddexp": "logaddexp",
    "logaddexp2": "logaddexp2", "hypot": "hypot", "minimum": "minimum", "tanh": "tanh",
}  # fmt: skip

DIFFERS_FROM_TORCH = {
    (np.hypot, (0.0, 0.0)),  # NaN there
    (np.fmod, (1.0, 0.1)),  # -10 there
    (np.arctan2, (1e200, 1e200)),  # 0 there
    (np.arctan2, (1e-200, 1e-200)),  # NaN there
    (np.arccosh, (1e200,)),  # 0 there
}


@pytest.mark.parametrize(
    ("f", "args", "expected"),
    [
        (f, args, expected)
        for f, args, expected in AT_SPECIAL_POINTS
        if f.__name__ in TORCH
        and all(isinstance(x, float) for x in args)
        and not np.isnan(args).any()
        and not (f in (np.logaddexp, np.logaddexp2) and args[0] == args[1] and np.isinf(args[0]))
        and (f, args) not in DIFFERS_FROM_TORCH
    ],
)
def test_special_points_are_those_of_pytorch(f: Any, args: Any, expected: Any) -> None:
    torch = pytest.importorskip("torch")
    inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in args]
    found = torch.autograd.grad(getattr(torch, TORCH[f.__name__])(*inputs), inputs)
    np.testing.assert_allclose([float(x) for x in found], expected, rtol=1e-9)


@pytest.mark.parametrize("order", range(6))
def test_derivatives_of_sinc_are_moments_of_a_cosine(order: int) -> None:
    # sinc(x) is the integral of cos(pi x t) over t from 0 to 1: here by Gauss and Legendre
    nodes, weights = np.polynomial.legendre.leggauss(60)
    t = (nodes + 1) / 2
    x = np.array([0.0, 1e-300, 1e-8, 1e-3, 0.1, 0.49999, 0.5, -0.50001, -0.2, 1.0, 2.75, -6.0])
    waves = np.cos(np.pi * np.multiply.outer(x, t) + order * np.pi / 2)
    expected = waves * (np.pi * t) ** order @ weights / 2
    np.testing.assert_allclose(sinc_derivative(x, order), expected, rtol=1e-11, atol=1e-12)


def test_sinc_near_zero_to_the_fourth_order() -> None:
    f = np.sinc
    for _ in range(4):
        f = ag.grad(f)
    np.testing.assert_allclose(f(1e-4), np.pi**4 / 5, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_extremes_in_low_precision(dtype: Any) -> None:
    far = float(np.finfo(dtype).max) / 2
    exact = float(dtype(far))
    np.testing.assert_allclose(gradients(np.arcsinh, far, dtype=dtype), [1 / exact], rtol=1e-2)
    np.testing.assert_allclose(
        gradients(np.hypot, far, far / 2, dtype=dtype), [0.8944, 0.4472], rtol=1e-2
    )
    assert gradients(np.logaddexp, far, far, dtype=dtype) == [0.5, 0.5]
    assert gradients(np.arctan, 300.0, dtype=dtype)[0] == pytest.approx(1 / 90001, rel=1e-2)


def test_parts_of_real_arrays() -> None:
    x = np.array([-1.5, 0.0, 2.0])
    for f, slope in (
        (np.real, 1),
        (np.imag, 0),
        (np.conj, 1),
        (np.angle, 0),
        (np.real_if_close, 1),
    ):
        found = gradients(f, x)[0]
        assert found.dtype == float
        np.testing.assert_array_equal(found, np.full(3, slope))
    assert ag.Tensor(x, requires_grad=True).real.dtype == float


@pytest.mark.parametrize(
    "f",
    [
        lambda m, z: m.abs(z), lambda m, z: m.real(z) * 3, lambda m, z: m.imag(z),
        lambda m, z: m.angle(z), lambda m, z: m.real(z * z), lambda m, z: m.imag(m.exp(z)),
        lambda m, z: m.abs(m.sin(z)) ** 2, lambda m, z: m.real(m.log(z) / z),
        lambda m, z: m.real(m.sqrt(z)), lambda m, z: m.imag(m.tanh(z)),
        lambda m, z: m.real(m.conj(z) * z * z), lambda m, z: m.imag((1.5 + 1j) ** z),
        lambda m, z: m.real(z**3), lambda m, z: m.imag(z ** (0.5 - 1j)),
        lambda m, z: m.real(m.sinh(z) + m.cosh(z) * m.cos(z)), lambda m, z: m.imag(m.tan(z)),
        lambda m, z: m.real((m.sgn if hasattr(m, "sgn") else m.sign)(z)),
        lambda m, z: m.real(m.asin(z)), lambda m, z: m.imag(m.acos(z)),
        lambda m, z: m.real(m.atan(z)), lambda m, z: m.imag(m.asinh(z)),
        lambda m, z: m.real(m.acosh(z)), lambda m, z: m.imag(m.atanh(z)),
    ],
)  # fmt: skip
def test_complex_gradients_are_those_of_pytorch(f: Any) -> None:
    torch = pytest.importorskip("torch")
    z = np.array([0.4 + 1.1j, -1.3 + 0.2j, 0.6 - 0.8j])
    expected = torch.tensor(z, requires_grad=True)
    f(torch, expected).sum().backward()
    found = ag.Tensor(z, requires_grad=True)
    f(np, found).sum().backward()
    np.testing.assert_allclose(found.grad.numpy(), expected.grad.numpy(), rtol=1e-12)


def test_real_inputs_of_complex_functions_get_real_gradients() -> None:
    x = np.array([0.5, -1.5])
    for f in (lambda x: np.imag(x * 1j), lambda x: np.abs(np.exp(1j * x) + 1)):
        assert gradients(f, x)[0].dtype == float
    (found,) = gradients(lambda x: np.real((-2.0) ** (x + 0j)), np.array(1.0))
    assert found == pytest.approx(-2 * np.log(2))
    (found,) = gradients(lambda n: np.real(np.power(np.array(-2.0), n + 0j)), np.array(1.0))
    assert found == pytest.approx(-2 * np.log(2))


def test_absolute_value_of_a_complex_zero() -> None:
    z = ag.Tensor([0j, 3 - 4j], requires_grad=True)
    np.abs(z).sum().backward(create_graph=True)
    np.testing.assert_allclose(z.grad.detach().numpy(), [0, 0.6 - 0.8j])
    np.real(z.grad).sum().backward()


EXPONENTS = [
    np.float16(-0.77),
    np.array([-0.77, 2.5], np.float32),
    np.array([3, 0], np.uint8),
    3,
    0,
]


@pytest.mark.parametrize("power", [np.power, np.float_power])
@pytest.mark.parametrize("exponent", EXPONENTS, ids=repr)
def test_an_exponent_of_low_precision_is_exact(power: Any, exponent: Any) -> None:
    x = np.array([100.0, 0.1])
    exact = np.asarray(exponent, float)
    (found,) = gradients(lambda x: power(x, exponent), x)
    np.testing.assert_allclose(found, exact * x ** (exact - 1), rtol=1e-14)
    (found,) = gradients(lambda x: power(x, exponent), x, dtype=np.float32)
    np.testing.assert_allclose(found, exact * x ** (exact - 1), rtol=1e-6)
