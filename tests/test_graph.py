"""Recording, walking back, hooks, memory."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag


def leaf(values: Any) -> ag.Tensor:
    return ag.Tensor(values, requires_grad=True)


def test_gradients_accumulate_over_paths_and_calls() -> None:
    x = leaf([1.0, 2.0])
    (x * x + x * 3.0).backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, [5.0, 7.0])
    (x * 1.0).backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, [6.0, 8.0])
    x.zero_grad()
    assert x.grad is None


def test_backward_on_a_leaf_gives_it_the_gradient() -> None:
    x, g = leaf(2.0), np.array(5.0)
    x.backward(g)
    g += 1
    assert x.grad == 5.0


def test_diamonds_are_walked_once() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_graph_is_freed_and_says_so() -> None:
    x = leaf(2.0)
    y = x * x
    z = y * x
    z.backward()
    with pytest.raises(RuntimeError, match=r"np\.multiply was freed.*retain_graph=True"):
        z.backward()
    with pytest.raises(RuntimeError, match="freed"):
        (y + 1.0).backward()


def test_retained_graph_can_be_walked_again() -> None:
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 8.0


def test_arrays_are_released_as_backward_walks() -> None:
    x = leaf(np.ones(3))
    y = x * 2.0
    kept = weakref.ref(y._array)
    z = y * y
    del y
    assert kept() is not None
    np.sum(z).backward()
    assert kept() is None


def test_only_what_rules_name_is_kept() -> None:
    x = leaf(np.ones(3))
    y = x * 2.0
    summed = weakref.ref(y._array)
    z = np.sum(y)
    del y
    assert summed() is None
    z.backward()
    np.testing.assert_array_equal(x.grad, 2.0)


def test_no_edges_to_constants() -> None:
    x, c = leaf(1.0), ag.Tensor(2.0)
    node = (x * c)._node
    assert node is not None
    assert node.edges is not None
    assert [parent for parent, _, _ in node.edges] == [x._node]
    assert (c * c)._node is None


def test_create_graph_gives_higher_derivatives() -> None:
    x = leaf(3.0)
    (x * x * x).backward(create_graph=True)
    first = x.grad
    assert first is not None
    assert first == 27.0
    x.zero_grad()
    first.backward(create_graph=True)
    second = x.grad
    assert second is not None
    assert second == 18.0
    x.zero_grad()
    second.backward()
    assert x.grad == 6.0


def test_first_order_rules_see_arrays_only() -> None:
    seen = []

    @ag.primitive(x=lambda g, x: seen.append((type(g), type(x))) or g * 2)
    def double(x: Any) -> Any:
        return x * 2

    x = leaf([1.0])
    double(x).backward()
    double(x).backward(create_graph=True)
    assert seen == [(np.ndarray, np.ndarray), (ag.Tensor, ag.Tensor)]


def test_gradient_must_fit() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"shape \(2,\) needs the gradient"):
        (x * 2.0).backward()
    with pytest.raises(ValueError, match=r"shape \(2,\) got a gradient of shape \(3,\)"):
        (x * 2.0).backward(np.ones(3))
    with pytest.raises(RuntimeError, match="does not require grad"):
        ag.Tensor(1.0).backward()


def test_gradients_of_leaves_share_no_memory() -> None:
    a, b, c = leaf(np.ones((2, 2))), leaf(np.ones((2, 2))), leaf(np.ones((2, 2)))
    np.sum(a + b + c.T).backward()
    for g in (a.grad, b.grad, c.grad):
        assert g is not None
        assert g._array.flags.writeable
    with ag.no_grad():
        assert a.grad is not None
        a.grad += 1.0
    np.testing.assert_array_equal(b.grad, 1.0)
    np.testing.assert_array_equal(c.grad, 1.0)


def test_gradient_has_shape_and_dtype_of_its_tensor() -> None:
    x = ag.Tensor(np.ones((3, 1), np.float32), requires_grad=True)
    b = ag.Tensor(np.float32(2.0), requires_grad=True)
    np.sum(x * np.ones((2, 1, 4)) + b).backward()
    for t, expected in ((x, 8.0), (b, 24.0)):
        assert t.grad is not None
        assert (t.grad.shape, t.grad.dtype) == (t.shape, np.float32)
        np.testing.assert_array_equal(t.grad, expected)


def test_half_precision_broadcasts_accumulate_in_single() -> None:
    b = ag.Tensor(np.zeros(1, np.float16), requires_grad=True)
    (b + np.zeros((5000, 1), np.float16)).backward(np.ones((5000, 1), np.float16))
    np.testing.assert_array_equal(b.grad, np.float16(5000))


def test_hooks_see_and_replace_gradients() -> None:
    x = leaf([1.0, 2.0])
    y = x * 2.0
    seen = []
    y.register_hook(lambda g: seen.append(g))
    handle = y.register_hook(lambda g: g * 10)
    (y * 1.0).backward(np.ones(2), retain_graph=True)
    np.testing.assert_array_equal(x.grad, 20.0)
    assert isinstance(seen[0], ag.Tensor)
    np.testing.assert_array_equal(seen[0], 1.0)
    handle.remove()
    handle.remove()
    x.zero_grad()
    y.backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, 2.0)


def test_hooks_on_leaves_run_once_on_the_whole_gradient() -> None:
    x = leaf(3.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * x).backward()
    assert seen == [6.0]


def test_hooks_must_return_the_same_shape() -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: np.ones(3))
    with pytest.raises(ValueError, match=r"hook on a Tensor of shape \(2,\).*\(3,\)"):
        (x * 2.0).backward(np.ones(2))


def test_hooks_take_part_in_second_order() -> None:
    x = leaf(2.0)
    y = x * x
    y.register_hook(lambda g: g * x)
    y.backward(create_graph=True)
    g = x.grad
    assert g == 8.0
    x.zero_grad()
    assert g is not None
    g.backward()
    assert x.grad == 8.0


def test_retain_grad_keeps_the_gradient_of_a_result() -> None:
    x = leaf(2.0)
    y = x * x
    y.retain_grad()
    (y * 3.0).backward()
    assert y.grad == 3.0
    assert x.grad == 12.0


def test_constants_have_no_hooks() -> None:
    with pytest.raises(RuntimeError, match="does not require grad"):
        ag.Tensor(1.0).register_hook(lambda g: g)
    with pytest.raises(RuntimeError, match="does not require grad"):
        ag.Tensor(1.0).retain_grad()


def test_detach_stops_gradients() -> None:
    x = leaf(2.0)
    (x * x.detach()).backward()
    assert x.grad == 2.0


def test_a_failing_rule_leaves_no_trace() -> None:
    fail = [True]

    def vjp(g: Any) -> Any:
        if fail[0]:
            raise KeyError("rule")
        return g

    @ag.primitive(x=vjp)
    def same(x: Any) -> Any:
        return x * 1.0

    x = leaf(2.0)
    y = same(x) + x
    with pytest.raises(KeyError):
        y.backward(retain_graph=True)
    assert x.grad is None
    fail[0] = False
    x2 = leaf(2.0)
    (same(x2) + x2).backward()
    assert x2.grad == 2.0


def test_long_chains_need_no_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(50_000):
        y = y + 0.0
    y.backward(retain_graph=True)
    assert x.grad == 1.0
    y.backward(create_graph=True)
    assert x.grad is not None
    del y
    x.grad = None


def test_a_dropped_graph_is_released_without_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 0.0
    first = weakref.ref(y)
    del y
    assert first() is None


def test_no_reference_cycles() -> None:
    w = leaf(np.ones((8, 8)))
    x = np.ones((8, 8))

    def step() -> None:
        loss = np.sum(np.tanh(x @ w).T[0] ** 2)
        loss.backward()
        with ag.no_grad():
            assert w.grad is not None
            w.__isub__(0.01 * w.grad)
        w.zero_grad()

    step()
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            step()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_threads_walk_graphs_that_share_parameters() -> None:
    w = leaf(np.ones(100))
    errors = []

    def work(scale: float) -> None:
        for _ in range(20):
            v = leaf(np.ones(100))
            np.sum(v * w * scale).backward()
            if not np.all(v.grad.numpy() == scale):  # type: ignore[union-attr]
                errors.append(scale)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_shared_part_of_two_graphs_can_be_retained() -> None:
    x = leaf(2.0)
    shared = x * x
    (shared * 2.0).backward(retain_graph=True)
    (shared * 3.0).backward()
    assert x.grad == 20.0


def test_results_of_integer_dtype_need_no_gradient() -> None:
    x = leaf([1.5, 2.5])
    assert not x.astype(int).requires_grad
    assert not (x > 2).requires_grad


def test_grad_can_be_set() -> None:
    x = leaf([1.0, 2.0])
    x.grad = ag.Tensor([3.0, 4.0])
    (x * 1.0).backward(np.ones(2))
    np.testing.assert_array_equal(x.grad, [4.0, 5.0])
    with pytest.raises(ValueError, match="cannot have shape"):
        x.grad = ag.Tensor([1.0])
    with pytest.raises(RuntimeError, match="does not require grad"):
        ag.Tensor(1.0).grad = ag.Tensor(1.0)


def test_rules_that_return_something_else_are_named() -> None:
    @ag.primitive(x=lambda g: 0.0)
    def zero(x: Any) -> Any:
        return x * 0

    @ag.primitive(x=lambda g: g[:1])
    def short(x: Any) -> Any:
        return x * 1

    with pytest.raises(TypeError, match=r"the rule of zero for x returned 0\.0"):
        zero(leaf([1.0, 2.0])).backward(np.ones(2))
    for x in (leaf([1.0, 2.0]), leaf([[1.0, 2.0]])):
        with pytest.raises(
            ValueError, match="the rule of short for x returned a cotangent of shape"
        ):
            short(x * 1.0 if x.ndim == 1 else x[0]).backward(np.ones(2))


def test_a_gradient_does_not_share_memory_with_what_was_given() -> None:
    x, g = leaf([1.0, 2.0]), ag.Tensor([1.0, 1.0])
    x.backward(g)
    (x * 1.0).backward(g)
    g += 5.0
    np.testing.assert_array_equal(x.grad, 2.0)


def test_a_recorded_gradient_stays_recorded_when_more_is_added() -> None:
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    (x * 1.0).backward()
    g = x.grad
    assert g == 13.0
    x.zero_grad()
    assert g is not None
    g.backward()
    assert x.grad == 12.0


def test_a_gradient_that_a_hook_keeps_or_gives_is_its_own() -> None:
    x, seen, buffer = leaf(np.ones(2)), [], np.full(2, 3.0)
    x.register_hook(lambda g: seen.append(g))
    y = leaf(np.ones(2))
    y.register_hook(lambda g: buffer)
    np.sum(x + y).backward()
    for t in (x, y):
        assert t.grad is not None
        t.grad *= 0.0
    np.testing.assert_array_equal(seen[0], 1.0)
    np.testing.assert_array_equal(buffer, 3.0)


def test_what_a_hook_returns_is_cast() -> None:
    x = ag.Tensor(np.ones(2, np.float32), requires_grad=True)
    x.register_hook(lambda g: g * np.full(2, 2j))
    np.sum(x * x).backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32


def test_long_sums_of_narrow_numbers_are_exact() -> None:
    b = ag.Tensor(np.ones(2, np.float32), requires_grad=True)
    np.sum(np.full((300_000, 2), 0.1, np.float32) * b).backward()
    np.testing.assert_allclose(b.grad, 30_000, rtol=1e-6)


def test_threads_that_add_to_one_gradient_lose_nothing() -> None:
    x = leaf(1.0)

    def work() -> None:
        for _ in range(100):
            (x * 1.0).backward()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert x.grad == 400.0


def test_a_leaf_that_is_frozen_for_a_while_stays_the_same() -> None:
    x = leaf(2.0)
    x.register_hook(lambda g: g * 10)
    y = x * x
    x.requires_grad = False
    assert not (x * 2.0).requires_grad
    x.requires_grad = True
    y.backward()
    assert x.grad == 40.0
    x.requires_grad = False
    assert x.grad == 40.0
    x.zero_grad()
    assert x.grad is None


def test_anomaly_detection_notices_a_changed_array() -> None:
    x, a = leaf(np.ones(2)), np.array([1.0, 2.0])
    with ag.detect_anomaly():
        y = np.sum(x * a)
        a += 1.0
        with pytest.raises(RuntimeError, match=r"NumPy array that was changed"):
            y.backward()


def test_an_index_that_was_overwritten_is_noticed() -> None:
    x, i = leaf(np.ones((4, 4))), ag.Tensor(1)
    y = np.sum(x[[i, 2], 0])
    i[...] = 3
    with pytest.raises(RuntimeError, match="overwrote in place"):
        y.backward()


def test_cotangents_added_in_place_leave_those_of_others_alone() -> None:
    x = leaf(np.arange(6.0).reshape(2, 3))
    seen: list[np.ndarray[Any, Any]] = []
    parts = [x * float(i) for i in range(1, 5)]
    for part in parts:
        part.register_hook(lambda g: seen.append(g.numpy()))
    whole = x + x  # hands one cotangent to both
    total = parts[0] + parts[1] + parts[2] + parts[3] + whole
    total.backward(g := np.full((2, 3), 0.5))
    np.testing.assert_array_equal(x.grad, np.full((2, 3), 6.0))
    np.testing.assert_array_equal(g, 0.5)
    for array in seen:
        np.testing.assert_array_equal(array, 0.5)


def test_what_a_node_saved_is_freed_as_the_walk_goes_on() -> None:
    x = leaf(np.ones(3))
    arrays: list[weakref.ref[Any]] = []
    alive: list[int] = []
    y = x
    for _ in range(4):
        y = np.tanh(y)
        arrays.append(weakref.ref(y._array))
        y.register_hook(lambda g: alive.append(sum(a() is not None for a in arrays)))
    y = y.sum()
    y.backward()
    assert alive == [4, 3, 2, 1]


def test_a_graph_that_was_freed_in_part_gives_no_gradient() -> None:
    x = leaf(np.ones(3))
    shared = np.exp(x)
    (shared * 2.0).sum().backward()
    x.grad = None
    with pytest.raises(RuntimeError, match=r"np.exp was freed"):
        (shared * 3.0).sum().backward()
    assert x.grad is None
