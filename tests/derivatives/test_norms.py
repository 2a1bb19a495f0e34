"""Norms at zeros and ties: 0, or shared evenly; and where second derivatives are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as ag

from .test_reductions import gradient, leaf

INF = float("inf")
VECTOR_ORDERS = [2, 1, 0, INF, -INF, 3, 2.5, 1.5, 0.5, -1, -2]
MATRIX_ORDERS = ["fro", "nuc", INF, -INF, 1, -1, 2, -2]


def torch_gradient(norm, a):
    torch = pytest.importorskip("torch")
    t = torch.tensor(a, requires_grad=True)
    norm(torch.linalg, t).sum().backward()
    return np.zeros_like(a) if t.grad is None else t.grad.numpy()


@pytest.mark.parametrize("ord", VECTOR_ORDERS)
@given(
    a=hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=4), elements=st.integers(-2, 2))
)
def test_vectors_with_zeros_and_ties_as_in_pytorch(ord, a):
    expected = torch_gradient(lambda la, t: la.vector_norm(t, ord, dim=-1), a)
    with np.errstate(divide="ignore"):
        for function in (
            lambda t: np.linalg.norm(t, ord, axis=-1),
            lambda t: np.linalg.vector_norm(t, ord=ord, axis=-1, keepdims=True),
        ):
            np.testing.assert_allclose(gradient(function, a), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("ord", MATRIX_ORDERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_matrices_as_in_pytorch(ord, dtype):
    rng = np.random.default_rng(0)
    a = rng.normal(size=(2, 3, 4))
    if dtype is np.complex128:
        a = a + 1j * rng.normal(size=a.shape)
    a = a.astype(dtype)
    tolerance = 1e-4 if dtype is np.float32 else 1e-11
    for axis in ((1, 2), (2, 0), (-3, 1)):
        expected = torch_gradient(lambda la, t, axis=axis: la.matrix_norm(t, ord, dim=axis), a)
        found = gradient(lambda t, axis=axis: np.linalg.norm(t, ord, axis=axis), a)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("ord", [None, *VECTOR_ORDERS])
def test_the_zero_vector_has_gradient_zero(ord):
    with np.errstate(divide="ignore"):
        for function in (
            lambda t: np.linalg.norm(t, ord),
            lambda t: np.linalg.norm(t, ord, axis=0),
        ):
            np.testing.assert_array_equal(gradient(function, np.zeros(3)), 0)


@pytest.mark.parametrize("ord", [None, *MATRIX_ORDERS])
def test_the_zero_matrix_has_gradient_zero(ord):
    np.testing.assert_array_equal(
        gradient(lambda t: np.linalg.norm(t, ord), np.zeros((2, 3))), np.zeros((2, 3))
    )


def test_second_derivatives_of_the_euclidean_norm_at_zero_are_zero():
    hessian = ag.hessian(np.linalg.norm)
    np.testing.assert_array_equal(hessian(np.zeros(2)), np.zeros((2, 2)))
    x = np.array([3.0, 0.0, 4.0])
    expected = (np.eye(3) - np.outer(x, x) / 25) / 5
    np.testing.assert_allclose(hessian(x), expected, atol=1e-15)


@pytest.mark.parametrize("ord", [2.5, 3, 4])
def test_second_derivatives_at_a_zero_element(ord):
    x = np.array([3.0, 0.0, 4.0])
    h = ag.hessian(lambda t: np.linalg.norm(t, ord))(x)
    np.testing.assert_array_equal(h[1], [0, 0, 0])
    without = ag.hessian(lambda t: np.linalg.norm(t, ord))(x[[0, 2]])
    np.testing.assert_allclose(h[np.ix_([0, 2], [0, 2])], without, rtol=1e-12)


def test_an_infinite_second_derivative_is_never_a_number():
    with np.errstate(all="ignore"):
        h = ag.hessian(lambda t: np.linalg.norm(t, 1.5))(np.array([3.0, 0.0, 4.0]))
    assert not np.isfinite(h[1, 1])


def test_ties_of_singular_values():
    eye = np.eye(2)
    np.testing.assert_array_equal(gradient(lambda t: np.linalg.norm(t, 2), eye), eye / 2)
    np.testing.assert_array_equal(gradient(lambda t: np.linalg.norm(t, -2), eye), eye / 2)
    np.testing.assert_array_equal(gradient(lambda t: np.linalg.norm(t, "nuc"), eye), eye)
    ones = np.ones((2, 2))  # of rank 1: the nuclear norm has a kink, and its least subgradient
    for ord in (2, "nuc"):
        np.testing.assert_allclose(gradient(lambda t, o=ord: np.linalg.norm(t, o), ones), ones / 2)
    np.testing.assert_array_equal(gradient(lambda t: np.linalg.norm(t, -2), ones), 0 * ones)


def test_the_nuclear_norm_has_second_derivatives_where_singular_values_repeat():
    # near the identity, the sum of the singular values of [[1+a, b], [c, 1+d]] is
    # 2 + a + d + (b - c)^2 / 4 + ...
    h = ag.hessian(lambda t: np.linalg.norm(t, "nuc"))(np.eye(2)).reshape(4, 4)
    expected = np.zeros((4, 4))
    expected[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    np.testing.assert_allclose(h, expected, atol=1e-15)


@pytest.mark.parametrize(
    ("ord", "a"),
    [("nuc", np.ones((2, 2))), (2, np.eye(2)), (-2, np.eye(3)[:2]), (-2, np.ones((2, 2)))],
)
def test_second_derivatives_that_do_not_exist_are_refused(ord, a):
    with pytest.raises(np.linalg.LinAlgError, match=r"no second derivative.*\(\d, \d\)"):
        ag.hessian(lambda t: np.linalg.norm(t, ord))(a)


@pytest.mark.parametrize("ord", ["nuc", 2, -2])
def test_one_row_or_column_is_a_vector(ord):
    x = np.array([1.0, -2.0, 2.0])
    for shape in ((1, 3), (3, 1)):
        h = ag.hessian(lambda t, s=shape: np.linalg.norm(t.reshape(s), ord))(x)
        np.testing.assert_allclose(h, ag.hessian(np.linalg.norm)(x), atol=1e-14)


def test_norms_of_half_precision_are_halves():
    for ord in (None, 1, 3, INF):
        found = gradient(lambda t, o=ord: np.linalg.norm(t, o), np.array([3, 4], np.float16))
        assert found.dtype == np.float16
        expected = gradient(lambda t, o=ord: np.linalg.norm(t, o), np.array([3.0, 4.0]))
        np.testing.assert_allclose(found, expected, rtol=2e-3)


def test_empty_vectors_and_matrices():
    t = leaf(np.zeros((0, 2)))
    np.linalg.norm(t, axis=1).sum().backward()
    np.linalg.norm(t).backward()
    for ord in ("nuc", 2, INF):
        np.linalg.norm(t.mT, ord).backward()
    np.linalg.norm(t, 1).backward()
    assert t.grad.shape == (0, 2)
