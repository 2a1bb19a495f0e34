"""What is printed: the table of a race as it ends, and at last all races in a few tables."""

from __future__ import annotations

from typing import Literal

from ..results import Race, Results
from . import tables
from .tables import Cell, Table, Tone
from .words import facts

try:
    from rich import box
    from rich.align import Align
    from rich.console import Group, RenderableType
    from rich.padding import Padding
    from rich.table import Table as RichTable
    from rich.text import Text
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "tables in the terminal need rich: pip install rich", name=error.name
    ) from error

_STYLES: dict[Tone, str] = {
    "": "",
    "faster": "bold green",
    "slower": "red",
    "faint": "dim",
    "strong": "bold",
}


def race_table(race: Race) -> RenderableType:
    """Return the times of one race, for a terminal of 80 columns or more."""
    return stacked(tables.race(race))


def summary(results: Results) -> RenderableType:
    """Return what a run was made with, and what it found."""
    grid = RichTable.grid(padding=(0, 2))
    for name, value in facts(results).items():
        grid.add_row(Text(name, "dim"), Text(value))
    return Group("", grid, stacked(*tables.overall(results)))


def stacked(*parts: str | Table) -> RenderableType:
    """Return lines and tables, one below the other."""
    return Group(*(Text(part) if isinstance(part, str) else _shown(part) for part in parts))


def _shown(table: Table) -> RenderableType:
    """Return a table below its title, with its notes below."""
    drawn = RichTable(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for i, column in enumerate(table.columns):
        side: Literal["left", "right"] = "left" if i < table.labels else "right"
        heading = Align(Text(column.text, "dim"), side, vertical="bottom")
        drawn.add_column(heading, justify=side, no_wrap=side == "right")
    for row in table.rows:
        drawn.add_row(*map(_text, row))
    notes = [Text(note, "dim") for note in table.notes]
    grid = [drawn] if table.rows else []
    return Padding(Group(Text(table.title, "bold"), *grid, *notes), (1, 0, 0, 0))


def _text(cell: Cell) -> Text:
    return Text(cell.text, _STYLES[cell.tone])
