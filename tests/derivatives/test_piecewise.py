"""Elementwise functions in every spelling, shape and dtype, and those whose derivative is zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import autograd_mini as ag
from autograd_mini.primitive import compositions, constants, primitives

from .cases.elementwise import EVERYWHERE, POSITIVE, TWO, WITHIN_ONE
from .test_elementwise import gradients

pytestmark = pytest.mark.filterwarnings("error")

inf, nan = np.inf, np.nan

SAMPLES = [
    *[(f, (1.25,)) for f in EVERYWHERE if f in primitives and f not in (np.unwrap, np.imag)],
    *[(f, (0.75,)) for f in POSITIVE + WITHIN_ONE],
    (np.arccosh, (1.5,)),
    *[(f, (1.25, 0.75)) for f in [*TWO, np.power]],
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (2,), (0,)])
@pytest.mark.parametrize(("f", "args"), SAMPLES)
def test_rules_keep_the_dtype(f: Any, args: Any, shape: Any, dtype: Any) -> None:
    """The rules themselves, before the engine casts: also with a number on either side."""
    primitive = primitives[f]
    arrays = [np.full(shape, x, dtype)[()] for x in args]
    for k in range(len(args)):
        for others in (arrays, args):
            inputs = [arrays[i] if i == k else others[i] for i in range(len(args))]
            out = f(*inputs)
            g = (
                [np.ones_like(part) for part in out]
                if isinstance(out, tuple)
                else np.ones_like(out)
            )
            rule = primitive.rules[k]
            assert rule is not None
            found = rule.vjp(g, *rule.pick((*primitive.bind(tuple(inputs), {}), out)))
            assert (found.shape, found.dtype) == (shape, dtype)


@pytest.mark.parametrize("f", TWO)
@given(data=st.data())
def test_broadcasting_is_undone(f: Any, data: Any) -> None:
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x1, x2 = (rng.uniform(0.5, 2, shape) for shape in shapes.input_shapes)
    wide = [np.broadcast_to(x, shapes.result_shape) for x in (x1, x2)]

    def last(*args: Any) -> Any:
        out = f(*args)
        return out[1] if isinstance(out, tuple) else out

    for x, found, each in zip(
        (x1, x2), gradients(last, x1, x2), gradients(last, *wide), strict=True
    ):
        new = each.ndim - x.ndim
        axes = tuple(i for i in range(each.ndim) if i < new or x.shape[i - new] == 1)
        np.testing.assert_allclose(found, each.sum(axis=axes).reshape(x.shape))


def test_whole_exponents() -> None:
    x = np.array([0.0, -2.0, 3.0])
    for dtype in (np.int8, np.uint8, np.int64, bool):
        n = np.array([0, 1, 1]).astype(dtype)
        np.testing.assert_array_equal(gradients(lambda x, n=n: x**n, x)[0], [0, 1, 1])
    (found,) = gradients(lambda x: x ** np.array([[2], [3]]), x)
    np.testing.assert_array_equal(found, 2 * x + 3 * x * x)
    (found,) = gradients(lambda x: x ** [2, 3, 0], x)
    np.testing.assert_array_equal(found, [0, 12, 0])
    assert gradients(lambda x: x**3, np.array(2.0, np.float32), dtype=np.float32)[0] == 12


def test_tuples_and_lists_are_arrays() -> None:
    x = np.array([1.0, 2.0])
    for other in ((3.0, 4.0), [3.0, 4.0]):
        np.testing.assert_array_equal(gradients(lambda x, o=other: x * o, x)[0], other)
        np.testing.assert_array_equal(gradients(lambda x, o=other: np.divide(o, x), x)[0], [-3, -1])


def test_clip_in_every_spelling() -> None:
    x = np.array([-2.0, -1.0, 0.5, 1.0, 3.0])
    for clip in (
        lambda t: np.clip(t, -1, 1),
        lambda t: np.clip(t, a_min=-1, a_max=1),
        lambda t: np.clip(t, min=-1, max=1),
        lambda t: t.clip(-1, 1),
        lambda t: t.clip(min=-1, max=1),
        lambda t: np.minimum(np.clip(t, -1, None), 1.0 + 1e-9),
        lambda t: np.maximum(np.clip(t, None, 1), -1 - 1e-9),
    ):
        np.testing.assert_array_equal(gradients(clip, x)[0], [0, 1, 1, 1, 0])
    bound = np.array([0.0, 0.0, 0.0, 2.0, 2.0])
    for clip in (
        lambda b: np.clip(x, b, None),
        lambda b: np.clip(x, min=b),
        lambda b: np.clip(x, a_min=b, a_max=None),
    ):
        np.testing.assert_array_equal(gradients(clip, bound)[0], [1, 1, 0, 1, 0])
    np.testing.assert_array_equal(gradients(lambda b: np.clip(x, max=b), bound)[0], [0, 0, 1, 0, 1])


def test_where() -> None:
    t = ag.Tensor([0.0, 1.0, -2.0], requires_grad=True)
    (index,) = np.where(t)
    assert not index.requires_grad
    np.testing.assert_array_equal(index.numpy(), [1, 2])
    np.where(t > 0, t * t, 3.0).sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), [0, 2, 0])
    u = ag.Tensor(2.0, requires_grad=True)
    np.where([[True], [False]], u, np.zeros(3)).sum().backward()
    assert u.grad.item() == 3


def test_several_results() -> None:
    x = np.array([2.75, -3.5])
    fraction, whole = np.modf(ag.Tensor(x, requires_grad=True))
    np.testing.assert_array_equal(whole.detach().numpy(), [2, -3])
    np.testing.assert_array_equal(fraction.detach().numpy(), [0.75, -0.5])
    np.testing.assert_array_equal(gradients(lambda t: np.frexp(t)[0], x)[0], [0.25, 0.25])
    found = gradients(lambda t: np.ldexp(*np.frexp(t)), x)[0]
    np.testing.assert_array_equal(found, [1, 1])
    found = gradients(lambda a, b: np.divmod(a, b)[1], x, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(found, [[1, 1], [-2, 2]])
    found = gradients(lambda a, b: sum(divmod(a, b)), x, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(found, [[1, 1], [-2, 2]])
    found = gradients(lambda a: divmod(7.0, a)[1], np.array(2.0))
    assert found == [-3]


def test_replacing_infinities() -> None:
    x = np.array([nan, inf, -inf, 2.0], np.float32)
    t = ag.Tensor(x, requires_grad=True)
    for keywords in ({}, {"nan": 1.0, "posinf": 2, "neginf": -3.0}, {"posinf": [1, 2, 3, 4]}):
        out = np.nan_to_num(t, **keywords)
        expected = np.nan_to_num(x, **keywords)
        np.testing.assert_array_equal(out.detach().numpy(), expected)
        assert out.dtype == (np.float32 if "nan" in keywords or not keywords else out.dtype)
    with pytest.raises(NotImplementedError, match="copy=False"):
        np.nan_to_num(t, copy=False)
    with pytest.raises(ValueError, match="read-only"):
        np.nan_to_num(t.detach(), copy=False)
    z = ag.Tensor([complex(nan, 2), complex(1, -inf)], requires_grad=True)
    out = np.nan_to_num(z)
    np.testing.assert_array_equal(out.detach().numpy(), np.nan_to_num(z.detach().numpy()))
    (out.real + out.imag).sum().backward()
    np.testing.assert_array_equal(z.grad.numpy(), [1j, 1])


CONSTANTS = [
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.isnan, np.isinf,
    np.isfinite, np.isposinf, np.isneginf, np.signbit, np.spacing, np.logical_not, np.isreal,
    np.iscomplex, np.zeros_like, np.ones_like,
]  # fmt: skip
CONSTANTS_OF_TWO = [
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.floor_divide,
    np.logical_and, np.logical_or, np.logical_xor, np.isclose, np.allclose, np.array_equal,
    np.array_equiv,
]  # fmt: skip


def test_constants() -> None:
    x, y = np.array([-1.5, 0.0, 2.5]), np.array([2.0, 0.0, 1.0])
    t = ag.Tensor(x, requires_grad=True)
    calls = [(f, (t,), f(x)) for f in CONSTANTS]
    with np.errstate(invalid="ignore"):
        calls += [(f, (t, y + 1), f(x, y + 1)) for f in CONSTANTS_OF_TWO]
        calls += [(f, (y + 1, t - 4), f(y + 1, x - 4)) for f in CONSTANTS_OF_TWO]
    for f, args, expected in calls:
        found = f(*args)
        assert not getattr(found, "requires_grad", False)
        assert isinstance(found, ag.Tensor | bool)
        np.testing.assert_array_equal(getattr(found, "_array", found), expected)
    assert np.round(t, 1).dtype == float
    assert np.result_type(t, np.float32) is np.dtype(float)
    assert np.isrealobj(t)
    whole = ag.Tensor([1, 6, 4])
    for g in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.gcd, np.lcm):
        np.testing.assert_array_equal(g(whole, 2).numpy(), g([1, 6, 4], 2))


def test_every_ufunc_is_in_the_table() -> None:
    linear_algebra = {np.matmul, np.matvec, np.vecmat, np.vecdot}
    known = primitives.keys() | constants | compositions.keys() | linear_algebra
    assert not [f for f in vars(np).values() if isinstance(f, np.ufunc) and f not in known]


def test_other_names_are_the_same_functions() -> None:
    for one, other in {
        "acos": "arccos", "asin": "arcsin", "atan": "arctan", "acosh": "arccosh", "pow": "power",
        "asinh": "arcsinh", "atanh": "arctanh", "atan2": "arctan2", "conj": "conjugate",
        "abs": "absolute", "mod": "remainder", "true_divide": "divide",
        "bitwise_invert": "invert", "bitwise_left_shift": "left_shift",
    }.items():  # fmt: skip
        assert getattr(np, one) is getattr(np, other)


def test_functions_without_a_rule_are_refused() -> None:
    t = ag.Tensor([1.0], requires_grad=True)
    for f in (np.i0, np.emath.sqrt):
        with pytest.raises(NotImplementedError, match="no derivative"):
            f(t)
