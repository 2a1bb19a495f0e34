"""Activation functions, where the stable form is not the composition that defines them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from .special import bell, erfc


@primitive(g=lambda g, mask: np.where(mask, g, 0))
def gated(g: Array, mask: Array) -> Array:
    """Return `np.where(mask, g, 0)`."""
    bits = _BITS.get(g.dtype)
    if bits is None or g.size < _MANY or type(g) is not np.ndarray or not g.flags.c_contiguous:
        return np.where(mask, g, 0)
    every_bit = -mask.view(np.int8)
    return (g.view(bits) & every_bit).view(g.dtype)


_BITS = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}

_MANY = 2000
"""From how many elements on the branch that np.where takes for each costs more than four calls."""


@primitive(x=lambda g, out: gated(g, out > 0))
def relu(x: Array) -> Array:
    """Return x where it is positive, else 0. The derivative at 0 is 0."""
    return np.maximum(x, 0)


@primitive(x=lambda g, x, negative_slope: np.where(x > 0, g, g * negative_slope))
def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """Return x where it is positive, else `negative_slope` x, also as the derivative at 0."""
    return np.where(x > 0, x, np.multiply(x, negative_slope))


@primitive(x=lambda g, x, alpha: np.where(x > 0, g, g * alpha * np.exp(np.minimum(x, 0))))
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Return x where it is positive, else alpha (exp(x) - 1)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@primitive(x=lambda g, out: g * out * (1 - out))
def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), without overflow and with no digits lost where it is tiny."""
    z = np.exp(-np.abs(x))
    return np.maximum(z, np.sign(x)) / (1 + z)  # z below 0, and 1 above


@primitive(x=lambda g, out: -g * np.expm1(-out))
def softplus(x: Array) -> Array:
    """Return log(1 + exp(x)). Its derivative, the sigmoid, is 1 - exp(-softplus)."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@primitive(x=lambda g, out: -g * np.expm1(out))
def log_sigmoid(x: Array) -> Array:
    """Return log(1 / (1 + exp(-x))). Its derivative is 1 - sigmoid."""
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@primitive(x=lambda g, x: g * _silu_slope(x))
def silu(x: Array) -> Array:
    """Return x sigmoid(x), also called swish."""
    return x * sigmoid(x)


def _silu_slope(x: Array) -> Array:
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


@primitive(x=lambda g, x, approximate: g * _gelu_slopes[approximate](x))
def gelu(x: Array, approximate: str = "none") -> Array:
    """Return x P(X <= x) for a standard normal X.

    D. Hendrycks and K. Gimpel, "Gaussian error linear units", arXiv:1606.08415 (2016).
    """
    if approximate not in _gelu_slopes:
        raise ValueError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
    below = np.maximum(x, -40)  # there the probability is 0 in any precision, and -inf * 0 a NaN
    return below * (_normal_cdf(x) if approximate == "none" else sigmoid(_bent(x)))


def _normal_cdf(x: Array) -> Array:
    """Return P(X <= x) for a standard normal X."""
    return erfc(np.multiply(x, -math.sqrt(0.5))) / 2


def _bent(x: Array) -> Array:
    """Return the argument with which the sigmoid approximates the normal distribution.

    The authors of GELU write (1 + tanh(u)) / 2, which is sigmoid(2u), without its cancellation.
    """
    x = np.clip(x, -25, 25)  # beyond, the sigmoid of the result is 0 or 1 in any precision
    return x * (1 + 0.044715 * x * x) * (2 * math.sqrt(2 / math.pi))


def _gelu_slope(x: Array) -> Array:
    z = np.clip(x, -40, 40)  # beyond, the density is 0 in any precision
    return _normal_cdf(x) + z * bell(z * math.sqrt(0.5)) * math.sqrt(1 / 8)


def _gelu_tanh_slope(x: Array) -> Array:
    s = sigmoid(_bent(x))
    z = np.clip(x, -25, 25)
    bent_slope = (1 + 3 * 0.044715 * z * z) * (2 * math.sqrt(2 / math.pi))
    return s * (1 + (1 - s) * z * bent_slope)


_gelu_slopes: dict[str, Callable[[Array], Array]] = {"none": _gelu_slope, "tanh": _gelu_tanh_slope}


@primitive(x=lambda g, out, axis: out * (g - np.sum(g * out, axis=axis, keepdims=True)))
def softmax(x: Array, axis: Any = -1) -> Array:
    """Return exp(x) divided by its sum over `axis`."""
    with np.errstate(invalid="ignore", over="ignore"):  # of -inf alone, or with +inf: NaN
        return proportions(x, axis)


@primitive(x=lambda g, out, axis: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True))
def log_softmax(x: Array, axis: Any = -1) -> Array:
    """Return the logarithm of softmax(x), exact also where that is 0 in floating point."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        return log_proportions(x, axis)


@primitive(x=lambda g, x, axis, keepdims: _kept(g, x.shape, axis, keepdims) * softmax(x, axis=axis))
def logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Return the logarithm of the sum of exp(x) over `axis`, all by default."""
    with np.errstate(over="ignore", divide="ignore"):
        z, top = shifted(x, axis)
        out = np.log(np.add.reduce(np.exp(z), axis=axis, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axis)


def proportions(x: Array, axis: Any) -> Array:
    """Return the softmax of an array, which may warn of what is not finite."""
    e = np.exp(shifted(x, axis)[0])
    e /= np.add.reduce(e, axis=axis, keepdims=True)
    return e


def log_proportions(x: Array, axis: Any) -> Array:
    """Return the logarithm of the softmax of an array, which may warn of what is not finite."""
    z, _ = shifted(x, axis)
    z -= np.log(np.add.reduce(np.exp(z), axis=axis, keepdims=True))
    return z


def shifted(x: Array, axis: Any) -> tuple[Array, Array]:
    """Return x less its maximum over `axis`, so that exp cannot overflow, and that maximum."""
    x = x if x.dtype.kind == "f" else np.multiply(x, 1.0)
    lowest, highest = _finite(x.dtype)  # so that -inf alone stays -inf
    top = np.maximum.reduce(x, axis=axis, keepdims=True, initial=lowest)
    top = np.minimum(top, highest)
    return x - top, top


@functools.cache
def _finite(dtype: Any) -> tuple[Any, Any]:
    """Return the lowest and the highest number of a dtype."""
    return np.finfo(dtype).min, np.finfo(dtype).max


def _kept(g: Array, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Array:
    """Return `g`, the cotangent of a reduction over `axis`, with the reduced axes of size 1."""
    if keepdims:
        return g
    axes = range(len(shape)) if axis is None else [a % len(shape) for a in np.atleast_1d(axis)]
    return np.reshape(g, tuple(1 if i in axes else n for i, n in enumerate(shape)))
