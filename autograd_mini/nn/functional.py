"""Layers, activations and losses as functions, with PyTorch's names and arguments.

Each takes and gives Tensors; arrays are taken too.
"""

# What the table annotates as an array is a Tensor where it is given one.
# mypy: disable-error-code="no-any-return, return-value"

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives import activations, losses
from ..door import wrap
from ..random import default_generator
from ..tensor import Tensor

if TYPE_CHECKING:
    from numpy.random import Generator

Input = Any
"""A Tensor, or what NumPy makes an array of."""


def _tensor(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    return wrap(value, None) if isinstance(value, np.ndarray) else Tensor(value)


def _like(x: Tensor, value: Input) -> Tensor:
    """Return `value` as a Tensor: integers, booleans and lists in the dtype of `x`."""
    if not hasattr(value, "dtype"):
        return Tensor(value, dtype=x.dtype)
    return _tensor(value) if value.dtype.kind in "fc" else _tensor(value).astype(x.dtype)


# Layers


def linear(input: Input, weight: Input, bias: Input | None = None) -> Tensor:
    """Return input @ weight.T + bias.

    Args:
        input: of shape (..., in).
        weight: of shape (out, in).
        bias: of shape (out,).

    >>> import autograd_mini.nn.functional as F
    >>> F.linear([[1.0, 2.0]], [[3.0, 4.0]], [5.0])
    Tensor([[16.]])
    """
    return losses.linear(_tensor(input), _tensor(weight), bias if bias is None else _tensor(bias))


def dropout(
    input: Input, p: float = 0.5, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Set each element to 0 with probability `p`, and scale the others by 1 / (1 - p).

    Args:
        input: of any shape.
        p: between 0 and 1.
        training: whether to do it at all.
        generator: to draw from.

    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR
    15 (2014), 1929-1958.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"the probability p is between 0 and 1, not {p}")
    if not training or p == 0:
        return input if isinstance(input, Tensor) else Tensor(input)  # a copy: it may be written to
    x = _tensor(input)
    kept = (generator or default_generator()).random(x.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return x * (kept * np.array(scale, x.dtype))


# Activations


def relu(input: Input) -> Tensor:
    """Return the input where it is positive, else 0.

    >>> import autograd_mini.nn.functional as F
    >>> F.relu([-3.0, 2.0])
    Tensor([0., 2.])
    """
    return activations.relu(_tensor(input))


def leaky_relu(input: Input, negative_slope: float = 0.01) -> Tensor:
    """Return the input where it is positive, else `negative_slope` times it."""
    return activations.leaky_relu(_tensor(input), negative_slope)


def elu(input: Input, alpha: float = 1.0) -> Tensor:
    """Return the input where it is positive, else alpha (exp(input) - 1)."""
    return activations.elu(_tensor(input), alpha)


def gelu(input: Input, approximate: str = "none") -> Tensor:
    """Return the input times the probability that a standard normal number is below it.

    Args:
        input: of any shape.
        approximate: "none", or "tanh" for the authors' approximation.
    """
    return activations.gelu(_tensor(input), approximate)


def silu(input: Input) -> Tensor:
    """Return the input times its sigmoid."""
    return activations.silu(_tensor(input))


def sigmoid(input: Input) -> Tensor:
    """Return 1 / (1 + exp(-input)).

    >>> import autograd_mini.nn.functional as F
    >>> F.sigmoid([-1000.0, 0.0, 1000.0])
    Tensor([0. , 0.5, 1. ])
    """
    return activations.sigmoid(_tensor(input))


def tanh(input: Input) -> Tensor:
    """Return the hyperbolic tangent."""
    return np.tanh(_tensor(input))


def softplus(input: Input, beta: float = 1.0) -> Tensor:
    """Return log(1 + exp(beta input)) / beta.

    It is exact for any input, so there is no `threshold` from which on it is taken to be the input.
    """
    if beta == 1:
        return activations.softplus(_tensor(input))
    return activations.softplus(_tensor(input) * beta) / beta


def logsigmoid(input: Input) -> Tensor:
    """Return the logarithm of the sigmoid."""
    return activations.log_sigmoid(_tensor(input))


def softmax(input: Input, dim: int) -> Tensor:
    """Return exp(input) divided by its sum over `dim`: positive numbers with the sum 1.

    >>> import autograd_mini.nn.functional as F
    >>> F.softmax([[1000.0, 1000.0]], dim=1)
    Tensor([[0.5, 0.5]])
    """
    return activations.softmax(_tensor(input), axis=dim)


def log_softmax(input: Input, dim: int) -> Tensor:
    """Return the logarithm of the softmax over `dim`."""
    return activations.log_softmax(_tensor(input), axis=dim)


def logsumexp(input: Input, dim: Any, keepdim: bool = False) -> Tensor:
    """Return the logarithm of the sum of exp(input) over `dim`, an int or a tuple of them."""
    return activations.logsumexp(_tensor(input), axis=dim, keepdims=keepdim)


# Losses


def _reduced(each: Any, reduction: str) -> Tensor:
    check_reduction(reduction)
    if reduction == "none":
        return each
    return np.sum(each) if reduction == "sum" else np.mean(each)


def check_reduction(reduction: str, *more: str) -> None:
    """Raise unless `reduction` is one of "mean", "sum", "none" and `more`."""
    known = ("mean", "sum", "none", *more)
    if reduction not in known:
        raise ValueError(f"reduction is one of {', '.join(known)}, not {reduction!r}")


def _pair(name: str, input: Input, target: Input) -> tuple[Tensor, Tensor]:
    x = _tensor(input)
    y = _like(x, target)
    if x.shape != y.shape:
        raise ValueError(
            f"{name}: the input has shape {x.shape}, the target {y.shape}: they must be the same, "
            "as broadcasting would compare each with each"
        )
    return x, y


def mse_loss(input: Input, target: Input, reduction: str = "mean") -> Tensor:
    """Return the squared differences, reduced.

    >>> import autograd_mini.nn.functional as F
    >>> F.mse_loss([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """
    x, y = _pair("mse_loss", input, target)
    return _reduced(np.square(x - y), reduction)


def l1_loss(input: Input, target: Input, reduction: str = "mean") -> Tensor:
    """Return the absolute differences, reduced."""
    x, y = _pair("l1_loss", input, target)
    return _reduced(np.abs(x - y), reduction)


def huber_loss(input: Input, target: Input, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Return half the squared differences up to `delta`, and from there on linearly, reduced."""
    if not delta > 0:
        raise ValueError(f"delta is positive, not {delta}")
    x, y = _pair("huber_loss", input, target)
    return _reduced(losses.huber(x - y, delta), reduction)


def smooth_l1_loss(
    input: Input, target: Input, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """Return the Huber loss with delta = `beta`, divided by it; the L1 loss if it is 0."""
    if beta < 0:
        raise ValueError(f"beta is not negative, unlike {beta}")
    x, y = _pair("smooth_l1_loss", input, target)
    return _reduced(losses.huber(x - y, beta) / beta if beta else np.abs(x - y), reduction)


def binary_cross_entropy(
    input: Input, target: Input, weight: Input | None = None, reduction: str = "mean"
) -> Tensor:
    """Return the cross entropy of probabilities against targets from 0 to 1, reduced.

    As in PyTorch, each logarithm is at least -100. From scores, `binary_cross_entropy_with_logits`
    is exact.

    Args:
        input: probabilities.
        target: of the same shape.
        weight: of each element, in a shape that broadcasts.
        reduction: "mean", "sum" or "none".
    """
    p, y = _pair("binary_cross_entropy", input, target)
    each = losses.binary_cross_entropy(p, y)
    return _reduced(each if weight is None else each * _like(p, weight), reduction)


def binary_cross_entropy_with_logits(
    input: Input,
    target: Input,
    weight: Input | None = None,
    reduction: str = "mean",
    pos_weight: Input | None = None,
) -> Tensor:
    """Return the cross entropy of sigmoid(input) against targets from 0 to 1, reduced.

    Args:
        input: scores, of any shape.
        target: of the same shape.
        weight: of each element, in a shape that broadcasts.
        reduction: "mean", "sum" or "none".
        pos_weight: of the positive targets, in a shape that broadcasts.

    >>> import autograd_mini.nn.functional as F
    >>> F.binary_cross_entropy_with_logits([1000.0, -1000.0], [1.0, 0.0])
    Tensor(0.)
    """
    x, y = _pair("binary_cross_entropy_with_logits", input, target)
    each = losses.logistic_loss(x, y, 1.0 if pos_weight is None else _like(x, pos_weight))
    return _reduced(each if weight is None else each * _like(x, weight), reduction)


def cross_entropy(
    input: Input,
    target: Input,
    weight: Input | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy of softmax(input) against classes or probabilities, reduced.

    Args:
        input: scores, of shape (N, C), (N, C, d1, ...) or (C,).
        target: classes, integers of that shape without C; or probabilities, of that shape.
        weight: of each class, of shape (C,). In a mean over classes, the sum is divided by the
            weights of the targets.
        ignore_index: a class that is left out, in a mean as well.
        reduction: "mean", "sum" or "none".
        label_smoothing: how much of the target is spread evenly over all classes, from 0 to 1.

    As in PyTorch, a mean is NaN, 0 / 0, if all targets are ignored, and its gradient 0; if the
    targets weigh 0, the gradient is NaN too.

    Raises:
        ValueError: shapes do not fit.
        IndexError: a target is not one of the classes.

    >>> import autograd_mini.nn.functional as F
    >>> F.cross_entropy([[1e4, 0.0, 0.0]], [0])
    Tensor(0.)
    """
    check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing is between 0 and 1, not {label_smoothing}")
    x, y, w = _scores("cross_entropy", input, target, weight)
    return losses.cross_entropy(x, y, w, ignore_index, reduction, label_smoothing)


def nll_loss(
    input: Input,
    target: Input,
    weight: Input | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Return minus the log-probabilities of the target classes, reduced.

    The arguments are those of `cross_entropy`, which is this of `log_softmax`.
    """
    check_reduction(reduction)
    x, y, w = _scores("nll_loss", input, target, weight)
    return losses.nll_loss(x, y, w, ignore_index, reduction)


def _scores(
    name: str, input: Input, target: Input, weight: Input | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    x = _tensor(input)
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: the input holds scores, floating point numbers, not {x.dtype}")
    y = target if isinstance(target, Tensor) else Tensor(target)  # a copy, small beside the scores
    return x, y, None if weight is None else _like(x, weight)


def kl_div(
    input: Input, target: Input, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """Return the Kullback-Leibler divergence of the target from the input, reduced.

    Args:
        input: log-probabilities.
        target: probabilities, or their logarithms if `log_target`.
        reduction: "batchmean", the divergence as it is defined, averaged over the first axis; or
            "mean" over all elements, "sum" or "none".
        log_target: whether the target holds logarithms.
    """
    check_reduction(reduction, "batchmean")
    x, y = _pair("kl_div", input, target)
    each: Any = np.exp(y) * (y - x) if log_target else losses.xlogx(y) - y * x
    if reduction == "batchmean":
        return np.sum(each) / (x.shape[0] if x.ndim else 1)
    return _reduced(each, reduction)
