"""From a program and its diagram to the story that the page tells: plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..graph import item
from ..program import Step, Value
from ..text import shortened
from . import label
from .build import Builder
from .diagram import TIMES, Box, Diagram
from .page import Story
from .walk import Part, Walk


def story(
    builder: Builder, diagram: Diagram, walk: Walk | None, *, direction: str, title: str, depth: int
) -> Story:
    """Return what the page shows of a diagram, and tells of a walk back, if there is one."""
    groups = diagram.groups
    called = builder.called
    outputs = builder.program.outputs
    return {
        "title": shortened(title),
        "of": called.get(outputs[0], "") if len(outputs) == 1 else "",
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
        "backward": [] if walk is None else _backward(builder, walk, set(diagram.boxes), called),
    }


def _node(box: Box) -> dict[str, Any]:
    folded = box.kind in ("module", "repeat", "rest", "chain")
    times = f" {TIMES} {box.times:,}" if box.times > 1 else ""
    return {
        "id": box.id,
        "kind": "op" if folded else box.kind,
        "label": shortened(box.label, 80) + times,
        "operation": box.operation,
        "detail": box.detail,
        "cost": label.cost(box.cost, box.memory) if box.cost else None,
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
    return box.call.partition(" = ")[0] or None if box.name is None else None


def _backward(
    builder: Builder, walk: Walk, boxes: set[Box], called: Mapping[Value, str]
) -> list[dict[str, Any]]:
    """Return the steps of a walk back, those to arrays that need no gradient left out."""
    told = []
    for arrival in walk.arrivals.values():
        box = builder.of_node(arrival.node)
        if box is None or box not in boxes or not box.needs_grad or arrival.node.primitive is item:
            continue  # one of several results is told of with all of them
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
                    _leaving(part, taker.id, walk, called)
                    for part in arrival.leaving
                    if (taker := builder.of_node(part.taker)) in boxes
                    and taker is not None
                    and taker.needs_grad
                ],
            }
        )
    return told


def _leaving(part: Part, taker: str, walk: Walk, called: Mapping[Value, str]) -> dict[str, Any]:
    return {
        "to": taker,
        "argument": part.argument,
        "formula": part.formula,
        "rule": part.rule,
        "source": part.source,
        "uses": [
            {"name": name, "called": called.get(value, ""), "value": shown}
            for name, value, shown in part.uses
        ],
        "value": part.shown,
        "fit": part.fit,
        "total": part.total,
        "whole": walk.arrivals[part.taker].parts == [part]
        if part.taker in walk.arrivals
        else False,
    }


def calls(builder: Builder, shown: set[Box]) -> dict[Step, str]:
    """Return each step that a box stands for as a line of code: `#3 = np.matmul(X, W1)`."""
    return {
        step: f"{shortened(builder.boxes[step].name or f'#{number}')} = {text}"
        for number, step in enumerate(builder.program.steps, start=1)
        if builder.boxes[step] in shown and (text := label.call(step, builder.called))
    }
