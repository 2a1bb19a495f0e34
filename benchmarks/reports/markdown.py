"""The tables of a run as Markdown, for `benchmarks/RESULTS.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..results import Race, Results
from . import figures, tables
from .tables import Cell, Table
from .words import MEASURED, facts

_MARKS = re.compile(r"[\\`*|<\[\]]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What Markdown would read as its own: an underscore within a word is none of that."""


def markdown(results: Results) -> str:
    """Return all that a run found: in a few tables, and then race by race."""
    return "\n".join(
        [
            "<!-- Written by `python -m benchmarks`: do not edit. -->",
            "# Results of the benchmarks",
            "",
            *(f"- {name}: {_escaped(value)}" for name, value in facts(results).items()),
            "",
            " ".join(MEASURED),
            "",
            *_sections("##", tables.overall(results)),
            "## Each race",
            "",
            *_sections("###", map(tables.race, _in_order(results))),
        ]
    )


def _in_order(results: Results) -> list[Race]:
    return [race for races in figures.sweeps(results).values() for race in races]


def _sections(level: str, shown: Iterable[Table]) -> list[str]:
    lines = []
    for table in shown:
        notes = [f"{_escaped(note)}\n" for note in table.notes]
        lines += [f"{level} {_escaped(table.title)}", "", *_grid(table), *notes]
    return lines


def _grid(table: Table) -> list[str]:
    """Return the lines of a table: none if it has no rows."""
    if not table.rows:
        return []
    rules = ["---" if i < table.labels else "---:" for i in range(len(table.columns))]
    head = [_escaped(column.full or column.text) for column in table.columns]
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return [*map(_line, [head, rules, *rows]), ""]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    text = _escaped(cell.full or cell.text)
    indent = len(text) - len(text.lstrip(" "))
    strong = text and cell.tone in ("faster", "strong")
    return "&emsp;" * (indent // 2) + (f"**{text.strip()}**" if strong else text.strip())


def _escaped(text: str) -> str:
    """Return `text` on one line, as Markdown shows it and reads nothing into it."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.splitlines()))
