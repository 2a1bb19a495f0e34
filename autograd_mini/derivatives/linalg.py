"""Linear algebra: inverses, systems of equations, determinants, Cholesky factors; all stacked.

Matrix identities as in M. B. Giles, "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008). In a rule, `conjugate().mT` is a transpose that is right
for complex matrices too.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import composition, constant, derivative

Shape = tuple[int, ...]

constant(np.linalg.matrix_rank)


def adjoint(a: Array) -> Array:
    """Return the conjugate transpose of the matrices `a`."""
    return a.conjugate().mT


derivative(np.linalg.inv, a=lambda g, out: -(adjoint(out) @ g @ adjoint(out)))

# Systems of equations


def solved(a: Array, g: Array, b_shape: Shape) -> Array:
    """Return the cotangent of `b` in `np.linalg.solve(a, b)`: the solution for `g`, transposed."""
    if len(b_shape) == 1:  # a vector, which a stack of matrices may share
        return np.linalg.solve(adjoint(a), g[..., None])[..., 0]
    return np.linalg.solve(adjoint(a), g)


def solve_a(g: Array, a: Array, b_shape: Shape, out: Array) -> Array:
    """Return the cotangent of `a` in `out = np.linalg.solve(a, b)`: -aᴴ⁻¹ g outᴴ."""
    back = solved(a, g, b_shape)
    if len(b_shape) == 1:
        return -back[..., None] * out.conjugate()[..., None, :]
    return -back @ adjoint(out)


derivative(
    np.linalg.solve,
    a=solve_a,
    b=lambda g, a, b_shape: solved(a, g, b_shape),
)


@composition(np.linalg.tensorinv)
def tensorinv(a: Array, ind: int = 2) -> Array:
    """Return the inverse of `a` as a map from its last axes to its first `ind`."""
    if ind <= 0:
        raise ValueError(f"tensorinv with ind={ind}: it must be positive")
    rows, columns = a.shape[:ind], a.shape[ind:]
    flat = np.reshape(a, (math.prod(columns), -1))  # refuses, as NumPy does, what is empty
    return np.reshape(np.linalg.inv(flat), columns + rows)


@composition(np.linalg.tensorsolve)
def tensorsolve(a: Array, b: Array, axes: Any = None) -> Array:
    """Return the x with `np.tensordot(a, x, x.ndim) == b`."""
    if axes is not None:
        a = np.transpose(a, [*(i for i in range(np.ndim(a)) if i not in axes), *axes])
    shape = np.shape(a)[np.ndim(b) - np.ndim(a) :]
    size = math.prod(shape)
    if np.size(a) != size**2:
        raise np.linalg.LinAlgError(
            f"tensorsolve of shapes {np.shape(a)} and {np.shape(b)}: the axes of b come first in "
            f"a, and have as many elements together as the others, of shape {shape}"
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), shape)


# Determinants: of any matrix, singular ones too.


def others(s: Array) -> Array:
    """Return in [i] the product of all in the last axis of `s` but s[i]; nothing is divided."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, s[..., :0:-1]], -1), -1)[..., ::-1]
    return before * after


def others_of_pairs(s: Array) -> Array:
    """Return in [i, k] the product of all in the last axis but s[i] and s[k], and 0 in [i, i]."""
    n = s.shape[-1]
    each_without = np.where(np.eye(n, dtype=bool), 1, s[..., None, :])  # in row i, s without s[i]
    return np.where(np.eye(n, dtype=bool), 0, others(each_without))


def frame(a: Array) -> tuple[Array, Array, Array, Array]:
    """Return the parts of `a = u @ diag(s) @ vh`, and the determinant of u times that of vh."""
    u, s, vh = np.linalg.svd(a)
    return u, s, vh, (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def symmetric(g: Array, a: Array) -> Array:
    """Return the cotangent of the cofactors of `a`, or of `h` in `curvature(a, h)`: alike."""
    return curvature(a, g.conjugate()).conjugate()


@primitive(a=symmetric)
def cofactors(a: Array) -> Array:
    """Return the cofactors of the matrices `a`: the derivative of the determinant by each element.

    With a = u s vh they are det(u vh) conj(u) diag(others(s)) conj(vh).
    """
    u, s, vh, phase = frame(a)
    return phase * ((u * others(s)[..., None, :]) @ vh).conjugate()


@primitive(a=lambda g, a, h: third(a, g.conjugate(), h).conjugate(), h=symmetric)
def curvature(a: Array, h: Array) -> Array:
    """Return the derivative of the cofactors of `a` in the direction `h`.

    In the frame of u and vh, where `a` is diagonal, these are the minors without two rows and two
    columns, hence without two singular values.
    """
    u, s, vh, phase = frame(a)
    h = adjoint(u) @ h @ adjoint(vh)
    minors = others_of_pairs(s)
    turned = -minors * h.mT
    along = (minors @ np.diagonal(h, axis1=-2, axis2=-1)[..., None])[..., 0]
    turned = turned + along[..., None] * np.eye(a.shape[-1], dtype=a.dtype)
    return phase * (u.conjugate() @ turned @ vh.conjugate())


def third(a: Array, g: Array, h: Array) -> Array:
    """Return the derivative by `a` of the second derivative of its determinant along `g` and `h`.

    The second is det(a) (tr p tr q - tr p q) with p = a⁻¹ g and q = a⁻¹ h: from here on, `a` must
    have an inverse.
    """
    a = invertible(a)
    inverse = np.linalg.inv(a)
    p, q = inverse @ g, inverse @ h
    tp, tq, tpq = (np.linalg.trace(x)[..., None, None] for x in (p, q, p @ q))
    sums = (tp * tq - tpq) * inverse + (p @ q + q @ p - tp * q - tq * p) @ inverse
    return np.linalg.det(a)[..., None, None] * sums.mT


@primitive(a=lambda g: g)
def invertible(a: Array) -> Array:
    """Return `a`, and refuse it where the terms of `third` would cancel to half their digits."""
    s = np.linalg.svd(a, compute_uv=False)
    if np.any(s[..., -1:] <= np.finfo(s.dtype).eps ** 0.25 * s[..., :1]):
        raise np.linalg.LinAlgError(
            "third derivatives of np.linalg.det need matrices that are far from singular"
        )
    return a


derivative(np.linalg.det, a=lambda g, a: g[..., None, None] * cofactors(a).conjugate())


def slogdet_a(g: list[Array], a: Array, out: tuple[Array, Array]) -> Array:
    """Return the cotangent of `a` in `sign, log = np.linalg.slogdet(a)`.

    d log + i d angle = tr(a⁻¹ da), where sign = exp(i angle): constant if `a` is real.
    """
    by_sign, by_log = g
    if a.dtype.kind == "c":
        by_log = by_log + 1j * np.imag(by_sign * out[0].conjugate())
    return by_log[..., None, None] * adjoint(np.linalg.inv(a))


derivative(np.linalg.slogdet, a=slogdet_a)

# Cholesky factors


def cholesky_a(g: Array, out: Array, upper: bool) -> Array:
    """Return the cotangent of `a` in `np.linalg.cholesky(a)`, Hermitian as `a` is.

    Of the lower factor l it is l⁻ᴴ f(lᴴ g) l⁻¹, where f takes the lower triangle and halves the
    diagonal (I. Murray, "Differentiation of the Cholesky decomposition", 2016).
    """
    if upper:
        g, out = adjoint(g), adjoint(out)
    inverse = np.linalg.inv(out)
    product = adjoint(out) @ g
    half = adjoint(inverse) @ (np.tril(product) + np.tril(product, -1)) @ inverse
    return (half + adjoint(half)) / 4


derivative(np.linalg.cholesky, a=cholesky_a)
