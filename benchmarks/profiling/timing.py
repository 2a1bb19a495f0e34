"""How long a step takes, and each of its calls by itself: in turns, with nobody listening."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_mini.graph import arrays_in
from autograd_mini.writes import owner

from ..statistics import median
from ..workload import Entry
from .noting import FORWARD, PYTHON, Call

Clock = Callable[[], float]


@dataclass(frozen=True)
class Timed:
    """What a step takes, and what each of its calls: seconds, in the quickest tenth of all runs.

    Attributes:
        total: of a step, where memory that is let go is kept for what comes next, and not given
            back to the system.
        forward: of the forward run alone, likewise, None where it can't be told apart.
        calls: of each call, likewise; those of functions and rules of ours are without NumPy's
            within.
    """

    total: float
    forward: float | None
    calls: dict[Call, float]

    def of(self, kind: str) -> float:
        """Return what all calls of a kind take."""
        return sum(seconds for call, seconds in self.calls.items() if call.kind == kind)

    @property
    def floor(self) -> float:
        """What NumPy's calls take: the step can't be faster without making others."""
        return sum(seconds for call, seconds in self.calls.items() if call.kind != PYTHON)

    @property
    def ours(self) -> float:
        """What is left: recording, walking back, Tensors."""
        return self.total - sum(self.calls.values())

    @property
    def ours_forward(self) -> float | None:
        """What of that is in the forward run, None where it can't be told."""
        if self.forward is None:
            return None
        calls = self.calls.items()
        return self.forward - sum(seconds for call, seconds in calls if call.phase == FORWARD)


def keep_memory() -> bool:
    """Let this process keep the memory that is let go; return whether it does, as with glibc.

    New memory costs a page fault for each 4 KiB when it is first written to. Which call meets them
    is chance: it depends on where the memory before it lay. Without them, times are of the calls.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    trim_threshold, mmap_threshold = -1, -3
    return bool(mallopt(trim_threshold, 2**30) and mallopt(mmap_threshold, 2**25))


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def repeated(
    entry: Entry, clock: Clock = time.perf_counter, seconds: float = 1.0, fewest: int = 5
) -> list[float]:
    """Return what steps of an entry take, for so many seconds about, or a few steps."""
    steps: list[float] = []
    began = clock()
    with _undisturbed():
        while len(steps) < fewest or clock() - began < seconds:
            steps.append(_time(entry.step, clock))
    return steps


def timed(
    entry: Entry,
    calls: Sequence[Call],
    clock: Clock = time.perf_counter,
    seconds: float = 5.0,
    turn: float = 0.005,
) -> Timed:
    """Time the steps of an entry, and its `calls` in their order.

    Args:
        entry: one that has run before.
        calls: those of a step, from `noted`.
        clock: what time it is.
        seconds: how long that goes on; there are three turns at least.
        turn: how long the steps of a turn take, or one step.
    """
    bare = [call for call in calls if call.kind != PYTHON]
    whole = [call for call in calls if call.within is None]
    replays = [(bare, _ends(bare)), (whole, _ends(whole))]
    empty = median(_replayed([_NOTHING] * 1000, [[i] for i in range(1000)], clock))
    steps: list[float] = []
    forwards: list[float] = []
    runs: tuple[list[list[float]], ...] = [], []
    repeats = range(max(1, int(turn / max(_time(entry.step, clock), 1e-9))))
    began = clock()
    with _undisturbed():
        while len(steps) < 3 * len(repeats) or clock() - began < seconds:
            steps += [_time(entry.step, clock) for _ in repeats]
            if entry.forward is not None:
                forwards += [_time(entry.forward, clock) for _ in repeats]
            for replay, run in zip(replays, runs, strict=True):
                run += [_replayed(*replay, clock) for _ in repeats]
    taken = dict(zip(whole + bare, _quick(runs[1]) + _quick(runs[0]), strict=True))
    own = _own({call: max(taken[call] - empty, 0.0) for call in calls})
    return Timed(_quickest(steps), _quickest(forwards) if forwards else None, own)


def _own(taken: dict[Call, float]) -> dict[Call, float]:
    """Return what each call takes without the calls that it makes: these do not take longer.

    By themselves they sometimes seem to.
    """
    within: dict[Call, float] = {}
    for call, seconds in taken.items():
        if call.within is not None:
            within[call.within] = within.get(call.within, 0.0) + seconds
    own = {}
    for call, seconds in taken.items():
        if call.within is None:
            own[call] = max(seconds - within.get(call, 0.0), 0.0)
        else:
            own[call] = seconds * min(1.0, taken[call.within] / (within[call.within] or 1.0))
    return own


def _quick(runs: list[list[float]]) -> list[float]:
    """Return the mean of each part in the quickest tenth of `runs`, which nothing disturbed.

    Of these means the sum is the mean of the whole. That is not so of medians.
    """
    quickest = sorted(runs, key=sum)[: max(1, len(runs) // 10)]
    means: list[float] = np.mean(quickest, axis=0).tolist()
    return means


def _quickest(seconds: list[float]) -> float:
    (mean,) = _quick([[each] for each in seconds])
    return mean


def _time(action: Callable[[], Any], clock: Clock) -> float:
    start = clock()
    action()
    return clock() - start


_NOTHING = Call("", None, "", "", callable, (None,))
"""A call that takes as little time as one can: what looking at the clock takes."""


def _replayed(calls: Sequence[Call], ends: Sequence[Sequence[int]], clock: Clock) -> list[float]:
    """Return the seconds of each of `calls`, made in turn.

    What they give is kept as long as in the step, so that the next calls find the caches as there.
    To let it go is not in the figures of calls, but left to what is ours.
    """
    seconds = []
    held: dict[int, Any] = {}
    for i, call in enumerate(calls):
        function = call.function
        args, kwargs = call.arguments()
        start = clock()
        held[i] = function(*args, **kwargs)
        seconds.append(clock() - start)
        for j in ends[i]:
            del held[j]
    return seconds


def _ends(calls: Sequence[Call]) -> list[list[int]]:
    """Return, for each of `calls`, which of their results nothing uses after it."""
    makers: dict[int, int] = {}  # of memory
    last = list(range(len(calls)))
    for i, call in enumerate(calls):
        for array in arrays_in([*call.args, *call.kwargs.values()]):
            maker = makers.get(id(owner(array)))
            if maker is not None:
                last[maker] = i
        for array in arrays_in(call.result):
            makers.setdefault(id(owner(array)), i)
    ends: list[list[int]] = [[] for _ in calls]
    for maker, end in enumerate(last):
        ends[end].append(maker)
    return ends
