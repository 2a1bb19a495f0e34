"""Views of Tensors: a write to either is seen by both, with its gradient."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag


def leaf(values: Any, **keywords: Any) -> ag.Tensor:
    return ag.Tensor(np.asarray(values, float), requires_grad=True, **keywords)


def grad(out: Any, x: ag.Tensor) -> list[Any]:
    np.sum(out).backward()
    assert x.grad is not None
    return x.grad.tolist()


VIEWS: list[tuple[str, Callable[[Any], Any]]] = [
    ("slice", lambda t: t[1:, ::-1]),
    ("row", lambda t: t[1]),
    ("transpose", lambda t: t.T),
    ("reshape", lambda t: t.reshape(3, 2)),
    ("order F", lambda t: np.reshape(t.T, -1, order="F")),
    ("newaxis", lambda t: t[:, None]),
    ("view of a view", lambda t: t.T[::2][:, None, ::-1]),
    ("swapaxes by keyword", lambda t: np.swapaxes(a=t, axis1=0, axis2=1)),
    ("part of several", lambda t: np.split(t, [1])[1]),
    ("moveaxis", lambda t: np.moveaxis(t, 0, 1)),
    ("squeeze", lambda t: np.squeeze(t[None])),
    ("cast to the same", lambda t: t.astype(float, copy=False)),
]


@pytest.mark.parametrize("view", [v for _, v in VIEWS], ids=[name for name, _ in VIEWS])
def test_a_write_through_a_view_is_seen_by_its_base(view: Callable[[Any], Any]) -> None:
    values = np.arange(6.0).reshape(2, 3)
    x, y = leaf(values), leaf(2.0)
    t = x * 1
    part = view(t)
    part *= 10
    part[(0,) * part.ndim] = y
    expected = values.copy()
    shown = view(expected)
    shown *= 10
    shown[(0,) * shown.ndim] = 2.0
    np.testing.assert_array_equal(t.detach().numpy(), expected)
    marks = np.zeros((2, 3))
    seen = view(marks)
    seen[...] = 1
    seen[(0,) * seen.ndim] = 2
    t.sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), np.choose(marks.astype(int), [1.0, 10.0, 0.0]))
    assert y.grad.item() == 1.0


@pytest.mark.parametrize("view", [v for _, v in VIEWS], ids=[name for name, _ in VIEWS])
@pytest.mark.parametrize("recorded", [True, False])
def test_a_write_to_a_base_is_seen_by_its_view(view: Callable[[Any], Any], recorded: bool) -> None:
    x = leaf(np.arange(6.0).reshape(2, 3))
    t = x * 1 if recorded else ag.Tensor(np.zeros((2, 3)))
    part = view(t)
    t[...] = x * x
    (part * 1).sum().backward()
    marks = np.zeros((2, 3))
    view(marks)[...] = 1
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), 2 * np.arange(6.0).reshape(2, 3) * marks)


def test_siblings_see_each_other() -> None:
    x = leaf([1.0, 2.0, 3.0])
    t = x * 1
    a, b = t[:2], t[1:]
    a *= 10
    b *= x[:2]
    assert (a.tolist(), b.tolist(), t.tolist()) == ([10.0, 20.0], [20.0, 6.0], [10.0, 20.0, 6.0])
    assert grad(a, x) == [30.0, 10.0, 0.0]


def test_rows_in_a_loop_are_views() -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    t = x * 1
    for row in t:
        row *= 2
    assert grad(t, x) == [[2.0, 2.0], [2.0, 2.0]]


def test_views_whose_base_is_gone_and_bases_whose_views_are_gone() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    part = t[:1]
    other = t[:1]
    del t
    gc.collect()
    part *= 3
    assert grad(other, x) == [3.0, 0.0]
    t = x * 1
    part = t[:1]
    part *= 3
    del part
    x.grad = None
    assert grad(t, x) == [3.0, 1.0]


def test_a_long_chain_of_views_is_followed_without_recursion() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    part = t
    for _ in range(3000):
        part = part[::-1]
    t *= 3
    part += 1
    assert grad(t * t, x) == [24.0, 42.0]


def test_a_detached_view_keeps_no_graph_alive() -> None:
    x = leaf([1.0, 2.0])
    t = np.sin(x)
    alive, d = weakref.ref(t), t.detach()
    e = d.detach()
    with pytest.raises(RuntimeError, match=r"detach\(\)"):
        e += 1
    del t
    assert alive() is None
    e += 1
    assert d.tolist() == (np.sin([1.0, 2.0]) + 1).tolist()


def test_a_loop_that_detaches_keeps_nothing_alive() -> None:
    t = ag.Tensor(np.zeros(3))
    first = weakref.ref(t.detach())
    for _ in range(5):
        t = t.detach()
        with ag.no_grad():
            t += 1
    assert first() is None
    assert t.tolist() == [5.0] * 3
    assert t._view is not None
    assert t._view.base is None


def test_windows_are_views_too() -> None:
    t = ag.Tensor(np.arange(4.0))
    windows = np.lib.stride_tricks.sliding_window_view(t, 2)
    x = leaf(5.0)
    y = leaf(1.0) * windows.detach()
    t[1] = x
    assert windows.tolist() == [[0, 5], [5, 2], [2, 3]]
    with pytest.raises(RuntimeError, match="overwrote in place"):
        y.sum().backward()
    windows.sum().backward()
    assert x.grad is not None
    assert x.grad.item() == 2.0


def test_a_view_that_shows_an_element_twice_is_not_written_to() -> None:
    x = leaf([1.0, 2.0])
    spread = np.broadcast_to(x * 1, (3, 2))
    with pytest.raises(ValueError, match="read-only"):
        spread += 1
    t = ag.Tensor(np.arange(4.0))
    windows = np.lib.stride_tricks.sliding_window_view(t, 2, writeable=True)
    with pytest.raises(ValueError, match="read-only|twice"):
        windows[0] = x


def test_a_leaf_that_shows_an_element_twice_is_not_told_apart_by_its_views() -> None:
    spread = np.broadcast_to(ag.Tensor([1.0, 2.0]), (2, 2)).detach()
    part = spread[1:]
    spread.requires_grad_()
    with pytest.raises(NotImplementedError, match="twice"):
        part.sum()
    assert grad(spread[1:] ** 2, spread) == [[0.0, 0.0], [2.0, 4.0]]


def test_numpy_functions_without_a_rule_give_views_that_see_writes() -> None:
    def swapped(a: Any) -> Any:
        return np.flip(a)

    x = leaf([1.0, 2.0])
    t = ag.Tensor([0.0, 0.0])
    part = swapped(t)
    t[...] = x * x
    assert grad(part * [1.0, 10.0], x) == [20.0, 4.0]


def test_the_real_part_of_what_was_written_to_is_taken_again() -> None:
    z = ag.Tensor([1 + 2j], requires_grad=True)
    t = z * 1
    part = t.real
    t *= 2
    with pytest.raises(NotImplementedError, match="make the view after the write"):
        part.sum()
    t.real.sum().backward()
    with pytest.raises(NotImplementedError, match="write to a copy"):
        t.imag[...] = leaf([1.0])


# Constants that share memory


def test_detached_views_stay_constants() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    d = t.detach()
    t *= 5
    assert d.tolist() == [5.0, 10.0]
    assert not d.requires_grad
    assert grad(t * d, x) == [25.0, 50.0]


@pytest.mark.parametrize("value", [5.0, ag.Tensor(5.0), leaf(5.0)])
def test_a_write_through_a_detached_view_of_a_graph_is_refused(value: Any) -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    d = t.detach()
    for target in (d, d[:1]):
        with pytest.raises(RuntimeError, match=r"detach\(\)"):
            target[0] = value
    assert (t.tolist(), d.tolist()) == ([1.0, 2.0], [1.0, 2.0])
    assert grad(t, x) == [1.0, 1.0]


def test_a_gradient_is_not_written_to_a_detached_constant() -> None:
    t = ag.Tensor([1.0, 2.0])
    d = t.detach()
    with pytest.raises(RuntimeError, match="write to a copy"):
        d[0] = leaf(1.0)
    d[0] = 7.0
    assert t.tolist() == [7.0, 2.0]


def test_a_view_made_without_recording_stays_a_constant() -> None:
    t = ag.Tensor([1.0, 2.0])
    with ag.no_grad():
        part = t[:1]
    t[...] = leaf([3.0, 4.0])
    assert part.tolist() == [3.0]
    assert not part.requires_grad
