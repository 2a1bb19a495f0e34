"""A walk back that is looked at, and the values of a program: nothing is changed by either."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.graph import arrays_in
from autograd_mini.nn.functional import relu
from autograd_mini.pictures.values import display
from autograd_mini.pictures.walk import Walk, computed, walk_back
from autograd_mini.program import Program, Reader

from ..derivatives.case import Case
from ..derivatives.test_every_rule import CASES
from .test_formula import results_of


def leaf(*data: float) -> ag.Tensor:
    return ag.Tensor(data, requires_grad=True)


def walked(*outputs: ag.Tensor) -> tuple[Walk, Program]:
    program = Reader().program(outputs)
    return walk_back(outputs, program, parts=True), program


def leaving(walk: Walk) -> list[Any]:
    return [
        (str(arrival.node.primitive), [part.argument for part in arrival.leaving])
        for arrival in walk.arrivals.values()
        if arrival.leaving
    ]


def test_the_walk_visits_each_node_with_what_arrives_there() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    walk, _ = walked(y.sum())
    assert leaving(walk) == [("np.sum", ["a"]), ("np.multiply", ["x1", "x2"])]
    arrival = walk.arrivals[x._node]
    assert arrival.shown == display(np.array([2.0, 4.0]))
    assert [part.formula for part in arrival.parts] == ["g * x2", "g * x1"]
    assert [part.shown["numbers"] for part in arrival.parts] == [[["1", "2"]]] * 2


def test_what_a_rule_uses_is_shown_by_its_name() -> None:
    walk, _ = walked(np.tanh(leaf(0.0)))
    (part,) = next(iter(walk.arrivals.values())).leaving
    assert [(name, shown["numbers"]) for name, _, shown in part.uses] == [("out", [["0"]])]
    assert part.rule == "np.tanh for x"


def test_gradients_hooks_and_the_graph_stay_as_they_are() -> None:
    x = leaf(1.0, 2.0)
    x.grad = kept = ag.Tensor([5.0, 5.0])
    y = np.sin(x)
    y.register_hook(lambda g: pytest.fail("a hook was called"))
    loss = (y * y).sum()
    before = [loss._node.edges, y._node.edges]
    walked(loss)
    assert x.grad is kept
    np.testing.assert_array_equal(x.grad, [5, 5])
    assert [loss._node.edges, y._node.edges] == before


def test_without_anything_to_differentiate_there_is_no_walk() -> None:
    walk, _ = walked(ag.Tensor([1.0]))
    assert walk.arrivals == {}


def test_an_output_that_is_there_twice_counts_twice() -> None:
    x = leaf(1.0)
    y = x * 3
    walk, _ = walked(y, y)
    assert walk.arrivals[x._node].shown["numbers"] == [["6"]]


def test_the_parts_of_a_sequence_are_told_apart() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    walk, _ = walked(np.concatenate([x, np.ones(2), y, x]))
    assert leaving(walk)[0] == ("np.concatenate", ["arrays[0]", "arrays[2]", "arrays[3]"])


def test_several_results_are_one_arrival() -> None:
    first, second = np.split(leaf(1.0, 2.0, 3.0, 4.0) * 1, 2)
    walk, _ = walked((first * second).sum())
    assert [name for name, _ in leaving(walk)] == [
        "np.sum",
        "np.multiply",
        "divided",
        "np.multiply",
    ]


def test_broadcasting_that_is_undone_is_said() -> None:
    x, y = leaf(1.0, 2.0), ag.Tensor(np.ones((3, 1)), requires_grad=True)
    walk, _ = walked(x + y)
    first, second = next(iter(walk.arrivals.values())).leaving
    assert first.fit == "summed over axis 0, from (3, 2) to (2,): undoes broadcasting"
    assert second.fit == "summed over axis 1, from (3, 2) to (3, 1): undoes broadcasting"
    assert walked(x * 2)[0].arrivals[x._node].parts[0].fit is None


def test_running_totals_are_shown_where_several_arrive() -> None:
    x = leaf(1.0)
    walk, _ = walked(x * 2 + x * 3 + x * 4)
    totals = [part.total for part in walk.arrivals[x._node].parts]
    assert totals[0] is None
    assert totals[-1]["numbers"] == [["9"]]


def test_the_walk_goes_through_checkpoints_and_inner_gradients() -> None:
    x = leaf(0.5)
    for y in (
        ag.checkpoint(lambda t: np.sin(t) * t, x),
        ag.grad(lambda t: np.sin(t).sum())(x * 2).sum(),
        ag.vjp(np.sin, x)[0],
    ):
        walk, _ = walked(y)
        y.backward()
        assert walk.arrivals[x._node].shown == display(x.grad.data)
        x.grad = None


def test_of_a_freed_graph_nothing_can_be_shown() -> None:
    y = np.sin(leaf(1.0)).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="freed"):
        walked(y)


@pytest.mark.parametrize("case", CASES[::7], ids=str)
def test_what_arrives_is_the_gradient(case: Case) -> None:
    outputs = [out for out in results_of(case) if out._node is not None]
    walk, program = walked(*outputs)
    saved = [array.tobytes() for step in program.steps for array in arrays_in(step.node.edges)]
    leaves = [value for value in program.sources if value.kind == "leaf"]
    with np.errstate(all="ignore"):
        for out in outputs:
            out.backward(np.ones_like(out.data), retain_graph=True)
    assert saved == [
        array.tobytes() for step in program.steps for array in arrays_in(step.node.edges)
    ]
    for value in leaves:
        gradient = value.node.about.grad
        if gradient is not None:
            shown, expected = walk.arrivals[value.node].shown, display(gradient.data)
            assert shown["shape"] == expected["shape"]
            assert shown["bad"] == expected["bad"]
            if expected["mean"]:
                assert float(shown["mean"]) == pytest.approx(float(expected["mean"]), abs=1e-9)


# Values


@pytest.mark.parametrize("case", CASES[::7], ids=str)
def test_values_are_what_was_computed(case: Case) -> None:
    outputs = [out for out in results_of(case) if out._node is not None]
    program = Reader().program(outputs)
    found, changed = computed(program)
    assert not changed
    for out, value in zip(outputs, program.outputs, strict=True):
        np.testing.assert_allclose(found[value], out.data)


def test_what_was_not_kept_is_computed_again() -> None:
    x, w = np.ones((4, 2)), leaf(0.5, 2.0)
    y = (relu(x @ w) + 1).sum()
    program = Reader().program([y])
    found, changed = computed(program)
    assert not changed
    values = [found[step.outputs[0]] for step in program.steps]
    np.testing.assert_allclose(values[0], [2.5] * 4)
    np.testing.assert_allclose(values[2], [3.5] * 4)


def test_after_a_constant_was_changed_nothing_is_computed() -> None:
    x, w = np.ones(2), leaf(0.5, 2.0)
    y = np.exp(np.exp(x * w)).sum()
    x[...] = 7
    found, changed = computed(Reader().program([y]))
    assert changed
    assert all(np.all(np.isfinite(array)) for array in found.values())


def test_functions_of_the_user_are_not_run_again() -> None:
    calls = []

    @ag.primitive(x=lambda g: g)
    def same(x: Any) -> Any:
        calls.append(1)
        return x + 0

    y = np.exp(same(leaf(1.0)) * 2) * 3
    found, _ = computed(Reader().program([y]))
    assert calls == [1]
    assert len(found) >= 2
