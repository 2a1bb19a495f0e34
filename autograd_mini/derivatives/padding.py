"""Padding: `np.pad` in each of its modes, and `np.linspace`, which builds the ramps of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import errors
from ..dispatch import primitive
from ..door import asks, raw
from ..graph import Array
from ..primitive import composition, derivative
from .joining import part
from .shape import tensor

Widths = list[list[int]]
"""For each axis, how much is put before and behind it."""


@composition(np.pad)
def _pad(array: Array, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Array:
    """Pad all axes at once where each new element is a constant or an old one, else one by one."""
    if callable(mode):
        errors.refuse_function(np.pad, (array,))  # it would write to a plain array
    widths = _widths(raw(pad_width), array.ndim)
    if not widths:
        np.pad(raw(array), raw(pad_width), mode, **raw(kwargs))  # raises for what NumPy refuses
        return np.copy(array)
    if mode in ("constant", "empty") and not asks(kwargs):
        return framed(array, widths, mode, kwargs)
    np.pad(np.ones((1,) * array.ndim), 0, mode, **raw(kwargs))  # raises for what NumPy refuses
    if kwargs.get("reflect_type") == "odd":
        mode = f"odd {mode}"
    if mode not in BY_AXIS:
        numbers = np.arange(array.size).reshape(array.shape)
        return np.take(array, np.pad(numbers, widths, mode))
    if array.size == 0 and mode != "constant":
        np.pad(raw(array), widths, mode.removeprefix("odd "))  # raises if an empty axis is to grow
        return framed(array, widths, "constant", {})
    padded, keyword, default = BY_AXIS[mode]
    pairs = np.broadcast_to(kwargs.get(keyword, default), (array.ndim, 2))
    for axis, pair in enumerate(pairs):
        if any(widths[axis]):
            array = padded(array, axis, widths[axis], pair)
    return array


def _widths(pad_width: Any, ndim: int) -> Widths:
    """Return `pad_width` with two numbers for each axis, however briefly it was said."""
    if isinstance(pad_width, dict):
        given, pad_width = pad_width, [(0, 0)] * ndim
        for axis, width in given.items():
            pad_width[axis] = width if isinstance(width, tuple) else (width, width)
    widths = np.asarray(pad_width)
    if widths.dtype.kind != "i":
        raise TypeError(f"np.pad: pad_width is made of integers, not {widths.dtype}")
    if (widths < 0).any():
        raise ValueError("np.pad: pad_width has a negative number")
    return np.broadcast_to(widths, (ndim, 2)).tolist()


@primitive(array=lambda g, array_shape, widths: g[inside(widths, array_shape)])
def framed(array: Array, widths: Widths, mode: Any, keywords: dict[str, Any]) -> Array:
    """Return `array` in a frame that does not depend on it: as `np.pad` pads by default.

    >>> framed(np.array([1, 2]), [[1, 2]], "constant", {"constant_values": 7})
    array([7, 1, 2, 7, 7])
    """
    return np.pad(array, widths, mode, **keywords)


def inside(widths: Widths, shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Return the index of what a frame is around."""
    return tuple([slice(w[0], w[0] + n) for w, n in zip(widths, shape, strict=True)])


# One axis


def slab(x: Any, a: Array, axis: int, size: int) -> Array:
    """Return `x`, repeated to lie beside `a` along an axis."""
    shape = (*a.shape[:axis], size, *a.shape[axis + 1 :])
    return np.broadcast_to(np.astype(tensor(x), a.dtype), shape)


def beside(a: Array, axis: int, widths: list[int], sides: Any) -> Array:
    """Put a value, or what is a single one along an axis, on each side of it."""
    left, right = (slab(x, a, axis, size) for x, size in zip(sides, widths, strict=True))
    return np.concatenate((left, a, right), axis)


def ramped(a: Array, axis: int, widths: list[int], ends: Any) -> Array:
    """Let straight lines run from the edges to the values at the ends."""
    left, right = (
        np.linspace(end, part(a, axis, edge), size, endpoint=False, dtype=a.dtype, axis=axis)
        for end, edge, size in zip(ends, (0, -1), widths, strict=True)
    )
    return np.concatenate((left, a, np.flip(right, axis)), axis)


def summarised(statistic: Any, a: Array, axis: int, widths: list[int], lengths: Any) -> Array:
    """Put a statistic of as many elements as `lengths` say, next to an edge, beside that edge."""
    size = a.shape[axis]
    first, last = (size if length is None else min(length, size) for length in lengths)
    chunks = part(a, axis, slice(first)), part(a, axis, slice(size - last, size))
    return beside(a, axis, widths, [statistic(x, axis=axis, keepdims=True) for x in chunks])


def mirrored(gap: int, a: Array, axis: int, widths: list[int], _: Any) -> Array:
    """Turn what is next to an edge about it by half a turn, and again until all is filled.

    An edge is itself repeated where `gap` is 0. A whole number of periods is turned at once.
    """
    before, after = widths
    period = a.shape[axis] - gap
    if not period:  # NumPy repeats a single element
        return beside(a, axis, widths, (a, a))
    while before or after:
        size = a.shape[axis]
        most = (size - gap) // period * period
        left, right = min(most, before), min(most, after)
        near = part(a, axis, slice(gap, gap + left))
        far = part(a, axis, slice(size - gap - right, size - gap))
        first, last = part(a, axis, slice(1)), part(a, axis, slice(size - 1, size))
        turned = 2 * first - np.flip(near, axis), a, 2 * last - np.flip(far, axis)
        a = np.concatenate(turned, axis)
        before, after = before - left, after - right
    return a


BY_AXIS: dict[str, tuple[Callable[..., Array], str, Any]] = {
    "constant": (beside, "constant_values", 0),
    "linear_ramp": (ramped, "end_values", 0),
    "maximum": (partial(summarised, np.max), "stat_length", None),
    "mean": (partial(summarised, np.mean), "stat_length", None),
    "median": (partial(summarised, np.median), "stat_length", None),
    "minimum": (partial(summarised, np.min), "stat_length", None),
    "odd reflect": (partial(mirrored, 1), "", None),
    "odd symmetric": (partial(mirrored, 0), "", None),
}
"""For each mode: how an axis is padded, by which keyword it is told more, and the default."""

# Ramps


def of_ramp(g: Any, num: int, endpoint: bool, retstep: bool, axis: int, end: int) -> Array:
    """Return the cotangent of what a ramp starts from (`end` is 0) or runs to (1)."""
    steps = num - 1 if endpoint else num
    rise = np.arange(num) / max(steps, 1)
    of_samples = np.moveaxis(g[0] if retstep else g, axis, -1)
    total = np.sum(of_samples * (rise if end else 1 - rise).astype(of_samples.dtype), -1)
    return total + (g[1] if end else -g[1]) / steps if retstep and steps > 0 else total


derivative(
    np.linspace,
    start=lambda g, num, endpoint, retstep, axis: of_ramp(g, num, endpoint, retstep, axis, 0),
    stop=lambda g, num, endpoint, retstep, axis: of_ramp(g, num, endpoint, retstep, axis, 1),
)
