"""Writes in place: each gives the right gradient or a clear error, never another number."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import writes


def leaf(values: Any, **keywords: Any) -> ag.Tensor:
    return ag.Tensor(np.asarray(values, float), requires_grad=True, **keywords)


def grad(out: Any, x: ag.Tensor) -> list[Any]:
    np.sum(out).backward()
    assert x.grad is not None
    return x.grad.tolist()


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
    assert (t.grad.tolist(), t._node.about.name) == ([6.0, 12.0], "t")


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
