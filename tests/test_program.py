"""Programs: what is read of a graph, and what is noted while a function runs."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.modes import watched_by
from autograd_mini.nn.functional import relu
from autograd_mini.program import Program, Reader, Recorder


def read(*tensors: ag.Tensor) -> Program:
    return Reader().program(tensors)


def noted(f: Any, *args: Any) -> Program:
    recorder = Recorder()
    with watched_by(recorder):
        out = f(*args)
    return recorder.program(out if isinstance(out, list) else [out])


def outline(program: Program) -> list[Any]:
    return [
        (step.what.name, [(use.argument, use.value.kind, use.value.name) for use in step.uses])
        for step in program.steps
    ]


def neuron(x: Any, w: ag.Tensor, y: Any) -> ag.Tensor:
    return ((y - relu(x @ w)) ** 2).mean()


def test_the_steps_behind_a_tensor_are_read_in_their_order_with_all_arguments() -> None:
    x, y = ag.Tensor(np.ones((4, 2)), name="x"), np.zeros(4)
    w = ag.Tensor([0.5, 2.0], requires_grad=True, name="w")
    assert outline(read(neuron(x, w, y))) == [
        ("np.matmul", [("x1", "constant", "x"), ("x2", "leaf", "w")]),
        ("relu", [("x", "result", None)]),
        ("np.subtract", [("x1", "constant", None), ("x2", "result", None)]),
        ("np.square", [("x", "result", None)]),
        ("np.mean", [("a", "result", None)]),
    ]


def test_what_is_noted_is_what_is_read() -> None:
    x, y = ag.Tensor(np.ones((4, 2)), name="x"), np.zeros(4)
    w = ag.Tensor([0.5, 2.0], requires_grad=True, name="w")
    assert outline(noted(neuron, x, w, y)) == outline(read(neuron(x, w, y)))


def test_numbers_and_settings_are_told_apart() -> None:
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    (product, total) = read((0.5 * x).sum(axis=1, keepdims=True)).steps
    assert [(use.argument, use.value.shape) for use in product.uses] == [("x1", ()), ("x2", (2, 3))]
    assert total.settings == {"axis": 1, "keepdims": True}
    assert [use.argument for use in total.uses] == ["a"]


def test_the_same_array_is_one_value() -> None:
    data = np.ones(3)
    x = ag.Tensor(np.ones(3), requires_grad=True)
    program = read((x * data + data).sum())
    assert [value.kind for value in program.sources] == ["leaf", "constant"]


def test_the_parts_of_a_sequence_are_named_by_their_index() -> None:
    x, y = ag.Tensor([1.0], requires_grad=True), np.zeros(2)
    (step,) = read(np.concatenate([y, x, x])).steps
    assert [use.argument for use in step.uses] == ["arrays[0]", "arrays[1]", "arrays[2]"]
    assert step.uses[1].value is step.uses[2].value


def test_several_results_are_those_of_one_step() -> None:
    x = ag.Tensor(np.arange(6.0), requires_grad=True)
    for program in (read(sum(np.split(x, 3))), noted(lambda: sum(np.split(x, 3)))):
        split, *sums = program.steps
        assert len(split.outputs) == 3
        assert [step.what.name for step in sums] == ["np.add"] * 3
        assert sums[1].uses[1].value is split.outputs[1]


def test_what_needs_no_gradient_is_noted_but_not_in_the_graph() -> None:
    x = ag.Tensor([1.0, 2.0])
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    program = noted(lambda: ((x - x.mean()) * w).argmax())
    assert [step.what.name for step in program.steps] == [
        *("np.mean", "np.subtract", "np.multiply", "np.argmax")
    ]
    assert [step.needs_grad for step in program.steps] == [False, False, True, False]
    assert [step.what.name for step in read((x - x.mean()) * w).steps] == ["np.multiply"]


def test_the_users_line_is_noted() -> None:
    x = ag.Tensor([1.0], requires_grad=True)
    (step,) = noted(lambda: np.exp(x)).steps
    assert step.line is not None
    assert "test_program.py" in step.line


def test_a_constant_that_nobody_keeps_is_unknown() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    (step,) = read(x + np.zeros(2)).steps
    assert [use.value.kind for use in step.uses] == ["leaf", "unknown"]


def test_recording_keeps_no_constant_alive() -> None:
    class Array(np.ndarray):
        pass

    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    data = np.zeros(2)
    reference = weakref.ref(data)
    results = [x + data, np.where([True, False], x, data), np.concatenate([x, data])]
    del data
    gc.collect()
    assert reference() is None
    assert len(results) == 3


def test_elements_that_were_overwritten_are_not_known() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = (w * 3.0).sum()
    (product, _) = read(y).steps
    assert product.uses[0].value.known is not None
    with ag.no_grad():
        w -= 1.0
    (product, _) = read(y).steps
    assert product.uses[0].value.known is None
    assert product.uses[0].value.written == "np.subtract"


def test_a_freed_graph_is_refused_by_name() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = np.exp(w).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"np\.sum was freed by an earlier backward\(\).*retain"):
        read(y)


def test_calls_of_modules_and_scopes_are_nested() -> None:
    model = ag.nn.Sequential(ag.nn.Linear(2, 2), ag.nn.ReLU())

    @ag.scope("loss")
    def loss(x: Any) -> Any:
        return (model(x) ** 2).sum()

    steps = read(loss(np.ones((1, 2), np.float32))).steps
    paths = []
    for step in steps:
        scope, path = step.scope, []
        while scope is not None:
            path.append(scope.name)
            scope = scope.outer
        paths.append(path)
    assert paths == [
        ["Linear", "Sequential", "loss"],
        ["ReLU", "Sequential", "loss"],
        ["loss"],
        ["loss"],
    ]
    assert steps[0].scope is not None
    assert steps[0].scope.owner() is model[0]


def test_a_scope_is_left_when_an_error_passes() -> None:
    model = ag.nn.Linear(2, 2)
    with pytest.raises(ValueError, match="shape"):
        model(np.ones((1, 3)))
    (step,) = read(np.exp(ag.Tensor(1.0, requires_grad=True))).steps
    assert step.scope is None


def test_in_place_writes_and_views_are_steps() -> None:
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)

    def f() -> ag.Tensor:
        a = x * 1.0
        view = a[:2]
        a[0] = 5.0
        return view.sum()

    for program in (read(f()), noted(f)):
        names = [step.what.name for step in program.steps]
        assert names[0] == "np.multiply"
        assert names[-1] == "np.sum"
        assert "assigned" in names


def test_a_second_order_graph_is_noted_whole() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    program = noted(lambda: ag.hvp(lambda x: (x**3).sum(), (x,), (np.ones(2),)))
    assert "leaf" in [value.kind for value in program.sources]
    assert program.outputs[0].step is not None
    np.testing.assert_allclose(program.outputs[0].known, [6.0, 12.0])


def test_a_recorder_that_keeps_nothing_holds_no_array() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    recorder = Recorder(keep=False)
    with watched_by(recorder):
        y = np.exp(x)
        reference = weakref.ref(y._array)
        y = y.sum()
        y.backward()
    gc.collect()
    assert reference() is None
    assert len(recorder.steps) == 2
