"""What a contestant does within its own process: make ready, answer, warm up, take turns."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from .workload import Array, Entry, timed

CALLS = 3
"""After so many all have compiled: tinygrad runs the first as it is, and notes the second."""


@dataclass(frozen=True)
class Turn:
    """What a step took in a turn, and the forward run alone where it is told apart: seconds."""

    seconds: float
    forward: float | None = None


class Lane:
    """A computation, made ready by one contestant, and timed in turns.

    Args:
        make: makes an entry of it.
        turn: the seconds that a turn should take: as many steps as fit, and at least one.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        make: Callable[[], Entry],
        turn: float,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._make = make
        self._turn = turn
        self._clock = clock
        self._repeats = self._forward_repeats = 1

    def open(self) -> float:
        """Make it and do the first steps. Return the seconds to the first one's end."""
        start = self._clock()
        self._entry = self._make()
        self._entry.step()
        first = self._latest = self._clock() - start
        if self._entry.measure is None:  # else each is a process, which remembers nothing
            timed(self._entry.step, CALLS - 2)
            self._latest = self._seconds(partial(timed, self._entry.step), 1)
        return first

    def answer(self) -> list[Array]:
        """Return what is computed, from the start."""
        return self._entry.answer()

    def warm_up(self, budget: float) -> float:
        """Do steps until times settle, or so many seconds. Return those a turn takes, with rest."""
        self._repeats, seconds = self._warm(self._entry.seconds, self._latest, budget)
        forward = self._entry.forward
        if forward:
            timed(forward, CALLS - 1)
            measure = partial(timed, forward)
            latest = self._seconds(measure, 1)
            self._forward_repeats, more = self._warm(measure, latest, budget)
            seconds += more
        gc.collect()
        gc.freeze()  # what lives on by now need not be looked through in each turn
        start = self._clock()
        rest()
        return seconds + self._clock() - start

    def turn(self) -> Turn:
        """Time a turn, with the cycle collector off."""
        gc.collect()
        gc.disable()
        try:
            if self._repeats > 1:  # wakes threads and fills caches, after the turns of others
                self._entry.seconds(1)
            seconds = self._entry.seconds(self._repeats) / self._repeats
            if self._entry.forward is None:
                return Turn(seconds)
            forward = timed(self._entry.forward, self._forward_repeats) / self._forward_repeats
            return Turn(seconds, forward)
        finally:
            gc.enable()
            rest()

    def close(self) -> None:
        """Let go of all that it holds."""
        del self._entry
        gc.unfreeze()
        gc.collect()

    def _warm(
        self, measure: Callable[[int], object], latest: float, budget: float
    ) -> tuple[int, float]:
        """Repeat until times settle. Return how many repeats make a turn, and its seconds.

        They are this process's own: where an entry has processes, that they start takes time too.
        """
        repeats, spent, each = 1, latest, [latest]
        while spent < budget and not settled(each):
            seconds = self._seconds(measure, repeats)
            spent += seconds
            each.append(seconds / repeats)
            if seconds < self._turn / 10:  # too short to tell from what the clock itself takes
                repeats *= 2
        best = min(each)
        repeats = max(1, round(self._turn / best))
        return repeats, repeats * best

    def _seconds(self, measure: Callable[[int], object], repeats: int) -> float:
        start = self._clock()
        measure(repeats)
        return self._clock() - start


def settled(seconds: Sequence[float]) -> bool:
    """Tell whether the last three are no longer faster than those before, by a tenth."""
    return len(seconds) >= 6 and min(seconds[-3:]) > 0.9 * min(seconds[:-3])


def rest(
    clock: Callable[[], float] = time.process_time, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait until this process's threads are asleep, that they take no time from the next turn.

    They go on looking for work when there is none: measured, OpenBLAS's for 110 ms after a matrix
    product, PyTorch's for 9 ms, JAX's not at all.
    """
    for _ in range(100):
        before = clock()
        sleep(0.002)
        if clock() - before < 0.0002:
            return
