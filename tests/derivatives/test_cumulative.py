"""Products and running products: exact with zeros among the factors, to any order."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as ag

from .test_reductions import gradient, leaf

FACTORS = hnp.arrays(np.float64, st.integers(0, 6), elements=st.integers(-2, 2))


@given(a=FACTORS)
def test_a_product_has_the_product_of_all_others(a):
    expected = [np.prod(np.delete(a, i)) for i in range(len(a))]
    np.testing.assert_array_equal(gradient(np.prod, a), expected)


@given(a=FACTORS)
def test_the_hessian_of_a_product_is_exact_with_zeros(a):
    pairs = itertools.product(range(len(a)), repeat=2)
    expected = [0.0 if i == j else np.prod(np.delete(a, [i, j])) for i, j in pairs]
    found = np.array(ag.hessian(np.prod)(a))
    np.testing.assert_array_equal(found, np.reshape(expected, found.shape))


def test_third_derivatives_of_a_product_with_three_zeros():
    third = ag.jacobian(ag.hessian(np.prod))(np.array([0.0, 2.0, 0.0, 0.0]))
    assert third[0, 2, 3] == 2
    assert third[1, 2, 3] == 0
    assert third[0, 0, 3] == 0


@given(
    a=hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=4), elements=st.integers(-2, 2))
)
def test_running_products_as_in_pytorch(a):
    torch = pytest.importorskip("torch")
    weights = np.arange(1.0, a.size + 1).reshape(a.shape)
    for axis in range(a.ndim):
        t = torch.tensor(a, requires_grad=True)
        (torch.cumprod(t, axis) * torch.tensor(weights)).sum().backward()
        found = gradient(lambda x, axis=axis: np.cumprod(x, axis) * weights, a)
        np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_the_hessian_of_a_running_product_is_exact_with_zeros():
    a, w = np.array([2.0, 0.0, 3.0, 0.0, 5.0]), np.array([1.0, -2.0, 3.0, 0.5, 7.0])
    expected = np.zeros((5, 5))
    for i, j, n in itertools.product(range(5), repeat=3):
        if i != j and max(i, j) <= n:
            expected[i, j] += w[n] * np.prod(np.delete(a[: n + 1], [i, j]))
    np.testing.assert_array_equal(ag.hessian(lambda x: np.sum(w * np.cumprod(x)))(a), expected)
    np.testing.assert_array_equal(
        ag.hessian(lambda x: np.sum(w * np.cumulative_prod(x, include_initial=True)[1:]))(a),
        expected,
    )


@pytest.mark.parametrize("zeros", [1, 2])
def test_products_of_complex_factors_as_in_pytorch(zeros):
    torch = pytest.importorskip("torch")
    a = np.array([1 + 2j, 0.5 - 1j, 3, 2j])
    a[:zeros] = 0
    for ours, theirs in ((np.prod, torch.prod), (np.cumprod, lambda t: torch.cumprod(t, 0))):
        t = torch.tensor(a, requires_grad=True)
        theirs(t).abs().square().sum().backward()
        found = gradient(lambda x, f=ours: np.abs(f(x)) ** 2, a)
        np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-12, atol=1e-12)
        t = torch.tensor(a, requires_grad=True)
        theirs(t).imag.sum().backward()
        found = gradient(lambda x, f=ours: np.imag(f(x)), a)
        np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_masked_and_initial_factors():
    a, where = np.array([2.0, 0.0, 3.0]), np.array([True, False, True])
    found = gradient(lambda t: np.prod(t, where=where, initial=5.0), a)
    np.testing.assert_array_equal(found, [15, 0, 10])
    start = leaf(5.0)
    np.prod(leaf(a), where=where, initial=start).backward()
    assert float(start.grad) == 6


def test_half_precision_is_computed_in_single():
    a = np.array([300, 300, 0.001, 0.5], np.float16)
    wide = gradient(np.prod, a.astype(np.float32))
    np.testing.assert_allclose(gradient(np.prod, a, np.float16), wide, rtol=1e-3)


def test_views_and_negative_strides():
    a = np.arange(1.0, 13).reshape(3, 4)
    for view in (a.T, a[::-1, ::2], a[:, 1:3]):
        for function in (np.prod, np.cumprod, np.cumsum):
            np.testing.assert_array_equal(
                gradient(lambda t, f=function: f(t, axis=0), view),
                gradient(lambda t, f=function: f(t, axis=0), view.copy()),
            )


PRODUCTS = [np.prod, np.nanprod, np.cumprod, np.nancumprod, np.cumulative_prod]


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("function", PRODUCTS, ids=lambda f: f.__name__)
def test_a_real_dtype_multiplies_real_parts(function):
    a = np.array([1 + 2j, 3 - 1j, 0.5 + 0.2j])
    for dtype in (float, np.float32):
        np.testing.assert_allclose(
            gradient(lambda t, d=dtype: function(t, dtype=d), a), gradient(function, a.real)
        )


@pytest.mark.parametrize("function", [*PRODUCTS, np.cumsum, np.nancumsum, np.cumulative_sum])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_real_dtype_may_be_of_any_precision(function, dtype):
    a = np.array([1.0, 0.0, 3.0])
    expected = gradient(function, a)
    for own in (np.float64, np.float32):
        found = gradient(lambda t: function(t, dtype=dtype), a, own)
        np.testing.assert_array_equal(found, expected)
