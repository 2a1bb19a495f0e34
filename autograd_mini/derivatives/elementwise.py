"""Elementwise functions that are smooth: arithmetic, powers, exponentials, trigonometry.

Where a textbook's formula overflows or cancels, the rule is another form of the same derivative,
and its helper says which. `conjugate()` is what makes a rule right for complex arrays too: of real
ones it gives the array itself.
"""

from __future__ import annotations

from math import factorial, log, pi
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from ..primitive import composition, derivative

# Arithmetic

derivative(np.positive, x=lambda g: g)
derivative(np.negative, x=lambda g: -g)
derivative(np.add, x1=lambda g: g, x2=lambda g: g)
derivative(np.subtract, x1=lambda g: g, x2=lambda g: -g)
derivative(
    np.multiply,
    x1=lambda g, x2: g * x2.conjugate(),
    x2=lambda g, x1: g * x1.conjugate(),
)
derivative(
    np.divide,
    x1=lambda g, x2: g / x2.conjugate(),
    x2=lambda g, out, x2: -g * (out / x2).conjugate(),
)
derivative(np.reciprocal, x=lambda g, out: -g * (out * out).conjugate())
derivative(np.square, x=lambda g, x: g * (2 * x).conjugate())

# Powers and roots

for _power in np.power, np.float_power:
    derivative(
        _power,
        x1=lambda g, x1, x2: g * power_by_base(x1, x2, g.dtype).conjugate(),
        x2=lambda g, x1, x2, out: g * power_by_exponent(x1, x2, out).conjugate(),
    )
derivative(np.sqrt, x=lambda g, out: g / (2 * out).conjugate())
derivative(np.cbrt, x=lambda g, out: g / (3 * out * out))


def power_by_base(x1: Array, x2: Array, dtype: Any) -> Array:
    """Return the derivative of `x1**x2` with respect to `x1`: at `0**0` it is 0.

    The exponent may be of a lower precision than the power, of which `dtype` is, or an unsigned 0:
    so 1 is subtracted in that of the power.
    """
    if type(x2) in (int, float):
        return x2 * (x1 if x2 else np.where(x1 == 0, 1, x1)) ** (x2 - 1.0)
    x1 = np.where((x1 == 0) & (x2 == 0), 1, x1)
    return x2 * x1 ** np.subtract(x2, 1.0, dtype=dtype)


def power_by_exponent(x1: Array, x2: Array, out: Array) -> Array:
    """Return the derivative of `x1**x2` with respect to `x2`: at `x1 = 0` it is 0, below, NaN.

    Not at a pole: `0**x2` has the derivative -inf where `x2` is negative.
    """
    vanishing = (x1 == 0) & (np.real(x2) >= 0)
    return out * np.log(np.where(vanishing, 1, x1), dtype=out.dtype)


# Exponentials and logarithms

derivative(np.exp, x=lambda g, out: g * out.conjugate())
derivative(np.exp2, x=lambda g, out: g * (out * log(2)).conjugate())
derivative(np.expm1, x=lambda g, x: g * np.exp(x).conjugate())  # out + 1 would cancel near out = -1
derivative(np.log, x=lambda g, x: g / x.conjugate())
derivative(np.log2, x=lambda g, x: g / x.conjugate() / log(2))
derivative(np.log10, x=lambda g, x: g / x.conjugate() / log(10))
derivative(np.log1p, x=lambda g, x: g / (1 + x).conjugate())
derivative(
    np.logaddexp,
    x1=lambda g, x1, x2: g * np.exp(-np.logaddexp(0, difference(x2, x1))),
    x2=lambda g, x1, x2: g * np.exp(-np.logaddexp(0, difference(x1, x2))),
)
derivative(
    np.logaddexp2,
    x1=lambda g, x1, x2: g * np.exp2(-np.logaddexp2(0, difference(x2, x1))),
    x2=lambda g, x1, x2: g * np.exp2(-np.logaddexp2(0, difference(x1, x2))),
)


def difference(x1: Array, x2: Array) -> Array:
    """Return `x1 - x2`, and 0 between equal infinities."""
    with np.errstate(invalid="ignore"):
        return np.where((x1 == x2) & np.isinf(x1), 0, x1 - x2)


# Trigonometry

derivative(np.sin, x=lambda g, x: g * np.cos(x).conjugate())
derivative(np.cos, x=lambda g, x: -g * np.sin(x).conjugate())
derivative(np.tan, x=lambda g, out: g * (1 + out * out).conjugate())
derivative(np.arcsin, x=lambda g, x: g / np.sqrt((1 - x) * (1 + x)).conjugate())
derivative(np.arccos, x=lambda g, x: -g / np.sqrt((1 - x) * (1 + x)).conjugate())
derivative(np.arctan, x=lambda g, x: per_square(g, hypotenuse(x).conjugate()))
derivative(
    np.arctan2,
    x1=lambda g, x1, x2: turn(g, x2, np.hypot(x1, x2)),
    x2=lambda g, x1, x2: -turn(g, x1, np.hypot(x1, x2)),
)
derivative(
    np.hypot,
    x1=lambda g, x1, out: g * ratio(x1, out),
    x2=lambda g, x2, out: g * ratio(x2, out),
)
derivative(np.deg2rad, x=lambda g: np.deg2rad(g))
derivative(np.radians, x=lambda g: np.radians(g))
derivative(np.rad2deg, x=lambda g: np.rad2deg(g))
derivative(np.degrees, x=lambda g: np.degrees(g))


def hypotenuse(x: Array) -> Array:
    """Return the square root of `1 + x**2`, of real arrays without overflow in the square."""
    return np.sqrt(1 + x * x) if np.iscomplexobj(x) else np.hypot(1, x)


def per_square(g: Array, x: Array) -> Array:
    """Return `g / x**2` without overflow in the square."""
    return g / x / x


def turn(g: Array, side: Array, radius: Array) -> Array:
    """Return `g * side / radius**2` without overflow in the square; 0 at the origin."""
    return ratio(ratio(g, radius) * side, radius)


def ratio(x: Array, y: Array) -> Array:
    """Return `x / y`, and 0 where `y` is 0: a derivative at the origin, where there is none."""
    return np.where(y == 0, 0, x) / np.where(y == 0, 1, y)


# Hyperbolic functions

derivative(np.sinh, x=lambda g, x: g * np.cosh(x).conjugate())
derivative(np.cosh, x=lambda g, x: g * np.sinh(x).conjugate())
derivative(np.tanh, x=lambda g, out: g * (1 - out * out).conjugate())
derivative(np.arcsinh, x=lambda g, x: g / hypotenuse(x).conjugate())
derivative(np.arccosh, x=lambda g, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)).conjugate())
derivative(np.arctanh, x=lambda g, x: g / ((1 - x) * (1 + x)).conjugate())

# The cardinal sine

derivative(np.sinc, x=lambda g, x: sinc_pullback(g, x, 1))


@primitive(x=lambda g, x, order: sinc_pullback(g, x, order + 1))
def sinc_derivative(x: Array, order: int) -> Array:
    """Return a derivative of `np.sinc`, of any order.

    Far from 0 by the recurrence that n-fold differentiation of `x * sinc(x) = sin(pi * x) / pi`
    gives, near 0, where that cancels, by the Taylor series.
    """
    near = np.abs(x) < 0.5
    far = np.where(near, 1, x)
    waves = np.sin(pi * far), np.cos(pi * far)
    value = np.sinc(far)
    for n in range(1, order + 1):
        wave = waves[n % 2] * (-1 if n % 4 > 1 else 1)
        value = (wave * pi ** (n - 1) - n * value) / far
    return np.where(near, _sinc_series(np.where(near, x, 0), order), value)


def sinc_pullback(g: Array, x: Array, order: int) -> Array:
    """Return `g` times the conjugate of a derivative of `np.sinc`."""
    return g * sinc_derivative(x, order).conjugate()


def _sinc_series(x: Array, order: int) -> Array:
    first = (order + 1) // 2
    total: Any = 0.0
    for k in reversed(range(first, first + 14)):  # enough for float64 at |x| = 0.5
        factor = factorial(2 * k) / factorial(2 * k - order) / factorial(2 * k + 1)
        total = total * (x * x) + (-1) ** k * pi ** (2 * k) * factor
    return total * x if order % 2 else total


# Complex numbers

derivative(np.conjugate, x=lambda g: np.conjugate(g))
derivative(np.real, val=lambda g: g)
derivative(np.imag, val=lambda g: g * 1j)


@composition(np.angle)
def _angle(z: Any, deg: bool = False) -> Any:
    radians = np.arctan2(np.imag(z), np.real(z))
    return np.rad2deg(radians) if deg else radians


@composition(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> Any:
    return np.real(a) if np.isrealobj(np.real_if_close(a.detach(), tol)) else a
