"""Sorting: picking elements in an order that their values say."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Array
from ..primitive import composition, constant


@composition(np.sort)
def _sort(
    a: Any, axis: int | None = -1, kind: Any = None, order: None = None, *, stable: Any = None
) -> Array:
    """Of equal elements, each keeps its own gradient, in the order that `np.argsort` gives them."""
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(a, axis, kind, order, stable=stable), axis)


@composition(np.partition)
def _partition(
    a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: None = None
) -> Array:
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argpartition(a, kth, axis, kind, order), axis)


constant(np.argsort, np.argpartition, np.lexsort, np.searchsorted)
