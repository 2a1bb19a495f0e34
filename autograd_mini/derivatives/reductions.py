"""Reductions: sums, means and variances, extremes, medians, traces.

Where elements tie for a maximum, a minimum or a median, they share its gradient evenly.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..dispatch import call, wrapped
from ..graph import Array
from ..primitive import composition, constant, derivative, through
from ..views import Handle

F = TypeVar("F", bound=Callable[..., Any])

# What the rules are made of


def axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return `axis` as a tuple of axes counted from the first: all of them for None."""
    if axis is None or ndim == 0:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(operator.index(a) % ndim for a in given)


def spread(
    g: Array, shape: tuple[int, ...], axis: Any, keepdims: bool | None, where: Any = None
) -> Array:
    """Return the cotangent of a reduction, given to each element that was reduced.

    Elements where `where` is false get 0.
    """
    if axis is not None and not keepdims:
        reduced = axes(axis, len(shape))
        g = g.reshape(tuple([1 if i in reduced else n for i, n in enumerate(shape)]))
    return only(stretched(g, shape), where)


def stretched(g: Array, shape: tuple[int, ...]) -> Array:
    """Return `g` broadcast to `shape`, without a copy."""
    if isinstance(g, np.generic):  # what np.broadcast_to gives, sooner
        return np.ndarray(shape, g.dtype, np.array(g), 0, (0,) * len(shape))
    return np.broadcast_to(g, shape)


def only(x: Array, where: Any) -> Array:
    """Return `x` where `where` is true or left away, and 0 elsewhere."""
    return x if where is None or where is True else np.where(where, x, 0)


def wide(x: Array, *others: Array) -> Array:
    """Return `x` in the precision of the most precise of these, and in single at least.

    Half precision cannot count beyond 2048; and who reduces in another `dtype` wants its precision.
    """
    dtype = np.result_type(x.dtype, *[other.dtype for other in others])
    dtype = np.dtype(np.float32) if dtype == np.float16 else dtype
    return x if x.dtype == dtype else x.astype(dtype)


def quotient(a: Array, b: Array) -> Array:
    """Return a / b, and 0 where b is 0."""
    zero = b == 0
    return np.where(zero, 0, a / np.where(zero, 1, b))


def merged(a: Array, axis: Any) -> Array:
    """Return `a` with the axes of a reduction merged into one, the last."""
    order, kept = _order(a.ndim, axis)
    sizes = [a.shape[i] for i in order]
    return np.transpose(a, order).reshape(*sizes[:kept], math.prod(sizes[kept:]))


def unmerged(x: Array, shape: tuple[int, ...], axis: Any) -> Array:
    """Return what has `shape` and becomes `x` when it is `merged`."""
    order, _ = _order(len(shape), axis)
    return np.transpose(x.reshape([shape[i] for i in order]), tuple(np.argsort(order).tolist()))


def _order(ndim: int, axis: Any) -> tuple[tuple[int, ...], int]:
    """Return the axes, those of a reduction last, and how many come before these."""
    reduced = axes(axis, ndim)
    kept = [i for i in range(ndim) if i not in reduced]
    return (*kept, *reduced), len(kept)


def locally_constant(function: F) -> F:
    """Make `function` one whose derivative is 0 wherever it has one: it may be used in rules."""
    constant(function)

    @functools.wraps(function)
    def on_arrays_or_tensors(*args: Any) -> Any:
        if any(isinstance(x, Handle) for x in args):
            return call(function, args, {})
        return function(*args)

    return on_arrays_or_tensors  # type: ignore[return-value]


@locally_constant
def present(a: Array, where: Any) -> Array:
    """Return where `a` is not NaN, and `where` is true or left away."""
    return ~np.isnan(a) if where is None else ~np.isnan(a) & where


# Sums

derivative(
    np.sum,
    a=lambda g, a_shape, axis, keepdims, where: spread(g, a_shape, axis, keepdims, where),
    initial=lambda g: g,
)
derivative(
    np.nansum,
    a=lambda g, a, a_shape, axis, keepdims, where: spread(
        g, a_shape, axis, keepdims, present(a, where)
    ),
    initial=lambda g: g,
)


def on_diagonal(g: Array, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Array:
    """Return zeros of `shape`, but for the diagonals that were summed: there, `g`."""
    diagonal = np.eye(shape[axis1], shape[axis2], offset, dtype=bool)
    return np.moveaxis(np.where(diagonal, g.reshape((*g.shape, 1, 1)), 0), (-2, -1), (axis1, axis2))


derivative(
    np.trace,
    a=lambda g, a_shape, offset, axis1, axis2: on_diagonal(g, a_shape, offset, axis1, axis2),
)
through(np.linalg.trace)


# Means and variances


def number(
    g: Array, shape: tuple[int, ...], axis: Any, keepdims: Any, where: Any, ddof: Any = 0
) -> Any:
    """Return how many elements were reduced to each, less `ddof`: to divide `g` by."""
    if where is None or where is True:
        return max(math.prod(shape[i] for i in axes(axis, len(shape))) - ddof, 0)
    count = np.sum(np.broadcast_to(where, shape), axes(axis, len(shape)), keepdims=bool(keepdims))
    return np.maximum(count - ddof, 0).astype(g.dtype)


def of_mean(g: Array, shape: tuple[int, ...], axis: Any, keepdims: Any, where: Any) -> Array:
    """Return the cotangent of what a mean was taken of."""
    g = wide(g)
    share = g / number(g, shape, axis, keepdims, where) if math.prod(shape) else g
    return spread(share, shape, axis, keepdims, where)


def of_variance(
    g: Array,
    a: Array,
    axis: Any,
    dtype: Any,
    ddof: Any,
    keepdims: Any,
    where: Any,
    mean: Array,
    correction: Any,
) -> Array:
    """Return the cotangent of what a variance was taken of, about its own mean or a given one.

    That its own mean depends on the elements adds nothing: the deviations from it sum to 0.
    """
    if a.dtype.kind == "c" and dtype is not None and np.dtype(dtype).kind != "c":
        raise NotImplementedError(
            f"a variance of {a.dtype} with dtype={np.dtype(dtype)}, which drops the imaginary part "
            "of the mean, has no derivative here: leave dtype away"
        )
    g = wide(g.real if g.dtype.kind == "c" else g)  # a variance is real, whatever its dtype
    a = wide(a, g)
    if mean is None:
        mean = np.mean(a, axes(axis, a.ndim), keepdims=True, where=True if where is None else where)
    ddof = ddof if correction is None else correction
    share = g / number(g, a.shape, axis, keepdims, where, ddof)
    return 2 * spread(share, a.shape, axis, keepdims, where) * only(a - mean, where)


def of_deviation(
    g: Array,
    out: Array,
    a: Array,
    axis: Any,
    dtype: Any,
    ddof: Any,
    keepdims: Any,
    where: Any,
    mean: Array,
    correction: Any,
) -> Array:
    """Return the cotangent of what a standard deviation was taken of: 0 where it is 0."""
    g = quotient(wide(g), 2 * wide(out))
    return of_variance(g, a, axis, dtype, ddof, keepdims, where, mean, correction)


def negative(vjp: F) -> F:
    """Return the rule that gives the negative of what `vjp` gives."""

    @functools.wraps(vjp)
    def rule(*values: Any) -> Array:
        return -vjp(*values)

    return rule  # type: ignore[return-value]


def without_nans(vjp: F) -> F:
    """Return `vjp` as the rule of a function that leaves out NaNs, as `where` does."""
    names = list(inspect.signature(vjp).parameters)
    a, where = names.index("a"), names.index("where")

    @functools.wraps(vjp)
    def rule(*values: Any) -> Array:
        return vjp(*values[:where], present(values[a], values[where]), *values[where + 1 :])

    return rule  # type: ignore[return-value]


derivative(
    np.mean,
    a=lambda g, a_shape, axis, keepdims, where: of_mean(g, a_shape, axis, keepdims, where),
)
derivative(
    np.nanmean,
    a=lambda g, a, a_shape, axis, keepdims, where: of_mean(
        g, a_shape, axis, keepdims, present(a, where)
    ),
)
derivative(np.var, a=of_variance, mean=negative(of_variance))
derivative(np.std, a=of_deviation, mean=negative(of_deviation))
derivative(np.nanvar, a=without_nans(of_variance), mean=without_nans(negative(of_variance)))
derivative(np.nanstd, a=without_nans(of_deviation), mean=without_nans(negative(of_deviation)))


@composition(np.average)
def average(
    a: Array,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: Any = False,
) -> Any:
    """Return the weighted mean as `np.average` does: as a quotient of sums."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    a = a if isinstance(a, Handle) else np.asarray(a)
    if weights is None:
        mean = np.mean(a, axis, keepdims=keepdims)
        total = np.ones_like(mean) * (a.size / mean.size)
    else:
        weights = aligned(weights, a.shape, axis)
        double = () if a.dtype.kind in "fc" else (float,)
        dtype = np.result_type(a.dtype, weights.dtype, *double)
        total = np.sum(weights, axis, dtype, keepdims=keepdims)
        if (total == 0).any():
            raise ZeroDivisionError("np.average: the weights sum to zero")
        mean = np.sum(np.multiply(a, weights, dtype=dtype), axis, keepdims=keepdims) / total
    return (mean, wrapped(np.broadcast_to(total, mean.shape))) if returned else mean


def aligned(weights: Any, shape: tuple[int, ...], axis: Any) -> Array:
    """Return the weights of an average over `axis`, such that they broadcast to `shape`."""
    weights = weights if isinstance(weights, Handle) else np.asarray(weights)
    if weights.shape == shape:
        return weights
    averaged = axes(axis, len(shape))
    if axis is None or weights.shape != tuple(shape[i] for i in averaged):
        raise ValueError(
            f"np.average: weights of shape {weights.shape} for an array of shape {shape} and axis "
            f"{axis}: they have the shape of the array, or that of the axes averaged over"
        )
    weights = np.transpose(weights, np.argsort(averaged).tolist())
    return weights.reshape([n if i in averaged else 1 for i, n in enumerate(shape)])
