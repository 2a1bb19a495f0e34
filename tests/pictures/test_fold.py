"""Folding: a folded diagram says the same from further away."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini.pictures import fold
from autograd_mini.pictures.diagram import SOURCES, Arrow, Box, Diagram, Group, contract

Fold = Callable[[Diagram], Diagram]
Map = dict[Box, Box]
IDS = count()


def op(name: str, **other: Any) -> Box:
    return Box(f"n{next(IDS)}", "op", name, tally={name: 1}, shape="(2,)", **other)


def line_of(names: Any, **other: Any) -> Diagram:
    """Return a diagram of operations each of which uses the one before; the first, a leaf."""
    boxes = [Box("x", "leaf", "x"), *(op(name, **other) for name in names)]
    arrows = [Arrow(a, b, "x", "(2,)") for a, b in pairwise(boxes)]
    return Diagram(boxes if arrows else [], arrows)


def operations(diagram: Diagram) -> list[Box]:
    return [box for box in diagram.boxes if box.kind not in SOURCES]


def shown(diagram: Diagram) -> list[Any]:
    return [(box.label, box.times) for box in operations(diagram)]


@contextmanager
def contractions() -> Iterator[list[Map]]:
    """Note which boxes each contraction folds into which."""
    found: list[Map] = []

    def noting(diagram: Diagram, parts: Any) -> Diagram:
        parts = list(parts)
        found.append({member: whole for members, whole in parts for member in members})
        return contract(diagram, parts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold, "contract", noting)
        yield found


@st.composite
def diagrams(draw: Any) -> Diagram:
    """Draw a program: operations in nested scopes, on what is before them."""
    chance = draw(st.randoms(use_true_random=True))
    names = "abc"[: draw(st.integers(1, 3))]
    near = draw(st.booleans())
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    groups = iter(range(10**6))

    def source() -> Box:
        kind = chance.choice(SOURCES)
        return Box(f"s{len(boxes)}", kind, kind, parameters=3 * (kind == "parameter"))

    def run(steps: int, group: Group | None) -> None:
        while steps > 0:
            if chance.random() < 0.2 and (group is None or group.depth < 3):
                inner = chance.randint(1, steps)
                name = chance.choice("MN")
                run(inner, Group(f"g{next(groups)}", f"{name}{steps}", name, group))
                steps -= inner
                continue
            steps -= 1
            box = op(chance.choice(names), group=group, elementwise=chance.random() < 0.6)
            box.output = chance.random() < 0.1
            box.cost = chance.random()
            for i in range(chance.randint(1, 2)):
                before = [b for b in boxes if b.kind == "op"]
                if not before or chance.random() < 0.3:
                    tail = source()
                    boxes.append(tail)
                else:
                    tail = before[-1] if near else chance.choice(before)
                arrows.append(Arrow(tail, box, f"x{i}", "(2,)"))
            boxes.append(box)

    run(draw(st.integers(1, 60)), None)
    return Diagram(boxes, arrows)


FOLDS: list[Fold] = [
    lambda d: fold.by_module(d, 0),
    lambda d: fold.by_module(d, 1),
    lambda d: fold.by_module(d, 7),
    fold.by_chain,
    fold.by_repetition,
    lambda d: fold.by_repetition(fold.by_repetition(d)),
    lambda d: fold.by_repeated_modules(fold.by_module(d, 0)),
    fold.by_source,
    lambda d: fold.by_rest(d, 6),
    lambda d: fold.folded(d, depth=None, elementwise=False, limit=10),
    lambda d: fold.folded(d, depth=None, elementwise=True, limit=20),
    lambda d: fold.folded(d, depth=1, elementwise=True, limit=5),
]


@pytest.mark.parametrize("f", FOLDS)
@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_a_fold_keeps_what_there_is(f: Fold, diagram: Diagram) -> None:
    before = [(box.id, box.label, dict(box.tally), box.times) for box in diagram.boxes]
    after = f(diagram)
    assert before == [(box.id, box.label, dict(box.tally), box.times) for box in diagram.boxes]
    assert len(set(after.boxes)) == len(after.boxes)
    assert len({box.id for box in after.boxes}) == len(after.boxes)
    assert sum((Counter(b.tally) for b in after.boxes), Counter()) == sum(
        (Counter(b.tally) for b in diagram.boxes), Counter()
    )
    for total in (lambda box: box.parameters, lambda box: box.cost):
        assert sum(map(total, after.boxes)) == pytest.approx(sum(map(total, diagram.boxes)))
    assert any(b.output for b in after.boxes) == any(b.output for b in diagram.boxes)


@pytest.mark.parametrize("f", FOLDS)
@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_no_circle_arises(f: Fold, diagram: Diagram) -> None:
    after = f(diagram)
    place = {box: i for i, box in enumerate(after.boxes)}
    assert all(place[arrow.tail] < place[arrow.head] for arrow in after.arrows)


@pytest.mark.parametrize("f", FOLDS[:9])
@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_arrows_are_those_between_what_is_folded(f: Fold, diagram: Diagram) -> None:
    with contractions() as found:
        after = f(diagram)

    def image(box: Box) -> Box:
        for into in found:
            box = into.get(box, box)
        return box

    expected = {(image(arrow.tail), image(arrow.head)) for arrow in diagram.arrows}
    expected = {(tail, head) for tail, head in expected if tail is not head}
    assert {(arrow.tail, arrow.head) for arrow in after.arrows} == expected
    assert {image(box) for box in diagram.boxes} == set(after.boxes)
    keys = [(arrow.tail, arrow.head, arrow.argument) for arrow in after.arrows]
    assert len(set(keys)) == len(keys)


@settings(max_examples=40, deadline=None)
@given(diagrams(), st.integers(2, 30))
def test_few_operations_are_left(diagram: Diagram, limit: int) -> None:
    after = fold.folded(diagram, depth=None, elementwise=False, limit=limit)
    boxes = [box for box in after.boxes if box.kind not in SOURCES]
    assert len(after.boxes) <= limit or len(boxes) <= max(limit // 2, 1)


def test_a_small_diagram_is_left_as_it_is() -> None:
    diagram = line_of("abcabcabc")
    after = fold.folded(diagram, depth=None, elementwise=False, limit=10)
    assert after.boxes == diagram.boxes
    assert after.notes == []


def test_what_was_folded_is_noted() -> None:
    after = fold.folded(line_of("ab" * 600), depth=None, elementwise=False, limit=9)
    assert shown(after) == [("(a → b)", 600)]
    assert after.notes == ["1,200 operations, folded into 1 boxes"]


# Repetition


@pytest.mark.parametrize("period", [*range(1, 9), 31, 63, 64])
@pytest.mark.parametrize("times", [3, 4, 7])
def test_blocks_of_any_length_are_folded(period: int, times: int) -> None:
    block = [f"f{i}" for i in range(period)]
    (box,) = operations(fold.by_repetition(line_of(block * times)))
    assert (box.kind, box.times, box.count) == ("repeat", times, period * times)


def test_longer_blocks_are_not_looked_for() -> None:
    block = [f"f{i}" for i in range(fold.PERIOD + 1)]
    diagram = line_of(block * 3)
    assert fold.by_repetition(diagram).boxes == diagram.boxes


@pytest.mark.parametrize("period", [2, 3, 5, 64])
def test_what_is_before_and_after_is_left(period: int) -> None:
    block = [f"f{i}" for i in range(period)]
    names = ["in", *block * 4, *block[: period // 2], "out"]
    after = fold.by_repetition(line_of(names))
    head, whole, *tail = operations(after)
    assert head.label == "in"
    assert (whole.times, whole.count) == (4, 4 * period)
    assert [box.label for box in tail] == [*block[: period // 2], "out"]


def test_less_than_three_times_is_no_repetition() -> None:
    diagram = line_of("ababxyyz")
    assert fold.by_repetition(diagram).boxes == diagram.boxes
    assert shown(fold.by_repetition(diagram, least=2)) == [
        *[("(a → b)", 2), ("x", 1), ("y", 2), ("z", 1)]
    ]


def test_runs_follow_each_other() -> None:
    assert shown(fold.by_repetition(line_of("aaabbbbab"))) == [
        *[("a", 3), ("b", 4), ("a", 1), ("b", 1)]
    ]


def test_times_of_times() -> None:
    once = fold.by_repetition(line_of("aaaab" * 3 + "c"))
    twice = fold.by_repetition(line_of(("a" * 70 + "b") * 3))
    assert shown(once) == [("(a → a → a → a → b)", 3), ("c", 1)]
    assert shown(twice) == [("a", 70), ("b", 1)] * 3
    (box,) = operations(fold.by_repetition(twice))
    assert (box.label, box.times, box.count) == ("(a → b)", 3, 213)


def test_the_same_with_other_wires_is_not_the_same() -> None:
    boxes = [op(name) for name in "ababab"]
    arrows = [Arrow(boxes[2 * i], boxes[2 * i + 1], "x", "") for i in range(3)]
    assert len(fold.by_repetition(Diagram(boxes, arrows)).boxes) == 1
    arrows[1].argument = "y"
    assert len(fold.by_repetition(Diagram(boxes, arrows)).boxes) == 6
    arrows[1].argument = "x"
    arrows[1].tail = boxes[0]
    assert len(fold.by_repetition(Diagram(boxes, arrows)).boxes) == 6


@pytest.mark.parametrize(
    "change",
    [
        lambda box: setattr(box, "shape", "(3,)"),
        lambda box: setattr(box, "parameters", 5),
        lambda box: setattr(box, "times", 2),
        lambda box: setattr(box, "kind", "chain"),
        lambda box: box.tally.update(c=1),
    ],
)
def test_what_differs_is_no_repetition(change: Any) -> None:
    diagram = line_of("aaa")
    change(operations(diagram)[1])
    assert fold.by_repetition(diagram).boxes == diagram.boxes


def test_repetition_stays_within_a_group() -> None:
    diagram = line_of("aaaa")
    group = Group("g", "block", "Block", None)
    first, second, third, _ = operations(diagram)
    first.group = second.group = group
    assert fold.by_repetition(diagram).boxes == diagram.boxes
    third.group = group
    assert shown(fold.by_repetition(diagram)) == [("a", 3), ("a", 1)]


def test_sources_among_the_operations_do_not_part_a_run() -> None:
    boxes, arrows = [], []
    for i in range(4):
        weight = Box(f"w{i}", "parameter", f"w{i}", parameters=6)
        boxes += [weight, op("@")]
        arrows.append(Arrow(weight, boxes[-1], "x2", ""))
    after = fold.by_repetition(Diagram(boxes, arrows))
    assert [box.kind for box in after.boxes] == ["parameter"] * 4 + ["repeat"]
    assert after.boxes[-1].times == 4


# Chains


def test_elementwise_chains_are_one_box() -> None:
    diagram = line_of(["exp", "sin", "tanh"], elementwise=True)
    (box,) = operations(fold.by_chain(diagram))
    assert (box.kind, box.label, box.count) == ("chain", "exp → sin → tanh", 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: setattr(d.boxes[1], "elementwise", False),
        lambda d: setattr(d.boxes[1], "output", True),
        lambda d: setattr(d.boxes[1], "shape", "(3,)"),
        lambda d: setattr(d.boxes[1], "group", Group("g", "m", "M", None)),
        lambda d: d.arrows.append(Arrow(d.boxes[1], d.boxes[2], "y", "")),
    ],
)
def test_a_chain_ends_where_something_else_begins(change: Any) -> None:
    diagram = line_of(["exp", "sin"], elementwise=True)
    change(diagram)
    assert fold.by_chain(diagram).boxes == diagram.boxes


# Modules, sources and the rest


def nested() -> Diagram:
    outer = Group("o", "net", "Net", None)
    inner = [Group(f"i{i}", f"{i} · Linear", "Linear", outer) for i in range(3)]
    diagram = line_of("abcd")
    for box, group in zip(operations(diagram), [*inner, outer], strict=True):
        box.group = group
        box.parameters = 2
    return diagram


def test_modules_are_folded_from_a_depth_on() -> None:
    assert shown(fold.by_module(nested(), 0)) == [("net", 1)]
    after = fold.by_module(nested(), 1)
    assert [(b.kind, b.label, b.parameters) for b in operations(after)] == [
        *[("module", f"{i} · Linear", 2) for i in range(3)],
        ("op", "d", 2),
    ]
    assert [group.label for group in after.groups] == ["net"]
    assert operations(fold.by_module(nested(), 2))[0].kind == "op"


def test_modules_that_are_the_same_are_one_box() -> None:
    diagram = nested()
    for box in operations(diagram)[:3]:
        box.label, box.tally = "a", {"a": 1}
    after = fold.by_repeated_modules(fold.by_module(diagram, 1))
    whole, last = operations(after)
    assert (whole.label, whole.detail, whole.times) == ("Linear", "0 … 2", 3)
    assert last.label == "d"


def test_sources_that_go_to_the_same_boxes_are_one() -> None:
    kinds = ["parameter", "parameter", "leaf", "leaf", "constant"]
    sources = [Box(f"s{i}", kind, kind) for i, kind in enumerate(kinds)]
    first, second = op("a"), op("b")
    arrows = [Arrow(source, first, f"x{i}", "") for i, source in enumerate(sources)]
    arrows.append(Arrow(sources[3], second, "x", ""))
    after = fold.by_source(Diagram([*sources, first, second], arrows))
    assert [box.label for box in after.boxes] == [
        *["2 parameters", "leaf", "leaf", "constant", "a", "b"]
    ]
    sources[0].output = True
    assert len(fold.by_source(Diagram([*sources, first, second], arrows)).boxes) == 7


def test_the_rest_says_what_is_most_frequent() -> None:
    after = fold.by_rest(line_of("abacabadef"), 2)
    (box,) = operations(after)
    assert box.label == "10 operations: 4 a, 2 b, 1 c, 1 d, …"


@pytest.mark.parametrize("names", [[], ["a"]])
def test_nothing_to_fold(names: list[str]) -> None:
    diagram = line_of(names)
    for f in FOLDS:
        assert f(diagram).boxes == diagram.boxes


def row(*wires: list[Box], label: str = "a") -> Diagram:
    """Return a row of boxes, each with the boxes that it uses; None stands for the one before."""
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    sources = dict.fromkeys(tail for tails in wires for tail in tails if tail is not None)
    for tails in wires:
        box = op(label)
        arrows += [Arrow(tail or boxes[-1], box, f"x{i}", "") for i, tail in enumerate(tails)]
        boxes.append(box)
    return Diagram([*sources, *boxes], arrows)


def test_blocks_that_use_other_things_are_not_the_same() -> None:
    w = [Box(f"w{i}", "parameter", "w") for i in range(3)]
    h = Box("h", "constant", "h")
    alike = fold.by_repetition(row([h, w[0]], [None, w[1]], [None, w[2]]))
    assert [box.times for box in alike.boxes if box.kind == "repeat"] == [3]
    mixed = fold.by_repetition(row([h, w[0]], [None, h], [None, w[2]]))
    assert not any(box.kind == "repeat" for box in mixed.boxes)


def test_a_first_block_that_begins_otherwise_stays_alone() -> None:
    after = fold.by_repetition(row([], [None], [None], [None], [None]))
    assert [box.times for box in after.boxes] == [1, 4]


def test_many_parameters_are_one_box_at_last() -> None:
    parameters = [Box(f"w{i}", "parameter", "w") for i in range(200)]
    steps = [[None, w] if i else [w] for i, w in enumerate(parameters)]
    labels = ["a", "b", "c"]
    diagram = row(*steps)
    chance = random.Random(0)
    for box in diagram.boxes:
        if box.kind == "op":
            box.label = chance.choice(labels)
    after = fold.folded(diagram, depth=None, elementwise=False, limit=20)
    assert len(after.boxes) <= 20
    assert sum(box.sources for box in after.boxes) == 200
    (whole,) = (b for b in fold.by_source(diagram, by_use=False).boxes if b.kind in SOURCES)
    assert whole.label == "200 parameters"
