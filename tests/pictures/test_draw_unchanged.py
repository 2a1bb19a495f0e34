"""Drawing changes nothing and keeps nothing."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.graph import Node
from autograd_mini.pictures.picture import Picture

from .dots import read
from .graphs import GRAPHS, vector

ALL = {"backward": True, "values": True, "gradients": True, "dtypes": True, "lines": True}


class Restless(nn.Module):
    """Changes whatever it can when it is called."""

    def __init__(self) -> None:
        self.linear = nn.Linear(3, 3)
        self.drop = nn.Dropout(0.5)
        self.generator = np.random.default_rng(1)
        self.register_buffer("mean", np.zeros(3, np.float32))
        self.register_buffer("count", np.zeros((), np.float32))
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        self.count = self.count + 1
        with ag.no_grad():
            self.mean *= 0.9
            self.mean += np.mean(x, axis=0)
        self.last = self.drop(self.linear(x)) * self.generator.random()
        return self.last


def state(model: nn.Module) -> Any:
    tensors = [*model.named_parameters(), *model.named_buffers()]
    return (
        [(name, id(t), t._array.tobytes(), t.requires_grad, t.name) for name, t in tensors],
        [None if t.grad is None else (id(t.grad), t.grad._array.tobytes()) for _, t in tensors],
        [sorted(vars(module)) for module in model.modules()],
        [module.training for module in model.modules()],
        ag.random.get_state(),
        ag.is_grad_enabled(),
    )


def walked(tensor: ag.Tensor) -> list[Any]:
    """Return all that a graph holds, node by node."""
    seen: dict[Any, None] = {}
    stack = [tensor._node]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen[node] = None
            stack += [parent for parent, _, _ in node.edges]
    return [
        (
            *(
                id(node),
                node.number,
                id(node.edges),
                node.about.name,
                node.about.keeps_grad,
                id(node.about.grad),
            ),
            None if node.about.hooks is None else dict(node.about.hooks),
            [saved.tobytes() for _, _, all in node.edges for saved in all if _is_array(saved)],
        )
        for node in seen
    ]


def _is_array(thing: Any) -> bool:
    return isinstance(thing, np.ndarray) and thing.dtype != object


# Models and graphs


@pytest.mark.parametrize("training", [True, False])
def test_a_model_is_as_it_was(training: bool) -> None:
    model = Restless().train(training)
    x = np.ones((2, 3), np.float32)
    model(x).sum().backward()
    before = state(model)
    generator = model.generator.bit_generator.state
    calls = model.calls
    ag.draw(model, x, **ALL)
    assert state(model) == before
    assert model.generator.bit_generator.state == generator
    assert model.calls == calls


def test_a_model_is_as_it_was_also_after_an_error() -> None:
    class Failing(Restless):
        def forward(self, x: Any) -> Any:
            super().forward(x)
            raise RuntimeError("on purpose")

    model = Failing()
    before = state(model)
    with pytest.raises(RuntimeError, match="on purpose"):
        ag.draw(model, np.ones((2, 3), np.float32))
    assert state(model) == before


def test_random_numbers_are_those_that_would_have_come() -> None:
    drop = nn.Dropout(0.5)
    ag.manual_seed(3)
    expected = drop(np.ones(20)).tolist()
    ag.manual_seed(3)
    ag.draw(drop, np.ones(20))
    ag.draw(lambda x: drop(x), np.ones(20))
    assert drop(np.ones(20)).tolist() == expected


@pytest.mark.parametrize("name", sorted(GRAPHS.keys() - {"a_constant", "argmax", "comparison"}))
def test_a_graph_is_as_it_was_and_can_still_be_walked(name: str) -> None:
    outputs = GRAPHS[name]()
    output = outputs[0] if isinstance(outputs, list) else outputs
    before, array = walked(output), output._array.copy()
    ag.draw(output, **ALL)
    ag.draw(output, limit=5, elementwise=True)
    assert walked(output) == before
    np.testing.assert_array_equal(output._array, array)
    ones = np.ones_like(output._array)
    output.backward(ones, retain_graph=True)
    ag.draw(output, **ALL)
    output.backward(ones)


def test_gradients_hooks_and_retained_gradients_are_left_alone() -> None:
    called = []
    w = vector()
    w.grad = ag.Tensor([1.0, 2.0, 3.0])
    y = np.exp(w)
    y.retain_grad()
    for tensor in (w, y):
        tensor.register_hook(lambda g: called.append(g))
    loss = y.sum()
    grad = w.grad
    picture = ag.draw(loss, **ALL)
    assert called == []
    assert y.grad is None
    assert w.grad is grad
    assert grad.tolist() == [1.0, 2.0, 3.0]
    assert "hooks on 2 of the arrays were not called" in read(picture).note
    loss.backward()
    assert len(called) == 2
    np.testing.assert_allclose(w.grad._array, np.exp(w._array) + np.arange(1.0, 4.0))


def test_arguments_are_as_they_were() -> None:
    w, x, c = vector(), np.ones(3), ag.Tensor(np.ones(3))
    p = {"x": x, "w": w, "c": [c, 2, "text", None]}
    nodes = [t._node for t in (w, c)]
    ag.draw(lambda p: (p["x"] * p["w"] * p["c"][0] * p["c"][1]).sum(), p, **ALL)
    assert p["x"] is x
    assert p["c"] == [c, 2, "text", None] or p["c"][0] is c
    assert [t._node for t in (w, c)] == nodes
    assert (w.grad, c.requires_grad, w.name, c.name) == (None, False, "w", None)
    x[0] = 5.0  # it is not read-only now


def test_drawing_within_no_grad_is_the_same_and_leaves_it_on() -> None:
    f = lambda w: np.exp(w).sum()
    w = vector()
    outside = ag.draw(f, w, backward=True)
    with ag.no_grad():
        inside = ag.draw(f, w, backward=True)
        assert not ag.is_grad_enabled()
    assert inside.dot == outside.dot
    assert ag.is_grad_enabled()


def test_a_walk_that_is_drawn_is_not_part_of_another_drawing() -> None:
    w = vector()

    def f(x: Any) -> Any:
        y = (x * x).sum()
        ag.draw(y, backward=True, values=True)
        return y

    assert read(ag.draw(f, w)).texts() == ["w | (3,)", "* | (3,)", "sum | ()"]


# What is kept


def alive(kind: type) -> list[Any]:
    gc.collect()
    return [thing for thing in gc.get_objects() if isinstance(thing, kind)]


def draw_and_drop(make: Any, **options: Any) -> tuple[Picture, list[weakref.ref[Any]]]:
    outputs = make()
    stack = [outputs] if isinstance(outputs, ag.Tensor) else list(outputs)
    watched: dict[int, Any] = {id(t): t for t in stack}
    nodes = [t._node for t in stack if t._node is not None]
    while nodes:
        node = nodes.pop()
        if id(node) not in watched:
            watched[id(node)] = node
            nodes += [parent for parent, _, _ in node.edges]
            for _, _, saved in node.edges:
                watched |= {id(a): a for a in saved if isinstance(a, np.ndarray)}
            if node.about.tensor is not None and node.about.tensor() is not None:
                watched[id(node.about.tensor())] = node.about.tensor()
    picture = ag.draw(outputs, **options)
    return picture, [weakref.ref(thing) for thing in watched.values() if _weakly(thing)]


def _weakly(thing: Any) -> bool:
    return not isinstance(thing, Node) or hasattr(thing, "__weakref__")


FORGOTTEN = sorted(GRAPHS.keys() - {n for n in GRAPHS if "modul" in n} - {"identity", "dropout"})


@pytest.mark.parametrize("name", sorted(set(FORGOTTEN) - {"cross_entropy"}))
def test_a_picture_keeps_nothing_alive(name: str) -> None:
    picture, references = draw_and_drop(GRAPHS[name], **ALL)
    picture.html()
    gc.collect()
    assert [reference() for reference in references if reference() is not None] == []
    assert references


def test_a_picture_of_a_model_keeps_neither_model_nor_input_alive() -> None:
    model, x = Restless(), np.ones((2, 3), np.float32)
    parts = [model, x, *model.modules(), *model.parameters()]
    references = [*map(weakref.ref, parts), *(weakref.ref(p._array) for p in model.parameters())]
    picture = ag.draw(model, x, **ALL)
    del model, x, parts
    gc.collect()
    assert [reference() for reference in references if reference() is not None] == []
    assert picture.dot


def test_an_error_keeps_nothing_alive() -> None:
    w = vector()
    y = np.exp(w)
    z = y.sum()
    z.backward()
    with pytest.raises(RuntimeError, match="freed"):
        ag.draw(z)
    references = [weakref.ref(w._array), weakref.ref(y._array), weakref.ref(y)]
    del w, y, z
    gc.collect()
    assert [reference() for reference in references if reference() is not None] == []


def test_no_node_is_left_behind() -> None:
    GRAPHS["recorded_gradient"]()
    before = len(alive(Node))
    for _ in range(3):
        ag.draw(GRAPHS["recorded_gradient"](), **ALL)
        ag.draw(lambda x: ag.grad(lambda x: np.tanh(x).sum())(x), np.ones(3), **ALL)
    assert len(alive(Node)) == before


# Freed graphs


def test_a_freed_graph_is_refused_and_says_what_to_do() -> None:
    y = np.exp(vector()).sum()
    y.backward()
    for options in ({}, {"backward": True}, {"values": True}):
        with pytest.raises(RuntimeError, match=r"np\.sum was freed.*compute.*again.*retain_graph"):
            ag.draw(y, **options)


def test_a_part_of_a_graph_that_is_freed_is_refused() -> None:
    y = np.exp(vector())
    z = y * 2
    y.sum().backward()
    with pytest.raises(RuntimeError, match=r"np\.exp was freed"):
        ag.draw(z)


def test_it_works_before_and_after_a_backward_that_retains() -> None:
    w = vector()
    y = np.exp(w).sum()
    before = ag.draw(y, **ALL)
    y.backward(retain_graph=True)
    after = ag.draw(y, **ALL)
    assert (after.dot, after._story) == (before.dot, before._story)


# Profiles


def test_a_profile_colours_a_graph_before_and_after_backward() -> None:
    w = vector()
    with ag.profile() as p:
        y = np.exp(w * 2).sum()
        early = ag.draw(y, profile=p)
        y.backward()
    late = ag.draw(y, profile=p)
    for picture in (early, late):
        drawing = read(picture)
        assert [b.lines[0].split()[0] for b in drawing.boxes.values()] == ["w", "*", "exp", "sum"]
        shares = [
            float(line.split("%")[0])
            for box in drawing.boxes.values()
            for line in box.lines
            if "of the time" in line
        ]
        assert abs(sum(shares) - 100) < 0.5
    assert [n["values"] for n in late._story["nodes"]] == [[]] * 4
    assert all(node["why"] for node in late._story["nodes"])


def test_a_profile_that_saw_nothing_of_it_says_so() -> None:
    with ag.profile() as p:
        np.exp(vector())
    with pytest.raises(ValueError, match="profile= is of another run: draw a Tensor that was"):
        ag.draw((vector() * 2).sum(), profile=p)
