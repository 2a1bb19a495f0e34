"""From a program to a diagram: a box for each step and source, a group for each scope."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable

from ..graph import Node
from ..modes import Scope
from ..nn.module import Module, Parameter
from ..nn.scopes import called, outwards
from ..program import Program, Step, Use, Value
from ..text import shortened
from . import label
from .diagram import Arrow, Box, Diagram, Group


class Builder:
    """A program's diagram, and which box stands for which step and value."""

    def __init__(self, program: Program, modules: Iterable[Module] = ()) -> None:
        self.program = program
        self.owned = _owned(modules, program)
        self.common = _common_dtype(program)
        self.groups: dict[Scope, Group] = {}
        self.boxes: dict[Step | Value, Box] = {}
        self._ids = map(str, range(10**9))
        self.diagram = self._build()
        self._of_nodes = {
            node: box
            for origin, box in self.boxes.items()
            for node in (origin.node, *(v.node for v in getattr(origin, "outputs", ())))
            if node is not None
        }

    def box_of(self, value: Value) -> Box:
        """Return the box of what a value comes from."""
        return self.boxes[value if value.step is None else value.step]

    def of_node(self, node: Node) -> Box | None:
        """Return the box of what a node has recorded."""
        return self._of_nodes.get(node)

    @functools.cached_property
    def called(self) -> dict[Value, str]:
        """What each value is called: by its name, or by the number of the step that made it."""
        names: dict[Value, str] = {}
        for value in self.program.sources:
            name = self.boxes[value].name if value in self.boxes else None
            if name:
                names[value] = shortened(name, 24)
        for number, step in enumerate(self.program.steps, start=1):
            for place, value in enumerate(step.outputs):
                part = f"[{place}]" if len(step.outputs) > 1 else ""
                names[value] = shortened(value.name, 24) if value.name else f"#{number}{part}"
        return names

    def _build(self) -> Diagram:
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        inside: dict[Value, list[Group | None]] = {}
        for value in self.program.sources:
            if not label.is_number(value) or value in self.program.outputs:
                self.boxes[value] = self._source(value)
        for step in self.program.steps:
            box = self.boxes[step] = self._operation(step)
            for use in step.uses:
                if use.value.step is None and use.value in self.boxes:
                    inside.setdefault(use.value, []).append(box.group)
        for value, groups in inside.items():
            if self._owner_name(value) is not None:
                self.boxes[value].group = _around(groups)
        placed: set[Value] = set()
        for step in self.program.steps:
            for use in step.uses:
                if use.value in self.boxes and use.value not in placed:
                    placed.add(use.value)
                    boxes.append(self.boxes[use.value])
                if not label.is_number(use.value):
                    arrows.append(self._arrow(use, self.boxes[step]))
            boxes.append(self.boxes[step])
        for value in self.program.outputs:
            box = self.box_of(value)
            box.output = True
            if box not in boxes[-1:] and value.step is None and value not in placed:
                boxes.append(box)
        return Diagram(boxes, arrows)

    def _source(self, value: Value) -> Box:
        parameter = isinstance(value.tensor, Parameter)
        kind = "parameter" if parameter else value.kind
        name = self._owner_name(value) or value.name
        text = shortened(name) if name else "not kept" if kind == "unknown" else ""
        box = Box(f"n{next(self._ids)}", kind, text, name=name)
        box.shape, box.dtype = label.shape(value), label.dtype(value)
        box.needs_grad = value.needs_grad
        if parameter and value.tensor is not None:
            box.parameters = value.tensor._array.size
        return box

    def _owner_name(self, value: Value) -> str | None:
        """Return the name that a parameter or a buffer has in its module."""
        return self.owned.get(id(value.tensor)) or self.owned.get(id(value.array))

    def _operation(self, step: Step) -> Box:
        box = Box(f"n{next(self._ids)}", "op", label.title(step), self._group(step.scope))
        box.detail = label.settings(step) if step.settings else ""
        box.name = ", ".join(v.name for v in step.outputs if v.name) or None
        box.shape = label.shapes(step.outputs)
        box.dtype = label.dtype(step.outputs[0])
        box.operation = step.what.name
        box.needs_grad = step.needs_grad
        box.line = step.line
        box.tally = {step.what.name.rsplit(".", 1)[-1]: 1}
        box.elementwise = label.elementwise(step.what)
        box.ordered = label.ordered(step)
        return box

    def _arrow(self, use: Use, head: Box) -> Arrow:
        value, tail = use.value, self.box_of(use.value)
        argument, array, shape = use.argument, tail.id, label.shape(use.value)
        if value.step is not None and len(value.step.outputs) > 1:
            part = f"[{value.step.outputs.index(value)}]"
            argument, array = f"{part} {argument}", f"{array}{part}"
        return Arrow(tail, head, argument, shape, {array: shape})

    def _group(self, scope: Scope | None) -> Group | None:
        if scope is None:
            return None
        known = self.groups.get(scope)
        if known is None:
            outer = self._group(scope.outer)
            text, kind = shortened(called(scope)), shortened(scope.name)
            known = self.groups[scope] = Group(f"g{len(self.groups)}", text, kind, outer)
        return known


def _owned(modules: Iterable[Module], program: Program) -> dict[int, str]:
    """Return the names of parameters and buffers, by the identity of Tensors and of arrays."""
    roots: dict[int, Module] = {id(module): module for module in modules}
    for step in program.steps:
        owners = [scope.owner() for scope in outwards(step.scope)]
        outermost = next((m for m in reversed(owners) if isinstance(m, Module)), None)
        if outermost is not None:
            roots.setdefault(id(outermost), outermost)
    names: dict[int, str] = {}
    for module in roots.values():
        for name, tensor in (*module.named_parameters(), *module.named_buffers()):
            names.setdefault(id(tensor), tensor.name or name)
            names.setdefault(id(tensor._array), tensor.name or name)
    return names


def _around(groups: list[Group | None]) -> Group | None:
    """Return the innermost group that is around all of these."""
    common, *others = groups
    while common is not None and not all(_is_within(group, common) for group in others):
        common = common.parent
    return common


def _is_within(group: Group | None, outer: Group) -> bool:
    while group is not None and group is not outer:
        group = group.parent
    return group is outer


def _common_dtype(program: Program) -> str:
    """Return the dtype that most values have, which need not be said."""
    values = [value for step in program.steps for value in step.outputs] + program.sources
    floating = Counter(v.dtype for v in values if v.dtype is not None and v.dtype.kind in "fc")
    return str(floating.most_common(1)[0][0]) if floating else ""
