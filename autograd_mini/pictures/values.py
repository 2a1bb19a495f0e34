"""Arrays as a person can look at them: numbers if they are few, a heat map if they are many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph import Array

MOST_NUMBERS = 8
"""How many rows and columns are shown as numbers."""

MOST_CELLS = 48
"""How many rows and columns a heat map has."""

Display = dict[str, Any]
"""What there is to see of an array, in words and small numbers: plain data for the page."""


@np.errstate(all="ignore")  # some numbers are larger than any float64
def display(array: Array) -> Display:
    """Return what there is to see of an array.

    Its keys: "shape" and "dtype"; "numbers", the rows of a small array as text, or "heat", the
    cells of a large one between -127 and 127 with 0 at 0; "mean", "std", "min" and "max" of the
    finite elements as text; "bad", how many are not finite; "histogram" and its outer "edges".
    Complex numbers count by their magnitude, but as numbers.
    """
    data = np.asarray(array)
    flat = _as_table(data)
    sizes = (np.abs(flat) if data.dtype.kind == "c" else flat).astype(np.float64)
    few = flat.size == 0 or max(flat.shape) <= MOST_NUMBERS
    finite = sizes[np.isfinite(sizes)]
    edges = [brief(finite.min()), brief(finite.max())] if finite.size else None
    return {
        "shape": str(data.shape),
        "dtype": str(data.dtype),
        "numbers": [[brief(x) for x in row] for row in flat[:MOST_NUMBERS]] if few else None,
        "heat": None if few else _heat(sizes),
        "mean": brief(_safely(np.mean, finite)),
        "std": brief(_safely(np.std, finite)),
        "min": edges[0] if edges else "",
        "max": edges[1] if edges else "",
        "bad": int(sizes.size - finite.size),
        "histogram": _histogram(finite) if finite.size > 1 else None,
        "edges": edges,
    }


def brief(x: Any) -> str:
    """Return a number in four digits: whole ones as they are."""
    if isinstance(x, bool | np.bool | int | np.integer):
        return str(x)
    if isinstance(x, complex | np.complexfloating):
        return f"{x:.3g}"
    if isinstance(x, float | np.floating):
        return "" if x is _NOTHING else f"{x:.4g}"
    return str(x)


def sparkline(shown: Display) -> str:
    """Return the histogram of an array as a line of blocks."""
    bins = shown["histogram"]
    if not bins:
        return ""
    counts = [sum(pair) for pair in zip(bins[::2], bins[1::2], strict=True)]
    blocks = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
    return "".join(blocks[math.ceil(7 * count / max(counts))] for count in counts)


def line(shown: Display) -> str:
    """Return an array on one line: its number, or mean and deviation with a small histogram."""
    numbers = shown["numbers"]
    if numbers and len(numbers) == len(numbers[0]) == 1:
        return str(numbers[0][0])
    if not shown["mean"]:
        return "no finite elements" if shown["bad"] else "no elements"
    bad = f"  {shown['bad']:,} not finite" if shown["bad"] else ""
    return f"{shown['mean']} \u00b1 {shown['std']}  {sparkline(shown)}{bad}"


def _as_table(data: Any) -> Any:
    """Return an array in two axes, the last one as it is."""
    if data.ndim == 2:
        return data
    if data.ndim < 2:
        return data.reshape(1, data.size)
    return data.reshape(math.prod(data.shape[:-1]), data.shape[-1])


_NOTHING = math.nan


def _safely(function: Any, finite: Any) -> Any:
    if not finite.size:
        return _NOTHING
    unit = _unit(finite)
    return function(finite / unit) * unit


def _unit(finite: Any) -> float:
    """Return the power of two by which numbers are divided, so that no sum or square overflows."""
    return math.ldexp(1.0, int(np.frexp(np.abs(finite).max(initial=0.0))[1]) - 1)


def _heat(table: Any) -> dict[str, Any]:
    """Return an array in at most MOST_CELLS rows and columns, each the mean of what it shows."""
    if table.shape[0] == 1 and table.shape[1] > MOST_CELLS:  # a vector: in several rows
        width = min(MOST_CELLS, math.isqrt(table.shape[1] - 1) + 1)
        rest = -table.shape[1] % width
        padded = np.concatenate([table[0], np.full(rest, np.nan)])
        table = padded.reshape(-1, width)
    unit = _unit(table[np.isfinite(table)])
    cells = _shrunk(_shrunk(table / unit, 0), 1)
    finite = np.isfinite(cells)
    largest = np.abs(cells[finite]).max(initial=0.0) or 1.0
    levels = np.round(np.where(finite, cells, 0) / largest * 127).astype(int)
    return {
        "rows": cells.shape[0],
        "cols": cells.shape[1],
        "cells": [
            int(level) if good else None
            for level, good in zip(levels.flat, finite.flat, strict=True)
        ],
        "low": brief(float(np.min(cells[finite], initial=largest)) * unit),
        "high": brief(float(np.max(cells[finite], initial=-largest)) * unit),
        "reduced": cells.shape != table.shape,
    }


def _shrunk(table: Any, axis: int) -> Any:
    """Return a table with at most MOST_CELLS along an axis, by means of neighbours."""
    size = table.shape[axis]
    if size <= MOST_CELLS:
        return table
    starts = np.linspace(0, size, MOST_CELLS + 1).astype(int)
    sums = np.add.reduceat(table, starts[:-1], axis=axis)
    counts = np.diff(starts)
    return sums / (counts[:, None] if axis == 0 else counts)


def _histogram(finite: Any) -> list[int]:
    low, high = float(finite.min()), float(finite.max())
    if not math.isfinite(high - low):
        finite, low, high = finite / 4, low / 4, high / 4
    if not low < high or (high - low) / 16 == 0:
        return [0] * 7 + [int(finite.size)] + [0] * 8
    places = ((finite - low) / (high - low) * 16).astype(int)
    return [int(n) for n in np.bincount(np.minimum(places, 15), minlength=16)]
