"""Products over axes, running sums and running products: exact where factors are 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import derivative
from .reductions import axes, merged, only, present, spread, unmerged, wide, without_nans

# Running sums


def sums_from(g: Array, shape: tuple[int, ...], axis: Any) -> Array:
    """Return the cotangent of a running sum's elements: the sum of all that follow."""
    return np.flip(np.cumsum(np.flip(wide(g), axis), axis), axis).reshape(shape)


def without_first(g: Array, axis: Any, include_initial: bool) -> Array:
    """Return `g` without its first element along `axis`, where that is the initial one."""
    if not include_initial:
        return g
    return g[(slice(None),) * (axes(axis, g.ndim)[0]) + (slice(1, None),)]


derivative(np.cumsum, a=lambda g, a_shape, axis: sums_from(g, a_shape, axis))
derivative(
    np.nancumsum,
    a=lambda g, a, a_shape, axis: only(sums_from(g, a_shape, axis), present(a, None)),
)
derivative(
    np.cumulative_sum,
    x=lambda g, x_shape, axis, include_initial: sums_from(
        without_first(g, axis, include_initial), x_shape, axis
    ),
)


# Running products


def conjugate(x: Array) -> Array:
    """Return the complex conjugate, and `x` itself if it is real."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def delayed(x: Array, like: Callable[[Array], Array]) -> Array:
    """Return `x` one place later along its last axis, after a one or zero (`np.ones_like`)."""
    return np.concatenate([like(x[..., :1]), x[..., :-1]], -1)


def carried_back(g: Array, x: Array) -> Array:
    """Return what a recurrence with factors `x` carries back: s[i] = x[i+1] s[i+1] + g[i]."""
    factors = delayed(np.flip(conjugate(x), -1), np.zeros_like)
    return np.flip(recurrence(factors, np.flip(g, -1)), -1)


@primitive(
    x=lambda g, out, x: carried_back(g, x) * conjugate(delayed(out, np.zeros_like)),
    b=lambda g, x: carried_back(g, x),
)
def recurrence(x: Array, b: Array) -> Array:
    """Return s with s[i] = x[i] s[i-1] + b[i] along the last axis, and s[0] = b[0].

    A running product's derivative is such a recurrence, without a division, so it is exact where
    factors are 0; and so is this one's own.

    >>> recurrence(np.array([0.0, 2.0, 0.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 1.])
    """
    x, s = np.moveaxis(x, -1, 0), np.moveaxis(b, -1, 0).copy()
    for i in range(1, len(s)):
        s[i] += x[i] * s[i - 1]
    return np.moveaxis(s, 0, -1)


def factors_of(g: Array, a: Array) -> Array:
    """Return what was multiplied: of complex `a` the real part, if a real `dtype` was asked for."""
    return wide(a.real if a.dtype.kind == "c" != g.dtype.kind else a, g)


def of_products(g: Array, a: Array, axis: Any) -> Array:
    """Return the cotangent of a running product's factors.

    It is what the recurrence carries back to each, times the product of the factors before it.
    """
    factors = merged(factors_of(g, a), axis)
    before = np.cumprod(delayed(factors, np.ones_like), -1)
    carried = carried_back(merged(wide(g, factors), axis), factors)
    return unmerged(carried * conjugate(before), a.shape, axis)


derivative(np.cumprod, a=lambda g, a, axis: of_products(g, a, axis))
derivative(
    np.nancumprod,
    a=lambda g, a, axis: only(
        of_products(g, np.where(present(a, None), a, 1), axis), present(a, None)
    ),
)
derivative(
    np.cumulative_prod,
    x=lambda g, x, axis, include_initial: of_products(
        without_first(g, axis, include_initial), x, axis
    ),
)


# Products


def of_product(g: Array, a: Array, axis: Any, keepdims: Any, where: Any, initial: Any) -> Array:
    """Return the cotangent of a product's factors: the product of all others, before and after."""
    factors = factors_of(g, a)
    if where is not None and where is not True:
        factors = np.where(where, factors, 1)
    row = merged(factors, axis)
    before = np.cumprod(delayed(row, np.ones_like), -1)
    after = np.flip(np.cumprod(delayed(np.flip(row, -1), np.ones_like), -1), -1)
    others = unmerged(before * after, a.shape, axis)
    if initial is not None:
        others = others * initial
    return spread(g, a.shape, axis, keepdims, where) * conjugate(others)


def of_first_factor(g: Array, a: Array, axis: Any, keepdims: Any, where: Any) -> Array:
    """Return the cotangent of a product's `initial` factor."""
    where = True if where is None else where
    return g * conjugate(np.prod(factors_of(g, a), axis, keepdims=bool(keepdims), where=where))


derivative(np.prod, a=of_product, initial=of_first_factor)
derivative(np.nanprod, a=without_nans(of_product), initial=without_nans(of_first_factor))
