"""Indexing: what picks elements out of arrays.

Picking is linear, and its transpose adds the cotangents up where the elements came from: see
`scattered`.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .. import errors
from ..dispatch import primitive
from ..door import asks
from ..graph import Array
from ..inplace import repeats
from ..primitive import composition, constant, derivative


@primitive(g=lambda g, index: g[index])
def scattered(g: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Return zeros of `shape` to which `g` is added at `index`."""
    if not repeats(index):
        result = np.zeros_like(g, shape=shape)
        result[index] = g
        return result
    wide = np.float32 if g.dtype == np.float16 else None
    size = math.prod(shape)
    result = np.zeros_like(g, shape=(size,), dtype=wide)
    places = np.arange(size, like=result).reshape(shape)[index]
    np.add.at(result, places.reshape(-1), g.reshape(-1))  # many times quicker along one axis
    return result.reshape(shape).astype(g.dtype, copy=False)


derivative(operator.getitem, a=lambda g, a_shape, b: scattered(g, b, a_shape))


# Along an axis


def _places(indices: Any, size: int, mode: str) -> Array:
    """Return `indices` as indexing understands them, whatever `mode` does with those outside."""
    places = np.asarray(indices)
    if mode == "wrap":
        return places % max(size, 1)
    return np.clip(places, 0, max(size - 1, 0)) if mode == "clip" else places


def _untaken(g: Array, indices: Any, axis: int | None, mode: str, shape: tuple[int, ...]) -> Array:
    """Return the transpose of `np.take`."""
    if axis is None or not shape:
        size = math.prod(shape)
        return scattered(g, (_places(indices, size, mode),), (size,)).reshape(shape)
    places = _places(indices, shape[axis], mode)
    return scattered(g, (slice(None),) * (axis % len(shape)) + (places,), shape)


def along(indices: Any, axis: int, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """Return the index that picks `indices` along `axis` for each place on the other axes."""
    places = np.asarray(indices)
    axis %= len(shape)
    rows = np.ogrid[tuple(slice(n) for n in shape)]
    return tuple(places if i == axis else row for i, row in enumerate(rows))


derivative(
    np.take,
    a=lambda g, a_shape, indices, axis, mode: _untaken(g, indices, axis, mode, a_shape),
)
derivative(
    np.take_along_axis,
    arr=lambda g, arr_shape, indices, axis: (
        _untaken(g, indices, None, "raise", arr_shape)
        if axis is None
        else scattered(g, along(indices, axis, arr_shape), arr_shape)
    ),
)
derivative(
    np.compress,
    a=lambda g, a_shape, condition, axis: _untaken(
        g, np.flatnonzero(condition), axis, "raise", a_shape
    ),
)
derivative(
    np.extract,
    arr=lambda g, arr_shape, condition: _untaken(
        g, np.flatnonzero(condition), None, "raise", arr_shape
    ),
)


# Elements of several arrays: NumPy's own function, run on the numbers of the elements, says which
# of them go where


def _numbered(*parts: Any) -> list[Array]:
    """Return for each of `parts` the numbers of its elements, counted through all of them."""
    sizes = [math.prod(np.shape(part)) for part in parts]
    starts = np.cumsum([0, *sizes])
    return [
        np.arange(start, start + size).reshape(np.shape(part))
        for start, size, part in zip(starts, sizes, parts, strict=False)
    ]


def _picked(order: Array, parts: list[Any], dtype: Any) -> Array:
    """Return the elements with the numbers in `order`, cast to `dtype`."""
    flat = [
        np.reshape(np.astype(part, dtype) if asks(part) else np.asarray(part, dtype=dtype), -1)
        for part in parts
    ]
    return np.take(np.concatenate(flat), order)


@composition(np.choose)
def _choose(a: Any, choices: Any, out: None = None, mode: Any = "raise") -> Array:
    choices = list(choices)
    return _picked(np.choose(a, _numbered(*choices), mode=mode), choices, np.result_type(*choices))


@composition(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    parts = [*choicelist, default]
    *numbers, last = _numbered(*parts)
    order = np.select(condlist, numbers, last)
    shape = np.broadcast_shapes(order.shape, *map(np.shape, parts))
    return _picked(np.broadcast_to(order, shape), parts, np.result_type(*parts))


@composition(np.delete)
def _delete(arr: Any, obj: Any, axis: int | None = None) -> Array:
    if axis is None:
        return np.take(arr, np.delete(np.arange(np.size(arr)), obj))
    return np.take(arr, np.delete(np.arange(np.shape(arr)[axis]), obj), axis=axis)


@composition(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Array:
    mine, inserted = _numbered(arr, values)
    return _picked(np.insert(mine, obj, inserted, axis), [arr, values], np.result_type(arr))


@composition(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Array:
    if axis is None:
        return np.concatenate((np.ravel(arr), np.ravel(values)))
    return np.concatenate((arr, values), axis=axis)


# Where elements are, and how many


@composition(np.histogram)
def _histogram(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Array, Array]:
    if asks((bins, range, weights)) or density or (range is None and np.ndim(bins) == 0):
        errors.refuse_function(np.histogram, (a,))  # then counts or edges have a derivative
    counts, edges = np.histogram(a.detach(), bins, range, weights=weights)
    return counts, edges


derivative(np.bincount, weights=lambda g, x: g[x])

constant(
    np.argwhere,
    np.diag_indices_from,
    np.digitize,
    np.flatnonzero,
    np.isin,
    np.ndim,
    np.nonzero,
    np.shape,
    np.size,
    np.tril_indices_from,
    np.triu_indices_from,
)
