"""Circles, lines and texts at places of our choosing, in Graphviz's language."""

from __future__ import annotations

import math
from collections.abc import Iterator
from unicodedata import east_asian_width

from ..palette import BLUE, FAINT, GOLD, GREY, INK, RED
from ..text import quoted
from .render import FONT

HEAD = f"""\
digraph layers {{
  layout=neato; inputscale=72; splines=line; outputorder=edgesfirst; bgcolor=white; pad=0.15
  node [fontname="{FONT}", label="", margin="0.02,0", width=0, height=0]
"""

Point = tuple[float, float]  # x to the right and y upwards, in points, as all lengths here


class Picture:
    """The source of a picture, statement by statement.

    Args:
        arrowhead: that of its lines, as Graphviz calls it.
    """

    def __init__(self, arrowhead: str = "none") -> None:
        self.statements: list[str] = [f"edge [arrowhead={arrowhead}, arrowsize=0.6]"]

    def circle(
        self,
        name: str,
        place: Point,
        text: str,
        color: str,
        radius: float,
        size: int,
    ) -> None:
        """Draw a circle that lines can end at, by its `name`, with a text of a `size` in it."""
        self._node(
            name,
            place,
            f"shape=circle, fixedsize=true, width={radius / 36:.3f}, style=filled, "
            f'fillcolor=white, color="{color}", penwidth=1.2, label={quoted(text)}, '
            f'fontsize={size}, fontcolor="{INK}"',
        )

    def text(
        self, place: Point, text: str, size: int, color: str = INK, background: str = ""
    ) -> None:
        """Write on one line, around `place`; nothing at all, if `text` is empty."""
        if text:
            fill = f", style=filled, fillcolor={background}" if background else ""
            self._node(
                f"text {len(self.statements)}",
                place,
                f"shape=plaintext, label={quoted(text)}, fontsize={size}, "
                f'fontcolor="{color}"{fill}',
            )

    def dots(self, place: Point) -> None:
        """Draw three dots, one above the other."""
        x, y = place
        for step in (-7, 0, 7):
            self._node(
                f"dot {len(self.statements)}",
                (x, y + step),
                f'shape=circle, fixedsize=true, width=0.045, style=filled, color="{GREY}", '
                f'fillcolor="{GREY}"',
            )

    def point(self, place: Point) -> str:
        """Put down an end for a line, and return its name."""
        name = f"end {len(self.statements)}"
        self._node(name, place, "shape=point, style=invis")
        return name

    def line(self, tail: str, head: str, style: str, note: str = "") -> None:
        """Draw a line from one name to another; `note` is shown to who points at it."""
        tooltip = f", tooltip={quoted(note)}" if note else ""
        self.statements.append(f"{quoted(tail)} -> {quoted(head)} [{style}{tooltip}]")

    def source(self) -> str:
        """Return all of it."""
        return HEAD + "".join(f"  {statement}\n" for statement in self.statements) + "}\n"

    def _node(self, name: str, place: Point, attributes: str) -> None:
        x, y = place
        self.statements.append(f'{quoted(name)} [pos="{x:.1f},{y:.1f}!", {attributes}]')


# How a weight looks


def stroke(value: float, largest: float, thickest: float) -> str:
    """Return the attributes of the line of a weight in a layer that has a `largest` one."""
    if math.isnan(value):
        return f'color="{GOLD}", style=dotted, penwidth=2'
    if value == 0:
        return f'color="{FAINT}", penwidth=0.6'
    share = min(1.0, abs(value) / largest) if largest else 1.0
    opacity = round(255 * (0.3 + 0.7 * share))
    dashed = ", style=dashed" if value < 0 else ""
    color = f"{ink(value)}{opacity:02x}"
    return f'color="{color}", penwidth={0.5 + share * (thickest - 0.5):.2f}{dashed}'


def ink(value: float) -> str:
    """Return the colour of the sign of `value`."""
    return GOLD if math.isnan(value) else RED if value < 0 else BLUE


def rounded(value: float) -> str:
    """Return a number in few characters, rounded.

    >>> [rounded(value) for value in (0.1264, 12.64, 126.4, 12640.0, 0.0)]
    ['0.13', '12.6', '126', '1.3e4', '0']
    """
    size = abs(value)
    if value == 0:
        text = "0"
    elif not math.isfinite(value):
        text = str(value)
    elif 0.005 <= size < 999.5:
        text = f"{value:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"
    else:
        digits, exponent = f"{value:.1e}".split("e")
        text = f"{digits.removesuffix('.0')}e{int(exponent)}"
    return text.replace("-", "\N{MINUS SIGN}")


def subscript(number: int) -> str:
    """Return a whole number in small digits, below the line."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def width(text: str, size: float) -> float:
    """Return about how wide `text` is in a sans serif of this size."""
    return sum(1.0 if east_asian_width(c) in "WF" else 0.54 for c in text) * size


# Texts on lines


def beside(lines: list[tuple[Point, Point]], texts: list[str]) -> Iterator[Point]:
    """Yield a place on each line for its text: not on other texts, and on few other lines."""
    taken: list[tuple[Point, float]] = []
    for line, text in zip(lines, texts, strict=True):
        half = width(text, 9) / 2 + 2
        others = [other for other in lines if other is not line]
        free = 0.5 - (half + 24) / (line[1][0] - line[0][0])
        shares = [0.5 + free * k / 25 for k in range(-25, 26)]
        places = [_along(line, share) for share in shares]
        costs = [
            100 * sum(_meet(place, half, *text) for text in taken)
            + sum(_crosses(other, place, half, 6) for other in others)
            + abs(share - 0.42)
            for share, place in zip(shares, places, strict=True)
        ]
        place = places[costs.index(min(costs))]
        taken.append((place, half))
        yield place


def _meet(place: Point, half: float, other: Point, other_half: float) -> bool:
    return abs(place[0] - other[0]) < half + other_half and abs(place[1] - other[1]) < 12


def _along(line: tuple[Point, Point], share: float) -> Point:
    (x1, y1), (x2, y2) = line
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)


def _crosses(line: tuple[Point, Point], place: Point, half: float, height: float) -> bool:
    """Return whether a line, none of which stands upright, comes into a box."""
    (x1, y1), (x2, y2) = line
    slope = (y2 - y1) / (x2 - x1)
    y = y1 + slope * (place[0] - x1)
    return abs(y - place[1]) < height + abs(slope) * half
