"""NumPy's functions by a shorter way: without the Python that NumPy runs before its C.

Each gives what the function gives, and falls back on it for anything but plain arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Array
from ..primitive import shortcut


def _given(keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that say anything."""
    return {name: value for name, value in keywords.items() if value is not np._NoValue}


def _reduction(function: Callable[..., Any], ufunc: np.ufunc) -> None:
    reduce = ufunc.reduce

    @shortcut(function)
    def shorter(a: Array, axis: Any = None, *args: Any, **keywords: Any) -> Array:
        if type(a) is not np.ndarray or args:
            return function(a, axis, *args, **keywords)
        return reduce(a, axis, **_given(keywords))


_reduction(np.max, np.maximum)
_reduction(np.min, np.minimum)
_reduction(np.prod, np.multiply)


@shortcut(np.sum)
def _sum(a: Array, axis: Any = None, dtype: Any = None, **keywords: Any) -> Array:
    if type(a) is not np.ndarray:
        return np.sum(a, axis, dtype, **keywords)
    if not keywords:
        return np.add.reduce(a, axis, dtype)
    return np.add.reduce(a, axis, dtype, **_given(keywords))


@shortcut(np.matmul)
def _matmul(x1: Array, x2: Array, **keywords: Any) -> Array:
    if (
        type(x1) is type(x2) is np.ndarray
        and x1.ndim == x2.ndim == 2
        and x1.dtype is x2.dtype
        and not keywords
    ):
        return x1.dot(x2)
    return np.matmul(x1, x2, **keywords)
