"""From a diagram to DOT, the language of Graphviz: how each kind of box looks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise

from ..palette import BLUE, FAINT, GOLD, GREEN, GREY, INK, RED
from ..text import quoted, shortened
from .diagram import SOURCES, TIMES, Arrow, Box, Diagram, Group
from .label import cost
from .render import FONT

# Told apart by shape, and by a fill that differs in grey too.
_LOOKS = {
    "op": f'shape=box, style="rounded,filled", fillcolor=white, color="{INK}"',
    "chain": f'shape=box, style="rounded,filled", fillcolor=white, color="{INK}"',
    "module": f'shape=box, style=filled, fillcolor="#dbe7f5", color="{BLUE}", penwidth=1.4',
    "repeat": f'shape=box3d, style=filled, fillcolor="#dbe7f5", color="{BLUE}", penwidth=1.2',
    "rest": f'shape=box, style="filled,dashed", fillcolor="#eef0f3", color="{GREY}"',
    "parameter": f'shape=box, style=filled, fillcolor="#f7dfa3", color="{GOLD}", penwidth=1.8',
    "leaf": f'shape=box, style=filled, fillcolor="#fdf4dc", color="{GOLD}"',
    "input": f'shape=note, style=filled, fillcolor="#d8ecf7", color="{BLUE}"',
    "constant": f'shape=ellipse, style=filled, fillcolor="#f3f4f6", color="{GREY}"',
    "unknown": f'shape=ellipse, style=dotted, color="{GREY}"',
    "rule": f'shape=box, style="rounded,filled", fillcolor="#fbe4e1", color="{RED}"',
    "grad": f'shape=box, style=filled, fillcolor="#fbe4e1", color="{GOLD}", penwidth=1.8',
}

_MEANINGS = {
    "op": "operation",
    "chain": "operations in a chain",
    "module": "module, folded",
    "repeat": "the same, repeated",
    "rest": "many operations",
    "parameter": "parameter",
    "leaf": "leaf: has a gradient",
    "input": "input",
    "constant": "constant",
    "unknown": "constant, not kept",
    "rule": "rule of the chain rule",
    "grad": "gradient",
}


def dot(
    diagram: Diagram,
    *,
    direction: str = "down",
    backward: bool = False,
    legend: bool = True,
    dtypes: str = "",
    heat: bool = False,
    title: str = "",
) -> str:
    """Return the DOT source of a diagram.

    Args:
        diagram: what to draw.
        direction: "down" or "right".
        backward: whether the walk back is drawn beside it.
        legend: whether it says what shapes and colours mean.
        dtypes: the dtype that need not be said.
        heat: whether boxes are coloured by their cost.
        title: what the graph is called.
    """
    lines = [f"digraph {quoted(shortened(title) or 'graph')} {{", *_settings(diagram, direction)]
    looks = {box: _box(box, dtypes, heat) for box in diagram.boxes}
    lines += _nested(diagram, looks)
    lines += map(_arrow, diagram.arrows)
    if backward:
        lines += _backward(diagram)
    if legend:
        lines += _legend(diagram, backward, direction)
    return "\n".join([*lines, "}", ""])


def _settings(diagram: Diagram, direction: str) -> Iterator[str]:
    yield f"  rankdir={'LR' if direction == 'right' else 'TB'}; nodesep=0.25; ranksep=0.32;"
    yield '  bgcolor=white; pad=0.15; margin=0; tooltip=" ";'
    yield f'  fontname="{FONT}"; fontsize=10; fontcolor="{GREY}"; labelloc=b;'
    if diagram.notes:
        notes = "<BR/>".join(_text(note, 160) for note in diagram.notes)
        yield f"  label=<{notes}>;"
    yield f'  node [fontname="{FONT}", fontsize=12, fontcolor="{INK}", margin="0.12,0.05",'
    yield "        height=0.3, width=0.4];"
    yield f'  edge [fontname="{FONT}", fontsize=9, fontcolor="{GREY}", color="{GREY}",'
    yield "        arrowsize=0.6, arrowhead=vee];"


def _text(text: str, most: int = 60) -> str:
    return html.escape(shortened(text, most), quote=True).replace("\\", "\\\\")


def _small(text: str, color: str = GREY) -> str:
    return f'<FONT POINT-SIZE="9" COLOR="{color}">{text}</FONT>' if text else ""


def _label(text: str) -> str:
    return f"label=<{text}>" if text.strip() else 'label=""'


# Boxes


def _box(box: Box, dtypes: str, heat: bool) -> str:
    look = _LOOKS[box.kind]
    if box.output:
        look += f', peripheries=2, color="{GREEN}", penwidth=1.2'
    if not box.needs_grad and box.kind not in SOURCES:
        corners = "rounded," if box.kind in ("op", "chain") else ""
        look += f', style="{corners}filled,dashed", color="{GREY}"'
    if heat and box.cost:
        look += f', fillcolor="{_heat(box.cost)}"'
    label = _label("<BR/>".join(_lines(box, dtypes, heat)))
    about = f"{box.name or box.label} {box.shape} {box.dtype} {box.line or ''}"
    return f"{box.id} [{label}, tooltip={quoted(shortened(about, 160))}, {look}];"


def _lines(box: Box, dtypes: str, heat: bool) -> Iterator[str]:
    """Yield what a box says: name and operation, then shape, dtype and details in small."""
    title = _text(box.label, 200 if box.kind in ("chain", "rest") else 60)
    if box.times > 1:
        title = f"{title} {TIMES} {box.times:,}"
    source = box.kind in SOURCES
    if box.name and not source:
        yield f"<I>{_text(box.name, 40)}</I>"
    if title and box.kind == "unknown":
        yield _small(title)
    elif title:
        yield title if box.kind in ("chain", "rest", "constant") else f"<B>{title}</B>"
    about = [box.detail] if box.detail and box.kind != "module" else []
    if box.kind not in ("module", "repeat", "rest"):
        if box.shape != "()" or not box.lines:
            about.append(box.shape)
        if box.dtype not in ("", dtypes):
            about.append(box.dtype)
    elif box.parameters:
        about.append(f"{box.parameters:,} parameters")
    about = [" · ".join(filter(None, about))] if box.kind in ("module", "repeat") else about
    color = INK if heat else GREY
    yield from filter(None, [_small(_text("  ".join(filter(None, about)), 80), color)])
    if heat and box.cost:
        yield _small(cost(box.cost, box.memory), INK)
    yield from map(_values, box.lines)


def _values(line: str) -> str:
    """Return a line about values, with its small histogram in a smaller font."""
    blocks = r'<FONT POINT-SIZE="6">\1</FONT>'
    return re.sub("([\u2581-\u2588]+)", blocks, _small(_text(line, 80), INK))


def _heat(cost: float) -> str:
    """Return the colour of a share of the time: from white to a strong red, by its root."""
    part = min(cost, 1.0) ** 0.5
    parts = (round(255 + (end - 255) * part) for end in (0xE0, 0x5A, 0x3C))
    return "#" + "".join(f"{p:02x}" for p in parts)


def _nested(diagram: Diagram, looks: dict[Box, str]) -> Iterator[str]:
    """Yield the boxes within the frames of their groups."""
    children: dict[Group | None, list[Group]] = {}
    for group in diagram.groups:
        children.setdefault(group.parent, []).append(group)
    members: dict[Group | None, list[Box]] = {}
    for box in diagram.boxes:
        members.setdefault(box.group, []).append(box)

    def inside(group: Group | None, depth: int) -> Iterator[str]:
        indent = "  " * depth
        for box in members.get(group, ()):
            yield f"{indent}{looks[box]}"
        for child in children.get(group, ()):
            yield f"{indent}subgraph cluster_{child.id} {{"
            yield f"{indent}  label=<{_text(child.label)}>; {_FRAME}"
            yield f'{indent}  fillcolor="{"#f8f9fb" if depth % 2 else "#f1f3f6"}";'
            yield from inside(child, depth + 1)
            yield f"{indent}}}"

    yield from inside(None, 1)


_FRAME = f'labelloc=t; labeljust=l; tooltip=" "; style="rounded,filled"; color="{FAINT}"; margin=9;'


def _arrow(arrow: Arrow) -> str:
    folded = {arrow.tail.kind, arrow.head.kind} & {"module", "repeat", "rest"}
    words = [arrow.shape] if folded else []
    if arrow.head.ordered and arrow.argument:
        words.append(arrow.argument)
    dashed = "" if arrow.tail.needs_grad else ", style=dashed"
    label = _label("".join(f"&nbsp;{_text(word)}" for word in words if word))
    return f'  {arrow.tail.id} -> {arrow.head.id} [{label}, tooltip=" "{dashed}];'


# The walk back


def _backward(diagram: Diagram) -> Iterator[str]:
    """Yield the rules beside the operations that they belong to, and the gradients at the leaves.

    Their arrows are written against their direction, so that both halves have the same rows.
    """
    walked = [box for box in diagram.boxes if box.needs_grad]
    for box in walked:
        kind = "grad" if box.kind in SOURCES else "rule"
        label = _label("<BR/>".join(_rule_lines(box)))
        yield f'  b{box.id} [{label}, tooltip=" ", {_LOOKS[kind]}];'
        if box.group is None:
            yield f"  {{rank=same; {box.id}; b{box.id}}}"
        if kind == "rule":
            link = f'style=dotted, dir=none, constraint=false, color="{RED}"'
            yield f'  {box.id} -> b{box.id} [{link}, tooltip=" "];'
    for arrow in diagram.arrows:
        if arrow.tail.needs_grad and arrow.head.needs_grad:
            argument = _text(arrow.argument) if len(arrow.head.rules) > 1 else ""
            yield (
                f"  b{arrow.tail.id} -> b{arrow.head.id} [dir=back, arrowtail=vee, "
                f'color="{RED}", fontcolor="{RED}", {_label(argument)}, tooltip=" "];'
            )


def _rule_lines(box: Box) -> Iterator[str]:
    if box.kind in SOURCES:
        name = f"{box.name}.grad" if box.name else "gradient"
        yield f"<B>{_text(name)}</B>"
        if not box.gradient_line:
            yield _small(_text(box.shape))
    elif not box.rules:
        yield f"{_text(box.label)}, backwards"
    for argument, formula in box.rules:
        which = f"{_small(_text(argument) + ':', RED)}&nbsp; " if len(box.rules) > 1 else ""
        yield which + _text(formula, 90)
    if box.gradient_line:
        yield _values(box.gradient_line if box.kind in SOURCES else f"g = {box.gradient_line}")


# The legend

ACROSS = 4
"""How many kinds of box are explained in a row."""


def _legend(diagram: Diagram, backward: bool, direction: str) -> Iterator[str]:
    kinds = [kind for kind in _MEANINGS if any(box.kind == kind for box in diagram.boxes)]
    if backward:
        kinds += ["rule", "grad"]
    rows = [(_LOOKS[kind], _MEANINGS[kind]) for kind in kinds]
    if any(box.output for box in diagram.boxes):
        rows.append((f'{_LOOKS["op"]}, peripheries=2, color="{GREEN}"', "result"))
    if any(not box.needs_grad and box.kind not in SOURCES for box in diagram.boxes):
        look = f'{_LOOKS["op"]}, style="rounded,filled,dashed", color="{GREY}"'
        rows.append((look, "needs no gradient"))
    if any(box.cost for box in diagram.boxes):
        rows.append((f'{_LOOKS["op"]}, fillcolor="{_heat(0.5)}"', "the redder, the longer"))
    names = [f"legend{i}" for i in range(len(rows))]
    yield "  subgraph cluster_legend {"
    yield f'    label="legend"; labelloc=t; labeljust=l; fontsize=9; color="{FAINT}"; tooltip=" ";'
    yield '    style="rounded"; margin=6; node [fontsize=9, height=0.2, margin="0.08,0.02"];'
    for i, (look, meaning) in enumerate(rows):
        yield f'    legend{i} [label="{meaning}", tooltip=" ", {look}];'
    if direction == "right":  # in a row of its own
        yield f"    {' -> '.join(names)}{' [style=invis]' * (len(names) > 1)};"
        yield "  }"
        return
    for row in [names[i : i + ACROSS] for i in range(0, len(names), ACROSS)]:
        yield f"    {{rank=same; {' -> '.join(row)}{' [style=invis]' * (len(row) > 1)}}}"
    for above, below in pairwise(names[::ACROSS]):
        yield f"    {above} -> {below} [style=invis];"
    yield "  }"
    last = next((box for box in reversed(diagram.boxes) if box.output), diagram.boxes[-1])
    yield f"  {last.id} -> {names[0]} [style=invis];"
