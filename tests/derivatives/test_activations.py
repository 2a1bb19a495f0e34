"""Activations at extremes, at kinks, in every dtype: stated answers, and PyTorch's."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as ag
from autograd_mini.derivatives import activations as act
from autograd_mini.derivatives import special
from autograd_mini.testing import check_grads

ELEMENTWISE: list[Callable[..., Any]] = [
    act.relu,
    act.leaky_relu,
    act.elu,
    act.sigmoid,
    act.softplus,
    act.log_sigmoid,
    act.silu,
    act.gelu,
    lambda x: act.gelu(x, approximate="tanh"),
    special.erf,
    special.erfc,
]
OVER_AN_AXIS: list[Callable[..., Any]] = [act.softmax, act.log_softmax]


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def value_and_slope(f: Callable[..., Any], x: Any, dtype: Any = float) -> tuple[Any, Any]:
    t = ag.Tensor(x, dtype=dtype, requires_grad=True)
    out = f(t)
    out.backward(np.ones(out.shape, out.dtype))
    return out.detach().numpy(), t.grad.numpy()


@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (act.relu, -1e300, 0, 0),
        (act.relu, 0.0, 0, 0),
        (act.relu, 1e300, 1e300, 1),
        (act.leaky_relu, 0.0, 0, 0.01),
        (act.leaky_relu, -1e300, -1e298, 0.01),
        (act.elu, -1000.0, -1, 0),
        (act.elu, 1000.0, 1000, 1),
        (act.elu, 0.0, 0, 1),
        (act.sigmoid, -1000.0, 0, 0),
        (act.sigmoid, 1000.0, 1, 0),
        (act.sigmoid, -40.0, math.exp(-40), math.exp(-40)),
        (act.sigmoid, -740.0, math.exp(-740), math.exp(-740)),
        (act.softplus, 800.0, 800, 1),
        (act.softplus, -800.0, 0, 0),
        (act.softplus, -40.0, math.exp(-40), math.exp(-40)),
        (act.softplus, 0.0, math.log(2), 0.5),
        (act.log_sigmoid, -800.0, -800, 1),
        (act.log_sigmoid, 800.0, 0, 0),
        (act.log_sigmoid, 40.0, -math.exp(-40), math.exp(-40)),
        (act.silu, -1000.0, 0, 0),
        (act.silu, 1000.0, 1000, 1),
        (act.gelu, -1e200, 0, 0),
        (act.gelu, 1e200, 1e200, 1),
        (act.gelu, math.inf, math.inf, 1),
        (act.gelu, -math.inf, 0, 0),
        (act.gelu, -10.0, -10 * 7.61985302416052606e-24, None),
        (lambda x: act.gelu(x, "tanh"), -1e200, 0, 0),
        (lambda x: act.gelu(x, "tanh"), 1e200, 1e200, 1),
        (special.erf, 1e200, 1, 0),
        (special.erfc, 10.0, 2.08848758376254476e-45, None),
        (special.erfc, 26.0, 5.66319240885614285e-296, None),
        (special.erfc, -1e200, 2, 0),
    ],
)
def test_extremes(f: Callable[..., Any], x: float, value: float, slope: float | None) -> None:
    out, grad = value_and_slope(f, x)
    np.testing.assert_allclose(out, value, rtol=2e-14, atol=0)
    if slope is not None:
        np.testing.assert_allclose(grad, slope, rtol=2e-14, atol=0)


@pytest.mark.parametrize("f", ELEMENTWISE + OVER_AN_AXIS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_extremes_of_each_dtype_are_finite_in_both_orders(
    f: Callable[..., Any], dtype: Any
) -> None:
    big = float(np.finfo(dtype).max) / 4
    t = ag.Tensor([-big, -300, -1, 0, 1, 300, big], dtype=dtype, requires_grad=True)
    out = f(t)
    out.backward(np.ones(7, dtype), create_graph=True)
    first = t.grad
    assert first is not None
    t.grad = None
    if first.requires_grad:
        first.backward(np.ones(7, dtype))
    second = np.zeros(7, dtype) if t.grad is None else t.grad.numpy()
    for array in (out.detach().numpy(), first.detach().numpy(), second):
        assert array.dtype == dtype
        assert np.isfinite(array).all(), array


@pytest.mark.parametrize("f", ELEMENTWISE)
@settings(max_examples=10, deadline=None)
@given(
    x=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        elements=st.floats(-4, 4).map(lambda v: v + 0.05 if abs(v) < 0.05 else v),
    )
)
def test_any_shape_and_layout(f: Callable[..., Any], x: np.ndarray) -> None:
    flipped = np.flip(x.T)
    np.testing.assert_array_equal(f(flipped), np.flip(f(x).T))
    if x.size and (np.abs(x) >= 0.05).all():
        check_grads(f, flipped)


def test_softmax_of_large_scores() -> None:
    out, _ = value_and_slope(act.softmax, [1e4, 1e4, -1e4])
    np.testing.assert_array_equal(out, [0.5, 0.5, 0])
    out, grad = value_and_slope(act.log_softmax, [1e4, 0.0, -1e4])
    np.testing.assert_array_equal(out, [0, -1e4, -2e4])
    np.testing.assert_array_equal(grad, [-2, 1, 1])


def test_minus_infinity_is_no_class() -> None:
    out, grad = value_and_slope(act.softmax, [-np.inf, 0.0, 0.0])
    np.testing.assert_array_equal(out, [0, 0.5, 0.5])
    np.testing.assert_array_equal(grad, [0, 0, 0])
    np.testing.assert_array_equal(act.log_softmax(np.array([-np.inf, 0.0])), [-np.inf, 0])
    assert np.isnan(act.softmax(np.array([-np.inf, -np.inf]))).all()
    assert act.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
    assert act.logsumexp(np.array([np.inf, 0.0])) == np.inf
    assert act.logsumexp(np.array([])) == -np.inf
    widest = np.array([1.7e308, -1.7e308])
    np.testing.assert_array_equal(act.softmax(widest), [1, 0])
    assert act.logsumexp(widest) == 1.7e308


def test_logsumexp_of_large_numbers() -> None:
    out, grad = value_and_slope(act.logsumexp, [1e4, 1e4])
    assert out == 1e4 + math.log(2)
    np.testing.assert_array_equal(grad, [0.5, 0.5])
    assert act.logsumexp(np.zeros((2, 3, 4)), axis=(0, -1)).shape == (3,)
    assert act.logsumexp(np.zeros((2, 3, 4)), axis=1, keepdims=True).shape == (2, 1, 4)


@pytest.mark.parametrize("f", ELEMENTWISE + OVER_AN_AXIS)
def test_nan_stays_nan(f: Callable[..., Any]) -> None:
    assert np.isnan(f(np.array([np.nan, np.nan]))).all()


def test_plain_numbers_and_integers() -> None:
    assert act.sigmoid(0.0) == 0.5
    assert special.erf(0) == 0
    np.testing.assert_allclose(act.softmax(np.array([1, 1])), [0.5, 0.5])
    assert act.sigmoid(np.array([0, 1])).dtype == float


def test_erf_has_full_precision() -> None:
    x = np.concatenate([np.linspace(-6.5, 6.5, 2001), [1e-300, 0.46875, 4.0]])
    expected = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(special.erf(x), expected, rtol=1e-15)
    expected = np.array([math.erfc(v) for v in x])
    np.testing.assert_allclose(special.erfc(x), expected, rtol=2e-14)


def test_gelu_names_what_it_knows() -> None:
    with pytest.raises(ValueError, match="'none' or 'tanh', not 'fast'"):
        act.gelu(np.ones(2), approximate="fast")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (act.relu, "relu"),
        (act.leaky_relu, "leaky_relu"),
        (act.elu, "elu"),
        (act.sigmoid, "sigmoid"),
        (act.log_sigmoid, "logsigmoid"),
        (act.silu, "silu"),
        (act.gelu, "gelu"),
        (lambda x: act.softmax(x, axis=0), "softmax"),
        (lambda x: act.log_softmax(x, axis=0), "log_softmax"),
    ],
)
def test_same_as_pytorch(ours: Callable[..., Any], theirs: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    f = getattr(torch.nn.functional, theirs)
    x = np.concatenate([np.random.default_rng(0).normal(size=50) * 3, [0, -30, 15]]).astype(dtype)
    t = torch.tensor(x, requires_grad=True)
    out = f(t, dim=0) if "softmax" in theirs else f(t)
    g = np.linspace(-1, 1, x.size).astype(dtype)
    out.backward(torch.tensor(g))
    mine = ag.Tensor(x, requires_grad=True)
    result = ours(mine)
    result.backward(g)
    tolerance = (
        {"rtol": 1e-5, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-11, "atol": 1e-14}
    )
    np.testing.assert_allclose(result.detach().numpy(), out.detach().numpy(), **tolerance)
    np.testing.assert_allclose(mine.grad.numpy(), t.grad.numpy(), **tolerance)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("size", [7, act._MANY + 1])
def test_gated_is_where_also_of_what_is_not_finite(dtype: Any, size: int) -> None:
    random = np.random.default_rng(0)
    g = random.choice([np.inf, -np.inf, np.nan, -0.0, 1.5, -2.5], size=size).astype(dtype)
    mask = random.random(size) < 0.5
    for values, kept in [(g, mask), (g[::-1], mask[::-1])]:
        gated = act.gated(values, kept)
        assert gated.dtype == dtype
        np.testing.assert_array_equal(gated, np.where(kept, values, 0))
