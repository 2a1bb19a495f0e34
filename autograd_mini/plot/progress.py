"""How training went: `history`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Array
from ..palette import GREY
from .labels import label_ends
from .style import COLORS, axes, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

CLOCKS = ("step", "epoch")
"""The names that say when, not what."""

DASHES = {"train": "-", "training": "-", "val": "--", "valid": "--", "validation": "--"}
DASHES["test"] = ":"


class Series(NamedTuple):
    """Values that were measured, and when."""

    name: str
    quantity: str  # the name without the part that says on which data
    dashes: str
    places: Array  # in the history: which of its steps have a value
    at: Array
    values: Array

    @property
    def is_accuracy(self) -> bool:
        """Whether it is named so."""
        return not {"acc", "accuracy"}.isdisjoint(_words(self.quantity))


def history(history: Any, *, ax: Axes | None = None, log: bool = False, smooth: int = 0) -> Axes:
    """Draw losses, accuracies and whatever else was noted in training, over its steps.

    Names tell what belongs together: "loss" and "val_loss" share a colour, the first is solid and
    the second dashed ("test_loss" is dotted). What is named "acc" or "accuracy" is drawn in
    percent, on an axis of its own at the right if there are others.

    Args:
        history: a dict (or data frame) of sequences of numbers by name; a sequence of dicts with a
            number for each name, as they are noted step by step; or one sequence, of losses. None,
            or a name that a dict lacks, stands for a step without a measurement. What is named
            "step" or "epoch" says when; otherwise the first is step 1.
        ax: where to draw, by default on a new figure. Between several, the axis of the accuracies
            has room in `plt.subplots(1, 3, layout="constrained")`.
        log: whether the axis of the losses is logarithmic.
        smooth: draw the mean of each value and this many before and after it (fewer at the ends),
            with the values themselves faintly behind.

    Returns:
        The Axes; that of the accuracies, if there are two, shares its horizontal axis.

    Raises:
        ValueError: sequences of different lengths; an accuracy not between 0 and 1; no finite
            number in a sequence; `smooth` is negative; nothing positive where `log`.

    >>> import autograd_mini as ag
    >>> ax = ag.plot.history({"loss": [0.9, 0.5, 0.3], "val_loss": [1.0, 0.7, 0.6]})
    >>> [line.get_linestyle() for line in ax.lines]
    ['-', '--']
    """
    pyplot()
    if smooth < 0:
        raise ValueError(f"smooth counts the values on either side that are averaged: {smooth} < 0")
    clock, series = _read(history)
    _check(series, log)
    ax = axes(ax, (6.4, 4))
    quantities = list(dict.fromkeys(one.quantity for one in series))
    colors = {name: COLORS[i % len(COLORS)] for i, name in enumerate(quantities)}
    right = None
    if len({one.is_accuracy for one in series}) == 2:
        right = _right_axis(ax)
    lines = []
    for one in series:
        where = right if right is not None and one.is_accuracy else ax
        lines.append(_draw(where, one, colors[one.quantity], smooth))
    _scales(ax, right, series, log)
    ax.set_xlabel(clock)
    label_ends(ax, lines)
    return ax


def _read(history: Any) -> tuple[str, list[Series]]:
    """Return the name of the horizontal axis, and the series."""
    columns = _columns(history)
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(
            f"the sequences have different lengths: {told}. Write None for a step without a value"
        )
    clock = next((name for name in CLOCKS if name in columns), None)
    at = np.arange(1, 1 + next(iter(lengths.values()), 0))
    if clock is not None:
        at = np.array([_number(clock, value) for value in columns[clock]])
    series = [_series(name, at, values) for name, values in columns.items() if name not in CLOCKS]
    if not series:
        raise ValueError("the history is empty: it has no losses, or whatever else is to be drawn")
    return clock or "step", series


def _columns(history: Any) -> dict[str, Sequence[Any]]:
    if hasattr(history, "items"):  # a dict, or a data frame
        return {str(name): list(values) for name, values in history.items()}
    records = list(history)
    if records and all(isinstance(record, Mapping) for record in records):
        names = dict.fromkeys(name for record in records for name in record)
        return {str(name): [record.get(name) for record in records] for name in names}
    return {"loss": records}


def _series(name: str, at: Array, values: Iterable[Any]) -> Series:
    known = [
        (place, x, _number(name, value))
        for place, (x, value) in enumerate(zip(at, values, strict=True))
        if value is not None
    ]
    data = [word for word in _words(name) if word in DASHES]
    quantity = " ".join(word for word in _words(name) if word not in DASHES) or name
    dashes = DASHES[data[0]] if data else "-"
    return Series(name, quantity, dashes, *np.array(known, float).reshape(-1, 3).T)


def _number(name: str, value: Any) -> float:
    if value is None or np.ndim(value) != 0:
        raise ValueError(
            f"{name} holds numbers, and here one of shape {np.shape(value)}: take its mean() first"
            if value is not None
            else f"{name} is None for a step"
        )
    return float(value.item() if hasattr(value, "item") else value)


def _words(name: str) -> list[str]:
    return re.split(r"[^a-z0-9]+", name.lower())


def _check(series: list[Series], log: bool) -> None:
    for one in series:
        finite = one.values[np.isfinite(one.values)]
        if not finite.size:
            raise ValueError(f"{one.name} has no finite number among its {len(one.values)}")
        if one.is_accuracy and (finite.min() < 0 or finite.max() > 1):
            raise ValueError(
                f"{one.name} goes from {finite.min():g} to {finite.max():g}, and an accuracy is "
                "between 0 and 1: divide percents by 100"
            )
        if log and not one.is_accuracy and finite.max() <= 0:
            raise ValueError(f"{one.name} has no positive number to draw on a logarithmic axis")


def _draw(ax: Axes, series: Series, color: str, smooth: int) -> Line2D:
    name, _, dashes, places, at, values = series
    drawn = values
    if smooth:
        drawn = smoothed(values, smooth, places)
        ax.plot(at, values, color=color, linewidth=0.8, alpha=0.3, label=f"_{name}")
    marker = "o" if len(values) == 1 else ""
    (line,) = ax.plot(at, drawn, dashes, marker=marker, color=color, linewidth=1.8, label=name)
    return line


def smoothed(values: Array, reach: int, places: Array | None = None) -> Array:
    """Return the mean of each value and those at most `reach` places away, on either side.

    >>> smoothed(np.array([3.0, 1.0, 2.0, 6.0, 1.0]), 1)
    array([2. , 2. , 3. , 3. , 3.5])
    """
    places = np.arange(len(values)) if places is None else places
    first = np.searchsorted(places, places - reach)
    last = np.searchsorted(places, places + reach, side="right")
    return np.array([values[i:j].mean() for i, j in zip(first, last, strict=True)])


def _right_axis(ax: Axes) -> Axes:
    right = axes(ax.twinx(), (0, 0))
    right.spines[["left", "bottom"]].set_visible(False)
    right.grid(False)
    return right


def _scales(ax: Axes, right: Axes | None, series: list[Series], log: bool) -> None:
    """Give each vertical axis its scale and its name."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    accuracy = right or (ax if series[0].is_accuracy else None)
    if accuracy is not None:
        accuracy.yaxis.set_major_formatter(PercentFormatter(1.0))
        accuracy.set_ylabel("accuracy")
    if accuracy is not ax:
        others = dict.fromkeys(one.quantity for one in series if not one.is_accuracy)
        ax.set_ylabel(", ".join(others) if len(others) < 4 else "")
        if log:
            ax.set_yscale("log", nonpositive="mask")
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    ax.spines["bottom"].set_color(GREY)
