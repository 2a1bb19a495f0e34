"""Pictures of a run: how time grows with size, and the ratios at the main sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_mini.palette import BLUE, GOLD, GREEN, GREY, INK, RED
from autograd_mini.plot.labels import apart
from autograd_mini.plot.style import SMALL, plain_frame

from ..contestants import OURS
from ..results import Race, Results
from . import figures
from .figures import Case
from .tables import case_cells
from .words import number, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

PURPLE, CYAN, PINK = "#6b4fa0", "#3c9dbb", "#d98a82"


class Style(NamedTuple):
    """How a contestant is drawn: its colour, marker and line."""

    color: str
    marker: str
    dashes: str = "-"


STYLES = {
    "numpy": Style(INK, "s", "--"),
    "ours": Style(BLUE, "o"),
    "torch": Style(RED, "D"),
    "compile": Style(PINK, "d", "--"),
    "jax": Style(GREEN, "^"),
    "autograd": Style(GOLD, "v"),
    "mygrad": Style(PURPLE, "<"),
    "tinygrad": Style(CYAN, ">"),
}
OTHER = Style(GREY, "P", ":")

WIDTH = 7.2
"""Of a figure, in inches."""

LEFT, NAMES = 0.8, 1.35
"""The room left of a plot, and that for names right of it, in inches."""


def plots(results: Results, folder: Path) -> list[Path]:
    """Write a figure of the ratios, and one of the growth of each workload, as SVG.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"overview": overview(results)}
    drawn |= {
        name: growth(races, races[-1].title) for name, races in figures.sweeps(results).items()
    }
    written = []
    for name, figure in drawn.items():
        if figure is not None:
            written.append(folder / f"{name}.svg")
            written[-1].write_text(svg(figure, name), encoding="utf-8")
    return written


def svg(figure: Figure, name: str) -> str:
    """Return a figure as SVG, the same for the same figure; its text is text."""
    import io

    from matplotlib import rc_context

    text = io.StringIO()
    settings: Any = {"svg.fonttype": "none", "font.family": "sans-serif", "svg.hashsalt": name}
    with rc_context(settings):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _figure(height: float) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "plots need matplotlib: pip install matplotlib", name=error.name
        ) from error
    return Figure(figsize=(WIDTH, height), facecolor="white")


def style(contestant: str) -> Style:
    """Return how a contestant is drawn."""
    return STYLES.get(contestant, OTHER)


# Growth


def growth(sweep: Sequence[Race], heading: str = "") -> Figure | None:
    """Draw the time of a step over size, both logarithmic; None if nobody has two sizes."""
    variants = [variant for variant in figures.variants(sweep[-1]) if _curves(sweep, variant)]
    if not variants:
        return None
    figure = _figure(4.0)
    figure.text(LEFT / WIDTH, 0.94, heading, size=SMALL + 2, color=INK, weight="bold")
    inches = (WIDTH - LEFT) / len(variants)
    first: Axes | None = None
    for i, variant in enumerate(variants):
        place = ((LEFT + i * inches) / WIDTH, 0.13, (inches - NAMES) / WIDTH, 0.72)
        ax = figure.add_axes(place, sharey=first)
        _draw_growth(ax, sweep, variant)
        ax.set_title(variant, loc="left", fontsize=SMALL, color=INK)
        ax.tick_params(labelleft=first is None)
        ax.set_ylabel("time of a step" if first is None else "", fontsize=SMALL, color=INK)
        first = first or ax
    _tick(figure.axes[0].yaxis, _seconds)
    for ax in figure.axes:
        _name_lines(ax)
    return figure


def _curves(sweep: Sequence[Race], variant: str) -> dict[str, tuple[list[int], list[float]]]:
    """Return the sizes and times of each contestant that has two sizes or more."""
    curves = {key: figures.curve(sweep, key, variant) for key in figures.contestants(sweep)}
    return {key: curve for key, curve in curves.items() if len(curve[0]) > 1}


def _draw_growth(ax: Axes, sweep: Sequence[Race], variant: str) -> None:
    plain_frame(ax)
    ax.set_xscale("log")
    ax.set_yscale("log")
    for key, (sizes, seconds) in _curves(sweep, variant).items():
        color, marker, dashes = style(key)
        ours = key == OURS
        ax.plot(
            *(sizes, seconds, dashes),
            color=color,
            marker=marker,
            markersize=4.5,
            linewidth=2.2 if ours else 1.3,
            zorder=3 if ours else 2,
            label=title(key),
        )
    sizes = [race.size for race in sweep]
    ax.set_xticks(sizes, [_power(size) for size in sizes])
    ax.minorticks_off()
    ax.set_xlabel(sweep[-1].unit, fontsize=SMALL, color=INK)


def _name_lines(ax: Axes) -> None:
    """Write each line's name right of the Axes, at the height where the line ends."""
    figure: Any = ax.figure
    lines: Any = list(ax.lines)
    ends = [line.get_xydata()[-1] for line in lines]
    frame = ax.get_window_extent()
    heights = apart(ax.transData.transform(ends)[:, 1], 1.35 * SMALL / 72 * figure.dpi)
    for line, end, height in zip(lines, ends, heights, strict=True):
        color = str(line.get_color())
        ax.annotate(
            str(line.get_label()),
            tuple(end),
            xytext=(1.03, (height - frame.y0) / frame.height),
            textcoords="axes fraction",
            va="center",
            fontsize=SMALL,
            fontweight="bold" if line.get_label() == title(OURS) else "normal",
            color=color,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": color,
                "linewidth": 0.6,
                "alpha": 0.55,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 3,
            },
        )


def _power(size: int) -> str:
    exponent = len(str(size)) - 1
    return rf"$10^{exponent}$" if size == 10**exponent and exponent > 2 else f"{size:,}"


def _seconds(value: float) -> str:
    """Return a time that is written on an axis.

    >>> _seconds(2e-5), _seconds(1.0)
    ('20 us', '1 s')
    """
    for power, unit in (0, "s"), (-3, "ms"), (-6, "us"):
        if value >= 0.999 * 10.0**power:
            return f"{value / 10.0**power:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def _tick(axis: Axis, text: Callable[[float], str]) -> None:
    """Mark round values on a logarithmic axis: fewer in each power of ten the more there are."""
    low, high = axis.get_view_interval()
    decades = math.log10(high / low)
    digits = (1, 2, 5) if decades < 3 else (1, 3) if decades < 5 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [digit * 10.0**power for power in powers for digit in digits]
    shown = [value for value in values if low <= value <= high]
    axis.set_ticks(shown, [text(value) for value in shown])
    axis.set_ticks([], minor=True)


# Ratios


def overview(results: Results) -> Figure | None:
    """Draw our time over each contestant's, a row for each workload and main size."""
    cases = [case for case in figures.cases(figures.main_races(results)) if _ratios(case)]
    if not cases:
        return None
    keys = figures.opponents(case.race for case in cases)
    columns = 5
    above = 0.15 + 0.22 * math.ceil(len(keys) / columns)
    figure, ax = _ratio_axes([_label(case) for case in cases], above)
    for row, case in enumerate(cases):
        for key, ratio in _ratios(case).items():
            _dot(ax, key, ratio, row)
    _finish_ratios(ax)
    handles = [ax.plot([], [], style(key).marker, color=style(key).color)[0] for key in keys]
    figure.legend(
        handles,
        list(map(title, keys)),
        loc="upper left",
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handletextpad=0.1,
        borderaxespad=0.1,
    )
    return figure


def ratios(case: Case) -> Figure | None:
    """Draw our time over each contestant's in one case: a bar from 1, and the spread of rounds."""
    found = _ratios(case)
    if not found:
        return None
    figure, ax = _ratio_axes([title(key) for key in found], above=0.1)
    for row, (key, ratio) in enumerate(found.items()):
        ax.plot(
            [1, ratio.middle],
            [row, row],
            color=style(key).color,
            lw=7,
            alpha=0.3,
            solid_capstyle="butt",
        )
        _dot(ax, key, ratio, row)
        ax.annotate(
            number(ratio.middle),
            (ratio.high if ratio.middle > 1 else ratio.low, row),
            xytext=(8 if ratio.middle > 1 else -8, 0),
            textcoords="offset points",
            ha="left" if ratio.middle > 1 else "right",
            va="center",
            fontsize=SMALL,
            color=INK,
        )
    _finish_ratios(ax)
    return figure


def _ratios(case: Case) -> dict[str, figures.Spread]:
    found = {key: figures.ours_over(case, key) for key in figures.opponents([case.race])}
    return {key: ratio for key, ratio in found.items() if ratio is not None}


def _label(case: Case) -> str:
    return ", ".join(cell.full or cell.text for cell in case_cells(case) if cell.text)


def _ratio_axes(labels: list[str], above: float) -> tuple[Figure, Axes]:
    """Return Axes with a logarithmic axis of ratios, a row for each label, and a line at 1."""
    left, below = min(0.55 * WIDTH, 0.3 + 0.075 * max(map(len, labels))), 0.6
    inside = 0.27 * (len(labels) + 0.4)
    height = inside + above + below
    figure = _figure(height)
    wide = (WIDTH - left - 0.2) / WIDTH
    ax = figure.add_axes((left / WIDTH, below / height, wide, inside / height))
    plain_frame(ax)
    ax.set_xscale("log")
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.3, -0.7)
    ax.axvline(1, color=INK, linewidth=1)
    return figure, ax


def _dot(ax: Axes, key: str, ratio: figures.Spread, row: int) -> None:
    color, marker, _ = style(key)
    ax.plot([ratio.low, ratio.high], [row, row], color=color, linewidth=1.6)
    ax.plot(
        ratio.middle, row, marker, color=color, markersize=5.5, markeredgecolor="white", mew=0.5
    )


def _finish_ratios(ax: Axes) -> None:
    low, high = ax.dataLim.intervalx
    low, high = min(0.5, low), max(2, high)
    room = (high / low) ** 0.13  # for numbers beside the first and the last
    ax.set_xlim(low / room, high * room)
    _tick(ax.xaxis, lambda value: f"{value:g}")
    for place, align, text in (
        (0.0, "left", "← ours is faster"),
        (0.5, "center", "ours / theirs"),
        (1.0, "right", "ours is slower →"),
    ):
        ax.annotate(
            *(text, (place, 0)),
            xytext=(0, -24),
            xycoords="axes fraction",
            textcoords="offset points",
            ha=align,
            va="center",
            fontsize=SMALL,
            color=INK if align == "center" else GREY,
        )
