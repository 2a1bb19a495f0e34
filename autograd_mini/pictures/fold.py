"""Folding: a diagram with fewer boxes, which says the same from further away.

Each fold takes boxes that are next to each other in the order of computation, so no circle can
arise. A large diagram is folded by modules, then by repetition, then into what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from .diagram import SOURCES, Arrow, Box, Diagram, Group, contract

LEAST = 3
"""How many boxes must be left where the outermost modules are folded."""

MOST = 8
"""How many operations are named one by one."""

PERIOD = 64
"""How many boxes a repeated block may have."""


def folded(diagram: Diagram, *, depth: int | None, elementwise: bool, limit: int) -> Diagram:
    """Return the diagram with modules folded from `depth` on, and small enough to be read."""
    whole = by_chain(diagram) if elementwise else diagram
    asked = whole if depth is None else by_repeated_modules(by_module(whole, depth))
    seen = asked
    deepest = max((group.depth for group in asked.groups), default=-1)
    while crowded(seen, limit) and deepest >= 0:
        folded_there = by_repeated_modules(by_module(whole, deepest))
        if deepest == 0 and _operations(folded_there) < LEAST:
            break  # all is one call
        seen = folded_there
        deepest -= 1
    for fold in (by_repetition, by_repetition, by_source):
        if crowded(seen, limit):
            seen = fold(seen)
    seen = by_source(seen, of_repeats=True)
    detailed, boxes = seen, limit
    while crowded(seen, limit) and boxes > 1:
        seen = by_rest(detailed, boxes)
        boxes //= 2
    count = sum(box.count for box in diagram.boxes)
    if _operations(seen) < (count if depth is None else _operations(asked)):
        seen = seen.with_note(f"{count:,} operations, folded into {_operations(seen):,} boxes")
    return seen


def crowded(diagram: Diagram, limit: int) -> bool:
    """Return whether a diagram has more boxes, or twice as many arrows, as can be read."""
    return len(diagram.boxes) > limit or len(diagram.arrows) > 2 * limit


def _operations(diagram: Diagram) -> int:
    return sum(box.kind not in SOURCES for box in diagram.boxes)


def by_module(diagram: Diagram, depth: int) -> Diagram:
    """Return the diagram with each group of this depth as one box."""
    members: dict[Group, list[Box]] = {}
    for box in diagram.boxes:
        group = None if box.group is None else box.group.within(depth)
        if group is not None:
            members.setdefault(group, []).append(box)
    return contract(diagram, [(boxes, _module(group)) for group, boxes in members.items()])


def _module(group: Group) -> Box:
    return Box(group.id, "module", group.label, group.parent, detail=group.kind)


def by_repeated_modules(diagram: Diagram) -> Diagram:
    """Return the diagram with modules that are the same, one after the other, as one box."""
    return by_repetition(diagram, least=2, of="module")


def by_chain(diagram: Diagram) -> Diagram:
    """Return the diagram with chains of elementwise operations as one box each."""
    uses = Counter(arrow.tail for arrow in diagram.arrows)
    before = {
        arrow.head: arrow.tail
        for arrow in diagram.arrows
        if arrow.tail.elementwise
        and arrow.head.elementwise
        and uses[arrow.tail] == 1
        and arrow.tail.shape == arrow.head.shape
        and arrow.tail.group is arrow.head.group
        and not arrow.tail.output
    }
    ends = set(before) - set(before.values())
    parts = []
    for end in (box for box in diagram.boxes if box in ends):
        chain = [end]
        while chain[-1] in before:
            chain.append(before[chain[-1]])
        chain.reverse()
        whole = Box(f"{chain[0].id}c", "chain", " → ".join(b.label for b in chain), end.group)
        whole.line, whole.elementwise = end.line, True
        parts.append((chain, whole))
    return contract(diagram, parts)


def by_repetition(diagram: Diagram, least: int = 3, of: str = "") -> Diagram:
    """Return the diagram with blocks that come `least` times in a row as one box each."""
    parts = []
    operations = [box for box in diagram.boxes if box.kind not in SOURCES]
    inputs: dict[Box, list[Arrow]] = {}
    for arrow in diagram.arrows:
        inputs.setdefault(arrow.head, []).append(arrow)
    for _, same in groupby(operations, key=lambda box: id(box.group)):
        row = list(same)
        for start, period, times in _runs([_token(box) for box in row], least):
            blocks = [row[start + k * period : start + (k + 1) * period] for k in range(times)]
            if of and not any(box.kind == of for box in blocks[0]):
                continue
            parts += [
                ([box for block in equal for box in block], _repeated(equal))
                for equal in _wired_alike(blocks, inputs)
                if len(equal) >= least
            ]
    return contract(diagram, parts)


def _token(box: Box) -> Any:
    """Return what two boxes have in common that do the same."""
    tally = tuple(sorted(box.tally.items()))
    return box.kind, _common(box), box.shape, tally, box.parameters, box.times


def _common(box: Box) -> str:
    """Return what a box is called together with others: what is indexed, whatever the index."""
    if box.kind == "module":
        return box.detail or box.label
    return "[…]" if box.label.startswith("[") and box.label.endswith("]") else box.label


Wiring = list[list[tuple[Any, ...]]]
"""For each box of a block, each argument and where it comes from."""


def _wired_alike(
    blocks: list[list[Box]], inputs: dict[Box, list[Arrow]]
) -> Iterator[list[list[Box]]]:
    """Yield the stretches of blocks that use each other, and what is around them, in one way."""
    wirings = [
        _wiring(block, before, inputs) for before, block in zip([[], *blocks], blocks, strict=False)
    ]
    start = 0
    for i in range(1, len(blocks) + 1):
        last, alike = wirings[i - 1], False
        if i < len(blocks):
            first = i == start + 1
            alike = _leads_to(last, wirings[i]) if first else last == wirings[i]
        if not alike:
            yield blocks[start:i]
            start = i


def _wiring(block: list[Box], before: list[Box], inputs: dict[Box, list[Arrow]]) -> Wiring:
    inside = {box: ("inside", i) for i, box in enumerate(block)}
    earlier = {box: ("before", i) for i, box in enumerate(before)}

    def origin(box: Box) -> tuple[Any, ...]:
        around = ("source", box.kind, box.shape) if box.kind in SOURCES else ("other", id(box))
        return inside.get(box) or earlier.get(box) or around

    return [[(a.argument, *origin(a.tail)) for a in inputs.get(box, ())] for box in block]


def _leads_to(first: Wiring, second: Wiring) -> bool:
    """Return whether two wirings differ just in what the second block has from the first."""
    return [len(uses) for uses in first] == [len(uses) for uses in second] and all(
        use == other or other[1] == "before"
        for uses, others in zip(first, second, strict=True)
        for use, other in zip(uses, others, strict=True)
    )


def _repeated(blocks: list[list[Box]]) -> Box:
    first, last = blocks[0], blocks[-1]
    labels = [_common(box) for box in first]
    names = [block[0].label.split(" · ")[0] for block in (first, last)]
    detail = ""
    if len(labels) == 1:
        label = labels[0]
        if first[0].kind == "module" and names[0] != names[1]:
            detail = " … ".join(names)
    elif len(labels) <= MOST:
        label = f"({' → '.join(labels)})"
    else:
        label, detail = f"({_tallied(first)})", f"{len(first)} boxes each"
    whole = Box(f"{first[0].id}r", "repeat", label, first[0].group, detail=detail)
    whole.times = len(blocks)
    return whole


def _runs(tokens: list[Any], least: int) -> list[tuple[int, int, int]]:
    """Return where a block repeats: start, length of the block, and how many times."""
    codes: dict[Any, int] = {}
    row = np.array([codes.setdefault(token, len(codes)) for token in tokens], dtype=np.int64)
    covered = np.zeros(len(row), np.int64)
    period_at = np.zeros(len(row), np.int64)
    for period in range(1, min(PERIOD, len(row) // least) + 1):
        equal = row[period:] == row[:-period]
        same = np.zeros(len(row), np.int64)
        same[: len(equal)] = _lengths(equal)
        times = same // period + 1
        reach = np.where(times >= least, times * period, 0)
        better = reach > covered
        covered[better], period_at[better] = reach[better], period
    runs, i = [], 0
    while i < len(row):
        if covered[i]:
            runs.append((i, int(period_at[i]), int(covered[i] // period_at[i])))
            i += int(covered[i])
        else:
            later = np.flatnonzero(covered[i:])
            i = i + int(later[0]) if later.size else len(row)
    return runs


def _lengths(equal: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return, at each place, how many in a row are true from there on."""
    stops = np.flatnonzero(~equal)
    ends = np.append(stops, len(equal))
    return ends[np.searchsorted(stops, np.arange(len(equal)))] - np.arange(len(equal))


def by_source(diagram: Diagram, by_use: bool = True, of_repeats: bool = False) -> Diagram:
    """Return the diagram with the sources of a kind as one box: those that go to the same boxes.

    All of a kind, if not `by_use`; just those without a name that only repeated boxes use, if
    `of_repeats`.
    """
    heads: dict[Box, list[Box]] = {}
    for arrow in diagram.arrows:
        if arrow.tail.kind in SOURCES:
            heads.setdefault(arrow.tail, []).append(arrow.head)
    alike: dict[Any, list[Box]] = {}
    for box in diagram.boxes:
        if of_repeats and (box.name or any(h.kind != "repeat" for h in heads.get(box, ()))):
            continue
        if box.kind in SOURCES and not box.output:
            uses = tuple(map(id, heads.get(box, ()))) if by_use else ()
            alike.setdefault((box.kind, uses), []).append(box)
    parts = []
    for boxes in alike.values():
        count = sum(max(box.sources, 1) for box in boxes)
        if len(boxes) > 1:
            kind = boxes[0].kind
            plural = "leaves" if kind == "leaf" else f"{kind}s"
            whole = Box(f"{boxes[0].id}s", kind, f"{count:,} {plural}", _shared(boxes))
            whole.sources = count
            parts.append((boxes, whole))
    return contract(diagram, parts)


def by_rest(diagram: Diagram, limit: int) -> Diagram:
    """Return the diagram with stretches of operations as one box each, to at most `limit` boxes."""
    operations = [box for box in diagram.boxes if box.kind not in SOURCES]
    bounds = np.linspace(0, len(operations), max(limit // 2, 1) + 1).astype(int)
    parts = []
    for start, stop in pairwise(bounds):
        stretch = operations[start:stop]
        if len(stretch) > 1:
            whole = Box(f"{stretch[0].id}f", "rest", _tallied(stretch), _shared(stretch))
            parts.append((stretch, whole))
    diagram = by_source(contract(diagram, parts))
    return diagram if len(diagram.boxes) <= limit else by_source(diagram, by_use=False)


def _shared(boxes: list[Box]) -> Group | None:
    """Return the group that all boxes are in, if there is one."""
    groups = {id(box.group): box.group for box in boxes}
    return boxes[0].group if len(groups) == 1 else None


def _tallied(boxes: list[Box]) -> str:
    """Return how many operations there are, and the most frequent of them."""
    tally: Counter[str] = Counter()
    for box in boxes:
        tally.update(box.tally)
    most = ", ".join(f"{count:,} {name}" for name, count in tally.most_common(4))
    rest = "" if len(tally) <= 4 else ", …"
    return f"{tally.total():,} operations: {most}{rest}"
