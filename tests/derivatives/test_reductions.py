"""Sums, means and variances: keywords, precision, empties, NaNs, zero variance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as ag

REDUCTIONS = [np.sum, np.mean, np.var, np.std, np.prod, np.max, np.min, np.median, np.ptp]
MASKABLE = [np.sum, np.mean, np.var, np.std, np.prod]
WITHOUT_NANS = [np.nansum, np.nanmean, np.nanvar, np.nanstd, np.nanprod, np.nanmax, np.nanmin]


def leaf(values, dtype=None):
    return ag.Tensor(values, dtype=dtype, requires_grad=True)


def gradient(function, values, dtype=None):
    """Return the gradient of the sum of what `function` gives."""
    t = leaf(values, dtype)
    np.sum(function(t)).backward()
    assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
    return t.grad.numpy()


@st.composite
def arrays_and_axes(draw):
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3))
    size = int(np.prod(shape))
    a = np.array(draw(st.permutations(range(size)))).reshape(shape) / 4 + 0.5
    axes = st.lists(
        st.integers(-len(shape), len(shape) - 1), unique_by=lambda i: i % max(len(shape), 1)
    ).map(tuple)
    single = st.integers(-len(shape), len(shape) - 1)
    return a, draw(st.none() | (axes | single if shape else st.just(())))


@pytest.mark.parametrize("function", REDUCTIONS, ids=lambda f: f.__name__)
@given(example=arrays_and_axes(), keepdims=st.booleans())
def test_an_axis_is_as_the_same_elements_in_a_row(function, example, keepdims):
    a, axis = example
    if function is np.median and axis == ():
        return
    weights = np.cos(np.arange(np.max(a, axis=axis).size))  # tells the results apart
    found = gradient(
        lambda t: np.reshape(function(t, axis=axis, keepdims=keepdims), -1) * weights, a.copy()
    )
    reduced = range(a.ndim) if axis is None else np.atleast_1d(np.array(axis, int)) % max(a.ndim, 1)
    kept = [i for i in range(a.ndim) if i not in reduced]
    order = [*kept, *(i for i in range(a.ndim) if i in reduced)]
    rows = a.transpose(order).reshape(len(weights), -1)
    expected = [w * gradient(function, row) for row, w in zip(rows, weights, strict=True)]
    back = np.reshape(expected, [a.shape[i] for i in order]).transpose(np.argsort(order))
    np.testing.assert_allclose(found, back, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("function", MASKABLE, ids=lambda f: f.__name__)
@given(data=st.data(), axis=st.sampled_from([None, 0, 1, (0, 1), (-1, 0)]))
def test_where_leaves_elements_out(function, data, axis):
    a = np.arange(1.0, 13).reshape(3, 4) / 7
    where = data.draw(hnp.arrays(bool, st.sampled_from([(3, 4), (4,), (1, 4), (3, 1), ()])))
    rows = {None: [(...,)], 0: [(slice(None), i) for i in range(4)], 1: [(i,) for i in range(3)]}
    expected = np.zeros_like(a)
    mask = np.broadcast_to(where, a.shape)
    for row in rows.get(axis, rows[None]):
        if mask[row].sum() < 2:  # a variance of none is NaN, and so may be its gradient
            mask = mask.copy()
            mask[row] = True
        expected[row][mask[row]] = gradient(function, a[row][mask[row]])
    found = gradient(lambda t: function(t, axis=axis, where=mask), a)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_where_all_false_gives_zeros():
    where = np.array([[True, True, False], [False, False, False]])
    for function in (np.sum, np.mean, np.prod, np.var):
        with (
            np.errstate(all="ignore"),
            pytest.warns()
            if function
            in (
                np.mean,
                np.var,
            )
            else np.errstate(),
        ):
            g = gradient(lambda t, f=function: f(t, axis=1, where=where), np.ones((2, 3)))
        np.testing.assert_array_equal(g[1], [0, 0, 0])


@pytest.mark.parametrize("function", WITHOUT_NANS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_nans_get_no_gradient_and_others_that_of_the_rest(function, axis):
    a = np.array([[1.0, np.nan, 2.5], [np.nan, 4.0, -1.0], [0.5, 3.0, 7.0]])
    plain = getattr(np, function.__name__.removeprefix("nan"))
    expected = np.zeros_like(a)
    rows = {None: [(...,)], 0: [(slice(None), i) for i in range(3)], 1: [(i,) for i in range(3)]}
    for row in rows[axis]:
        there = ~np.isnan(a[row])
        expected[row][there] = gradient(plain, a[row][there])
    np.testing.assert_allclose(gradient(lambda t: function(t, axis=axis), a), expected, rtol=1e-13)


@pytest.mark.parametrize("function", [np.nansum, np.nanprod, np.nanmean, np.nanvar])
def test_second_derivatives_see_no_nans(function):
    a = np.array([[1.0, np.nan, 2.5], [2.0, 4.0, -1.0]])
    t = leaf(a)
    (g,) = ag.vjp(lambda x: np.sum(function(x, axis=1) ** 2), t)[1](1.0)
    np.sum(g * g).backward()
    assert np.isfinite(t.grad.numpy()).all()
    assert t.grad.numpy()[0, 1] == 0


def test_rows_of_nans_alone():
    a = np.array([[np.nan, np.nan], [1.0, 2.0]])
    with pytest.warns(RuntimeWarning):
        np.testing.assert_array_equal(gradient(lambda t: np.nanmax(t, axis=1), a), [[0, 0], [0, 1]])
    with pytest.warns(RuntimeWarning):
        np.testing.assert_array_equal(
            gradient(lambda t: np.nanmean(t, axis=1), a), [[0, 0], [0.5, 0.5]]
        )


def test_empty_reductions():
    empty = np.zeros((0, 3))
    for function in (np.sum, np.prod, np.nansum, np.nanprod, np.cumsum, np.cumprod):
        assert gradient(function, empty).shape == (0, 3)
        assert gradient(lambda t, f=function: f(t, axis=0), empty).shape == (0, 3)
    assert float(np.sum(leaf(empty)).detach()) == 0
    assert float(np.prod(leaf(empty)).detach()) == 1
    assert gradient(lambda t: np.max(t, axis=1), empty).shape == (0, 3)
    assert gradient(lambda t: np.max(t, initial=0.0), empty).shape == (0, 3)
    for function in (np.mean, np.var, np.std, np.median):
        with pytest.warns(RuntimeWarning):
            assert gradient(function, empty).shape == (0, 3)


@pytest.mark.parametrize("n", [3000, 70000])
def test_half_precision_does_not_saturate(n):
    ones = np.ones(n, np.float16)
    size = min(n, 60000)  # the largest half is 65504
    np.testing.assert_array_equal(gradient(np.sum, ones[:size]), 1)
    np.testing.assert_allclose(gradient(np.mean, ones), 1 / n, rtol=2e-2)
    np.testing.assert_allclose(gradient(np.max, ones), 1 / n, rtol=2e-2)
    with np.errstate(over="ignore"):
        assert gradient(np.cumsum, ones[:size])[0] == np.float16(size)
    t = leaf(np.float16(1))  # a broadcast is undone by a sum
    np.sum(t * ones[: n // 2] * 1e-3, dtype=np.float32).backward()
    np.testing.assert_allclose(float(t.grad), n // 2 * 1e-3, rtol=1e-2)


def test_half_precision_deviations_do_not_saturate():
    a = np.where(np.arange(3000) % 2, 3, 1).astype(np.float16)
    for function in (np.std, np.var):
        expected = gradient(function, a.astype(np.float64))
        np.testing.assert_allclose(gradient(function, a), expected, rtol=2e-3)


def test_dtype_argument_computes_in_it_and_casts_the_gradient_back():
    a = np.array([1.5, 2.5], np.float32)
    for function in (np.sum, np.mean, np.var, np.std, np.prod, np.cumsum, np.cumprod):
        t = leaf(a)
        out = function(t, dtype=np.float64)
        assert out.dtype == np.float64
        np.sum(out).backward()
        assert t.grad.dtype == np.float32
        np.testing.assert_allclose(t.grad.numpy(), gradient(function, a), rtol=1e-6)
    assert not np.sum(leaf(a), dtype=int).requires_grad


def test_dtype_argument_gives_the_gradient_its_precision():
    a = np.array([1e30, 1e30, 1e-30, 1e-30], np.float32)
    expected = gradient(np.prod, a.astype(np.float64))
    np.testing.assert_allclose(gradient(lambda t: np.prod(t, dtype=float), a), expected, rtol=1e-6)
    a = np.array([4096, 4097, 4099.5], np.float32)
    expected = gradient(np.var, a.astype(np.float64))
    np.testing.assert_allclose(gradient(lambda t: np.var(t, dtype=float), a), expected, rtol=1e-6)


def test_zero_variance_gives_zero_as_in_pytorch():
    torch = pytest.importorskip("torch")
    a = np.array([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
    t = torch.tensor(a, requires_grad=True)
    t.std(dim=1, correction=0).sum().backward()
    found = gradient(lambda x: np.std(x, axis=1), a)
    np.testing.assert_array_equal(found[0], [0, 0, 0])
    np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("correction", [0, 1, 2])
def test_variances_of_complex_numbers_as_in_pytorch(name, correction):
    torch = pytest.importorskip("torch")
    a = np.array([[1 + 2j, 0.5 - 1j, 3], [2j, 1.0, -1 - 1j]])
    t = torch.tensor(a, requires_grad=True)
    getattr(t, name)(dim=1, correction=correction).sum().backward()
    found = gradient(lambda x: getattr(np, name)(x, axis=1, ddof=correction), a)
    np.testing.assert_allclose(found, t.grad.numpy(), rtol=1e-12)


def test_a_variance_without_degrees_of_freedom_is_nan():
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning):
        assert np.isnan(gradient(lambda t: np.var(t, ddof=1), [3.0])).all()


A = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
@pytest.mark.parametrize(
    "kwargs",
    [
        {"weights": A + 1},
        {"weights": A + 1, "axis": 0, "returned": True},
        {"weights": A[0] + 1, "axis": 1, "keepdims": True},
        {"weights": A.T + 1, "axis": (1, 0), "returned": True},
        {"weights": (A[:, 0] + 1).astype(np.float32), "axis": 0},
    ],
    ids=range(5),
)
def test_an_average_is_numpys(dtype, kwargs):
    a = A.astype(dtype)
    expected = np.average(a, **kwargs)
    found = [np.average(a, **{**kwargs, "weights": leaf(kwargs["weights"])})]
    if dtype is not int:
        found.append(np.average(leaf(a), **kwargs))
    for result in found:
        assert isinstance(result, tuple) == isinstance(expected, tuple)
        parts = (result, expected) if isinstance(expected, tuple) else ([result], [expected])
        for ours, theirs in zip(*parts, strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=1e-6)


def test_an_average_without_weights_is_the_mean():
    mean, total = np.average(leaf(A), axis=-1, returned=True, keepdims=True)
    np.testing.assert_array_equal(mean.detach().numpy(), A.mean(1, keepdims=True))
    np.testing.assert_array_equal(total.numpy(), [[4], [4], [4]])
    np.testing.assert_array_equal(gradient(np.average, A), np.full((3, 4), 1 / 12))


def test_an_axis_may_be_a_list_where_numpy_takes_one():
    for function in (np.median, np.average):
        np.testing.assert_array_equal(
            gradient(lambda t, f=function: f(t, axis=[0, 1]), A), gradient(function, A)
        )


def test_average_refuses_weights_that_do_not_fit():
    t = leaf(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"weights of shape \(2,\).*\(2, 3\)"):
        np.average(t, weights=[1, 2])
    with pytest.raises(ValueError, match="axis"):
        np.average(t, weights=[1, 2], axis=1)
    with pytest.raises(ValueError, match="axis 5"):
        np.average(t, axis=5)
    with pytest.raises(ZeroDivisionError, match="zero"):
        np.average(t, weights=np.zeros((2, 3)))


def test_trace_of_a_stack_as_in_pytorch():
    torch = pytest.importorskip("torch")
    a = np.arange(24.0).reshape(2, 3, 4)
    t = torch.tensor(a, requires_grad=True)
    w = np.array([2.0, -1.0])
    (t.diagonal(1, 1, 2).sum(-1) * torch.tensor(w)).sum().backward()
    np.testing.assert_array_equal(gradient(lambda x: np.trace(x, 1, 1, 2) * w, a), t.grad.numpy())
    np.testing.assert_array_equal(
        gradient(lambda x: np.linalg.trace(x, offset=1) * w, a), t.grad.numpy()
    )


def test_methods_take_what_numpys_methods_take():
    a = np.array([[1.0, 2.0, 4.0], [3.0, 1.0, 0.5]])
    mask = a > 0.7
    t = leaf(a)
    for name, kwargs in (
        ("sum", {"axis": (0, 1), "keepdims": True, "where": mask, "initial": 2.0}),
        ("mean", {"axis": -1, "keepdims": True, "dtype": np.float32, "where": mask}),
        ("prod", {"axis": None, "where": mask, "initial": 3.0}),
        ("var", {"axis": 0, "ddof": 1, "keepdims": True}),
        ("std", {"axis": 1, "correction": 1, "where": mask}),
        ("max", {"axis": 0, "initial": 2.0, "where": mask, "keepdims": True}),
        ("min", {"axis": (0, -1), "initial": 2.0}),
        ("cumsum", {"axis": 1, "dtype": np.float64}),
        ("cumprod", {"axis": 0}),
        ("trace", {"offset": 1, "axis1": 1, "axis2": 0}),
        ("argmax", {"axis": 1, "keepdims": True}),
        ("all", {"axis": 0, "where": mask}),
        ("any", {"keepdims": True}),
    ):
        expected = getattr(np, name)(a, **kwargs)
        np.testing.assert_allclose(getattr(t, name)(**kwargs).detach().numpy(), expected)
    np.testing.assert_array_equal(t.sum(0).detach().numpy(), a.sum(0))


def test_where_and_counting_have_no_derivative():
    t = leaf([[1.0, 0.0], [3.0, 4.0]])
    for function in (np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.count_nonzero):
        out = function(t, axis=0)
        assert not out.requires_grad
        np.testing.assert_array_equal(out.numpy(), function(t.detach().numpy(), axis=0))
    for function in (np.any, np.all):
        assert not function(t, axis=1, keepdims=True).requires_grad


def test_a_reduction_by_a_ufunc_without_a_rule_is_refused():
    for reduce in (np.hypot.reduce, np.subtract.reduce, np.maximum.accumulate):
        with pytest.raises(NotImplementedError, match=r"np\.\w+\.(reduce|accumulate)"):
            reduce(leaf([1.0, 2.0]))


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("function", [np.var, np.std, np.nanvar, np.nanstd])
def test_a_variance_of_complex_dtype_is_real(function):
    a = np.array([1.0, 2.0, 5.0])
    found = gradient(lambda t: np.real(function(t, dtype=complex) * (1 + 2j)), a)
    np.testing.assert_allclose(found, gradient(function, a), rtol=1e-14)
    z = a + np.array([3j, 0, 1j])
    expected = gradient(lambda t: np.real(function(t)), z)
    found = gradient(lambda t: np.real(function(t, dtype=complex) * (1 + 2j)), z)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("function", [np.var, np.std, np.nanvar, np.nanstd])
def test_a_variance_about_half_a_mean_is_refused(function):
    out = function(leaf([1 + 2j, 3 - 1j]), dtype=float)
    with pytest.raises(NotImplementedError, match="drops the imaginary part"):
        out.backward()
