"""Tables of text: aligned columns in a terminal, an HTML table in a notebook."""

from __future__ import annotations

import html
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from ..text import shortened

WIDTH = 100
"""How many columns of a terminal a table takes at most."""

LEAST = 12
"""How many characters of a text are shown at least, however many columns there are."""

Row = Sequence[str]


class Table:
    """Rows of text under the names of their columns.

    Args:
        columns: their names, each with "<" before it for text, ">" for numbers: how it is aligned.
        rows: one text for each column; spaces before the first indent it.
        footer: rows that stand below a line, totals for instance.
        title: what stands above.
        note: what stands below.

    Raises:
        ValueError: a row has more or fewer texts than there are columns.

    >>> Table(["<fruit", ">price"], [["apples", "3"], ["oranges", "12"]], footer=[["both", "15"]])
    fruit    price
    --------------
    apples       3
    oranges     12
    --------------
    both        15
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Row],
        *,
        footer: Sequence[Row] = (),
        title: str = "",
        note: str = "",
    ) -> None:
        for row in (*rows, *footer):
            if len(row) != len(columns):
                raise ValueError(f"a row of {len(row)} texts in a table of {len(columns)} columns")
        self.aligned = [name[0] for name in columns]
        self.columns = [_inert(name[1:]) for name in columns]
        self.rows = [[_inert(text) for text in row] for row in rows]
        self.footer = [[_inert(text) for text in row] for row in footer]
        self.title = shortened(title, WIDTH)
        self.note = shortened(note, 5 * WIDTH)

    def __repr__(self) -> str:
        widths = self._widths()
        line = "-" * (sum(widths) + 2 * len(widths) - 2)
        lines = [self.title] * bool(self.title) + [self._line(self.columns, widths), line]
        lines += [self._line(row, widths) for row in self.rows] + [line] * bool(self.footer)
        lines += [self._line(row, widths) for row in self.footer]
        return "\n".join([*lines, *textwrap.wrap(self.note, WIDTH)])

    def _widths(self) -> list[int]:
        """Return the width of each column: the widest of text are cut until all fit."""
        rows = [self.columns, *self.rows, *self.footer]
        widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        texts = [i for i, way in enumerate(self.aligned) if way == "<"]
        while sum(widths) + 2 * len(widths) - 2 > WIDTH:
            widest = max(texts, key=lambda i: widths[i], default=0)
            if not texts or widths[widest] <= LEAST:
                break
            widths[widest] -= 1
        return widths

    def _line(self, row: Row, widths: list[int]) -> str:
        cells = []
        for text, width, way in zip(row, widths, self.aligned, strict=True):
            cut = _cut(text, width)
            space = " " * (width - _width(cut))
            cells.append(cut + space if way == "<" else space + cut)
        return "  ".join(cells).rstrip()

    def _repr_html_(self) -> str:
        return "".join(self._html())

    def _html(self) -> Iterator[str]:
        yield '<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">'
        if self.title:
            yield f'<caption style="text-align:left">{html.escape(self.title)}</caption>'
        yield from self._block("thead", "th", [self.columns])
        yield from self._block("tbody", "td", self.rows)
        yield from self._block("tfoot", "td", self.footer)
        yield "</table>"
        if self.note:
            yield f"<p>{html.escape(self.note)}</p>"

    def _block(self, part: str, cell: str, rows: Sequence[Row]) -> Iterator[str]:
        rule = "" if part == "tbody" else ' style="border-block:1px solid currentcolor"'
        yield f"<{part}{rule}>"
        for row in rows:
            yield "<tr>"
            for text, way in zip(row, self.aligned, strict=True):
                side = "left" if way == "<" else "right"
                indent = 0.6 + 0.6 * _indent(text)
                style = f"text-align:{side};padding:0.15em 0.6em 0.15em {indent:.1f}em"
                yield f'<{cell} style="{style}">{html.escape(text.strip())}</{cell}>'
            yield "</tr>"
        yield f"</{part}>"


def _inert(text: str) -> str:
    """Return `text` on one line and of bounded length, with the spaces before it."""
    indent = min(_indent(text), WIDTH // 4)
    return " " * indent + shortened(text)


def _cut(text: str, width: int) -> str:
    while _width(text) > width:
        indent = min(_indent(text), width // 2)
        text = " " * indent + shortened(text, min(len(text.strip()) - 1, width - indent))
    return text


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


# Numbers


def readable_seconds(seconds: float) -> str:
    """Return a time in the unit that suits it.

    >>> readable_seconds(0.01234)
    '12.3 ms'
    """
    return _scaled(seconds * 1e6, 1000, ["us", "ms", "s"])


def readable_bytes(count: int) -> str:
    """Return an amount of memory in the unit that suits it.

    >>> readable_bytes(437544)
    '427 KiB'
    """
    if count < 1024:
        return f"{count} B"
    return _scaled(count / 1024, 1024, ["KiB", "MiB", "GiB", "TiB"])


def readable_count(count: int) -> str:
    """Return a number of things: each of them up to ten millions.

    >>> readable_count(109386), readable_count(4_089_000_000)
    ('109,386', '4.09 G')
    """
    return f"{count:,}" if count < 10**7 else _scaled(count / 1e6, 1000, ["M", "G", "T", "P"])


def _scaled(value: float, step: int, units: list[str]) -> str:
    """Return `value`, which is in the first of the units, with three digits."""
    *smaller, largest = units
    for unit in smaller:
        if value < step - 0.5:
            return f"{_three_digits(value)} {unit}"
        value /= step
    return f"{_three_digits(value)} {largest}"


def _three_digits(value: float) -> str:
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}"
