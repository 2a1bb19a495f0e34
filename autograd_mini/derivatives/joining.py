"""Joining and splitting: concatenate and stack, split and unstack, tile and repeat."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import composition, derivative, each, through
from .indexing import scattered
from .shape import tensor, views


def part(g: Array, axis: int, index: Any) -> Array:
    """Return what is at `index` along `axis`."""
    return g[(slice(None),) * (axis % g.ndim) + (index,)]


# Joining


def parted(g: Array, shapes: tuple[Any, ...], axis: int | None) -> Callable[[int], Array]:
    """Return the function that gives the cotangent of each array that was joined along `axis`.

    An array with fewer axes than `g` had that one added, of size 1.
    """
    if axis is None:
        g, axis, sizes = g.reshape(-1), 0, [math.prod(shape) for shape in shapes]
    else:
        axis %= g.ndim
        sizes = [shape[axis] if len(shape) == g.ndim else 1 for shape in shapes]
    stops = list(accumulate(sizes))
    return lambda i: part(g, axis, slice(stops[i] - sizes[i], stops[i])).reshape(shapes[i])


derivative(np.concatenate, arrays=each(lambda g, arrays_shape, axis: parted(g, arrays_shape, axis)))
derivative(np.stack, arrays=each(lambda g, axis: lambda i: part(g, axis, i)))
derivative(np.vstack, tup=each(lambda g, tup_shape: parted(g, tup_shape, 0)))
derivative(np.hstack, tup=each(lambda g, tup_shape: parted(g, tup_shape, 1 if g.ndim > 1 else 0)))
derivative(np.dstack, tup=each(lambda g, tup_shape: parted(g, tup_shape, 2)))
derivative(np.column_stack, tup=each(lambda g, tup_shape: parted(g, tup_shape, 1)))


@composition(np.block)
def _block(arrays: Any) -> Array:
    depth, ndim = _block_sizes(arrays)

    def joined(blocks: Any, depth: int) -> Array:
        if isinstance(blocks, list):
            return np.concatenate([joined(block, depth - 1) for block in blocks], -depth)
        block = tensor(blocks)
        return block.reshape((1,) * (ndim - block.ndim) + block.shape)

    return joined(arrays, depth) if depth else np.copy(arrays)


def _block_sizes(arrays: Any) -> tuple[int, int]:
    """Return how deep the lists of `np.block` are nested, and how many axes the result has."""
    if not isinstance(arrays, list):
        if isinstance(arrays, tuple):
            raise TypeError("np.block takes nested lists of arrays, not tuples")
        return 0, np.ndim(arrays)
    sizes = [_block_sizes(block) for block in arrays]
    if len({depth for depth, _ in sizes}) != 1:
        raise ValueError("np.block: each list has blocks, all nested in equally many lists")
    depth = sizes[0][0] + 1
    return depth, max(depth, *(ndim for _, ndim in sizes))


# Splitting


@primitive(a=lambda g, axis: np.concatenate(g, axis))
def divided(a: Array, stops: list[int], axis: int) -> tuple[Array, ...]:
    """Return the pieces of `a` between `stops`, which begin with 0 and end with its size.

    >>> divided(np.array([1, 2, 3]), [0, 1, 3], 0)
    (array([1]), array([2, 3]))
    """
    return tuple([part(a, axis, slice(*stop)) for stop in pairwise(stops)])


@views(np.array_split)
def _array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    size = np.shape(ary)[axis]
    if np.ndim(indices_or_sections) == 0:
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ValueError("np.array_split: the number of sections is larger than 0")
        stops = [i * (size // sections) + min(i, size % sections) for i in range(sections + 1)]
    else:
        stops = [0, *map(operator.index, indices_or_sections), size]
    if all(start <= stop for start, stop in pairwise(stops)):
        return list(divided(ary, stops, axis))
    return [part(ary, axis, slice(*stop)) for stop in pairwise(stops)]  # as NumPy, may overlap


for _split in (np.split, np.hsplit, np.vsplit, np.dsplit):
    views(_split)(_split.__wrapped__)  # type: ignore[attr-defined]

derivative(np.unstack, x=lambda g, axis: np.stack(g, axis))

# Repeating: the repetitions become the first axes of the cotangent, and the engine sums over these


def untiled(g: Array, shape: tuple[int, ...], reps: Any) -> Array:
    """Return the cotangent of each of the copies of an array of `shape` that was tiled."""
    counts = np.ravel(reps).tolist()
    ndim = max(len(counts), len(shape))
    counts = [1] * (ndim - len(counts)) + counts
    sizes = (1,) * (ndim - len(shape)) + shape
    g = g.reshape([n for pair in zip(counts, sizes, strict=True) for n in pair])
    g = g.transpose((*range(0, 2 * ndim, 2), *range(1, 2 * ndim, 2)))
    return g.reshape((*counts, *shape))


def unrepeated(g: Array, shape: tuple[int, ...], repeats: Any, axis: int | None) -> Array:
    """Return the cotangent of each of the copies of elements, or their sum where numbers differ."""
    sizes, at = (
        (shape, axis % len(shape)) if axis is not None and shape else ((math.prod(shape),), 0)
    )
    if np.size(repeats) == 1:
        count = int(np.ravel(repeats)[0])
        copies = g.reshape((*sizes[: at + 1], count, *sizes[at + 1 :]))
        return np.moveaxis(copies, at + 1, 0).reshape((count, *shape))
    places = np.repeat(np.arange(sizes[at]), repeats)
    return scattered(g, (slice(None),) * at + (places,), sizes).reshape(shape)


derivative(np.tile, A=lambda g, A_shape, reps: untiled(g, A_shape, reps))
derivative(np.repeat, a=lambda g, a_shape, repeats, axis: unrepeated(g, a_shape, repeats, axis))
through(np.resize)
