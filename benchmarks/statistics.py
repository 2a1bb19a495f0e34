"""The figures that reports are made of: pure functions of the seconds that were measured."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

DRIFT = 0.05
"""By how much the same ratio differs from one run to the next, with nothing changed: memory is
laid out anew, and the processor is warmer or cooler. Within a run no round shows it."""

CERTAIN = 4
"""How many standard errors a difference must be. With fewer, of 100 ratios that did not change
some would be said to have."""


def median(values: Sequence[float]) -> float:
    """Return the value with as many below it as above."""
    return statistics.median(values)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median between the two values that half of all lie between: low, middle, high."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def ratios(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """Return a / b for each round: what else the machine did in a round met both.

    Raises:
        ValueError: if they are not of the same rounds.
    """
    if len(a) != len(b):
        raise ValueError(f"ratios pair times by round, but there are {len(a)} and {len(b)} rounds")
    return [x / y for x, y in zip(a, b, strict=True)]


def fitted(sizes: Sequence[int]) -> list[int]:
    """Return the sizes that `exponent` looks at: the upper half, and at least three.

    At smaller ones what a step costs anyway hides how its time grows.
    """
    ascending = sorted(set(sizes))
    return ascending[-max(3, (len(ascending) + 1) // 2) :]


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return k of the law seconds = c * size**k: a line's slope, by least squares of logarithms.

    Args:
        sizes: at least two that differ.
        seconds: what a step took at each of them. Those at sizes `fitted` leaves out are ignored.
    """
    upper = set(fitted(sizes))
    points = [(s, t) for s, t in zip(sizes, seconds, strict=True) if s in upper]
    if len(upper) < 2:
        raise ValueError(f"growth shows over two sizes or more, but there is only {list(sizes)}")
    return statistics.linear_regression(
        [math.log(size) for size, _ in points], [math.log(time) for _, time in points]
    ).slope


def changed(
    old_a: Sequence[float],
    old_b: Sequence[float],
    new_a: Sequence[float],
    new_b: Sequence[float],
) -> tuple[float, bool]:
    """Tell by what factor the ratio a / b is another than it was, and if that is beyond noise.

    It is where the medians differ by more than `CERTAIN` of their standard errors, and by more
    than `DRIFT`. Three rounds in each run are the fewest that can tell.
    """
    old, new = _logarithms(old_a, old_b), _logarithms(new_a, new_b)
    difference = median(new) - median(old)
    noise = max(CERTAIN * math.hypot(_error(old), _error(new)), math.log1p(DRIFT))
    return math.exp(difference), min(len(old), len(new)) >= 3 and abs(difference) > noise


def _logarithms(a: Sequence[float], b: Sequence[float]) -> list[float]:
    return [math.log(ratio) for ratio in ratios(a, b)]


def _error(values: Sequence[float]) -> float:
    """The standard error of their median, from the middle half, which outliers do not widen.

    For normal ones: the deviation is the middle half's width / 1.349, and that of the median of n
    is sqrt(pi / 2 / n) times it. The width of few values is often far too small; n - 2 for n
    makes up for that.
    """
    low, _, high = quartiles(values)
    return math.sqrt(math.pi / 2 / max(1, len(values) - 2)) * (high - low) / 1.349
