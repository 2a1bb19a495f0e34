"""Writes in place: each gives the right gradient or a clear error, never another number."""

from __future__ import annotations

import gc
import operator
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini import writes

from .programs import Dual, Program, plain


def leaf(values: Any, **keywords: Any) -> ag.Tensor:
    return ag.Tensor(np.asarray(values, float), requires_grad=True, **keywords)


def grad(out: Any, x: ag.Tensor) -> list[Any]:
    np.sum(out).backward()
    assert x.grad is not None
    return x.grad.tolist()


# Random programs against NumPy and dual numbers


def along(program: Program, which: int) -> float:
    """Return the sum of the gradients times the directions of that number."""
    return sum(
        float(np.sum(rates[which] * t.grad._data))
        for t, rates in program.leaves
        if t.grad is not None
    )


def walked_back(loss: ag.Tensor, **keywords: Any) -> bool:
    """Return whether `backward` ran, and was not refused because of a write."""
    try:
        loss.backward(**keywords)
    except RuntimeError as refusal:
        if "overwrote in place" not in str(refusal):
            raise
        return False
    return True


SEEDS = st.integers(0, 2**32 - 1)


@given(seed=SEEDS, steps=st.integers(3, 25))
@settings(max_examples=150, deadline=None)
def test_random_programs_have_the_right_values_and_gradients(seed: int, steps: int) -> None:
    program = Program(seed)
    program.run(steps)
    loss, expected = program.loss()
    if not loss.requires_grad:
        assert plain(expected.rate) == 0
        return
    if not walked_back(loss):
        return
    message = "\n".join(program.log)
    np.testing.assert_allclose(along(program, 0), plain(expected.rate), 1e-8, 1e-8, err_msg=message)


@given(seed=SEEDS, steps=st.integers(3, 15))
@settings(max_examples=50, deadline=None)
def test_random_programs_have_the_right_second_derivatives(seed: int, steps: int) -> None:
    program = Program(seed, order=2)
    program.run(steps)
    loss, expected = program.loss()
    if not loss.requires_grad:
        return
    if not walked_back(loss, create_graph=True):
        return
    slopes = [np.sum(rates[0] * t.grad) for t, rates in program.leaves if t.grad is not None]
    slope = sum(slopes, ag.Tensor(0.0))
    for t, _ in program.leaves:
        t.grad = None
    if slope.requires_grad:
        slope.backward()
    second = expected.rate.rate if isinstance(expected.rate, Dual) else 0.0
    message = "\n".join(program.log)
    np.testing.assert_allclose(along(program, 1), plain(second), 1e-7, 1e-7, err_msg=message)


def test_random_programs_are_seldom_refused() -> None:
    losses = []
    for seed in range(30):
        program = Program(seed)
        program.run(8)
        losses.append(program.loss()[0])
    assert sum(map(walked_back, losses)) > 20


# What is recorded


def test_operators_in_place_are_recorded() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    same = t
    t += x
    t *= x
    t -= 1
    t /= 2
    t **= 2
    assert t is same
    v = np.array([1.0, 2.0])
    np.testing.assert_allclose(grad(t, x), 2 * ((2 * v * v - 1) / 2) * 2 * v)


def test_a_tensor_times_itself_in_place() -> None:
    x = leaf([3.0])
    t = x * 1
    t *= t
    assert grad(t, x) == [6.0]


def test_assignment_to_an_index_takes_over_the_gradient_of_what_it_replaces() -> None:
    x, y = leaf([1.0, 2.0, 3.0]), leaf(5.0)
    t = x * 2
    t[1] = y
    np.sum(t * [1.0, 10.0, 100.0]).backward()
    assert x.grad is not None
    assert y.grad is not None
    assert (x.grad.tolist(), y.grad.item()) == ([2.0, 0.0, 200.0], 10.0)


def test_of_several_values_for_one_place_the_last_counts() -> None:
    y = leaf([1.0, 2.0, 3.0])
    t = ag.Tensor([0.0, 0.0])
    t[[0, 1, 0]] = y
    assert t.tolist() == [3.0, 2.0]
    assert grad(t, y) == [0.0, 1.0, 1.0]


def test_a_list_of_tensors_can_be_assigned() -> None:
    x, y = leaf(1.0), leaf(2.0)
    for index in (..., slice(None)):
        t = ag.Tensor([0.0, 0.0])
        t[index] = [x, 3 * y]
        x.grad = y.grad = None
        assert (grad(t, x), y.grad.item()) == (1.0, 3.0)


def test_assigning_a_leaf_to_a_whole_tensor_makes_no_leaf_of_it() -> None:
    x = leaf([1.0, 2.0])
    t = ag.Tensor([0.0, 0.0])
    t[...] = x
    assert not t.is_leaf
    t += 1
    assert grad(t * t, x) == [4.0, 6.0]


def test_assigning_a_constant_to_a_whole_tensor_ends_its_gradient() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    t[...] = 0
    assert not t.requires_grad


def test_a_node_that_was_freed_stays_freed() -> None:
    x = leaf([1.0, 2.0])
    y = np.sin(x * x)
    y.sum().backward()
    t = ag.Tensor([0.0, 0.0])
    t[...] = y
    with pytest.raises(RuntimeError, match="freed"):
        t.sum().backward()


def test_values_may_be_a_view_of_the_target() -> None:
    x = leaf([1.0, 2.0, 3.0])
    t = x * 1
    t[1:] = t[:-1]
    assert t.tolist() == [1.0, 1.0, 2.0]
    assert grad(t, x) == [2.0, 1.0, 0.0]


def test_swapping_two_elements_moves_their_gradients() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    t[0], t[1] = t[1], t[0]
    assert grad(t * [1.0, 10.0], x) == [10.0, 1.0]


def test_a_scalar_result_is_written_in_place() -> None:
    x = leaf([1.0, 2.0])
    t = x.sum()
    t *= t
    t[...] += 1
    assert t.item() == 10.0
    assert grad(t, x) == [6.0, 6.0]


def test_a_recurrence_in_a_buffer() -> None:
    x = leaf(0.5)
    t = ag.Tensor(np.zeros(5))
    t[0] = x
    for i in range(4):
        t[i + 1] = 2 * t[i] + x
    assert grad(t[4], x) == 31.0


def test_retained_gradients_and_names_are_those_of_the_new_value() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    t.name = "t"
    t.retain_grad()
    t *= 3
    (t * t).sum().backward()
    assert t.grad is not None
    assert t._node is not None
    assert (t.grad.tolist(), t._node.name) == ([6.0, 12.0], "t")


# Dtypes


def test_a_write_keeps_the_dtype_and_gradients_take_that_of_their_own() -> None:
    x = leaf([1.0, 2.0])
    t = ag.Tensor([0.0, 0.0], dtype=np.float32)
    t[...] = x
    t[0] = x[1]
    t *= x
    assert t.dtype == np.float32
    t.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float64
    assert x.grad.tolist() == [2.0, 5.0]


def test_an_integer_tensor_refuses_a_gradient() -> None:
    t = ag.Tensor([1, 2])
    x = leaf([1.0, 2.0])
    with pytest.raises(TypeError, match="would lose the gradient"):
        t[0] = x[0]
    with pytest.raises(TypeError, match="cast"):
        t += x
    t[0] = 5.7
    t += 1
    assert t.tolist() == [6, 3]


def test_casts_follow_numpy() -> None:
    t = ag.Tensor([1.0, 2.0], dtype=np.float32)
    np.add(t, np.ones(2), out=t)
    with pytest.raises(TypeError, match="cast"):
        np.add(t, 1j, out=t)
    with pytest.raises(TypeError, match="cast"):
        np.add(t, np.ones(2), out=t, casting="safe")
    integers = ag.Tensor([1, 2])
    with pytest.raises(TypeError, match="cast"):
        integers /= 2


def test_real_parts_of_complex_values() -> None:
    z = ag.Tensor([1 + 2j, 3j], requires_grad=True)
    t = ag.Tensor([0.0, 0.0], dtype=complex)
    t[0] = leaf(2.0)
    t[1] = z[0] * 2
    np.real(t[1]).backward()
    assert z.grad is not None
    assert z.grad.tolist() == [2, 0]


# Views


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


# Leaves


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


# The graph


def test_writes_after_what_saved_nothing_are_no_matter() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    y = t + 1
    t *= 2
    assert grad(y + t, x) == [3.0, 3.0]


def test_a_loop_fills_a_buffer_row_by_row() -> None:
    def path(x: Any, t: Any) -> Any:
        t[0] = x
        for i in range(20):
            t[i + 1] = t[i] + 0.1 * np.sin(t[i]) * t[i]
        return t[20]

    start = np.array([0.5, 1.0])
    x = leaf(start)
    out = path(x, ag.Tensor(np.zeros((21, 2))))
    slopes = [
        np.sum(path(start + e, np.zeros((21, 2))) - path(start - e, np.zeros((21, 2)))) / 2e-6
        for e in 1e-6 * np.eye(2)
    ]
    np.testing.assert_allclose(grad(out, x), slopes, rtol=1e-6)


def test_a_write_beside_what_was_saved_is_no_matter_and_one_across_is() -> None:
    x = leaf([1.0, 2.0])
    t = ag.Tensor(np.arange(6.0))
    y = np.sum(x * t[2:4])
    t[:2], t[4:] = 7.0, 8.0
    y.backward(retain_graph=True)
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 3.0]
    for index in (slice(1, 3), [2], np.arange(6) == 3, (slice(None, None, 5), None), ...):
        t = ag.Tensor(np.arange(6.0))
        y = np.sum(x * t[2:4])
        t[index] = 9.0
        with pytest.raises(RuntimeError, match="overwrote in place"):
            y.backward()


def test_a_graph_that_is_retained_notices_a_later_write() -> None:
    x = leaf([1.0, 2.0])
    t = ag.Tensor([3.0, 4.0])
    y = np.sum(x * t)
    y.backward(retain_graph=True)
    t += 1
    with pytest.raises(RuntimeError, match="overwrote in place"):
        y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 4.0]


def test_second_derivatives_after_writes() -> None:
    x = leaf([1.0, 2.0])
    t = x * 1
    t[0] = t[1] ** 3
    part = t[1:]
    part *= x[0]
    y = np.sum(t * t)  # x1^6 + x0^2 x1^2
    y.backward(create_graph=True)
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.detach().numpy(), [8.0, 196.0])
    first, x.grad = x.grad, None
    first.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), [8.0 + 8.0, 8.0 + 482.0])


def test_a_write_between_the_first_and_the_second_derivative_is_noticed() -> None:
    x = leaf([1.0, 2.0])
    (x**3).sum().backward(create_graph=True)
    first, x.grad = x.grad, None
    with ag.no_grad():
        x += 1
    assert first is not None
    with pytest.raises(RuntimeError, match="overwrote in place"):
        first.sum().backward()


def test_a_hooks_write_is_noticed() -> None:
    w = leaf([1.0, 2.0])
    y = np.sin(w * w)
    z = y * 1

    def write(_: Any) -> None:
        with ag.no_grad():
            w.data = 7.0

    z.register_hook(write)
    with pytest.raises(RuntimeError, match="overwrote in place"):
        z.sum().backward()


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_cannot_write_to_the_gradient(create_graph: bool) -> None:
    x = leaf([1.0, 2.0])
    a, b = x * 1, x * 1

    def double(g: Any) -> None:
        g *= 2

    a.register_hook(double)
    with pytest.raises(ValueError, match="read-only"):
        (a + b).backward(np.ones(2), create_graph=create_graph)


def test_gradients_can_be_written_to() -> None:
    x = leaf([3.0, 4.0])
    seed = ag.Tensor([1.0, 1.0])
    x.backward(seed)
    (x + 0).backward(seed)
    assert x.grad is not None
    x.grad *= 0.5
    assert (x.grad.tolist(), seed.tolist()) == ([1.0, 1.0], [1.0, 1.0])


# Refused writes change nothing


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (lambda t, x: operator.setitem(t, 9, x[0]), IndexError),
        (lambda t, x: operator.setitem(t, [0, 9], x[:2]), IndexError),
        (lambda t, x: operator.setitem(t, slice(0, 2), x), ValueError),
        (lambda t, x: operator.setitem(t, ..., x[:2]), ValueError),
        (lambda t, x: operator.setitem(t, 0, "a"), ValueError),
        (lambda t, x: operator.setitem(t, x, 1.0), (IndexError, NotImplementedError)),
        (lambda t, x: operator.iadd(t, x[:2]), ValueError),
        (lambda t, x: operator.iadd(t, 1j), TypeError),
        (lambda t, x: operator.iadd(t, "a"), TypeError),
        (lambda t, x: np.add(x[:2], 1, out=t), ValueError),
        (lambda t, x: np.put(t, [0, 9], x), IndexError),
        (lambda t, x: np.multiply.at(t, [0], x[0]), NotImplementedError),
        (lambda t, x: np.copyto(t, 1j), TypeError),
    ],
)
def test_nothing_is_half_done(write: Callable[..., Any], error: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    t = x * 1
    part = t[1:]
    y = x * t.detach()
    node, latest = t._node, writes.latest()
    with pytest.raises(error):
        write(t, x)
    assert t.tolist() == [1.0, 2.0, 3.0]
    assert t._node is node
    assert writes.latest() == latest
    assert grad(y + t + np.sum(part), x) == [2.0, 6.0, 7.0]


def test_a_value_that_cannot_be_cast_is_found_before_the_write() -> None:
    x = leaf([1.0, 2.0])
    t = (x * 1).astype(np.float32)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        t[:] = np.array([5.0, 1e300])
    assert t.tolist() == [1.0, 2.0]


def test_plain_arrays_do_not_swallow_gradients() -> None:
    a, x = np.zeros(2), leaf([1.0, 2.0])
    for write in (
        lambda: operator.iadd(a, x),
        lambda: np.add(a, x, out=a),
        lambda: np.add.at(a, [0, 1], x),
        lambda: np.copyto(a, x),
        lambda: np.put(a, [0, 1], x),
    ):
        with pytest.raises(TypeError, match="lose"):
            write()
    with pytest.raises((ValueError, RuntimeError)):
        a[0] = x[0]
    assert a.tolist() == [0.0, 0.0]
