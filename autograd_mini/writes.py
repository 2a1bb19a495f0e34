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

_stamps: dict[int, tuple[weakref.ref[Any], int, str]] = {}
_latest = 0


def latest() -> int:
    """Return the time of the last write to any memory."""
    return _latest


def owner(array: Any) -> Any:
    """Return the array that owns the memory which `array` shows."""
    while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
        array = array.base
    return array


def stamp(array: Any, by: str) -> None:
    """Note that the operation named `by` wrote to the memory of `array` now."""
    global _latest
    memory = owner(array)
    key = id(memory)
    _latest = tick()
    known = _stamps.get(key)
    forget = known[0] if known else weakref.ref(memory, lambda _: _stamps.pop(key, None))
    _stamps[key] = (forget, _latest, by)


def since(array: Any, number: int) -> str | None:
    """Return the operation that wrote to the memory of `array` after `number`, if one did."""
    if not isinstance(array, np.ndarray):
        return None
    written = _stamps.get(id(owner(array)))
    return written[2] if written is not None and written[1] > number else None
