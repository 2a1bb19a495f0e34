"""Products of vectors, matrices and stacks of them.

All are linear in each factor: the cotangent of one is a product of `g` with the others, conjugated,
as PyTorch has it. (`conjugate()` of a real array is the array itself.)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..graph import Array
from ..primitive import composition, derivative, each, through

Shape = tuple[int, ...]

derivative(np.matrix_transpose, x=lambda g: g.mT)
through(np.linalg.matmul, np.linalg.tensordot, np.linalg.vecdot)
through(np.linalg.matrix_transpose, np.linalg.diagonal, np.linalg.trace)


# Matrices times matrices, and vectors


def matmul_x1(g: Array, x2: Array) -> Array:
    """Return the cotangent of `x1` in `x1 @ x2`."""
    x2 = x2.conjugate()
    if x2.ndim == 1:
        return g[..., None] * x2
    if g.ndim < x2.ndim:  # x1 is a vector
        return np.matvec(x2, g)
    return g @ x2.mT


def matmul_x2(g: Array, x1: Array, x2_shape: Shape) -> Array:
    """Return the cotangent of `x2` in `x1 @ x2`."""
    x1 = x1.conjugate()
    if x1.ndim == 1:
        return g * x1 if g.ndim == 0 else x1[:, None] * g[..., None, :]
    if x1.ndim == 2 and g.ndim <= 2:
        return x1.T @ g
    if len(x2_shape) <= 2:  # one product of two matrices, where a stack shares x2
        rows = math.prod(x1.shape[:-1])
        return x1.reshape(rows, x1.shape[-1]).T @ g.reshape(rows, *x2_shape[1:])
    return x1.mT @ g


derivative(np.matmul, x1=matmul_x1, x2=matmul_x2)
derivative(
    np.matvec,
    x1=lambda g, x2: g[..., None] * x2.conjugate()[..., None, :],
    x2=lambda g, x1: np.matvec(x1.conjugate().mT, g),
)
derivative(
    np.vecmat,  # conjugates x1
    x1=lambda g, x2: np.matvec(x2, g.conjugate()),
    x2=lambda g, x1: x1[..., None] * g[..., None, :],
)


def along(g: Array, shape: Shape, other: Array, axis: int | None, keepdims: bool) -> Array:
    """Return `g` times the other factor of `np.vecdot`: the cotangent of the one of `shape`."""
    if axis is None or axis == -1:
        return (g if keepdims else g[..., None]) * other
    g = np.moveaxis(g, axis, -1) if keepdims else g[..., None]
    return np.moveaxis(g * np.moveaxis(other, axis, -1), -1, from_end(axis, shape))


def from_end(axis: int, shape: Shape) -> int:
    """Return `axis` of an array of `shape` counted from the end, where broadcasting adds none."""
    return axis if axis < 0 else axis - len(shape)


derivative(
    np.vecdot,  # conjugates x1
    x1=lambda g, x1_shape, x2, axis, keepdims: along(g.conjugate(), x1_shape, x2, axis, keepdims),
    x2=lambda g, x1, x2_shape, axis, keepdims: along(g, x2_shape, x1, axis, keepdims),
)
derivative(
    np.vdot,  # likewise, and takes any shapes of one size
    a=lambda g, a_shape, b: g.conjugate() * np.reshape(b, a_shape),
    b=lambda g, a, b_shape: g * np.reshape(a, b_shape),
)

# Products of any number of axes


def dot_a(g: Array, a_shape: Shape, b: Array) -> Array:
    """Return the cotangent of `a` in `np.dot(a, b)`."""
    if a_shape == () or np.ndim(b) == 0:
        return g * b.conjugate()
    if b.ndim <= 2:
        return matmul_x1(g, b)
    return np.tensordot(g, b.conjugate().mT, b.ndim - 1)


def dot_b(g: Array, a: Array, b_shape: Shape) -> Array:
    """Return the cotangent of `b` in `np.dot(a, b)`."""
    if b_shape == () or np.ndim(a) == 0:
        return g * a.conjugate()
    if len(b_shape) <= 2:
        return matmul_x2(g, a, b_shape)
    lead = tuple(range(a.ndim - 1))
    return np.moveaxis(np.tensordot(a.conjugate(), g, (lead, lead)), 0, -2)


derivative(np.dot, a=dot_a, b=dot_b)


def inner_a(g: Array, a_shape: Shape, b: Array) -> Array:
    """Return the cotangent of `a` in `np.inner(a, b)`."""
    if a_shape == () or np.ndim(b) == 0:
        return g * b.conjugate()
    return np.tensordot(g, b.conjugate(), b.ndim - 1)


def inner_b(g: Array, a: Array, b_shape: Shape) -> Array:
    """Return the cotangent of `b` in `np.inner(a, b)`."""
    if b_shape == () or np.ndim(a) == 0:
        return g * a.conjugate()
    lead = tuple(range(a.ndim - 1))
    return np.tensordot(g, a.conjugate(), (lead, lead))


derivative(np.inner, a=inner_a, b=inner_b)
derivative(
    np.outer,
    a=lambda g, a_shape, b: np.reshape(g @ np.ravel(b.conjugate()), a_shape),
    b=lambda g, a, b_shape: np.reshape(np.ravel(a.conjugate()) @ g, b_shape),
)
derivative(
    np.linalg.outer, x1=lambda g, x2: g @ x2.conjugate(), x2=lambda g, x1: x1.conjugate() @ g
)


def contracted(axes: Any, a_ndim: int, b_ndim: int) -> tuple[list[int], list[int]]:
    """Return the axes of `a` and of `b` that `np.tensordot(a, b, axes)` sums over, in pairs."""
    try:
        count = operator.index(axes)
    except TypeError:
        a_axes, b_axes = (np.atleast_1d(side) for side in axes)
        return [int(i) % a_ndim for i in a_axes], [int(i) % b_ndim for i in b_axes]
    return list(range(a_ndim - count, a_ndim)), list(range(count))


def others(axes: list[int], ndim: int) -> list[int]:
    """Return the axes that are not among `axes`."""
    return [i for i in range(ndim) if i not in axes]


def tensordot_a(g: Array, a_shape: Shape, b: Array, axes: Any) -> Array:
    """Return the cotangent of `a` in `np.tensordot(a, b, axes)`."""
    a_axes, b_axes = contracted(axes, len(a_shape), np.ndim(b))
    free, summed = others(a_axes, len(a_shape)), others(b_axes, np.ndim(b))
    product = np.tensordot(g, b.conjugate(), (range(len(free), np.ndim(g)), summed))
    found = free + [a_axes[i] for i in np.argsort(b_axes)]  # which axes of a the product has
    return np.transpose(product, np.argsort(found))


def tensordot_b(g: Array, a: Array, b_shape: Shape, axes: Any) -> Array:
    """Return the cotangent of `b` in `np.tensordot(a, b, axes)`."""
    a_axes, b_axes = contracted(axes, np.ndim(a), len(b_shape))
    free, summed = others(b_axes, len(b_shape)), others(a_axes, np.ndim(a))
    product = np.tensordot(a.conjugate(), g, (summed, range(len(summed))))
    found = [b_axes[i] for i in np.argsort(a_axes)] + free
    return np.transpose(product, np.argsort(found))


derivative(np.tensordot, a=tensordot_a, b=tensordot_b)


def blocks(g: Array, a_shape: Shape, b_shape: Shape) -> tuple[Array, Shape, Shape]:
    """Return the cotangent of `np.kron` with an axis for each of `a` and `b` in turn, and these."""
    a_shape = (1,) * (len(b_shape) - len(a_shape)) + a_shape
    b_shape = (1,) * (len(a_shape) - len(b_shape)) + b_shape
    turns = [size for pair in zip(a_shape, b_shape, strict=True) for size in pair]
    return np.reshape(g, turns), a_shape, b_shape


def kron_a(g: Array, a_shape: Shape, b: Array) -> Array:
    """Return the cotangent of `a` in `np.kron(a, b)`."""
    g, shape, b_shape = blocks(g, a_shape, np.shape(b))
    b = np.reshape(b.conjugate(), b_shape)
    its = range(len(shape))
    return np.reshape(np.tensordot(g, b, ([2 * i + 1 for i in its], its)), a_shape)


def kron_b(g: Array, a: Array, b_shape: Shape) -> Array:
    """Return the cotangent of `b` in `np.kron(a, b)`."""
    g, a_shape, shape = blocks(g, np.shape(a), b_shape)
    a = np.reshape(a.conjugate(), a_shape)
    its = range(len(shape))
    return np.reshape(np.tensordot(g, a, ([2 * i for i in its], its)), b_shape)


derivative(np.kron, a=kron_a, b=kron_b)

# Cross products


def in_space(x: Array, axis: int) -> Array:
    """Return vectors with their axis last, those in the plane with a third component of zero."""
    x = np.moveaxis(x, axis, -1)
    return x if x.shape[-1] == 3 else np.concatenate([x, np.zeros_like(x[..., :1])], -1)


def crossed(g: Array, shape: Shape, other: Array, mine: int, its: int, out: int) -> Array:
    """Return `np.cross(other, g)`: the cotangent of the first factor, of `shape`, of a product.

    `mine`, `its` and `out` are the axes of the vectors in that factor, the other and the product.
    """
    if shape[mine] == other.shape[its] == 2:  # the product is the third component alone
        nothing = np.zeros_like(g)
        g = np.stack([nothing, nothing, g], -1)
    else:
        g = np.moveaxis(g, out, -1)
    product = np.cross(in_space(other, its).conjugate(), g)
    return np.moveaxis(product[..., : shape[mine]], -1, from_end(mine, shape))


def cross_a(
    g: Array, a_shape: Shape, b: Array, axisa: int, axisb: int, axisc: int, axis: int | None
) -> Array:
    """Return the cotangent of `a` in `np.cross(a, b)`, as g . (a x b) = a . (b x g)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    return crossed(g, a_shape, b, axisa, axisb, axisc)


def cross_b(
    g: Array, a: Array, b_shape: Shape, axisa: int, axisb: int, axisc: int, axis: int | None
) -> Array:
    """Return the cotangent of `b` in `np.cross(a, b)`: that of `a` in `-np.cross(b, a)`."""
    if axis is not None:
        axisa = axisb = axisc = axis
    return crossed(-g, b_shape, a, axisb, axisa, axisc)


derivative(np.cross, a=cross_a, b=cross_b)
derivative(
    np.linalg.cross,
    x1=lambda g, x1_shape, x2, axis: crossed(g, x1_shape, x2, axis, axis, axis),
    x2=lambda g, x1, x2_shape, axis: crossed(-g, x2_shape, x1, axis, axis, axis),
)

# Chains of matrices


def as_arrays(operands: Iterable[Any]) -> list[Array]:
    """Return `operands` with arrays for lists of numbers."""
    return [np.asarray(x) if isinstance(x, list | tuple) else x for x in operands]


def chained(g: Array, arrays: Sequence[Any]) -> Any:
    """Return the function from the place of an array in `np.linalg.multi_dot` to its cotangent.

    Of B in A B C that is Aᵀ g Cᵀ, itself a chain.
    """
    arrays = as_arrays(arrays)
    if len(arrays) == 2:
        a, b = arrays
        return lambda i: dot_b(g, a, b.shape) if i else dot_a(g, a.shape, b)
    first, *middle, last = arrays
    first = first if first.ndim == 2 else first[None, :]
    last = last if last.ndim == 2 else last[:, None]
    g = np.reshape(g, (first.shape[0], last.shape[1]))
    transposed = [x.conjugate().T for x in (first, *middle, last)]

    def cotangent(i: int) -> Array:
        chain = [*reversed(transposed[:i]), g, *reversed(transposed[i + 1 :])]
        return np.reshape(np.linalg.multi_dot(chain), arrays[i].shape)

    return cotangent


derivative(np.linalg.multi_dot, arrays=each(chained))


@composition(np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    """Return the matrices `a` to the power of an integer, by repeated squaring."""
    n = operator.index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power of shape {a.shape}: the matrices must be square")
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.where(False, a, np.eye(a.shape[-1], dtype=a.dtype))
    if n == 1:
        return a
    half = matrix_power(a, n // 2)
    return half @ half @ a if n % 2 else half @ half
