"""Elementwise functions with corners and steps, and those whose derivative is zero.

At a corner the derivative is a choice, stated here. `maximum` and its like share the cotangent
evenly between equal arguments; `absolute` has 0 at 0; `clip` gives it to the array where that
equals a bound. At a step it is that of either side.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import composition, constant, derivative

# Absolute values and signs

derivative(np.absolute, x=lambda g, x: g * np.sign(x))
derivative(np.fabs, x=lambda g, x: g * np.sign(x))
derivative(
    np.copysign,
    x1=lambda g, x1, out: g * np.sign(x1) * np.sign(out),
    x2=lambda g: np.zeros_like(g),
)
derivative(
    np.heaviside,
    x1=lambda g: np.zeros_like(g),
    x2=lambda g, x1: np.where(x1 == 0, g, 0),
)


@composition(np.sign)
def _sign(x: Any, **keywords: Any) -> Any:
    """A constant, if `x` is real: the sign of a complex number turns with it."""
    return phase(x) if np.iscomplexobj(x) else np.sign(x.detach(), **keywords)


@primitive(z=lambda g, out, z: across(g, out) / np.where(z == 0, 1, np.absolute(z)))
def phase(z: Array) -> Array:
    """Return `z / |z|`, and 0 at 0."""
    return np.sign(z)


def across(g: Array, direction: Array) -> Array:
    """Return the part of the complex `g` at right angles to `direction`; 0 without direction."""
    along = direction * np.real(g * np.conjugate(direction))
    return np.where(direction == 0, 0, g - along)


# Extremes

for _extreme in np.maximum, np.minimum, np.fmax, np.fmin:
    derivative(
        _extreme,
        x1=lambda g, x1, x2, out: share(g, x1, x2, out),
        x2=lambda g, x1, x2, out: share(g, x2, x1, out),
    )
derivative(
    np.clip,
    a=lambda g, a, a_min, a_max, min, max: np.where(
        at_least(a, a_min, min) & at_most(a, a_max, max), g, 0
    ),
    a_min=lambda g, a, a_min, a_max, max: np.where((a < a_min) & at_most(a_min, a_max, max), g, 0),
    min=lambda g, a, min, a_max, max: np.where((a < min) & at_most(min, a_max, max), g, 0),
    a_max=lambda g, a, a_min, a_max, min: np.where(
        (a > a_max) | ~at_least(a_max, a_min, min), g, 0
    ),
    max=lambda g, a, a_min, max, min: np.where((a > max) | ~at_least(max, a_min, min), g, 0),
)


def share(g: Array, x: Array, other: Array, out: Array) -> Array:
    """Return `g` where `out` is `x`, half of it where it is `other` as well."""
    return np.where(same(x, other), g / 2, np.where(same(x, out), g, 0))


def same(x: Array, y: Array) -> Array:
    """Return where `x` and `y` are equal, or both NaN."""
    return (x == y) | ((x != x) & (y != y))


def at_least(a: Array, a_min: Array, min: Array) -> Array:
    """Return where `a` is within the lower bound, by whichever name there is one."""
    bound = min if a_min is None else a_min
    return a >= (-np.inf if bound is None else bound)


def at_most(a: Array, a_max: Array, max: Array) -> Array:
    """Return where `a` is within the upper bound, by whichever name there is one."""
    bound = max if a_max is None else a_max
    return a <= (np.inf if bound is None else bound)


# Choices

derivative(
    np.where,
    condition=lambda g: np.zeros_like(g),
    x=lambda g, condition: np.where(condition, g, 0),
    y=lambda g, condition: np.where(condition, 0, g),
)


@composition(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if not copy:
        raise NotImplementedError("np.nan_to_num with copy=False writes to its argument: copy it")
    if np.iscomplexobj(x):
        real, imag = (_nan_to_num(part, True, nan, posinf, neginf) for part in (x.real, x.imag))
        return real + 1j * imag
    largest, smallest = np.finfo(x.dtype).max, np.finfo(x.dtype).min
    finite = np.where(np.isnan(x), nan, x)
    finite = np.where(x == np.inf, largest if posinf is None else posinf, finite)
    return np.where(x == -np.inf, smallest if neginf is None else neginf, finite)


# Quotients, remainders and parts. The quotient is a whole number: a constant.

derivative(
    np.remainder,
    x1=lambda g: g,
    x2=lambda g, x1, x2: -g * np.floor_divide(x1, x2),
)
derivative(
    np.fmod,
    x1=lambda g: g,
    x2=lambda g, x1, x2, out: -g * np.rint((x1 - out) / x2),  # x1 / x2 may round up to the next
)
derivative(
    np.divmod,
    x1=lambda g: g[1],
    x2=lambda g, x1, x2: -g[1] * np.floor_divide(x1, x2),
)
derivative(np.modf, x=lambda g: g[0])
derivative(np.frexp, x=lambda g, x: np.ldexp(g[0], -np.frexp(x)[1]))
derivative(np.ldexp, x1=lambda g, x2: np.ldexp(g, x2))
derivative(np.nextafter, x1=lambda g: g, x2=lambda g: np.zeros_like(g))
derivative(np.unwrap, p=lambda g: g)

# Steps, questions and bits: no derivative, or zero

constant(np.floor, np.ceil, np.trunc, np.rint, np.fix, np.round, np.around)
constant(np.floor_divide, np.spacing, np.gcd, np.lcm)
constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
constant(np.isnan, np.isfinite, np.isinf, np.isposinf, np.isneginf, np.isnat, np.signbit)
constant(np.isreal, np.iscomplex, np.isrealobj, np.iscomplexobj)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.bitwise_count)
constant(np.left_shift, np.right_shift)
constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.result_type, np.can_cast, np.common_type, np.min_scalar_type)
