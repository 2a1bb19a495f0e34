"""Indexing, sorting and writing where it matters: duplicates, ties, casts, empties, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as ag
from autograd_mini.derivatives.indexing import scattered
from autograd_mini.testing import check_grads


def leaf(values: Any, dtype: Any = float) -> ag.Tensor:
    return ag.Tensor(np.asarray(values, dtype), requires_grad=True)


def grad(out: Any, x: ag.Tensor) -> list[Any]:
    np.sum(out).backward()
    assert x.grad is not None
    return x.grad.tolist()


# Indexing


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_basic_indices(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3))
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    a = np.arange(np.prod(shape), dtype=float).reshape(shape)
    compare_indexing(a, index)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_advanced_indices(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=3, max_side=3))
    index = tuple(
        data.draw(
            st.one_of(
                st.integers(-n, n - 1),
                st.slices(n),
                st.lists(st.integers(-n, n - 1), min_size=2, max_size=2),
                hnp.arrays(np.int64, (2, 1), elements=st.integers(-n, n - 1)),
            )
        )
        for n in shape[: data.draw(st.integers(1, len(shape)))]
    )
    compare_indexing(np.arange(np.prod(shape), dtype=float).reshape(shape), index)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_masks(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
    part = data.draw(st.integers(1, len(shape)))
    mask = data.draw(hnp.arrays(bool, shape[:part]))
    compare_indexing(np.arange(np.prod(shape), dtype=float).reshape(shape), mask)


def compare_indexing(a: Any, index: Any) -> None:
    """Compare reading and writing at `index` with counting, element by element."""
    x = leaf(a)
    out = x[index]
    np.testing.assert_array_equal(out.detach().numpy(), a[index])
    assert out.shape == np.shape(a[index])
    weights = np.arange(1.0, out.size + 1).reshape(out.shape)
    (out * weights).sum().backward()
    expected = np.zeros_like(a)
    np.add.at(expected, index, weights)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), expected)

    x, y = leaf(a), leaf(weights)
    t = x * 1
    t[index] = y
    places = np.zeros(a.shape, int)
    places[index] = np.arange(1, out.size + 1).reshape(out.shape)
    np.testing.assert_array_equal(t.detach().numpy(), np.where(places > 0, places, a))
    (t + 0 * x).sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), places == 0)
    np.testing.assert_array_equal(y.grad.numpy(), np.isin(weights, places))


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64])
def test_tensors_as_indices(dtype: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    i = ag.Tensor(np.array([2, 0, 2], dtype))
    assert grad(x[i], x) == [1.0, 0.0, 2.0]
    x.grad = None
    assert grad(x[(i,)] + x[[ag.Tensor(1), 1, 1]], x) == [1.0, 3.0, 2.0]
    x.grad = None
    assert grad(x[x > 1.5], x) == [0.0, 1.0, 1.0]
    x.grad = None
    assert grad(x[ag.Tensor(1) : ag.Tensor(3)], x) == [0.0, 1.0, 1.0]
    x.grad = None
    assert grad(x.take(i), x) == [1.0, 0.0, 2.0]


def test_an_index_that_is_written_to_later_is_noticed() -> None:
    x, i = leaf([1.0, 2.0]), ag.Tensor([0, 0])
    y = x[i]
    i += 1
    with pytest.raises(RuntimeError, match="overwrote in place"):
        y.sum().backward()


@pytest.mark.parametrize("index", [5, (0, 0), [0.5], "a", slice(0, 2.5), [0, 9]])
def test_bad_indices_are_numpys_errors(index: Any) -> None:
    x = leaf([1.0, 2.0, 3.0]) * 1
    with pytest.raises((IndexError, TypeError)):
        x[index]
    with pytest.raises((IndexError, TypeError)):
        x[index] = 1.0


def test_many_half_precision_cotangents_for_one_place_are_added_in_single_precision() -> None:
    x = leaf([1.0], np.float16)
    y = x[np.zeros(4096, int)]
    y.backward(np.ones(4096, np.float16))
    assert x.grad is not None
    assert x.grad.dtype == np.float16
    assert x.grad.tolist() == [4096.0]


def test_cotangents_are_added_whatever_the_memory_order() -> None:
    g = np.arange(9.0).reshape(3, 3)
    expected = [g[0].tolist(), (g[1] + g[2]).tolist()]
    for same in (g, np.asfortranarray(g), np.repeat(g, 2, 1)[:, ::2]):
        assert scattered(same, np.array([0, 1, 1]), (2, 3)).tolist() == expected
    row = np.broadcast_to(np.ones(3), (3, 3)).T
    assert scattered(row, np.array([1, 1, 1]), (2, 3)).tolist() == [[0.0] * 3, [3.0] * 3]


@pytest.mark.parametrize(
    "index",
    [1, slice(None, None, -2), [0, 0, 2], ([0, 2], [1, 1]), np.array([True, False, True]), None],
)
def test_indexing_is_pytorchs(index: Any) -> None:
    torch = pytest.importorskip("torch")
    if isinstance(index, slice):
        pytest.skip("PyTorch has no negative steps")
    a = np.arange(9.0).reshape(3, 3)
    x, t = leaf(a), torch.tensor(a, requires_grad=True)
    np.sum(x[index] ** 3).backward()
    (t[index] ** 3).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy())


# Taking


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_take_of_nothing(mode: Any, axis: int | None) -> None:
    x = leaf(np.ones((2, 3)))
    out = np.take(x, np.zeros((0, 2), int), axis, mode=mode)
    assert out.size == 0
    assert grad(out, x) == [[0.0] * 3] * 2


def test_take_by_position() -> None:
    x = leaf([1.0, 2.0, 3.0])
    assert grad(np.take(x, [4, -1], None, None, "wrap"), x) == [0.0, 1.0, 1.0]


def test_take_and_put_along_axis_undo_a_sort() -> None:
    x = leaf([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]])
    order = np.argsort(x, axis=1)
    t = ag.Tensor(np.zeros((2, 3)))
    np.put_along_axis(t, order, np.take_along_axis(x, order, axis=1) ** 2, axis=1)
    assert t.tolist() == (x * x).tolist()
    assert grad(t, x) == (2 * x).tolist()


def test_choose_checks_its_range_as_numpy() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match="invalid entry"):
        np.choose([0, 2], [x, x])
    assert np.choose([0, 1], [leaf([1, 2], np.float32), 5]).dtype == np.float32
    assert np.choose([0, 1], [leaf([1, 2], np.float32), leaf([5, 6])]).dtype == np.float64


def test_select_takes_the_first_condition_that_holds() -> None:
    x, y = leaf([1.0, 2.0, 3.0]), leaf([[4.0], [5.0]])
    out = np.select([x.detach().numpy() > 2, np.array([True, True, False])], [x, y], 9.0)
    assert out.tolist() == [[4.0, 4.0, 3.0], [5.0, 5.0, 3.0]]
    assert grad(out, x) == [0.0, 0.0, 2.0]
    assert y.grad is not None
    assert y.grad.tolist() == [[2.0], [2.0]]
    with pytest.raises(TypeError, match="bool"):
        np.select([np.array([1, 0, 1])], [x])
    assert np.select([np.array([True])], [leaf([1.0], np.float32)]).dtype == np.float32


def test_inserted_values_take_the_dtype_of_the_array() -> None:
    x, y = leaf([1.0, 2.0], np.float32), leaf([5.0])
    out = np.insert(x, 1, y)
    assert (out.tolist(), out.dtype) == ([1.0, 5.0, 2.0], np.float32)
    out.sum().backward()
    assert y.grad is not None
    assert y.grad.dtype == np.float64
    assert np.insert(x, [2, 0], [7.5, 8.0]).tolist() == [8.0, 1.0, 2.0, 7.5]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.insert(x, [0, 2, 2], np.ones((2, 3)), axis=1),
        lambda x: np.insert(x, 1, [[7.0], [8.0]], axis=1),
        lambda x: np.delete(x, [1, -1, 1], axis=1),
        lambda x: np.delete(x, np.s_[::2]),
        lambda x: np.append(x, [1.0, 2.0]),
        lambda x: np.compress([True, False], x, axis=0),
        lambda x: np.extract(np.eye(2, 3), x),
        lambda x: np.partition(x, 1, axis=None)[1],
        lambda x: np.sort(x, axis=0, kind="stable"),
    ],
)
def test_values_are_numpys(call: Callable[[Any], Any]) -> None:
    a = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]])
    expected = call(a)
    for x in (leaf(a), ag.Tensor(a)):
        out = call(x)
        np.testing.assert_array_equal(out.detach().numpy(), expected)
        assert out.dtype == expected.dtype


# Sorting


def test_equal_elements_keep_their_own_gradients() -> None:
    x = leaf([2.0, 1.0, 2.0, 1.0])
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    assert grad(np.sort(x, kind="stable") * weights, x) == [100.0, 1.0, 1000.0, 10.0]


def test_nan_and_infinities_are_sorted_as_by_numpy() -> None:
    x = leaf([np.nan, np.inf, -np.inf, 0.0])
    np.testing.assert_array_equal(np.sort(x).detach().numpy(), [-np.inf, 0.0, np.inf, np.nan])


def test_sorting_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    a = np.array([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])
    weights = np.arange(6.0).reshape(2, 3)
    x, t = leaf(a), torch.tensor(a, requires_grad=True)
    (np.sort(x, axis=0) * weights).sum().backward()
    (torch.sort(t, dim=0).values * torch.tensor(weights)).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy())


def test_the_method_sorts_in_place() -> None:
    x = leaf([3.0, 1.0, 2.0])
    t = x * 1
    t.sort()
    assert t.tolist() == [1.0, 2.0, 3.0]
    assert grad(t * [1.0, 10.0, 100.0], x) == [100.0, 1.0, 10.0]


# Places, and counts


@pytest.mark.parametrize(
    "call",
    [
        np.argsort,
        lambda x: np.argpartition(x, 1),
        lambda x: np.searchsorted(x, x),
        lambda x: np.lexsort((x, x)),
        np.nonzero,
        np.flatnonzero,
        np.argwhere,
        np.argmax,
        lambda x: np.digitize(x, [1.5, 2.5]),
        lambda x: np.isin(x, [1.0]),
        lambda x: np.histogram(x, [0.0, 1.5, 3.0]),
        lambda x: np.histogram(x, 2, (0.0, 3.0)),
        np.count_nonzero,
        lambda x: np.diag_indices_from(np.stack([x, x, x])),
        lambda x: np.tril_indices_from(np.stack([x, x])),
        lambda x: x.argsort(),
        lambda x: x.nonzero(),
        lambda x: x.searchsorted(1.5),
    ],
)
def test_integers_need_no_gradient(call: Callable[[Any], Any]) -> None:
    a = np.array([1.0, 2.0, 3.0])
    got, expected = call(leaf(a)), call(a)
    if not isinstance(expected, tuple):
        got, expected = (got,), (expected,)
    for mine, numpys in zip(got, expected, strict=True):
        assert not getattr(mine, "requires_grad", False)
        np.testing.assert_array_equal(mine, numpys)


@pytest.mark.parametrize(
    "call",
    [
        np.unique,
        lambda x: np.histogram(x, 3),
        lambda x: np.histogram([0.5], 2, (0.0, 1.0), weights=x[:1]),
        lambda x: np.histogram(x, 2, (0.0, 9.0), density=True),
        lambda x: np.multiply.at(x * 1, [0], 2.0),
    ],
)
def test_what_would_lose_a_gradient_is_refused(call: Callable[[Any], Any]) -> None:
    with pytest.raises(NotImplementedError, match="has no derivative here"):
        call(leaf([1.0, 2.0, 3.0]))


# Writing


WRITES: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("put", lambda t, x: np.put(t, [5, 0, 0, -2], x)),
    ("put clip", lambda t, x: np.put(t, [9, 1, -9, 2], x, "clip")),
    ("put wrap", lambda t, x: np.put(t, [7, 1], x, mode="wrap")),
    ("place", lambda t, x: np.place(t, t > 1, x)),
    ("putmask", lambda t, x: np.putmask(t, t > 1, x)),
    ("copyto", lambda t, x: np.copyto(t, x, where=[[True, False, True]])),
    ("fill_diagonal", np.fill_diagonal),
    ("put_along_axis", lambda t, x: np.put_along_axis(t, np.array([[2], [0]]), x[0], 1)),
    ("put_along_axis flat", lambda t, x: np.put_along_axis(t, np.array([4, 4, 1]), x, None)),
    ("method", lambda t, x: t.put([1, 1], x)),
]


@pytest.mark.parametrize("write", [w for _, w in WRITES], ids=[name for name, _ in WRITES])
@pytest.mark.parametrize("recorded", [True, False])
def test_writing_is_numpys(write: Callable[[Any, Any], Any], recorded: bool) -> None:
    a, v = np.arange(6.0).reshape(2, 3), np.array([10.0, 20.0, 30.0])
    expected, marks = a.copy(), np.zeros((2, 3))
    write(expected, v)
    t = leaf(a) * 1 if recorded else ag.Tensor(a)
    write(t, leaf(v) if recorded else v)
    np.testing.assert_array_equal(t.detach().numpy(), expected)
    x, y = leaf(a), leaf(v)
    t = x * 1
    write(t, y)
    marks = expected > 5
    t.sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), ~marks)
    counts = [(expected == value).sum() for value in v]
    np.testing.assert_array_equal(y.grad.numpy(), counts)


def test_writing_casts_as_numpy() -> None:
    narrow = ag.Tensor([1.0, 2.0], dtype=np.float32)
    wide = np.array([5.0])
    for write in (
        lambda t: np.place(t, [True, False], wide),
        lambda t: np.putmask(t, [True, False], wide),
        lambda t: np.copyto(t, wide, casting="safe"),
        lambda t: np.copyto(t, 1j),
    ):
        for target in (narrow, np.array([1.0, 2.0], np.float32)):
            with pytest.raises(TypeError, match=r"[Cc]annot cast"):
                write(target)
    np.copyto(narrow, wide)
    np.put(narrow, [1], wide * 2)
    assert (narrow.tolist(), narrow.dtype) == ([5.0, 10.0], np.float32)


def test_writing_nothing_changes_nothing() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    np.put(t, [], leaf([1.0]))
    np.put(t, [0], ag.Tensor(np.zeros(0)))
    np.place(t, [False, False], [7.0])
    np.copyto(t, 9.0, where=False)
    t[np.zeros(0, int)] = 5.0
    assert grad(t, x) == [1.0, 1.0]


def test_errors_of_writing_are_numpys() -> None:
    t = ag.Tensor([1.0, 2.0])
    with pytest.raises(IndexError):
        np.put(t, [2], 1.0)
    with pytest.raises(ValueError, match="empty"):
        np.place(t, [True, False], [])
    with pytest.raises(ValueError, match="at least 2-d"):
        np.fill_diagonal(t, 1.0)
    with pytest.raises(ValueError, match="broadcast"):
        np.copyto(t, [1.0, 2.0, 3.0])


def test_values_added_at_indices_with_more_axes_are_broadcast() -> None:
    x = leaf([10.0, 1.0])
    t = ag.Tensor([0.0, 0.0])
    np.add.at(t, [[1, -1], [0, 0]], x)
    assert t.tolist() == [11.0, 11.0]
    assert grad(t * [1.0, 100.0], x) == [101.0, 101.0]


# Second derivatives, both modes


@given(seed=st.integers(0, 999))
@settings(max_examples=10, deadline=None)
def test_picking_and_writing_in_a_nonlinear_function(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 3, (2, 4))
    mask = rng.random((3, 3)) < 0.5

    def f(a: Any, b: Any) -> Any:
        t = np.sin(a) * b
        t[rows, columns] = t[columns, rows] * b[0]
        t[mask] *= 2.0
        np.add.at(t, rows, b)
        return np.take(np.sort(t, axis=None) ** 2, rows) * t[0, columns]

    check_grads(f, rng.normal(size=(3, 3)), rng.normal(size=3))


def test_a_number_is_taken_as_one_element() -> None:
    for function, expected in (
        (lambda x: np.take(x, [0, 0], axis=0, mode="clip"), 2),
        (lambda x: np.take(x, [[0, -1, 0]], axis=-1), 3),
        (lambda x: np.take_along_axis(x, np.array([0, -1]), None), 2),
        (lambda x: np.compress([True], x, axis=0), 1),
        (lambda x: np.extract([True], x), 1),
    ):
        x = leaf(1.0)
        assert grad(function(x), x) == expected
        check_grads(lambda x, f=function: f(x) ** 2, np.array(1.5))


def test_filling_a_plain_array_says_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"np\.full_like .*lose the graph.*np\.broadcast_to"):
        np.full_like(np.zeros(3), leaf(1.0))
