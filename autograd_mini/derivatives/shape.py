"""Shape: the same elements in other places. Most rules undo what the function did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dispatch import primitive, wrapped
from ..graph import Array
from ..primitive import Primitive, composition, constant, derivative, mutations, primitives
from ..views import Handle


def views(*functions: Callable[..., Any]) -> Callable[[Any], Any]:
    """Register the decorated function as what `functions` do on Tensors, constants as well.

    So the views that these make of a constant can be written to, as NumPy's can.
    """

    def register(written: Any) -> Any:
        mutations.update(dict.fromkeys(functions, written))
        return written

    return register


# Rows and columns


class Ordered(Primitive):
    """A function with an argument `order`: its rule is told what "A" and "K" meant for the array.

    "A" is "C" or "F". "K" is one of these or a tuple of axes, the slowest in memory first.
    """

    __slots__ = ()

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """Return the arguments in the order of the signature."""
        values = super().bind(args, kwargs)
        position = self.positions["order"]
        if values[position] != "C" and not isinstance(values[0], Handle):
            values[position] = _meaning(values[position], np.asarray(values[0]))
        return values


def _meaning(order: str | None, array: Array) -> Any:
    """Return how `order` reads the elements of `array`."""
    order, flags = (order or "C").upper(), array.flags
    if order not in ("A", "K"):
        return order
    if order == "A" or flags.c_contiguous or flags.f_contiguous:
        return "F" if flags.fnc else "C"
    if any(n > 1 and stride == 0 for n, stride in zip(array.shape, array.strides, strict=True)):
        raise NotImplementedError(
            f"the order 'K' of an array of shape {array.shape} that shows elements of its memory "
            "several times: say 'C' or 'F'"
        )
    return np.argsort([-abs(stride) for stride in array.strides], stable=True).tolist()


primitives[np.reshape] = Ordered(np.reshape)
primitives[np.ravel] = Ordered(np.ravel)

derivative(np.reshape, a=lambda g, a_shape, order: g.reshape(a_shape, order=order))
derivative(np.ravel, a=lambda g, a_shape, order: unraveled(g, a_shape, order))
derivative(np.expand_dims, a=lambda g, a_shape: g.reshape(a_shape))
derivative(np.squeeze, a=lambda g, a_shape: g.reshape(a_shape))


def unraveled(g: Array, shape: tuple[int, ...], order: Any) -> Array:
    """Return what has `shape` and becomes `g` when it is raveled."""
    if isinstance(order, str):
        return g.reshape(shape, order=order)
    return g.reshape([shape[i] for i in order]).transpose(inverse(order))


@views(np.atleast_1d)
def _atleast_1d(*arys: Any) -> Any:
    return _atleast(1, arys)


@views(np.atleast_2d)
def _atleast_2d(*arys: Any) -> Any:
    return _atleast(2, arys)


@views(np.atleast_3d)
def _atleast_3d(*arys: Any) -> Any:
    return _atleast(3, arys)


def _atleast(ndim: int, arrays: tuple[Any, ...]) -> Any:
    results = tuple([_raised(tensor(a), ndim) for a in arrays])
    return results[0] if len(results) == 1 else results


def _raised(a: Array, ndim: int) -> Array:
    """Return `a` with new axes of size 1: before that of a vector, then behind the last."""
    if a.ndim >= ndim:
        return a
    shape = (1, *a.shape) if a.ndim == 1 else a.shape
    return a.reshape(shape + (1,) * (ndim - len(shape)))


def tensor(a: Any) -> Array:
    """Return `a` if it is a Tensor, else one that is a constant."""
    return a if isinstance(a, Handle) else wrapped(np.asarray(a))


# The order of axes, and of elements along them


def inverse(axes: Any) -> Any:
    """Return the permutation that undoes a transpose to `axes`: None reverses their order."""
    if axes is None or isinstance(axes, int):
        return axes
    places = [axis % len(axes) for axis in axes]
    return tuple(sorted(range(len(places)), key=places.__getitem__))


def unrolled(g: Array, axis: int, start: int) -> Array:
    """Undo `np.rollaxis`, which moves an axis to before the one that was at `start`."""
    axis, start = axis % g.ndim, start + g.ndim if start < 0 else start
    return np.moveaxis(g, start - (axis < start), axis)


derivative(np.transpose, a=lambda g, axes: np.transpose(g, inverse(axes)))
derivative(np.matrix_transpose, x=lambda g: g.mT)
derivative(np.linalg.matrix_transpose, x=lambda g: g.mT)
derivative(np.swapaxes, a=lambda g, axis1, axis2: np.swapaxes(g, axis1, axis2))
derivative(np.moveaxis, a=lambda g, source, destination: np.moveaxis(g, destination, source))
derivative(np.rollaxis, a=lambda g, axis, start: unrolled(g, axis, start))
derivative(np.flip, m=lambda g, axis: np.flip(g, axis))
derivative(np.fliplr, m=lambda g: np.fliplr(g))
derivative(np.flipud, m=lambda g: np.flipud(g))
derivative(np.rot90, m=lambda g, k, axes: np.rot90(g, -k, axes))
derivative(np.roll, a=lambda g, shift, axis: np.roll(g, np.negative(shift), axis))

# Broadcasting, which the engine undoes

derivative(np.broadcast_to, array=lambda g: g)


@views(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Array, ...]:
    shape = np.broadcast_shapes(*map(np.shape, args))
    tensors = map(tensor, args)
    return tuple([a if a.shape == shape else np.broadcast_to(a, shape) for a in tensors])


@views(np.meshgrid)
def _meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Array, ...]:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"np.meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    order = list(range(len(xi)))
    if indexing == "xy":
        order[:2] = order[1::-1]
    grids = [
        tensor(x).reshape([-1 if axis == i else 1 for axis in order]) for i, x in enumerate(xi)
    ]
    results = grids if sparse else np.broadcast_arrays(*grids)
    return tuple([x.copy() for x in results] if copy else results)


# Diagonals and triangles


@primitive(g=lambda g, offset, axis1, axis2: np.diagonal(g, offset, axis1, axis2))
def placed_on_diagonal(
    g: Array, shape: tuple[int, ...], offset: int, axis1: int, axis2: int
) -> Array:
    """Return zeros of `shape`, but for a diagonal: there, `g`.

    >>> placed_on_diagonal(np.array([3, 4]), (2, 3), 1, 0, 1)
    array([[0, 3, 0],
           [0, 0, 4]])
    """
    result = np.zeros_like(g, shape=shape)
    places = np.arange(g.shape[-1])
    row, column = places + max(-offset, 0), places + max(offset, 0)
    np.moveaxis(result, (axis1, axis2), (-2, -1))[..., row, column] = g
    return result


derivative(
    np.diagonal,
    a=lambda g, a_shape, offset, axis1, axis2: placed_on_diagonal(g, a_shape, offset, axis1, axis2),
)
derivative(
    np.linalg.diagonal,
    x=lambda g, x_shape, offset: placed_on_diagonal(g, x_shape, offset, -2, -1),
)
derivative(
    np.diag,
    v=lambda g, v_shape, k: (
        np.diagonal(g, k) if len(v_shape) == 1 else placed_on_diagonal(g, v_shape, k, 0, 1)
    ),
)
derivative(np.diagflat, v=lambda g, v_shape, k: np.diagonal(g, k).reshape(v_shape))
derivative(np.tril, m=lambda g, k: np.tril(g, k))
derivative(np.triu, m=lambda g, k: np.triu(g, k))

# Copies, constants, and questions about shapes

derivative(np.copy, a=lambda g: g)
derivative(np.astype, x=lambda g: g)


@composition(np.full_like)
def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Array:
    like = np.empty_like(a, dtype, order, subok, shape, device=device)
    return np.copy(np.broadcast_to(np.astype(tensor(fill_value), like.dtype), like.shape))


constant(np.shape, np.ndim, np.size, np.may_share_memory, np.shares_memory)
constant(np.array_repr, np.array_str, np.array2string)
