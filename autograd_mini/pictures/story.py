"""From a program and its diagram to the story that the page tells: plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..program import Step, Value
from . import label
from .build import Builder
from .diagram import Box, Diagram
from .page import Story
from .text import shortened
from .walk import Part, Walk


def story(
    builder: Builder, diagram: Diagram, walk: Walk | None, *, direction: str, title: str, depth: int
) -> Story:
    """Return what the page shows of a diagram, and tells of a walk back, if there is one."""
    boxes = set(diagram.boxes)
    groups = diagram.groups
    return {
        "title": shortened(title),
        "direction": direction,
        "notes": diagram.notes,
        "nodes": [_node(box) for box in diagram.boxes],
        "groups": [
            {
                "id": group.id,
                "label": group.label,
                "kind": group.kind,
                "parent": group.parent and group.parent.id,
                "open": group.depth < depth,
            }
            for group in groups
        ],
        "edges": [
            {"from": a.tail.id, "to": a.head.id, "argument": a.argument, "shape": a.shape}
            for a in diagram.arrows
        ],
        "forward": [{"node": box.id, "call": box.call} for box in diagram.boxes if box.count],
        "backward": [] if walk is None else _backward(builder, walk, boxes),
    }


def _node(box: Box) -> dict[str, Any]:
    folded = box.kind in ("module", "repeat", "rest", "chain")
    times = f" {label.TIMES} {box.times:,}" if box.times > 1 else ""
    return {
        "id": box.id,
        "kind": "op" if folded else box.kind,
        "label": shortened(box.label, 80) + times,
        "detail": box.detail,
        "number": _number(box),
        "name": box.name and shortened(box.name),
        "shape": box.shape,
        "dtype": box.dtype,
        "needs_grad": box.needs_grad,
        "output": box.output,
        "group": box.group and box.group.id,
        "line": box.line and shortened(re.split(r"[/\\]", box.line)[-1], 120),
        "values": box.values,
        "why": box.why,
        "gradient": box.gradient,
        "count": box.count,
    }


def _number(box: Box) -> str | None:
    """Return the number by which lines of code call the result, where it has no name."""
    return box.call.split(" = ")[0] if box.call.startswith("#") else None


def _backward(builder: Builder, walk: Walk, boxes: set[Box]) -> list[dict[str, Any]]:
    """Return the steps of a walk back, those to arrays that need no gradient left out."""
    told = []
    for arrival in walk.arrivals.values():
        box = builder.of_node(arrival.node)
        if box is None or box not in boxes or not box.needs_grad:
            continue
        told.append(
            {
                "node": box.id,
                "arriving": arrival.shown,
                "parts": [
                    {
                        "from": builder.boxes[part.giver].id,
                        "argument": part.argument,
                        "value": part.shown,
                    }
                    for part in arrival.parts
                    if builder.boxes[part.giver] in boxes
                ],
                "leaving": [
                    leaving
                    for part in arrival.leaving
                    if (leaving := _leaving(builder, part, boxes)) is not None
                ],
            }
        )
    return told


def _leaving(builder: Builder, part: Part, boxes: set[Box]) -> dict[str, Any] | None:
    taker = builder.of_node(part.taker)
    if taker is None or taker not in boxes or not taker.needs_grad:
        return None
    return {
        "to": taker.id,
        "argument": part.argument,
        "formula": part.formula,
        "rule": part.rule,
        "source": part.source,
        "uses": [{"name": name, "value": shown} for name, shown in part.uses],
        "value": part.shown,
        "fit": part.fit,
        "total": part.total,
    }


def calls(builder: Builder, shown: set[Box]) -> dict[Step, str]:
    """Return each step that a box stands for as a line of code: `np.matmul(X, W1)`.

    What has no name is called by the number of the step that made it: `#3`.
    """
    names: dict[Value, str] = {}
    for value in builder.program.sources:
        name = builder.boxes[value].name if value in builder.boxes else None
        if name:
            names[value] = shortened(name, 24)
    lines = {}
    for number, step in enumerate(builder.program.steps, start=1):
        for place, value in enumerate(step.outputs):
            part = f"[{place}]" if len(step.outputs) > 1 else ""
            names[value] = shortened(value.name, 24) if value.name else f"#{number}{part}"
        if builder.boxes[step] in shown:
            lines[step] = _numbered(number, label.call(step, names), step)
    return lines


def _numbered(number: int, line: str, step: Step) -> str:
    named: Mapping[str, str] = {value.name: "" for value in step.outputs if value.name}
    left = ", ".join(named) or f"#{number}"
    return f"{shortened(left)} = {line}"
