"""Indexing."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import derivative

derivative(operator.getitem, a=lambda g, a_shape, b: scattered(g, b, a_shape))


@primitive(g=lambda g, index: g[index])
def scattered(g: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Return zeros of `shape` to which `g` is added at `index`."""
    result = np.zeros_like(g, shape=shape)
    np.add.at(result, index, g)
    return result


derivative(np.where, x=lambda g, condition: np.where(condition, g, 0), y=lambda g, condition: np.where(condition, 0, g))
