"""What arrays are called: the names that a user gave to the Tensors that show them."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

_names: dict[int, tuple[weakref.ref[Any], str]] = {}


def note(array: Any, name: str | None) -> None:
    """Remember the name of an array as long as it lives; None forgets it."""
    key = id(array)
    if name is None:
        _names.pop(key, None)
    elif isinstance(array, np.ndarray):
        _names[key] = weakref.ref(array, lambda _: _names.pop(key, None)), name


def of(array: Any) -> str | None:
    """Return the name of an array, if it has one."""
    reference, name = _names.get(id(array), (None, None))
    return name if reference is not None and reference() is array else None
