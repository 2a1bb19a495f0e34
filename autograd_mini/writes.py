"""Which memory was written in place, and when.

One clock numbers the nodes of graphs and stamps the writes to memory. What a node saved is stale
when its memory bears a stamp later than the node's number.
"""

from __future__ import annotations

import itertools
import weakref
from typing import Any

import numpy as np

tick = itertools.count(1).__next__


class Stamp:
    """The last write to some memory, and the last one outside `no_grad`: when, and by what."""

    __slots__ = ("by", "forget", "recorded", "recorded_by", "time")

    def __init__(self, forget: weakref.ref[Any]) -> None:
        self.forget = forget
        self.time = self.recorded = 0
        self.by = self.recorded_by = ""


_stamps: dict[int, Stamp] = {}
_latest = 0


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


def stamp(array: Any, by: str, recorded: bool) -> None:
    """Note that the operation named `by` wrote to the memory of `array` now."""
    global _latest
    memory = owner(array)
    key = id(memory)
    written = _stamps.get(key)
    if written is None:
        written = Stamp(weakref.ref(memory, lambda _: _stamps.pop(key, None)))
        _stamps[key] = written
    _latest = written.time = tick()
    written.by = by
    if recorded:
        written.recorded = written.time
        written.recorded_by = by


def since(array: Any, number: int) -> str | None:
    """Return the operation that wrote to the memory of `array` after `number`, if one did."""
    if not isinstance(array, np.ndarray):
        return None
    written = _stamps.get(id(owner(array)))
    return written.by if written is not None and written.time > number else None


def recorded_since(array: Any, number: int) -> str | None:
    """Return the same, of operations outside `no_grad` alone."""
    written = _stamps.get(id(owner(array)))
    return written.recorded_by if written is not None and written.recorded > number else None


def read_only(data: Any) -> Any:
    """Return a view of `data` that cannot be written to."""
    if not isinstance(data, np.ndarray | np.generic):
        return data
    view = np.asarray(data).view()
    view.flags.writeable = False
    return view
