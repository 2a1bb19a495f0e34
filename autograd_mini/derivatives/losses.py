"""Losses, and the linear layer: fused, and stable where their composition is not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dispatch import primitive
from ..graph import Array
from .activations import (
    log_proportions,
    log_softmax,
    proportions,
    sigmoid,
    softmax,
    softplus,
)


@primitive(
    x=lambda g, weight: g @ weight,
    weight=lambda g, x: _rows(g).T.dot(_rows(x)),
    bias=lambda g: g,
)
def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return x @ weight.T + bias, for `x` of shape (..., in) and `weight` of shape (out, in)."""
    if weight.ndim != 2 or not x.shape or x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"a weight of shape (out, in) meets an input of shape (..., in), but the weight is of "
            f"shape {weight.shape} and the input of shape {x.shape}"
        )
    product = _rows(x).dot(weight.T)
    if bias is not None:
        same = type(product) is np.ndarray and product.dtype == bias.dtype
        product = np.add(product, bias, out=product if same else None)
    return product if x.ndim == 2 else product.reshape(*x.shape[:-1], len(weight))


def _rows(x: Array) -> Array:
    """Return `x` as one matrix: so that the product of a stack is a single one."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


@primitive(x=lambda g, x, delta: g * np.clip(x, -delta, delta))
def huber(x: Array, delta: float = 1.0) -> Array:
    """Return x^2 / 2 where |x| <= delta, and delta (|x| - delta / 2) elsewhere.

    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35
    (1964), 73-101.
    """
    size = np.abs(x)
    inner = np.minimum(size, delta)
    return inner * (size - inner / 2)


@primitive(
    p=lambda g, p, y: g * (p - y) / np.maximum((1 - p) * p, 1e-12),
    y=lambda g, p: g * (_bounded_log(1 - p) - _bounded_log(p)),
)
def binary_cross_entropy(p: Array, y: Array) -> Array:
    """Return -(y log p + (1 - y) log(1 - p)), elementwise.

    As in PyTorch, the logarithms are at least -100, and the derivative at 0 and 1 is finite.
    """
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("a probability is not between 0 and 1: is a sigmoid missing?")
    return -(y * _bounded_log(p) + (1 - y) * _bounded_log(1 - p))


def _bounded_log(p: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), -100)


@primitive(
    x=lambda g, x, y, positive: g * ((1 - y) * sigmoid(x) - positive * y * sigmoid(-x)),
    y=lambda g, x, positive: g * (positive * softplus(-x) - softplus(x)),
    positive=lambda g, x, y: g * y * softplus(-x),
)
def logistic_loss(x: Array, y: Array, positive: Array | float = 1.0) -> Array:
    """Return -(positive y log s + (1 - y) log(1 - s)) for s = sigmoid(x), elementwise.

    Both terms are sums of what has one sign, so no digits cancel.
    """
    return positive * y * softplus(-x) + (1 - y) * softplus(x)


@primitive(x=lambda g, x: g * (np.log(x) + 1))
def xlogx(x: Array) -> Array:
    """Return x log(x), which is 0 at 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == 0, 0, x * np.log(x))


@primitive(
    log_p=lambda g, log_p_shape, target, weight, ignore_index, reduction: (
        -_of_each(g, log_p_shape, target, weight, ignore_index, reduction)
        * aim(log_p_shape, g.dtype, target, weight, ignore_index)
    )
)
def nll_loss(
    log_p: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Array:
    """Return -log_p at the target classes, weighted and reduced.

    The classes are along axis 1 of `log_p`, or along its only one; `target` has the other axes.
    """
    _check_weight(log_p, weight)
    _check_classes(log_p, target, ignore_index)
    losses = _losses(log_p, target, weight, ignore_index)
    return _reduced(losses, log_p.shape, target, weight, ignore_index, reduction)


@primitive(
    x=lambda g, x, target, weight, ignore_index, label_smoothing: _through_softmax(
        g * _aimed(x, target, weight, ignore_index, label_smoothing), x
    ),
    target=lambda g, x, weight, label_smoothing: _weighted(
        (_mean(g, x) - g) * (1 - label_smoothing), weight
    ),
)
def excess(
    x: Array, target: Array, weight: Array | None, ignore_index: int, label_smoothing: float
) -> Array:
    """Return the derivative of each example's cross entropy: softmax(x) less what is aimed at.

    More precisely, softmax(x) is scaled to the sum of that first.
    """
    axis = class_axis(x.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        p = proportions(x, axis)
    if target.shape == x.shape or label_smoothing:
        aimed_at = aim(x.shape, x.dtype, target, weight, ignore_index, label_smoothing)
        return p * np.sum(aimed_at, axis=axis, keepdims=True) - aimed_at
    index, share = _hits(target, weight, ignore_index, axis)
    if share is None:
        p[index] -= 1
        return p
    p *= np.expand_dims(share.astype(p.dtype), axis)
    p[index] -= share
    return p


@primitive(
    x=lambda g, x, target, weight, ignore_index, reduction, label_smoothing: (
        _of_each(g, x.shape, target, weight, ignore_index, reduction)
        * excess(x, target, weight, ignore_index, label_smoothing)
    ),
    target=lambda g, x, target, weight, ignore_index, reduction, label_smoothing: (
        -_of_each(g, x.shape, target, weight, ignore_index, reduction)
        * _weighted(log_softmax(x, axis=class_axis(x.shape)) * (1 - label_smoothing), weight)
    ),
)
def cross_entropy(
    x: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    """Return the cross entropy of softmax(x) against target classes or probabilities.

    The classes are along axis 1 of `x`, or along its only one. A `target` of the shape of `x` holds
    probabilities; one without that axis holds classes.
    """
    _check_weight(x, weight)
    if target.shape != x.shape:
        _check_classes(x, target, ignore_index)
    elif target.dtype.kind != "f":
        raise TypeError(f"a target of the input's shape holds probabilities, not {target.dtype}")
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        log_p = log_proportions(x, class_axis(x.shape))
    losses = _losses(log_p, target, weight, ignore_index, label_smoothing)
    return _reduced(losses, x.shape, target, weight, ignore_index, reduction)


def _aimed(
    x: Array, target: Array, weight: Array | None, ignore_index: int, label_smoothing: float
) -> Array:
    """Return how much is aimed at over all classes, for each example."""
    aimed_at = aim(x.shape, x.dtype, target, weight, ignore_index, label_smoothing)
    return np.sum(aimed_at, axis=class_axis(x.shape), keepdims=True)


def _mean(g: Array, x: Array) -> Array:
    """Return the mean of `g` over the classes, with the probabilities softmax(x)."""
    axis = class_axis(x.shape)
    return np.sum(softmax(x, axis=axis) * g, axis=axis, keepdims=True)


def _through_softmax(g: Array, x: Array) -> Array:
    """Return the cotangent of x, given that of softmax(x)."""
    return softmax(x, axis=class_axis(x.shape)) * (g - _mean(g, x))


def class_axis(shape: tuple[int, ...]) -> int:
    """Return which axis of scores is that of the classes."""
    return min(len(shape) - 1, 1)


def aim(
    shape: tuple[int, ...],
    dtype: Any,
    target: Array,
    weight: Array | None,
    ignore_index: int,
    label_smoothing: float = 0.0,
) -> Array:
    """Return what the log-probabilities are multiplied by, and summed, to give minus the loss.

    It is the target distribution, smoothed (C. Szegedy et al., "Rethinking the Inception
    architecture for computer vision", CVPR 2016), times the weights of the classes, and 0 where a
    target is ignored.
    """
    axis = class_axis(shape)
    count = shape[axis]
    kept: Array = True
    wanted = target
    if target.shape != shape:
        kept = np.expand_dims(target != ignore_index, axis)
        classes = np.arange(count).reshape(count, *[1] * (len(shape) - axis - 1))
        wanted = kept & (np.expand_dims(target, axis) == classes)
    wanted = wanted.astype(dtype)
    if label_smoothing:
        wanted = (wanted * (1 - label_smoothing) + label_smoothing / count) * kept
    return _weighted(wanted, weight)


def _weighted(scores: Array, weight: Array | None) -> Array:
    """Return `scores` times the weight of each class."""
    if weight is None:
        return scores
    after = scores.ndim - 1 - class_axis(scores.shape)
    return scores * weight.astype(scores.dtype).reshape(-1, *[1] * after)


def _hits(
    target: Array, weight: Array | None, ignore_index: int, axis: int
) -> tuple[tuple[Array, ...], Array | None]:
    """Return the index of the target classes along `axis` of the scores, and what they weigh."""
    share = _share(target, weight, ignore_index)
    last = target.ndim - 1
    index = [np.arange(n).reshape(n, *[1] * (last - i)) for i, n in enumerate(target.shape)]
    classes = target if share is None else np.where(target != ignore_index, target, 0)
    return (*index[:axis], classes, *index[axis:]), share


def _share(target: Array, weight: Array | None, ignore_index: int) -> Array | None:
    """Return what each of the target classes weighs; None if all weigh 1."""
    kept = target != ignore_index
    if weight is None:
        return None if np.count_nonzero(kept) == kept.size else kept
    return kept * weight[np.where(kept, target, 0)]


def _losses(
    log_p: Array,
    target: Array,
    weight: Array | None,
    ignore_index: int,
    label_smoothing: float = 0.0,
) -> Array:
    """Return the loss of each example, where 0 times a log-probability of -inf is 0."""
    axis = class_axis(log_p.shape)
    with np.errstate(invalid="ignore"):
        if target.shape == log_p.shape or label_smoothing:
            share = aim(log_p.shape, log_p.dtype, target, weight, ignore_index, label_smoothing)
            return 0 - np.sum(np.where(share == 0, 0, share * log_p), axis=axis)
        index, share = _hits(target, weight, ignore_index, axis)
        if share is None:
            return 0 - log_p[index]
        share = share.astype(log_p.dtype)
        # a loss of 0 is not -0, nor NaN
        return 0 - np.where(share, share * log_p[index], 0)


def _reduced(
    losses: Array,
    shape: tuple[int, ...],
    target: Array,
    weight: Array | None,
    ignore_index: int,
    reduction: str,
) -> Array:
    """Return the `losses` of each example reduced, of scores of `shape`."""
    if reduction == "none":
        return losses
    total = np.add.reduce(losses, axis=None)
    if reduction == "sum":
        return total
    with np.errstate(invalid="ignore"):  # the mean of nothing is NaN
        return total / _divisor(shape, target, weight, ignore_index).astype(total.dtype)


def _divisor(
    shape: tuple[int, ...], target: Array, weight: Array | None, ignore_index: int
) -> Array:
    """Return what the sum is divided by in a mean: how much all targets weigh."""
    if target.shape == shape:
        return np.int64(math.prod(n for i, n in enumerate(shape) if i != class_axis(shape)))
    share = _share(target, weight, ignore_index)
    return np.int64(target.size) if share is None else np.add.reduce(share, axis=None)


def _of_each(
    g: Array,
    shape: tuple[int, ...],
    target: Array,
    weight: Array | None,
    ignore_index: int,
    reduction: str,
) -> Array:
    """Return the cotangent of each example's loss, in a shape that broadcasts over the classes."""
    if reduction == "none":
        return np.expand_dims(g, class_axis(shape))
    if reduction == "sum":
        return g
    divisor = _divisor(shape, target, weight, ignore_index)
    if divisor > 0:
        return g / divisor.astype(g.dtype)
    if target.shape != shape and not np.any(target != ignore_index):
        return g * 0
    return g / np.where(divisor == 0, np.nan, divisor).astype(g.dtype)  # the mean of nothing is NaN


def _check_weight(x: Array, weight: Array | None) -> None:
    """Raise unless `weight` has one number for each class of `x`."""
    if not x.shape:
        raise ValueError("an input without axes has no classes")
    count = x.shape[class_axis(x.shape)]
    if weight is not None and weight.shape != (count,):
        raise ValueError(f"{count} classes need a weight of shape ({count},), not {weight.shape}")


def _check_classes(x: Array, target: Array, ignore_index: int) -> None:
    """Raise unless `target` holds a class of `x` for each example."""
    axis = class_axis(x.shape)
    expected = x.shape[:axis] + x.shape[axis + 1 :]
    if target.shape != expected:
        raise ValueError(
            f"the input has shape {x.shape}, classes along axis {axis}: the target needs the shape "
            f"{expected} if it holds classes, {x.shape} if probabilities, and has {target.shape}"
        )
    if target.dtype.kind not in "iu":
        raise TypeError(
            f"a target of shape {target.shape} holds classes: integers, not {target.dtype}"
        )
    count = x.shape[axis]
    if target.size == 0 or (target.min() >= 0 and target.max() < count):
        return
    wrong = (target != ignore_index) & ((target < 0) | (target >= count))
    if np.any(wrong):
        raise IndexError(
            f"target {target[wrong].flat[0]} is not one of the {count} classes 0 to {count - 1}"
        )
