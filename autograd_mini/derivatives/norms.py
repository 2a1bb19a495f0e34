"""Norms of vectors and matrices.

At the zero vector and the zero matrix, where a norm has no derivative, its gradient is 0: the
smallest of its subgradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import derivative
from .cumulative import conjugate
from .extremes import shares
from .linalg import adjoint
from .reductions import axes, locally_constant, quotient, spread, wide

INF = float("inf")


def of_norm(g: Array, out: Array, x: Array, ord: Any, axis: Any, keepdims: Any) -> Array:
    """Return the cotangent of what `np.linalg.norm` was taken of."""
    if axis is None and (ord is None or (ord == 2 and x.ndim == 1)):
        return of_euclidean(g, out, x, axis, keepdims)
    reduced = axes(axis, x.ndim)
    if len(reduced) == 1:
        return of_vector_norm(g, out, x, reduced, keepdims, ord)
    return of_matrix_norm(g, out, x, reduced, keepdims, ord)


derivative(np.linalg.norm, x=of_norm)
derivative(
    np.linalg.vector_norm,
    x=lambda g, out, x, axis, keepdims, ord: of_vector_norm(g, out, x, axis, keepdims, ord),
)
derivative(
    np.linalg.matrix_norm,
    x=lambda g, out, x, keepdims, ord: of_matrix_norm(
        g, out, x, (x.ndim - 2, x.ndim - 1), keepdims, ord
    ),
)


# Vectors


def of_euclidean(g: Array, out: Array, x: Array, axis: Any, keepdims: Any) -> Array:
    """Return the cotangent of what the root of the sum of squares was taken of."""
    return spread(g, x.shape, axis, keepdims) * quotient(x, spread(out, x.shape, axis, keepdims))


def of_vector_norm(g: Array, out: Array, x: Array, axis: Any, keepdims: Any, ord: Any) -> Array:
    """Return the cotangent of what a norm was taken of, as of a vector."""
    if ord is None or ord == 2:
        return of_euclidean(g, out, x, axis, keepdims)
    g = spread(g, x.shape, axis, keepdims)
    if ord == 0:  # the number of elements that are not 0
        return g * np.zeros_like(x)
    if ord == 1:
        return g * np.sign(x)
    if ord in (INF, -INF):
        return g * shares(np.abs(x), out, axis, keepdims) * np.sign(x)
    size, total = wide(np.abs(x)), spread(wide(out), x.shape, axis, keepdims)
    if ord > 1:
        return g * np.sign(x) * quotient(size, total) ** (ord - 1)
    # the slope at 0 is infinite, with either sign, or 0: this is 0
    kink = (x == 0) | (total == 0)
    part = np.where(kink, 1, size) / np.where(kink, 1, total)
    return g * np.where(kink, 0, np.sign(x) * part ** (ord - 1))


# Matrices


def of_matrix_norm(
    g: Array, out: Array, x: Array, axis: tuple[int, ...], keepdims: Any, ord: Any
) -> Array:
    """Return the cotangent of what a norm was taken of, as of a matrix with the axes `axis`."""
    if ord in (None, "fro", "f"):
        return of_euclidean(g, out, x, axis, keepdims)
    g = spread(g, x.shape, axis, keepdims)
    if ord in (1, -1):
        return g * line_shares(x, axis, ord) * np.sign(x)
    if ord in (INF, -INF):
        return g * line_shares(x, axis[::-1], ord) * np.sign(x)
    matrix = np.moveaxis(x, axis, (-2, -1))
    part = polar(matrix) if ord == "nuc" else dyad(matrix, ord)
    return g * np.moveaxis(part, (-2, -1), axis)


@locally_constant
def line_shares(x: Array, axis: tuple[int, ...], ord: float) -> Array:
    """Return the share of each column (or row) in the largest, or smallest, sum of magnitudes.

    `axis` has that along which is summed, and that along which the sums are compared.
    """
    along, across = axis
    sums = np.sum(np.abs(x), along, keepdims=True)
    if ord > 0:
        extreme = np.max(sums, across, keepdims=True, initial=0)
    else:
        extreme = np.min(sums, across, keepdims=True)
    return shares(sums, extreme, across, True)


def rounding(s: Array, x: Array) -> Any:
    """Return the size below which singular values, or their differences, are rounding errors."""
    return s[..., :1] * (max(x.shape[-2:]) * float(np.finfo(s.dtype).eps))


@primitive(x=lambda g, out, x: polar_change(g, out, x))
def polar(x: Array) -> Array:
    """Return U Vh of the singular value decomposition: the derivative of the nuclear norm.

    Singular vectors whose value is 0 are left out: so the result is the subgradient of least norm.

    >>> polar(np.array([[3.0, 0.0], [0.0, 0.0]]))
    array([[1., 0.],
           [0., 0.]])
    """
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (u * (s > rounding(s, x))[..., None, :]) @ vh


def polar_change(g: Array, w: Array, x: Array) -> Array:
    """Return how w = polar(x) changes when `x` changes by `g`.

    The derivative is self-adjoint. x = w p with a positive definite p. Within the range of `w`,
    the change is w k with a skew k: dx = dw p + w dp and a self-adjoint dp give
    p k + k p = wh g - gh w. Orthogonal to that range, it is that part of g p^-1.
    """
    if x.shape[-2] < x.shape[-1]:
        return adjoint(polar_change(adjoint(g), adjoint(w), adjoint(x)))
    demand_full_rank(x)
    wh = adjoint(w)
    p = wh @ x
    along = wh @ g
    within = w @ sylvester(p, along - adjoint(along))
    if x.shape[-2] == x.shape[-1]:
        return within
    return within + (g - w @ along) @ np.linalg.inv(p)


def carried(g: Array, p: Array) -> Array:
    """Return the cotangent of `c` in k = sylvester(p, c): the equation is its own adjoint."""
    return sylvester(p, g)


@primitive(
    p=lambda g, out, p: -(carried(g, p) @ adjoint(out) + adjoint(out) @ carried(g, p)),
    c=carried,
)
def sylvester(p: Array, c: Array) -> Array:
    """Return the k with p k + k p = c, for positive definite `p`.

    >>> sylvester(np.array([[2.0]]), np.array([[8.0]]))
    array([[2.]])
    """
    values, q = np.linalg.eigh(p)
    sums = values[..., :, None] + values[..., None, :]
    return q @ (adjoint(q) @ c @ q / sums) @ adjoint(q)


@primitive(x=lambda g, out, x, ord: dyad_change(g, out, x, ord))
def dyad(x: Array, ord: int) -> Array:
    """Return u vh of the largest singular value (`ord` 2), or the smallest (-2): its derivative.

    Where several values tie, their dyads share evenly; that of a value of 0 is 0.

    >>> dyad(np.array([[3.0, 0.0], [0.0, 1.0]]), 2)
    array([[1., 0.],
           [0., 0.]])
    """
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    extreme = s[..., :1] if ord == 2 else s[..., -1:]
    share = shares(s, extreme, -1, True) * (extreme > rounding(s, x))
    return (u * share[..., None, :]) @ vh


def dyad_change(g: Array, d: Array, x: Array, ord: int) -> Array:
    """Return how d = dyad(x) = u vh changes when `x` changes by `g`.

    The derivative is self-adjoint. From x v = s u and xh u = s v, (s^2 - x xh) du is s g v + x gh u
    less what lies along u, and dv likewise; the change is du vh + u dvh. s^2 u uh, added to the
    matrix, makes it invertible and alters no solution. A complex d turns by the phase of uh g v.
    """
    demand_simple(x, ord)
    dh, gh, xh = adjoint(d), adjoint(g), adjoint(x)
    size = np.sum((conjugate(d) * x).real, (-2, -1), keepdims=True)
    left, right = d @ dh, dh @ d
    of_left = size**2 * (np.eye(x.shape[-2], dtype=x.dtype) + left) - x @ xh
    of_right = size**2 * (np.eye(x.shape[-1], dtype=x.dtype) + right) - xh @ x
    push_left = size * g @ right + x @ gh @ d
    push_right = size * left @ g + d @ gh @ x
    change = np.linalg.solve(of_left, push_left - left @ push_left) + adjoint(
        np.linalg.solve(of_right, adjoint(push_right - push_right @ right))
    )
    if x.dtype.kind != "c":
        return change
    turn = np.sum(conjugate(d) * g, (-2, -1), keepdims=True).imag
    return change + 1j * turn / size * d


@locally_constant
def demand_full_rank(x: Array) -> None:
    """Refuse the second derivative of the nuclear norm where it has none."""
    s = np.linalg.svdvals(x)
    if (s[..., -1:] <= rounding(s, x)).any():
        raise np.linalg.LinAlgError(
            f"the nuclear norm has no second derivative at a matrix (shape {x.shape}) without full "
            "rank"
        )


@locally_constant
def demand_simple(x: Array, ord: int) -> None:
    """Refuse the second derivative of an extreme singular value where it has none."""
    s = np.linalg.svdvals(x)
    extreme, next_to_it = (s[..., :1], s[..., 1:2]) if ord == 2 else (s[..., -1:], s[..., -2:-1])
    tied = np.abs(extreme - next_to_it) <= rounding(s, x)
    if tied.any() or (extreme <= rounding(s, x)).any():
        raise np.linalg.LinAlgError(
            f"the norm of order {ord} has no second derivative at a matrix (shape {x.shape}) whose "
            f"{'largest' if ord == 2 else 'smallest'} singular value is 0 or repeated"
        )
