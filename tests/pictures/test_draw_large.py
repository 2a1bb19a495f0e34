"""Large graphs fold into pictures that can be read, and that say what they leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.pictures.build import Builder
from autograd_mini.pictures.diagram import SOURCES, Box, Diagram, contract
from autograd_mini.pictures.fold import folded
from autograd_mini.pictures.picture import Picture
from autograd_mini.program import Reader

from .dots import nodes, read
from .graphs import GRAPHS, Owner

SEEDS = st.integers(0, 2**32 - 1)
MANY = 20_000


def leaf(name: str | None = None) -> ag.Tensor:
    return ag.Tensor(1.0, requires_grad=True, name=name)


def random_graph(seed: int, steps: int, reach: int = 20) -> ag.Tensor:
    """Return the end of a random graph, in random and nested scopes."""
    rng = np.random.default_rng(seed)
    tensors = [leaf(), leaf("w"), ag.Tensor(2.0), ag.Tensor(3.0, name="c")]
    tensors += [ag.Tensor([1.0, 2.0], requires_grad=True)]

    def grow(steps: int, depth: int) -> None:
        while steps > 0:
            if depth < 4 and rng.random() < 0.1:
                inner = int(rng.integers(1, steps + 1))
                with ag.scope(str(rng.choice(["block", "head", "loss"]))):
                    grow(inner, depth + 1)
                steps -= inner
                continue
            low = max(0, len(tensors) - int(rng.integers(1, reach)))
            a, b = (tensors[int(rng.integers(low, len(tensors)))] for _ in range(2))
            a = a if a.requires_grad else tensors[0]
            made = [
                *(lambda a, b: a + b, lambda a, b: a * b, lambda a, b: np.tanh(a)),
                *(lambda a, b: np.sin(b) * a, lambda a, b: np.tanh(np.tanh(a) * 0.5)),
                lambda a, b: sum(np.split(a.reshape(-1)[:1].repeat(2), 2)),
                lambda a, b: np.stack([a.sum(), b.sum(), a.sum()]).sum(),
            ][int(rng.integers(7))](a, b)
            tensors.append(made * 0.5 if rng.random() < 0.2 else made)
            steps -= 1

    grow(steps, 0)
    return sum((t.sum() for t in tensors[-20:]), ag.Tensor(0.0))


def whole(*tensors: ag.Tensor) -> Diagram:
    return Builder(Reader().program(tensors)).diagram


def assert_acyclic(links: Iterable[tuple[Any, Any]]) -> None:
    after: dict[Any, set[Any]] = {}
    before: dict[Any, int] = {}
    for tail, head in set(links):
        assert tail != head
        after.setdefault(tail, set()).add(head)
        before[head] = before.get(head, 0) + 1
        before.setdefault(tail, 0)
    ready = [box for box, count in before.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for head in after.get(ready.pop(), ()):
            before[head] -= 1
            if before[head] == 0:
                ready.append(head)
    assert done == len(before)


def assert_folds(before: Diagram, after: Diagram) -> None:
    """Assert that a folded diagram says the same as the whole one, from further away."""
    assert_acyclic((arrow.tail, arrow.head) for arrow in after.arrows)
    assert sum(box.count for box in after.boxes) == sum(box.count for box in before.boxes)
    tally: dict[str, int] = {}
    for sign, diagram in ((1, before), (-1, after)):
        for box in diagram.boxes:
            for name, count in box.tally.items():
                tally[name] = tally.get(name, 0) + sign * count
    assert not any(tally.values())
    assert any(box.output for box in after.boxes)
    place = {box: i for i, box in enumerate(after.boxes)}
    assert all(place[arrow.tail] < place[arrow.head] for arrow in after.arrows)
    assert len({box.id for box in after.boxes}) == len(after.boxes)


OPTIONS = st.fixed_dictionaries(
    {
        "depth": st.sampled_from([None, 0, 1, 2, 99]),
        "elementwise": st.booleans(),
        "limit": st.sampled_from([1, 2, 10, 40, 120]),
    }
)


@given(seed=SEEDS, steps=st.integers(1, 200), reach=st.sampled_from([2, 20, 200]), options=OPTIONS)
def test_folding_makes_no_circle_and_loses_no_operation(
    seed: int, steps: int, reach: int, options: dict[str, Any]
) -> None:
    before = whole(random_graph(seed, steps, reach))
    assert_acyclic((arrow.tail, arrow.head) for arrow in before.arrows)
    after = folded(whole(random_graph(seed, steps, reach)), **options)
    assert_folds(before, after)


@given(seed=SEEDS, steps=st.integers(1, 150), reach=st.sampled_from([2, 20]), options=OPTIONS)
def test_the_arrows_of_a_folded_graph_are_the_images_of_those_before(
    seed: int, steps: int, reach: int, options: dict[str, Any]
) -> None:
    before = whole(random_graph(seed, steps, reach))
    drawn = [(a.tail, a.head) for a in before.arrows]
    boxes = set(before.boxes)
    folds: dict[int, tuple[Diagram, dict[Box, Box]]] = {}
    kept = []  # so that no identity is used twice

    def noted(diagram: Diagram, parts: Iterable[tuple[list[Box], Box]]) -> Diagram:
        parts = list(parts)
        result = contract(diagram, parts)
        kept.append(result)
        folds[id(result.boxes)] = diagram, {m: to for members, to in parts for m in members}
        return result

    with patch("autograd_mini.pictures.fold.contract", noted):
        after = folded(before, **options)
    image = {box: box for box in after.boxes}
    at = after.boxes
    while id(at) in folds:
        diagram, into = folds[id(at)]
        image = {box: image[into.get(box, box)] for box in diagram.boxes}
        at = diagram.boxes
    assert image.keys() == boxes
    images = {(image[tail], image[head]) for tail, head in drawn}
    assert {(a.tail, a.head) for a in after.arrows} == {(t, h) for t, h in images if t is not h}
    for box in after.boxes:
        members = [member for member in boxes if image[member] is box]
        if box.kind != "repeat":
            assert box.output == any(member.output for member in members)
        assert box.count == sum(member.count for member in members)


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 50, 120])
@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_are_folded_below_the_limit_or_say_nothing_of_it(name: str, limit: int) -> None:
    picture = ag.draw(GRAPHS[name](), limit=limit)
    told = nodes(ag.draw(GRAPHS[name](), limit=10**6)).values()
    drawing = read(picture)
    operations = sum(node["kind"] not in SOURCES for node in told)
    found = re.search(r"([\d,]+) operations, folded into ([\d,]+) boxes", drawing.note)
    if found:
        assert int(found[1].replace(",", "")) == operations
        assert int(found[2].replace(",", "")) < operations
    else:
        assert len(drawing.boxes) <= len(told)
    assert sum(node["count"] for node in nodes(picture).values()) == operations


# Large ones


def assert_readable(picture: Picture, operations: int) -> None:
    drawing = read(picture)
    assert len(drawing.boxes) <= 120
    assert len(picture.dot) < 200_000
    assert f"{operations:,} operations, folded into" in drawing.note
    assert sum(node["count"] for node in nodes(picture).values()) == operations
    assert_acyclic((tail, head) for tail, head, _ in drawing.arrows)


def test_a_chain_of_many_is_one_repeated_box() -> None:
    y = x = leaf("x")
    for _ in range(MANY // 2):
        y = np.sin(y) * 0.9
    picture = ag.draw(y)
    assert_readable(picture, MANY)
    assert [box.lines[0] for box in read(picture).boxes.values()] == [
        *("x", f"(sin \u2192 * 0.9) \u00d7 {MANY // 2:,}")
    ]
    assert x.grad is None


def test_a_chain_without_a_pattern_is_folded_too() -> None:
    rng = np.random.default_rng(0)
    y = leaf("x")
    for kind in rng.integers(4, size=MANY):
        y = [np.sin, np.tanh, np.cos, np.negative][kind](y)
    assert_readable(ag.draw(y, backward=True), MANY)
    assert_readable(ag.draw(y, elementwise=True, direction="right"), MANY)


def test_many_leaves_are_folded() -> None:
    leaves = [leaf() for _ in range(MANY)]
    total = leaves[0]
    for other in leaves[1:]:
        total = total + other
    assert_readable(ag.draw(total), MANY - 1)
    picture = ag.draw(np.stack(leaves).sum())
    assert len(read(picture).boxes) < 10
    assert f"{MANY:,} leaves" in picture.dot


def test_a_large_random_graph_is_folded() -> None:
    y = random_graph(0, 4_000, 200)
    operations = sum(box.count for box in whole(y).boxes)
    assert_readable(ag.draw(y, backward=True, limit=100), operations)


def test_a_deep_nesting_of_scopes_and_modules_is_no_matter() -> None:
    module: nn.Module = nn.Linear(2, 2)
    for _ in range(60):
        module = nn.Sequential(module)
    x = np.ones((1, 2), np.float32)
    picture = ag.draw(module, x, depth=99)
    assert len(read(picture).groups) == 61
    picture.svg()
    assert_folds(whole(module(x)), folded(whole(module(x)), depth=3, elementwise=False, limit=5))


def test_repeated_blocks_are_one_box_with_their_number() -> None:
    blocks = Owner(*(nn.Sequential(nn.Linear(3, 3), nn.Tanh()) for _ in range(50)))
    x = np.ones((2, 3), np.float32)
    drawing = read(ag.draw(blocks, x))
    assert [box.lines[0] for box in drawing.boxes.values()] == ["x", "Sequential \u00d7 50"]
    assert "600 parameters" in drawing.texts()[1]
    layer = nn.Linear(3, 3)
    drawing = read(ag.draw(Owner(*[layer] * 50), x))
    assert "Linear \u00d7 50" in [box.lines[0] for box in drawing.boxes.values()]


def test_blocks_that_differ_are_not_told_to_be_the_same() -> None:
    sizes = [3, 3, 3, 4, 3, 3, 3]
    blocks = Owner(*(nn.Linear(a, b) for a, b in pairwise(sizes)))
    drawing = read(ag.draw(blocks, np.ones((2, 3), np.float32)))
    counts = [box.lines[0] for box in drawing.boxes.values() if "Linear" in box.text]
    assert 4 <= len(counts) <= 6


def test_the_page_of_a_folded_graph_goes_forward_only_and_says_so() -> None:
    k = ag.Tensor(2.0, requires_grad=True, name="k")
    x = k * 1.5
    for _ in range(200):
        x = np.sin(x) * k
    story = ag.draw(x * k + k, backward=True)._story
    assert story is not None
    assert story["backward"] == []
    assert any("goes forward only" in note for note in story["notes"])
    assert ag.draw(np.sin(k) * k + k, backward=True)._story["backward"]  # type: ignore[index]
