"""The numbers in a drawing are right, or they are not there and it says why."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini.nn.functional import relu
from autograd_mini.pictures.picture import Picture
from tests.programs import Program

from .dots import nodes, read
from .graphs import GRAPHS, matrix, vector

SEEDS = st.integers(0, 2**32 - 1)


def numbers(display: dict[str, Any]) -> Any:
    assert display["numbers"] is not None
    return np.array([[complex(x) for x in row] for row in display["numbers"]]).ravel()


def assert_shown(display: dict[str, Any], array: Any) -> None:
    """Assert that a display shows these numbers, in the digits that it has."""
    assert display["shape"] == str(np.shape(array))
    expected = np.ravel(array).astype(complex)
    np.testing.assert_allclose(numbers(display), expected, rtol=1e-3, atol=1e-300)


def named(picture: Picture) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in nodes(picture).values() if node["name"]}


def assert_true(node: dict[str, Any], array: Any) -> bool:
    """Assert that a box shows these numbers, or why it does not; return whether it does."""
    if not node["values"]:
        assert node["why"]
        return False
    assert node["why"] is None or node["kind"] == "constant"
    assert_shown(node["values"][0], array)
    return True


class Walker:
    """A random program, with the value of each thing that it names, by name."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: dict[str, ag.Tensor] = {}
        self.values: dict[str, Any] = {}
        self.kept: list[ag.Tensor] = []
        for i in range(3):
            shape = [(3,), (2, 3), (1,)][i]
            self.add(ag.Tensor(self.rng.normal(size=shape), requires_grad=True), "w")
            self.add(ag.Tensor(self.rng.normal(size=shape)), "c")

    def add(self, tensor: ag.Tensor, kind: str = "v") -> None:
        tensor.name = f"{kind}{len(self.tensors)}"
        self.tensors[tensor.name] = tensor
        self.values[tensor.name] = np.array(tensor._array)

    def step(self) -> None:
        a, b = (self.tensors[name] for name in self.rng.choice(list(self.tensors), 2))
        number = float(self.rng.normal())
        make = [
            *(lambda: a + b, lambda: a * b, lambda: a - b, lambda: np.maximum(a, b)),
            *(lambda: np.tanh(a), lambda: relu(a), lambda: a * number, lambda: number - a),
            *(lambda: a.sum(axis=-1, keepdims=True), lambda: np.where(a > b, a, b)),
            *(lambda: np.concatenate(self.flat(a, b))[:3], lambda: (a * a)[..., ::-1]),
            *(lambda: np.split(a, [1], axis=-1)[1] if a.shape[-1] > 1 else a + 1,),
        ][self.rng.integers(13)]
        try:
            made = make()
        except ValueError:  # shapes that do not fit
            return
        if 0 < made.size <= 6:
            self.add(made)

    def flat(self, *tensors: ag.Tensor) -> list[ag.Tensor]:
        """Return them in one axis, and keep them: a graph does not keep constants."""
        self.kept += [tensor.ravel() for tensor in tensors]
        return self.kept[-len(tensors) :]

    def change(self) -> None:
        """Write to something, as an optimizer does."""
        some = [tensor for name, tensor in self.tensors.items() if name[0] in "wc"]
        with ag.no_grad():
            tensor = some[self.rng.integers(len(some))]
            tensor *= 1.0 + 0.1 * float(self.rng.random())

    def loss(self) -> ag.Tensor:
        terms = [tensor.sum() for tensor in self.tensors.values() if tensor.requires_grad]
        return sum(terms[1:], terms[0])


@given(seed=SEEDS, steps=st.integers(1, 15))
def test_values_and_gradients_of_random_programs_are_right(seed: int, steps: int) -> None:
    walker = Walker(seed)
    for _ in range(steps):
        walker.step()
    loss = walker.loss()
    boxes = named(ag.draw(loss, backward=True))
    for tensor in walker.tensors.values():
        if tensor.requires_grad:
            tensor.retain_grad()
    loss.backward()
    assert {name for name, t in walker.tensors.items() if t.requires_grad} <= boxes.keys()
    for name, box in boxes.items():
        tensor = walker.tensors[name]
        if "), (" not in box["shape"]:  # of several results, the walk is that of all
            assert assert_true(box, walker.values[name])
            if tensor.requires_grad:
                assert_shown(box["gradient"], tensor.grad._array)


@given(seed=SEEDS, steps=st.integers(1, 15), changes=st.integers(1, 3))
def test_no_value_is_wrong_after_writes_to_leaves_and_constants(
    seed: int, steps: int, changes: int
) -> None:
    walker = Walker(seed)
    for _ in range(steps):
        walker.step()
    loss = walker.loss()
    value = loss.item()
    for _ in range(changes):
        walker.change()
    boxes = named(ag.draw(loss, values=True))
    for name, box in boxes.items():
        if "), (" not in box["shape"]:
            assert_true(box, walker.values[name])
    (shown,) = (node for node in nodes(ag.draw(loss)).values() if node["output"])
    assert assert_true(shown, value)


@given(seed=SEEDS, steps=st.integers(3, 20))
def test_values_of_random_views_and_writes_are_right(seed: int, steps: int) -> None:
    program = Program(seed)
    program.run(steps)
    try:
        for i, v in enumerate(program.variables):
            if isinstance(v.tensor._array, np.ndarray) and v.tensor.requires_grad in (True, False):
                v.tensor.name = f"v{i}"  # of what it holds now
        picture = ag.draw([v.tensor for v in program.variables], values=True)
    except RuntimeError:  # a leaf that is a view of what was written to
        return
    boxes = named(picture)
    for i, v in enumerate(program.variables):
        if f"v{i}" in boxes and "), (" not in boxes[f"v{i}"]["shape"]:
            assert_true(boxes[f"v{i}"], v.array)


@given(seed=SEEDS, steps=st.integers(3, 20))
def test_gradients_of_random_views_and_writes_are_those_of_backward(seed: int, steps: int) -> None:
    program = Program(seed)
    program.run(steps)
    loss, _ = program.loss()
    if not loss.requires_grad:
        return
    for i, (leaf, _) in enumerate(program.leaves):
        leaf.name = f"leaf{i}"
    try:
        boxes = named(ag.draw(loss, gradients=True))
    except RuntimeError:
        with pytest.raises(RuntimeError, match="overwrote in place"):
            loss.backward()
        return
    loss.backward()
    for i, (leaf, _) in enumerate(program.leaves):
        if f"leaf{i}" in boxes and leaf.size:
            assert_shown(boxes[f"leaf{i}"]["gradient"], leaf.grad._array)


def test_what_a_function_computes_is_known_whole() -> None:
    def f(x: Any, y: Any) -> Any:
        z = np.exp(x) * y
        parts = np.split(z, 3)
        return np.concatenate([parts[2], parts[0]]).sum() + np.linalg.slogdet(x * np.eye(3))[1]

    told = nodes(ag.draw(f, np.ones(3), np.arange(3.0), gradients=True))
    assert all(node["values"] or node["kind"] == "unknown" for node in told.values())
    (x,) = (node for node in told.values() if node["name"] == "x")
    assert_shown(x["gradient"], np.e * np.array([0.0, 0.0, 2.0]) + 1)


# What the walk back says


@pytest.mark.parametrize("name", sorted(GRAPHS.keys() - {"empty", "not_finite"}))
def test_the_parts_of_each_cotangent_add_up(name: str) -> None:
    picture = ag.draw(GRAPHS[name](), backward=True, limit=10**6)
    assert picture._story is not None
    told = nodes(picture)
    for step in picture._story["backward"]:
        parts = step["parts"]
        several = "), (" in told[step["node"]]["shape"]
        if not parts or several or step["arriving"]["numbers"] is None:
            continue
        values = [numbers(part["value"]) for part in parts]
        if all(value.shape == values[0].shape for value in values):
            total, loose = sum(values), sum(map(np.abs, values))
            if told[step["node"]]["output"]:
                total = total + 1
            arriving = numbers(step["arriving"])
            assert np.all(np.abs(arriving - total) <= 2e-3 * (loose + np.abs(arriving)) + 1e-12)


@pytest.mark.parametrize("name", GRAPHS)
def test_what_leaves_a_step_arrives_at_another(name: str) -> None:
    picture = ag.draw(GRAPHS[name](), backward=True, limit=10**6)
    assert picture._story is not None
    left = [
        (step["node"], leaving["to"], leaving["argument"])
        for step in picture._story["backward"]
        for leaving in step["leaving"]
    ]
    arrived = [
        (part["from"], step["node"], part["argument"])
        for step in picture._story["backward"]
        for part in step["parts"]
    ]
    assert sorted(left) == sorted(arrived)
    arrows = {(e["from"], e["to"]) for e in picture._story["edges"]}
    assert all((taker, giver) in arrows for giver, taker, _ in left)


@pytest.mark.parametrize("name", sorted(GRAPHS.keys() - {"a_constant", "argmax", "comparison"}))
def test_gradients_are_those_of_backward(name: str) -> None:
    outputs = GRAPHS[name]()
    outputs = outputs if isinstance(outputs, list) else [outputs]
    boxes = named(ag.draw(outputs, gradients=True, limit=10**6, depth=99))
    leaves = {}
    stack = [t._node for t in outputs]
    while stack:
        node = stack.pop()
        stack += [parent for parent, _, _ in node.edges]
        if node.primitive is None and node.about.name is not None:
            leaves[node.about.name] = node
    for leaf in leaves.values():
        leaf.noted().grad = None
    for output in outputs:
        output.backward(np.ones_like(output._array), retain_graph=True)
    for leaf_name, leaf in leaves.items():
        if leaf.shape != (0, 3):
            assert_shown(boxes[leaf_name]["gradient"], leaf.about.grad._array)


# What is not known


def test_arrays_that_were_overwritten_are_not_shown_and_it_says_by_what() -> None:
    w, c = vector(), ag.Tensor([1.0, 2.0, 3.0], name="c")
    y = (w + c).sum()
    with ag.no_grad():
        w -= 0.5
        c[0] = 7.0
    boxes = named(ag.draw(y))
    assert boxes["w"]["values"] == boxes["c"]["values"] == []
    assert boxes["w"]["why"] == "overwritten since, by np.subtract"
    assert "overwritten since" in boxes["c"]["why"]


def test_constants_that_are_gone_are_not_shown() -> None:
    y = (vector() + np.zeros(3)).sum()
    (gone,) = (node for node in nodes(ag.draw(y)).values() if node["kind"] == "unknown")
    assert gone["values"] == []
    assert "not kept" in gone["why"]
    drawing = read(ag.draw(y))
    assert "constant, not kept" in drawing.legend


@pytest.mark.parametrize("size", [1.0, 1e-9, 1e9])
def test_values_that_contradict_what_was_kept_are_left_out(size: float) -> None:
    w, data = vector(), np.array([1.0, 2.0, 3.0]) * size
    y = (w * data).sum()
    data *= 2
    picture = ag.draw(y)
    told = nodes(picture).values()
    assert [len(n["values"]) for n in told] == [1, 0, 0, 1]
    assert "an array was changed since" in read(picture).note


def test_plain_arrays_are_shown_as_they_are_where_nothing_contradicts() -> None:
    w, data = vector(), np.ones(3)
    y = relu(w * data - 10).sum()
    data[:] = 2
    *_, product, _, _, total = nodes(ag.draw(y)).values()
    assert_shown(product["values"][0], [1.0, -2.0, 4.0])
    assert_shown(total["values"][0], 0.0)


def test_a_function_of_the_users_is_not_called_again() -> None:
    w, calls = vector(), []

    def twice(x: Any) -> Any:
        calls.append(x)
        return x * 2

    for module in (__name__, "numpy_helpers", "autograd_mini_of_mine"):
        twice.__module__ = module
        function = ag.primitive(x=lambda g: g * 2)(twice)
        y = function(w).sum()
        calls.clear()
        picture = ag.draw(y, backward=True, values=True)
        assert calls == []
        assert [bool(n["values"]) for n in nodes(picture).values()] == [True, False, True]


# What is written into the boxes


def test_values_and_gradients_are_written_into_the_boxes_as_asked() -> None:
    w = ag.Tensor(2.0, requires_grad=True, name="w")
    y = w * 3
    assert read(ag.draw(y, values=True)).box("w").lines[-1] == "2"
    assert read(ag.draw(y, gradients=True)).box("w").lines[-1] == "grad 3"
    both = read(ag.draw(y, values=True, gradients=True))
    assert both.box("* 3").lines[-2:] == ("6", "grad 1")
    assert not {"2", "grad 3"} & set(read(ag.draw(y)).box("w").lines)


def test_numbers_that_are_not_finite_are_told() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w = vector(np.nan, np.inf, -np.inf, 1.0)
        picture = ag.draw(w * 2, values=True, gradients=True, backward=True)
        picture.svg()
        picture.html()
    (shown,) = named(picture)["w"]["values"]
    assert shown["numbers"] == [["nan", "inf", "-inf", "1"]]
    assert shown["bad"] == 3


def test_an_array_without_elements_says_so() -> None:
    picture = ag.draw(GRAPHS["empty"](), values=True, gradients=True)
    assert "no elements" in read(picture).box("* 3").text


@pytest.mark.parametrize("kept", [True, False])
def test_of_several_results_each_value_is_that_of_its_own(kept: bool) -> None:
    W = matrix()
    a, b, c = np.split(W, 3)
    y = (a + b + c * c).sum()
    expected = W.tolist()
    if not kept:
        del W, a, b, c
    (split,) = (node for node in nodes(ag.draw(y)).values() if node["label"] == "split")
    assert len(split["values"]) == (3 if kept else 0)
    for value, row in zip(split["values"], expected, strict=kept):
        assert_shown(value, [row])
