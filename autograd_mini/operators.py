"""A Tensor's operators, each the NumPy function that it stands for."""

from __future__ import annotations

import operator
from typing import Any, Generic, Self, TypeVar

import numpy as np

from .dispatch import call
from .door import binary, unary
from .inplace import in_place, overwrite
from .primitive import primitives, register
from .views import Handle

R = TypeVar("R")
"""What an operation gives: Tensor."""

# The primitives of the operators, whose rules are in the table.
_absolute = register(np.absolute, {})
_add = register(np.add, {})
_divide = register(np.divide, {})
_matmul = register(np.matmul, {})
_multiply = register(np.multiply, {})
_negative = register(np.negative, {})
_positive = register(np.positive, {})
_power = register(np.power, {})
_remainder = register(np.remainder, {})
_subtract = register(np.subtract, {})


class Operators(Handle, Generic[R]):
    """The operators of a Tensor; those with a derivative take the short ways through the door."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> R:
        return call(operator.getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        overwrite(self, index, value, "assignment to an index")

    def __neg__(self) -> R:
        return unary(_negative, self)

    def __pos__(self) -> R:
        return unary(_positive, self)

    def __abs__(self) -> R:
        return unary(_absolute, self)

    def __invert__(self) -> R:
        return call(np.invert, (self,), {})

    def __add__(self, other: Any) -> R:
        return binary(_add, self, other)

    def __radd__(self, other: Any) -> R:
        return binary(_add, other, self)

    def __iadd__(self, other: Any) -> Self:
        return in_place(np.add, self, other)

    def __sub__(self, other: Any) -> R:
        return binary(_subtract, self, other)

    def __rsub__(self, other: Any) -> R:
        return binary(_subtract, other, self)

    def __isub__(self, other: Any) -> Self:
        return in_place(np.subtract, self, other)

    def __mul__(self, other: Any) -> R:
        return binary(_multiply, self, other)

    def __rmul__(self, other: Any) -> R:
        return binary(_multiply, other, self)

    def __imul__(self, other: Any) -> Self:
        return in_place(np.multiply, self, other)

    def __truediv__(self, other: Any) -> R:
        return binary(_divide, self, other)

    def __rtruediv__(self, other: Any) -> R:
        return binary(_divide, other, self)

    def __itruediv__(self, other: Any) -> Self:
        return in_place(np.divide, self, other)

    def __mod__(self, other: Any) -> R:
        return binary(_remainder, self, other)

    def __rmod__(self, other: Any) -> R:
        return binary(_remainder, other, self)

    def __imod__(self, other: Any) -> Self:
        return in_place(np.remainder, self, other)

    def __matmul__(self, other: Any) -> R:
        return binary(_matmul, self, other)

    def __rmatmul__(self, other: Any) -> R:
        return binary(_matmul, other, self)

    def __imatmul__(self, other: Any) -> Self:
        return in_place(np.matmul, self, other)

    def __pow__(self, other: Any) -> R:
        shortcut = _POWERS.get(other) if type(other) in (int, float) else None
        if shortcut is not None and self._array.dtype.kind in "fc":
            return unary(primitives[shortcut], self)
        return binary(_power, self, other)

    def __rpow__(self, other: Any) -> R:
        return binary(_power, other, self)

    def __ipow__(self, other: Any) -> Self:
        return in_place(np.power, self, other)

    def __divmod__(self, other: Any) -> tuple[R, R]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[R, R]:
        return other // self, other % self

    def __floordiv__(self, other: Any) -> R:
        return _constant(np.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> R:
        return _constant(np.floor_divide, other, self)

    def __ifloordiv__(self, other: Any) -> R:
        return _constant_in_place(np.floor_divide, self, other)

    def __and__(self, other: Any) -> R:
        return _constant(np.bitwise_and, self, other)

    def __rand__(self, other: Any) -> R:
        return _constant(np.bitwise_and, other, self)

    def __iand__(self, other: Any) -> R:
        return _constant_in_place(np.bitwise_and, self, other)

    def __or__(self, other: Any) -> R:
        return _constant(np.bitwise_or, self, other)

    def __ror__(self, other: Any) -> R:
        return _constant(np.bitwise_or, other, self)

    def __ior__(self, other: Any) -> R:
        return _constant_in_place(np.bitwise_or, self, other)

    def __xor__(self, other: Any) -> R:
        return _constant(np.bitwise_xor, self, other)

    def __rxor__(self, other: Any) -> R:
        return _constant(np.bitwise_xor, other, self)

    def __ixor__(self, other: Any) -> R:
        return _constant_in_place(np.bitwise_xor, self, other)

    def __lshift__(self, other: Any) -> R:
        return _constant(np.left_shift, self, other)

    def __rlshift__(self, other: Any) -> R:
        return _constant(np.left_shift, other, self)

    def __ilshift__(self, other: Any) -> R:
        return _constant_in_place(np.left_shift, self, other)

    def __rshift__(self, other: Any) -> R:
        return _constant(np.right_shift, self, other)

    def __rrshift__(self, other: Any) -> R:
        return _constant(np.right_shift, other, self)

    def __irshift__(self, other: Any) -> R:
        return _constant_in_place(np.right_shift, self, other)

    def __eq__(self, other: Any) -> R:  # type: ignore[override]
        return _compared(np.equal, self, other)

    def __ne__(self, other: Any) -> R:  # type: ignore[override]
        return _compared(np.not_equal, self, other)

    def __lt__(self, other: Any) -> R:
        return _constant(np.less, self, other)

    def __le__(self, other: Any) -> R:
        return _constant(np.less_equal, self, other)

    def __gt__(self, other: Any) -> R:
        return _constant(np.greater, self, other)

    def __ge__(self, other: Any) -> R:
        return _constant(np.greater_equal, self, other)


def _known(other: Any) -> bool:
    """Return whether an operator takes `other`: not where its class claims operators itself."""
    return getattr(other, "__array_ufunc__", True) is not None


def _constant(ufunc: np.ufunc, x1: Any, x2: Any) -> Any:
    return call(ufunc, (x1, x2), {}) if _known(x1) and _known(x2) else NotImplemented


def _compared(ufunc: np.ufunc, x1: Any, x2: Any) -> Any:
    """Compare with anything: what is no array is not equal."""
    try:
        return _constant(ufunc, x1, x2)
    except TypeError:
        return NotImplemented


def _constant_in_place(ufunc: np.ufunc, target: Operators[Any], other: Any) -> Any:
    return ufunc(target, other, out=target)


_POWERS = {-1: np.reciprocal, 0.5: np.sqrt, 1: np.positive, 2: np.square}
"""The powers that NumPy's own operator computes by a shorter way."""
