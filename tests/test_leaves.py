"""Writes in place to leaves, results, saved arrays and read-only Tensors, in every spelling."""

from __future__ import annotations

import operator
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


WRITES: list[tuple[str, Callable[[Any], Any]]] = [
    ("+=", lambda t: operator.iadd(t, 1)),
    ("[0] =", lambda t: operator.setitem(t, 0, 1.0)),
    ("[...] =", lambda t: operator.setitem(t, ..., 1.0)),
    ("out=", lambda t: np.add(t, 1, out=t)),
    ("out=, where=", lambda t: np.add(t, 1, out=t, where=[True, False])),
    ("positional out", lambda t: np.add(t, 1, t)),
    ("cumsum", lambda t: np.cumsum(t, 0, None, t)),
    ("at", lambda t: np.add.at(t, [0], 1.0)),
    ("multiply.at", lambda t: np.multiply.at(t, [0], 2.0)),
    ("negative.at", lambda t: np.negative.at(t, [0])),
    ("view", lambda t: operator.iadd(t[:1], 1)),
    ("fill", lambda t: t.fill(1.0)),
    ("sort", lambda t: t.sort()),
    ("partition", lambda t: t.partition(1)),
    ("put", lambda t: t.put([0], 1.0)),
    ("np.put", lambda t: np.put(t, [0], 1.0)),
    ("np.place", lambda t: np.place(t, [True, False], 1.0)),
    ("np.putmask", lambda t: np.putmask(t, [True, False], 1.0)),
    ("np.copyto", lambda t: np.copyto(t, 1.0)),
    ("np.put_along_axis", lambda t: np.put_along_axis(t, np.array([0]), 1.0, 0)),
]


@pytest.mark.parametrize("write", [w for _, w in WRITES], ids=[name for name, _ in WRITES])
class TestEveryWrite:
    def test_to_a_leaf_is_refused(self, write: Callable[[Any], Any]) -> None:
        x = leaf([2.0, 1.0])
        with pytest.raises((RuntimeError, NotImplementedError), match=r"leaf that|no derivative"):
            write(x)
        assert x.tolist() == [2.0, 1.0]

    def test_to_a_leaf_is_done_within_no_grad(self, write: Callable[[Any], Any]) -> None:
        x = leaf([2.0, 1.0])
        expected = np.array([2.0, 1.0])
        write(expected)
        with ag.no_grad():
            write(x)
        assert x.tolist() == expected.tolist()
        assert x.is_leaf
        assert grad(x * x, x) == (2 * expected).tolist()

    def test_to_a_result_is_refused_within_no_grad(self, write: Callable[[Any], Any]) -> None:
        x = leaf([2.0, 1.0])
        t = x * 1
        with ag.no_grad(), pytest.raises(RuntimeError, match="recorded result of np.multiply"):
            write(t)
        assert t.tolist() == [2.0, 1.0]
        assert grad(t, x) == [1.0, 1.0]

    def test_is_noticed_by_what_saved_the_old_values(self, write: Callable[[Any], Any]) -> None:
        x = leaf([2.0, 1.0])
        t = ag.Tensor([2.0, 1.0])
        y = x * t
        write(t)
        with pytest.raises(RuntimeError, match=r"np.multiply needs.*overwrote in place"):
            y.sum().backward()

    def test_to_a_read_only_tensor_is_refused(self, write: Callable[[Any], Any]) -> None:
        t = np.broadcast_to(ag.Tensor(1.0), (2,))
        with pytest.raises(ValueError, match="read-only"):
            write(t)


def test_an_optimizers_step_between_forward_and_backward_is_refused() -> None:
    w = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = np.tanh(ag.Tensor([[1.0, 1.0]]) @ w) @ w
    with ag.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match=r"np.matmul needs.*np.subtract overwrote in place"):
        y.sum().backward()


def test_data_is_assigned_in_place_and_noticed() -> None:
    w = leaf([1.0, 2.0])
    y = w * w
    w.data = [5.0, 6.0]
    with pytest.raises(RuntimeError, match="assignment to data overwrote in place"):
        y.sum().backward()
    assert grad(w * w, w) == [10.0, 12.0]
    with pytest.raises(RuntimeError, match="recorded result"):
        (w * 1).data = 0


def test_leaves_can_be_views_of_one_buffer() -> None:
    flat = ag.Tensor(np.arange(6.0))
    w = flat[:4].reshape(2, 2).requires_grad_()
    b = flat[4:].requires_grad_()
    for _ in range(2):
        w.grad = b.grad = None
        ((w @ b) ** 2).sum().backward()
        with ag.no_grad():
            flat *= 0.5
        assert w.is_leaf
        assert b.is_leaf
        assert w.grad is not None
        assert b.grad is not None
    assert b.tolist() == [1.0, 1.25]


def test_a_leaf_whose_memory_is_written_through_its_base_is_refused() -> None:
    flat = ag.Tensor(np.arange(4.0))
    w = flat[:2].requires_grad_()
    before = w.sum()
    flat[0] = 7.0
    before.backward()
    with pytest.raises(RuntimeError, match=r"assignment to an index outside no_grad\(\).*leaf"):
        w.sum()


def test_views_made_before_a_tensor_required_grad_depend_on_it() -> None:
    t = ag.Tensor([1.0, 2.0])
    part = t[:1]
    t.requires_grad = True
    assert grad(part * part, t) == [2.0, 0.0]


def test_an_update_by_a_view_of_itself() -> None:
    values = np.arange(9.0).reshape(3, 3)
    w = ag.Tensor(values, requires_grad=True)
    with ag.no_grad():
        w -= w.T
    np.testing.assert_array_equal(w.data, values - values.T)
