"""A run as one HTML page that fetches nothing: tables, and plots where matplotlib is there."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from autograd_mini.palette import BLUE, FAINT, GOLD, GREEN, GREY, INK, RED

from ..results import Race, Results
from . import figures, plots, tables
from .tables import Cell, Table
from .words import MEASURED, facts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PLOTS = find_spec("matplotlib") is not None

_COLORS = {
    INK: "ink",
    GREY: "grey",
    FAINT: "faint",
    BLUE: "blue",
    RED: "red",
    GREEN: "green",
    GOLD: "gold",
    plots.PURPLE: "purple",
    plots.CYAN: "cyan",
    plots.PINK: "pink",
    "#ffffff": "paper",
}
"""The style sheet's names of the plots' colours, which are others when the page is dark."""

_SHADE = 55
"""How strong the colour of a ratio gets, in percent."""

_STRONGEST = 8
"""The ratio, or one over it, from which on colours get no stronger."""


def page(results: Results) -> str:
    """Return the page: all workloads together, and then each with its plots and its races."""
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>autograd_mini: benchmarks</title>
<style>
{style}</style>
</head>
<body>
<main>
{"".join(_content(results))}</main>
</body>
</html>
"""


def _content(results: Results) -> Iterator[str]:
    sweeps = figures.sweeps(results)
    yield "<header>\n<h1>autograd_mini: benchmarks</h1>\n"
    yield from _facts(results)
    yield f"<p>{html.escape(' '.join(MEASURED))}</p>\n"
    yield "</header>\n"
    yield _contents(sweeps)
    if _PLOTS:
        yield _figure(plots.overview(results), "overview", "our time over each contestant's")
    for table in tables.overall(results):
        heading = f"<h2>{html.escape(table.title)}</h2>\n"
        yield f"<section>\n{heading}{''.join(_grid(table))}</section>\n"
    for name, races in sweeps.items():
        yield f'<section id="{html.escape(name)}">\n{"".join(_workload(races))}</section>\n'


def _facts(results: Results) -> Iterator[str]:
    yield "<dl>\n"
    for name, value in facts(results).items():
        yield f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>\n"
    if not _PLOTS:
        yield "<dt>plots</dt><dd>need matplotlib: pip install matplotlib</dd>\n"
    yield "</dl>\n"


def _contents(sweeps: dict[str, list[Race]]) -> str:
    links = (
        f'<a href="#{html.escape(name)}">{html.escape(races[0].title)}</a>'
        for name, races in sweeps.items()
    )
    return f"<nav>{' '.join(links)}</nav>\n"


def _workload(races: list[Race]) -> Iterator[str]:
    last = races[-1]
    yield f"<h2>{html.escape(last.title)}</h2>\n"
    if _PLOTS:
        yield _figure(plots.growth(races), last.workload, "the time of a step over size")
    for race in races:
        table = tables.race(race)
        yield f"<details{' open' * race.main}>\n<summary>{html.escape(table.title)}</summary>\n"
        if _PLOTS and race.main:
            for case in figures.cases([race]):
                name = f"{race.workload} {race.size} {case.variant}"
                yield f"<h3>{html.escape(case.variant)}</h3>\n" if case.variant else ""
                yield _figure(plots.ratios(case), name, f"our time over others': {name}")
        yield from _grid(table)
        yield "</details>\n"


# Tables


def _grid(table: Table) -> Iterator[str]:
    if table.rows:
        yield '<div class="wide"><table>\n<thead>'
        yield _row("th", table.columns, table.labels)
        yield "</thead>\n<tbody>\n"
        yield from (_row("td", row, table.labels) for row in table.rows)
        yield "</tbody>\n</table></div>\n"
    yield from (f'<p class="note">{html.escape(note)}</p>\n' for note in table.notes)


def _row(element: str, cells: Sequence[Cell], labels: int) -> str:
    drawn = (_cell(element, cell, i < labels) for i, cell in enumerate(cells))
    return f"<tr>{''.join(drawn)}</tr>\n"


def _cell(element: str, cell: Cell, label: bool) -> str:
    text = cell.full or cell.text
    kinds = [cell.tone] * bool(cell.tone) + ["label"] * label + ["part"] * text.startswith(" ")
    kind = f' class="{" ".join(kinds)}"' if kinds else ""
    note = f' title="{html.escape(cell.note)}"' if cell.note else ""
    return f"<{element}{kind}{note}{_shade(cell.ratio)}>{html.escape(text.strip())}</{element}>"


def _shade(ratio: float | None) -> str:
    """Return the colour of a ratio: blue below 1, red above, by its logarithm."""
    if ratio is None or ratio <= 0:
        return ""
    strength = min(1.0, abs(math.log(ratio)) / math.log(_STRONGEST))
    color = "blue" if ratio < 1 else "red"
    mixed = f"color-mix(in srgb, var(--{color}) {_SHADE * strength:.0f}%, transparent)"
    return f' style="background: {mixed}"'


# Plots


def _figure(figure: Figure | None, name: str, said: str) -> str:
    """Return a figure as a part of the page, in the page's own colours."""
    if figure is None:
        return ""
    drawn = plots.svg(figure, name)
    opening = drawn.index("<svg")
    frame = re.search(r'viewBox="[^"]*"', drawn)
    body = drawn[drawn.index("<g ", opening) :]
    for color, known in _COLORS.items():
        body = body.replace(color, f"var(--{known})")
    body = _without_spare_names(body)
    assert frame
    return f'<figure><svg role="img" aria-label="{html.escape(said)}" {frame[0]}>{body}</figure>\n'


def _without_spare_names(drawn: str) -> str:
    """Return SVG with only those ids that it refers to: others would be twice on the page."""
    used = set(re.findall(r"#([\w.]+)", drawn))
    return re.sub(r' id="([^"]*)"', lambda name: name[0] if name[1] in used else "", drawn)
