"""Extremes: maxima, minima and what is between, and the smooth maximum.

Elements that tie for a maximum, a minimum or a median share its gradient evenly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dispatch import REDUCE, primitive
from ..graph import Array
from ..primitive import composition, constant, derivative, mutation
from .reductions import axes, locally_constant, merged, only, spread, unmerged, wide, without_nans


@locally_constant
def shares(
    a: Array, extreme: Array, axis: Any, keepdims: Any, where: Any = None, initial: Any = None
) -> Array:
    """Return the share of each element in `extreme`, one in all: 0 for those that differ.

    Those that are equal, also to NaN, share evenly. `initial` is one more element.
    """
    value = spread(extreme, a.shape, axis, keepdims)
    chosen = (a == value) | (np.isnan(a) & np.isnan(value))
    if where is not None:
        chosen = chosen & where
    count = np.sum(chosen, axes(axis, a.ndim), keepdims=True)
    if initial is not None:
        count = count + (value == initial)
    single = np.float32 if a.dtype == np.float16 else np.finfo(a.dtype).dtype
    return np.divide(chosen, np.maximum(count, 1), dtype=single)


def of_extreme(
    g: Array, out: Array, a: Array, axis: Any, keepdims: Any, where: Any, initial: Any
) -> Array:
    """Return the cotangent of what a maximum or minimum was taken of."""
    return spread(g, a.shape, axis, keepdims) * shares(a, out, axis, keepdims, where, initial)


def of_initial(
    g: Array, out: Array, a: Array, axis: Any, keepdims: Any, where: Any, initial: Any
) -> Array:
    """Return the cotangent of the `initial` value: what the elements leave of the one share."""
    taken = shares(a, out, axis, keepdims, where, initial)
    return wide(g) * (1 - np.sum(taken, axes(axis, a.ndim), keepdims=bool(keepdims)))


for function in (np.max, np.amax, np.min, np.amin):
    derivative(function, a=of_extreme, initial=of_initial)
for function in (np.nanmax, np.nanmin):
    derivative(function, a=without_nans(of_extreme), initial=without_nans(of_initial))


@composition(np.ptp)
def ptp(a: Array, axis: Any = None, out: Any = None, keepdims: Any = False) -> Array:
    """Return the range of values, as `np.ptp`."""
    top, bottom = np.max(a, axis, keepdims=keepdims), np.min(a, axis, keepdims=keepdims)
    return np.subtract(top, bottom, out=out)


@locally_constant
def middle_shares(a: Array, axis: Any) -> Array:
    """Return the share of each element in the median: the two middle ones have a half each."""
    flat = merged(a, axis)
    n = flat.shape[-1]
    if n == 0:
        return a
    ordered = np.partition(flat, ((n - 1) // 2, n // 2))
    nan = np.isnan(flat).any(-1, keepdims=True)
    lower, upper = (np.where(nan, np.nan, ordered[..., i : i + 1]) for i in ((n - 1) // 2, n // 2))
    both = shares(flat, lower, -1, True) + shares(flat, upper, -1, True)
    return unmerged(both / 2, a.shape, axis)


@primitive(
    a=lambda g, a, a_shape, axis, keepdims: (
        spread(g, a_shape, axis, keepdims) * middle_shares(a, axis)
    )
)
def median(a: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Return the median, and leave `a` in its order."""
    return np.median(a, axis, keepdims=keepdims)


@mutation(np.median)
def _median(
    a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: Any = False
) -> Array:
    return median(a, axis, keepdims)  # that the input may be overwritten is only a permission


constant(np.count_nonzero, np.any, np.all, np.argmax, np.argmin, np.nanargmax, np.nanargmin)


# Smooth maxima


def smooth_maximum(
    ufunc: Callable[..., Any], exp: Callable[[Array], Array]
) -> Callable[..., Array]:
    """Return the `reduce` of `ufunc`, logaddexp or logaddexp2, as a function with derivatives.

    The derivative is a softmax: `exp` of each element, relative to the result.
    """

    def reduce(
        a: Array,
        axis: Any = 0,
        dtype: Any = None,
        keepdims: bool = False,
        initial: Any = -np.inf,
        where: Any = True,
    ) -> Array:
        options = {"keepdims": keepdims, "initial": initial, "where": where}
        return ufunc.reduce(a, axis, dtype, **options)  # type: ignore[attr-defined]

    def softmax(g: Array, out: Array, a: Array, axis: Any, keepdims: Any, where: Any) -> Array:
        part = exp(only(a - spread(out, a.shape, axis, keepdims), where))
        return spread(g, a.shape, axis, keepdims, where) * part

    reduce.__name__ = f"np.{ufunc.__name__}.reduce"
    derivative(reduce, a=softmax, initial=lambda g, out, initial: g * exp(initial - out))
    return reduce


REDUCE[np.logaddexp] = smooth_maximum(np.logaddexp, np.exp)
REDUCE[np.logaddexp2] = smooth_maximum(np.logaddexp2, np.exp2)
