"""The error function, by Cody's rational approximations, in double precision."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array

# W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
# Computation 23 (1969), 631-637. Coefficients of numerators and denominators, highest power first.
# |x| <= 0.46875: erf(x) = x p(x^2) / q(x^2)
_SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    ),
)
# 0.46875 < x <= 4: erfc(x) = exp(-x^2) p(x) / q(x)
_MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
# 4 < x: erfc(x) = exp(-x^2) / x (1/sqrt(pi) - p(x^-2) / (x^2 q(x^-2)))
_LARGE = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242e0,
        1.87295284992346725e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)


@primitive(x=lambda g, x: g * bell(x))
def erf(x: Array) -> Array:
    """Return the error function of real `x`: 2/sqrt(pi) times the integral of exp(-t^2) from 0.

    >>> float(erf(0.5))
    0.5204998778130465
    """
    return _by_size(x, lambda small: small, lambda tail: 1 - tail, odd=True)


@primitive(x=lambda g, x: -g * bell(x))
def erfc(x: Array) -> Array:
    """Return 1 - erf(x) of real `x`, in full relative precision also where that is tiny.

    >>> float(erfc(10.0))
    2.088487583762545e-45
    """
    return _by_size(x, lambda small: 1 - small, lambda tail: tail, odd=False)


def bell(x: Array) -> Array:
    """Return the derivative of erf: 2/sqrt(pi) exp(-x^2)."""
    x = np.clip(x, -30, 30)  # beyond, the result is 0 in any precision, and x^2 may overflow
    return np.exp(-x * x) * (2 / math.sqrt(math.pi))


def _by_size(x: Array, of_small: Any, of_tail: Any, odd: bool) -> Array:
    """Return erf (`odd`) or erfc, from erf where |x| is small and erfc(|x|) elsewhere."""
    x = np.multiply(x, 1)
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    flat = x.reshape(-1).astype(np.float64)
    size = np.abs(flat)
    result = np.full_like(flat, np.nan)
    small = size <= 0.46875
    z = flat[small]
    result[small] = of_small(z * _ratio(z * z, _SMALL))
    middle = (size > 0.46875) & (size <= 4)
    z = size[middle]
    result[middle] = of_tail(_gauss(z) * _ratio(z, _MIDDLE))
    large = size > 4
    z = np.minimum(size[large], 30)  # erfc(30) is 0 in double precision
    y = 1 / (z * z)
    rest = 1 / math.sqrt(math.pi) - y * _ratio(y, _LARGE)
    result[large] = of_tail(_gauss(z) / z * rest)
    reflected = (flat < 0) & ~small
    result[reflected] = -result[reflected] if odd else 2 - result[reflected]
    return result.astype(dtype).reshape(x.shape)


def _ratio(z: Array, polynomials: tuple[tuple[float, ...], tuple[float, ...]]) -> Array:
    """Return the ratio of two polynomials, by Horner's rule."""
    values = []
    for leading, *coefficients in polynomials:
        value = np.full_like(z, leading)
        for coefficient in coefficients:
            value *= z
            value += coefficient
        values.append(value)
    return values[0] / values[1]


def _gauss(z: Array) -> Array:
    """Return exp(-z^2): the leading bits of z squared exactly, so that no digits are lost."""
    head = np.floor(z * 16) / 16
    return np.exp(-head * head) * np.exp(-(z - head) * (z + head))
