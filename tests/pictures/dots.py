"""A small reader of the DOT that `draw` writes: what a picture says, in plain words."""

from __future__ import annotations

import html
import re
from typing import Any, NamedTuple

from autograd_mini.pictures.picture import Picture


class Seen(NamedTuple):
    """A box: its lines of text, and its attributes, the last one of each name."""

    lines: tuple[str, ...]
    look: dict[str, str]

    @property
    def text(self) -> str:
        return " | ".join(self.lines)


class Drawing(NamedTuple):
    """What is in a picture: all boxes by their ids, arrows by the ids and text, groups' labels."""

    boxes: dict[str, Seen]
    rules: dict[str, Seen]
    legend: list[str]
    arrows: list[tuple[str, str, str]]
    back: list[tuple[str, str]]
    groups: list[str]
    note: str

    def texts(self) -> list[str]:
        return [box.text for box in self.boxes.values()]

    def links(self) -> list[tuple[str, str, str]]:
        """Return the arrows by the first lines of their boxes."""
        first = {id: box.lines[0] if box.lines else "" for id, box in self.boxes.items()}
        return [(first[tail], first[head], text) for tail, head, text in self.arrows]

    def box(self, start: str) -> Seen:
        """Return the only box whose text starts so."""
        (found,) = [box for box in self.boxes.values() if box.text.startswith(start)]
        return found


_NODE = re.compile(r"\s*(\w+) \[label=(<.*>|\".*?\"), tooltip=(\".*?(?<!\\)(?:\\\\)*\"), (.*)\];$")
_EDGE = re.compile(r"\s*(\w+) -> (\w+) \[(.*)\];$")


def read(picture: Picture) -> Drawing:
    drawing = Drawing({}, {}, [], [], [], [], _note(picture.dot))
    for line in picture.dot.splitlines():
        node, edge = _NODE.match(line), _EDGE.match(line)
        if edge:
            _read_edge(drawing, *edge.groups())
        elif node and node[1].startswith("legend"):
            drawing.legend.append(node[2].strip('"'))
        elif node:
            of = drawing.rules if node[1].startswith("b") else drawing.boxes
            assert node[1] not in of, "drawn twice"
            of[node[1]] = Seen(plain(node[2]), attributes(node[4]))
        elif group := re.match(r"\s*label=<(.*)>; labelloc=t", line):
            drawing.groups.append(html.unescape(group[1]))
    return drawing


def _read_edge(drawing: Drawing, tail: str, head: str, rest: str) -> None:
    if "invis" in rest or "style=dotted" in rest:
        return
    if tail.startswith("b"):
        assert "dir=back" in rest
        drawing.back.append((head, tail))
        return
    label = re.match(r'label=(<.*>|""), tooltip', rest)
    assert label is not None
    drawing.arrows.append((tail, head, " ".join(plain(label[1]))))


def _note(dot: str) -> str:
    found = re.search(r"^  label=<(.*)>;$", dot, re.M)
    return "\n".join(plain(f"<{found[1]}>")) if found else ""


def plain(label: str) -> tuple[str, ...]:
    """Return the lines of a label as they are read."""
    text = re.sub(r"<BR/>", "\n", label[1:-1])
    lines = html.unescape(re.sub(r"<[^>]*>", "", text).replace("\\\\", "\\")).split("\n")
    return tuple(" ".join(line.split()) for line in lines if line)


def attributes(text: str) -> dict[str, str]:
    pairs = re.findall(r'(\w+)=("[^"]*"|[^,\]]*)', text)
    return {name: value.strip('"') for name, value in pairs}


def nodes(picture: Picture) -> dict[str, dict[str, Any]]:
    """Return what the page tells of each box, by id."""
    assert picture._story is not None
    return {node["id"]: node for node in picture._story["nodes"]}
