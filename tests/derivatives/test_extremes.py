"""Maxima, minima and medians where elements tie, and smooth maxima at their ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as ag

from .test_reductions import gradient, leaf

INF = float("inf")


@given(
    a=hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.integers(0, 2)),
    data=st.data(),
)
def test_ties_share_evenly_as_in_pytorch(a, data):
    torch = pytest.importorskip("torch")
    axis = data.draw(st.none() | st.integers(-a.ndim, a.ndim - 1))
    for name in ("max", "min"):
        t = torch.tensor(a, requires_grad=True)
        getattr(torch, "a" + name)(t, () if axis is None else axis).sum().backward()
        for function in (getattr(np, name), getattr(np, "a" + name), getattr(np, "nan" + name)):
            found = gradient(lambda x, f=function: f(x, axis=axis), a)
            np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-14)


def test_ties_have_no_second_derivative_of_their_own():
    t = leaf([1.0, 3.0, 3.0])
    (g,) = ag.vjp(lambda x: np.max(x) ** 2, t)[1](1.0)
    np.testing.assert_array_equal(g.detach().numpy(), [0, 3, 3])
    np.sum(g * np.array([1.0, 2.0, 0.0])).backward()  # d(max) = (0, 1/2, 1/2): 2 * 1/2 * (...)
    np.testing.assert_array_equal(t.grad.numpy(), [0, 1, 1])


def test_an_initial_value_ties_as_one_more_element():
    for function, initial, expected in (
        (np.max, 3.0, [0, 1 / 3, 1 / 3, 0]),
        (np.max, 4.0, [0, 0, 0, 0]),
        (np.max, 0.0, [0, 0.5, 0.5, 0]),
        (np.min, 1.0, [0.5, 0, 0, 0]),
        (np.nanmax, 3.0, [0, 1 / 3, 1 / 3, 0]),
    ):
        a = [1.0, 3.0, 3.0, 2.0]
        np.testing.assert_allclose(
            gradient(lambda t, f=function, i=initial: f(t, initial=i), a), expected
        )
        start = leaf(initial)
        function(leaf(a), initial=start).backward()
        np.testing.assert_allclose(float(start.grad), 1 - sum(expected))


def test_masked_elements_are_no_ties():
    a, where = np.array([3.0, 3.0, 1.0]), np.array([True, False, True])
    found = gradient(lambda t: np.max(t, initial=-INF, where=where), a)
    np.testing.assert_array_equal(found, [1, 0, 0])


def test_a_nan_takes_the_gradient():
    a = [1.0, np.nan, 3.0]
    for function in (np.max, np.min, np.median):
        np.testing.assert_array_equal(gradient(function, a), [0, 1, 0])
    np.testing.assert_array_equal(gradient(np.nanmax, a), [0, 0, 1])
    np.testing.assert_array_equal(gradient(np.ptp, a), [0, 0, 0])


@pytest.mark.parametrize(
    ("a", "expected"),
    [
        ([3.0, 1.0, 2.0], [0, 0, 1]),
        ([3.0, 1.0, 2.0, 7.0], [0.5, 0, 0.5, 0]),
        ([1.0, 2.0, 2.0, 3.0], [0, 0.5, 0.5, 0]),
        ([1.0, 2.0, 2.0, 2.0], [0, 1 / 3, 1 / 3, 1 / 3]),
        ([1.0, 1.0, 2.0, 2.0], [0.25, 0.25, 0.25, 0.25]),
        ([1.0, 1.0, 2.0, 5.0], [0.25, 0.25, 0.5, 0]),
        ([INF, 1.0, 2.0], [0, 0, 1]),
        (5.0, 1),
    ],
)
def test_the_middle_elements_of_a_median_share(a, expected):
    np.testing.assert_allclose(gradient(np.median, a), expected)
    assert gradient(np.median, a, np.float32).dtype == np.float32


def test_a_range_takes_its_arguments_by_position():
    t, out = leaf([[1.0, 5.0], [2.0, 3.0]]), ag.Tensor(np.zeros((2, 1)))
    np.ptp(t, 1, out, True)
    out.sum().backward()
    np.testing.assert_array_equal(out.detach().numpy(), [[4], [1]])
    np.testing.assert_array_equal(t.grad.numpy(), [[-1, 1], [-1, 1]])


def test_smooth_maxima_as_in_pytorch():
    torch = pytest.importorskip("torch")
    a = np.array([[1.0, 2.0, -INF], [1e4, 1e4 - 1, -1e4]])
    for axis in (0, 1, (0, 1), None):
        t = torch.tensor(a, requires_grad=True)
        torch.logsumexp(t, (0, 1) if axis is None else axis).sum().backward()
        found = gradient(lambda x, axis=axis: np.logaddexp.reduce(x, axis=axis), a)
        np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(gradient(lambda t: np.logaddexp.reduce(t), a)[:, 2], [0, 1])


def test_smooth_maxima_leave_masked_elements_out():
    a = np.array([[1.0, 2.0, 1e4], [np.nan, INF, 5.0]])
    where = np.array([[True, True, False], [False, False, False]])
    for function in (np.logaddexp.reduce, np.logaddexp2.reduce):
        with np.errstate(invalid="ignore"):
            found = gradient(lambda t, f=function: f(t, axis=1, where=where), a)
        np.testing.assert_allclose(found[0], [*gradient(function, [1.0, 2.0]), 0])
        np.testing.assert_array_equal(found[1], [0, 0, 0])


def test_reductions_by_ufuncs_take_numpys_keywords():
    a = np.arange(12.0).reshape(2, 3, 2)
    for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.logaddexp2):
        for kwargs in (
            {},
            {"axis": None},
            {"axis": (0, -1), "keepdims": True},
            {"axis": 1, "initial": 2.5},
        ):
            out = ufunc.reduce(leaf(a), **kwargs)
            assert out.requires_grad
            np.testing.assert_array_equal(out.detach().numpy(), ufunc.reduce(a, **kwargs))


@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_median_leaves_its_input_in_order(requires_grad):
    t = ag.Tensor([3.0, 1.0, 2.0, 9.0, 8.0], requires_grad=requires_grad)
    out = np.median(t, overwrite_input=True)
    assert out == 3
    np.testing.assert_array_equal(t.detach().numpy(), [3, 1, 2, 9, 8])
    if requires_grad:
        out.backward()
        np.testing.assert_array_equal(t.grad.numpy(), [1, 0, 0, 0, 0])
    into = ag.Tensor([0.0])
    np.median(t.detach(), 0, into, overwrite_input=True, keepdims=True)
    assert into[0] == 3
