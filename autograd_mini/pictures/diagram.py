"""A diagram: boxes, arrows and groups, in plain words. What is drawn, before how.

It holds no Tensor and no array, so a picture keeps nothing alive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

TIMES = "\u00d7"

SOURCES = ("parameter", "leaf", "input", "constant", "unknown")
"""The kinds of box that no operation made."""


@dataclass(eq=False, slots=True)
class Group:
    """A call of a module, or a scope: a frame around its boxes."""

    id: str
    label: str
    kind: str
    parent: Group | None

    @property
    def depth(self) -> int:
        """How many groups this one is within."""
        return 0 if self.parent is None else self.parent.depth + 1

    def within(self, depth: int) -> Group | None:
        """Return the group of this `depth` that this one is or is within, if it is as deep."""
        group = self
        while group.depth > depth and group.parent is not None:
            group = group.parent
        return group if group.depth == depth else None


@dataclass(eq=False, slots=True)
class Box:
    """What is drawn as one thing: an operation, an array, or several operations folded into one.

    `kind` is "op", one of SOURCES, or of what is folded: "module", "chain", "repeat" or "rest".
    """

    id: str
    kind: str
    label: str
    group: Group | None = None
    operation: str = ""  # by its full name
    detail: str = ""
    name: str | None = None
    shape: str = ""
    dtype: str = ""
    needs_grad: bool = True
    output: bool = False
    line: str | None = None
    tally: dict[str, int] = field(default_factory=dict)  # of the operations within, by name
    parameters: int = 0  # how many numbers are trained within
    sources: int = 0  # how many arrays are folded into this one
    elementwise: bool = False
    ordered: bool = False  # whether it matters which argument is which
    cost: float = 0.0  # its part of the time, from 0 to 1
    memory: int = 0  # the bytes that it made
    lines: list[str] = field(default_factory=list)  # more to say: of values, gradients
    gradient_line: str = ""
    rules: list[tuple[str, str]] = field(default_factory=list)  # argument and formula
    values: list[dict[str, Any]] = field(default_factory=list)
    why: str | None = None
    gradient: dict[str, Any] | None = None
    call: str = ""
    times: int = 1  # how often the same comes after itself

    @property
    def count(self) -> int:
        """How many operations this stands for."""
        return sum(self.tally.values())


@dataclass(eq=False, slots=True)
class Arrow:
    """An array on its way from the box that makes it to one that uses it, or several."""

    tail: Box
    head: Box
    argument: str
    shape: str
    arrays: dict[str, str] = field(default_factory=dict)  # the shape of each, by what made it

    def __post_init__(self) -> None:
        if not self.arrays:
            self.arrays = {self.tail.id: self.shape}

    def join(self, other: Arrow) -> None:
        """Stand for another arrow too."""
        self.arrays |= other.arrays
        if len(self.arrays) > 1:
            shapes = set(self.arrays.values())
            many = f"{len(self.arrays):,}"
            self.shape = f"{many} {TIMES} {shapes.pop()}" if len(shapes) == 1 else f"{many} arrays"


@dataclass(eq=False, slots=True)
class Diagram:
    """Boxes in the order of what they stand for, and the arrows between them."""

    boxes: list[Box]
    arrows: list[Arrow]
    notes: list[str] = field(default_factory=list)

    @property
    def groups(self) -> list[Group]:
        """The groups that have a box, and those around them, from the outside in."""
        found: dict[Group, None] = {}
        for box in self.boxes:
            path = []
            group = box.group
            while group is not None and group not in found:
                path.append(group)
                group = group.parent
            found.update(dict.fromkeys(reversed(path)))
        return list(found)

    def with_note(self, note: str) -> Diagram:
        """Return the same diagram with one more thing said below it."""
        return replace(self, notes=[*self.notes, note])


def contract(diagram: Diagram, parts: Iterable[tuple[list[Box], Box]]) -> Diagram:
    """Return the diagram with each list of boxes folded into the one that comes with it."""
    into: dict[Box, Box] = {}
    for members, whole in parts:
        for member in members:
            for name, count in member.tally.items():
                whole.tally[name] = whole.tally.get(name, 0) + count
            whole.parameters += member.parameters
            whole.cost += member.cost
            whole.memory += member.memory
            whole.output |= member.output
            into[member] = whole
        whole.needs_grad = any(member.needs_grad for member in members)
        whole.shape = whole.shape or next((m.shape for m in reversed(members) if m.count), "")
        whole.dtype = whole.dtype or next((m.dtype for m in reversed(members) if m.count), "")
    place: dict[Box, int] = {}  # where all that goes into a box is before it
    for i, box in enumerate(diagram.boxes):
        whole = into.get(box, box)
        if whole not in place or whole.kind not in SOURCES:
            place[whole] = i
    boxes = sorted(place, key=place.__getitem__)
    arrows: dict[tuple[Box, Box, str], Arrow] = {}
    for arrow in diagram.arrows:
        tail, head = into.get(arrow.tail, arrow.tail), into.get(arrow.head, arrow.head)
        if tail is head:
            continue
        many = tail is not arrow.tail and tail.kind in SOURCES
        argument = "" if many or head is not arrow.head else arrow.argument
        known = arrows.get((tail, head, argument))
        if known is not None:
            known.join(arrow)
        else:
            new = Arrow(tail, head, argument, arrow.shape, dict(arrow.arrays))
            arrows[tail, head, argument] = new
    return Diagram(boxes, list(arrows.values()), diagram.notes)
