"""Which memory was written in place, and when.

One clock numbers the nodes of graphs and stamps the writes to memory. What a node saved is stale
when its memory bears a stamp later than the node's number. Stamps tell stretches of memory apart,
so that a loop can fill a buffer row by row from the rows before.
"""

from __future__ import annotations

import itertools
import sys
import threading
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

tick = itertools.count(1).__next__


Write = tuple[int, str, int, str]
"""When memory was written, by which operation, and the same of the last one recorded."""


class Written:
    """The last write to each stretch of some memory: stretches in order, none overlapping."""

    __slots__ = ("ends", "forget", "starts", "writes")

    def __init__(self, forget: weakref.ref[Any]) -> None:
        self.forget = forget
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.writes: list[Write] = []

    def meeting(self, low: int, high: int) -> slice:
        """Return which stretches have a byte from `low` to `high`."""
        return slice(bisect_right(self.ends, low), bisect_left(self.starts, high))

    def note_all(self, by: str, recorded: bool) -> int:
        """Note a write to all of the memory, and return its time."""
        time = tick()
        if recorded:
            then, last = time, by
        else:
            then, last = _last_recorded(self.writes)
        self.starts, self.ends, self.writes = ALL, END, [(time, by, then, last)]
        return time

    def note(self, low: int, high: int, by: str, recorded: bool) -> int:
        """Note a write from `low` to `high`, and return its time."""
        if len(self.starts) > MANY:  # forget where
            low, high = min(low, self.starts[0]), max(high, self.ends[-1])
        met = self.meeting(low, high)
        old = self.writes[met]
        time = tick()
        new = (time, by, time, by) if recorded else (time, by, *_last_recorded(old))
        if self.starts is ALL:
            self.starts, self.ends = ALL.copy(), END.copy()
        pieces = [(low, high, new)]
        if old and self.starts[met.start] < low:
            pieces.insert(0, (self.starts[met.start], low, old[0]))
        if old and self.ends[met.stop - 1] > high:
            pieces.append((high, self.ends[met.stop - 1], old[-1]))
        self.starts[met], self.ends[met], self.writes[met] = map(list, zip(*pieces, strict=True))
        return time


ALL, END = [0], [sys.maxsize]
"""The one stretch of memory that was written as a whole, whatever its addresses."""

MANY = 100_000
"""How many stretches are told apart in one array's memory."""


def _last_recorded(writes: list[Write]) -> tuple[int, str]:
    if len(writes) == 1:
        return writes[0][2:]
    return max((write[2:] for write in writes), default=(0, ""))


_stamps: dict[int, Written] = {}
_latest = 0
_one_at_a_time = threading.Lock()


def latest() -> int:
    """Return the time of the last write to any memory."""
    return _latest


def owner(array: Any) -> Any:
    """Return the array that owns the memory which `array` shows."""
    memory = array
    while (base := getattr(array, "base", None)) is not None:
        array = base  # not all are arrays: np.lib.stride_tricks puts an object between two
        if isinstance(array, np.ndarray):
            memory = array
    return memory


def _written_to(memory: Any) -> Written:
    """Return what is known of the writes to the memory that an array owns."""
    key = id(memory)
    written = _stamps.get(key)
    if written is None:
        written = Written(weakref.ref(memory, lambda _: _stamps.pop(key, None)))
        _stamps[key] = written
    return written


def stamp(array: Any, by: str, recorded: bool) -> None:
    """Note that the operation named `by` wrote to what `array` shows now, `recorded` or not."""
    stamp_all([array], by, recorded)


def stamp_all(arrays: Iterable[Any], by: str, recorded: bool) -> None:
    """Note the same of several arrays."""
    global _latest
    with _one_at_a_time:
        for array in arrays:
            memory = array if array.base is None else owner(array)
            if array is memory:
                _latest = _written_to(memory).note_all(by, recorded)
            elif array.size:
                _latest = _written_to(memory).note(*byte_bounds(array), by, recorded)


def since(array: Any, number: int) -> str | None:
    """Return the operation that wrote to what `array` shows after `number`, if one did.

    What lies between the elements that it shows counts as shown.
    """
    written = [(time, by) for time, by, _, _ in _writes_to(array) if time > number]
    return max(written, default=(0, None))[1]


def recorded_since(array: Any, number: int) -> str | None:
    """Return the same, of operations outside `no_grad` alone."""
    recorded = [(time, by) for _, _, time, by in _writes_to(array) if time > number]
    return max(recorded, default=(0, None))[1]


def _writes_to(array: Any) -> list[Write]:
    written = _stamps.get(id(owner(array))) if isinstance(array, np.ndarray) else None
    if written is None or array.size == 0:
        return []
    if written.starts is ALL:
        return written.writes
    return written.writes[written.meeting(*byte_bounds(array))]


def read_only(data: Any) -> Any:
    """Return a view of `data` that cannot be written to."""
    if not isinstance(data, np.ndarray | np.generic):
        return data
    view = np.asarray(data).view()
    view.flags.writeable = False
    return view
