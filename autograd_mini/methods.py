"""`ndarray`'s methods, each the NumPy function of that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np

Axis = int | tuple[int, ...] | None

R = TypeVar("R")
"""What an operation gives: Tensor."""


class ArrayMethods(Generic[R]):
    """The methods that a Tensor shares with `numpy.ndarray`: same names, same arguments."""

    __slots__ = ()

    def _call(
        self, function: Callable[..., Any], *args: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        raise NotImplementedError

    # Reductions

    def sum(self, axis: Axis = None, dtype: Any = None, out: Any = None, **keywords: Any) -> R:
        """Return the sum over `axis`, as `numpy.sum`."""
        return self._call(np.sum, axis, dtype, out=out, **keywords)

    def mean(self, axis: Axis = None, dtype: Any = None, out: Any = None, **keywords: Any) -> R:
        """Return the mean over `axis`, as `numpy.mean`."""
        return self._call(np.mean, axis, dtype, out=out, **keywords)

    def prod(self, axis: Axis = None, dtype: Any = None, out: Any = None, **keywords: Any) -> R:
        """Return the product over `axis`, as `numpy.prod`."""
        return self._call(np.prod, axis, dtype, out=out, **keywords)

    def var(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        **keywords: Any,
    ) -> R:
        """Return the variance over `axis`, as `numpy.var`: divided by n - `ddof`."""
        return self._call(np.var, axis, dtype, out=out, ddof=ddof, **keywords)

    def std(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        **keywords: Any,
    ) -> R:
        """Return the standard deviation over `axis`, as `numpy.std`: with n - `ddof`."""
        return self._call(np.std, axis, dtype, out=out, ddof=ddof, **keywords)

    def max(self, axis: Axis = None, out: Any = None, **keywords: Any) -> R:
        """Return the maximum over `axis`, as `numpy.max`."""
        return self._call(np.max, axis, out=out, **keywords)

    def min(self, axis: Axis = None, out: Any = None, **keywords: Any) -> R:
        """Return the minimum over `axis`, as `numpy.min`."""
        return self._call(np.min, axis, out=out, **keywords)

    def argmax(self, axis: int | None = None, out: Any = None, **keywords: Any) -> R:
        """Return where the maximum is, as `numpy.argmax`."""
        return self._call(np.argmax, axis, out=out, **keywords)

    def argmin(self, axis: int | None = None, out: Any = None, **keywords: Any) -> R:
        """Return where the minimum is, as `numpy.argmin`."""
        return self._call(np.argmin, axis, out=out, **keywords)

    def all(self, axis: Axis = None, out: Any = None, **keywords: Any) -> R:
        """Return whether all are true over `axis`, as `numpy.all`."""
        return self._call(np.all, axis, out=out, **keywords)

    def any(self, axis: Axis = None, out: Any = None, **keywords: Any) -> R:
        """Return whether any is true over `axis`, as `numpy.any`."""
        return self._call(np.any, axis, out=out, **keywords)

    def cumsum(self, axis: int | None = None, dtype: Any = None, out: Any = None) -> R:
        """Return the running sum, as `numpy.cumsum`."""
        return self._call(np.cumsum, axis, dtype, out=out)

    def cumprod(self, axis: int | None = None, dtype: Any = None, out: Any = None) -> R:
        """Return the running product, as `numpy.cumprod`."""
        return self._call(np.cumprod, axis, dtype, out=out)

    def trace(
        self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None
    ) -> R:
        """Return the sum along a diagonal, as `numpy.trace`."""
        return self._call(np.trace, offset, axis1, axis2, dtype, out=out)

    # Shape

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> R:
        """Return the same elements in another shape, as `numpy.reshape`."""
        sizes = shape[0] if len(shape) == 1 else shape
        return self._call(np.reshape, sizes, order, **({} if copy is None else {"copy": copy}))

    def ravel(self, order: str = "C") -> R:
        """Return the elements in one axis, as `numpy.ravel`."""
        return self._call(np.ravel, order)

    def flatten(self, order: str = "C") -> R:
        """Return a copy with the elements in one axis, as `ndarray.flatten`."""
        return self._call(np.ravel, order).copy()

    def transpose(self, *axes: Any) -> R:
        """Return the array with its axes permuted, reversed by default, as `numpy.transpose`."""
        if not axes or axes == (None,):
            return self._call(np.transpose)
        return self._call(np.transpose, axes[0] if isinstance(axes[0], tuple | list) else axes)

    def swapaxes(self, axis1: int, axis2: int) -> R:
        """Return the array with two axes exchanged, as `numpy.swapaxes`."""
        return self._call(np.swapaxes, axis1, axis2)

    def squeeze(self, axis: Axis = None) -> R:
        """Return the array without its axes of size 1, as `numpy.squeeze`."""
        return self._call(np.squeeze, axis)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> R:
        """Return a diagonal, as `numpy.diagonal`."""
        return self._call(np.diagonal, offset, axis1, axis2)

    def repeat(self, repeats: Any, axis: int | None = None) -> R:
        """Return the array with its elements repeated, as `numpy.repeat`."""
        return self._call(np.repeat, repeats, axis)

    @property
    def T(self) -> R:
        """The array with its axes reversed."""
        return self._call(np.transpose)

    @property
    def mT(self) -> R:
        """The array with its last two axes exchanged: a matrix, or a stack of them, transposed."""
        return self._call(np.matrix_transpose)

    # Elements

    def take(
        self, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise"
    ) -> R:
        """Return the elements at `indices`, as `numpy.take`."""
        return self._call(np.take, indices, axis, mode=mode, out=out)

    def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> R:
        """Return the slices where `condition` is true, as `numpy.compress`."""
        return np.compress(condition, self, axis, out=out)  # type: ignore[call-overload]

    def choose(self, choices: Any, out: Any = None, mode: str = "raise") -> R:
        """Return elements of `choices` picked by this integer Tensor, as `numpy.choose`."""
        return self._call(np.choose, choices, mode=mode, out=out)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **keywords: Any) -> R:
        """Return the elements limited to [min, max], as `numpy.clip`."""
        return self._call(np.clip, min, max, out=out, **keywords)

    def round(self, decimals: int = 0, out: Any = None) -> R:
        """Return the elements rounded, as `numpy.round`: a constant, its derivative being zero."""
        return self._call(np.round, decimals, out=out)

    def nonzero(self) -> tuple[R, ...]:
        """Return the indices of the elements that are not zero, as `numpy.nonzero`."""
        return self._call(np.nonzero)

    def argsort(self, axis: int | None = -1, kind: Any = None, **keywords: Any) -> R:
        """Return the indices that sort the array, as `numpy.argsort`."""
        return self._call(np.argsort, axis=axis, kind=kind, **keywords)

    def argpartition(self, kth: Any, axis: int | None = -1, **keywords: Any) -> R:
        """Return the indices that partition the array, as `numpy.argpartition`."""
        return self._call(np.argpartition, kth, axis=axis, **keywords)

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> R:
        """Return where `v` belongs in this sorted Tensor, as `numpy.searchsorted`."""
        return self._call(np.searchsorted, v, side=side, sorter=sorter)

    def dot(self, b: Any, out: Any = None) -> R:
        """Return the product, as `numpy.dot`."""
        return self._call(np.dot, b, out=out)

    def conj(self) -> R:
        """Return the complex conjugate: this very Tensor where it is real, as `ndarray.conj`."""
        return self._call(np.conjugate) if self.dtype.kind == "c" else self  # type: ignore[attr-defined, return-value]

    def conjugate(self) -> R:
        """Return the complex conjugate: this very Tensor where it is real, as `ndarray.conj`."""
        return self.conj()

    @property
    def real(self) -> R:
        """The real part."""
        return self._call(np.real)

    @property
    def imag(self) -> R:
        """The imaginary part."""
        return self._call(np.imag)

    # Copies

    def copy(self, order: str = "C") -> R:
        """Return a copy, as `numpy.copy`: recorded, so that gradients pass through it."""
        return self._call(np.copy, order)

    def astype(self, dtype: Any, *, copy: bool = True) -> R:
        """Return the array cast to `dtype`; a cast to integers or booleans needs no gradient."""
        return self._call(np.astype, np.dtype(dtype), copy=copy)
