"""What the times of a run say: ratios within rounds, growth, memory. Where none, None."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..contestants import CONTESTANTS, OURS
from ..results import Race, Results, Timing
from ..statistics import exponent, fitted, median, quartiles, ratios


class Spread(NamedTuple):
    """The middle of some values, and what the middle half of them lies between."""

    low: float
    middle: float
    high: float


class Case(NamedTuple):
    """A race, seen in one of its variants."""

    race: Race
    variant: str

    def timing(self, contestant: str) -> Timing:
        """Return what a contestant took: one without times if it did not take part."""
        for timing in self.race.timings:
            if (timing.contestant, timing.variant) == (contestant, self.variant):
                return timing
        return Timing(contestant, self.variant)


class Growth(NamedTuple):
    """The law seconds = c * size**exponent, and the sizes that it was fitted to."""

    exponent: float
    sizes: list[int]


class Factor(NamedTuple):
    """How much longer one variant of a race takes than its first."""

    race: Race
    variant: str
    first: str
    of: dict[str, Spread]


def cases(races: Iterable[Race]) -> list[Case]:
    """Return all variants of these races."""
    return [Case(race, variant) for race in races for variant in variants(race)]


def variants(race: Race) -> list[str]:
    """Return the variants of a race."""
    return list(dict.fromkeys(timing.variant for timing in race.timings))


def main_races(results: Results) -> list[Race]:
    """Return the races that tables show."""
    return [race for race in results.races if race.main]


def sweeps(results: Results) -> dict[str, list[Race]]:
    """Return the races of each workload, from the smallest size to the largest."""
    names = dict.fromkeys(race.workload for race in results.races)
    return {
        name: sorted(
            (race for race in results.races if race.workload == name), key=lambda race: race.size
        )
        for name in names
    }


def contestants(races: Iterable[Race]) -> list[str]:
    """Return who has times in these races, in the order in which tables have them."""
    timed = {timing.contestant for race in races for timing in race.timings if timing.seconds}
    order = [key for key in CONTESTANTS if key in timed]
    return order + sorted(timed.difference(order))


def opponents(races: Iterable[Race]) -> list[str]:
    """Return all but us who have times in these races."""
    return [key for key in contestants(races) if key != OURS]


def spread(a: Sequence[float], b: Sequence[float]) -> Spread | None:
    """Return the spread of a / b, taken within rounds.

    There is none if one has no times, or one of zero or less, or they are not of the same rounds.
    """
    if not a or len(a) != len(b) or min(*a, *b) <= 0:
        return None
    return Spread(*quartiles(ratios(a, b)))


def backward(timing: Timing) -> list[float]:
    """Return what the walk back took, in each round: a step, less the forward run alone."""
    if len(timing.forward) != len(timing.seconds):
        return []
    return [step - forward for step, forward in zip(timing.seconds, timing.forward, strict=True)]


def ours_over(case: Case, contestant: str) -> Spread | None:
    """Return our time over that of a contestant: below 1 where we are faster."""
    return spread(case.timing(OURS).seconds, case.timing(contestant).seconds)


def geometric_mean(values: Sequence[float]) -> float | None:
    """Return the mean of ratios that does not depend on which of the two is below the line.

    P. J. Fleming and J. J. Wallace, "How not to lie with statistics: the correct way to summarize
    benchmark results", Communications of the ACM 29 (1986), 218-221.

    >>> geometric_mean([0.5, 2.0])
    1.0
    """
    if not values:
        return None
    return math.exp(sum(map(math.log, values)) / len(values))


def curve(sweep: Sequence[Race], contestant: str, variant: str) -> tuple[list[int], list[float]]:
    """Return the sizes that a contestant has times of, and the median seconds of a step."""
    timed = {
        race.size: median(seconds)
        for race in sweep
        if (seconds := Case(race, variant).timing(contestant).seconds)
    }
    return list(timed), list(timed.values())


def growth(sweep: Sequence[Race], contestant: str, variant: str) -> Growth | None:
    """Return how a contestant's time grows with size, if there are two sizes or more."""
    sizes, seconds = curve(sweep, contestant, variant)
    if len(sizes) < 2 or min(seconds) <= 0:
        return None
    return Growth(exponent(sizes, seconds), fitted(sizes))


def peak_over(case: Case, contestant: str, *, above_base: bool) -> float | None:
    """Return our peak of memory over that of a contestant, as a whole or above the import."""
    ours, theirs = (_memory(case.timing(key), above_base) for key in (OURS, contestant))
    return ours / theirs if ours and theirs else None


def above_import(timing: Timing) -> int | None:
    """Return how much memory a contestant took above what its import did, in bytes."""
    if timing.peak is None or timing.base is None:
        return None
    return timing.peak - timing.base


def _memory(timing: Timing, above_base: bool) -> int | None:
    return above_import(timing) if above_base else timing.peak


def factors(races: Iterable[Race]) -> list[Factor]:
    """Return how much longer each variant takes than the first, for all who have both."""
    found = []
    for race in races:
        first, *others = variants(race) or [""]
        for variant in others:
            spreads = {
                key: spread(
                    Case(race, variant).timing(key).seconds, Case(race, first).timing(key).seconds
                )
                for key in contestants([race])
            }
            of = {key: value for key, value in spreads.items() if value is not None}
            found.append(Factor(race, variant, first, of))
    return found
