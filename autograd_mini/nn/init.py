"""Initialisers, by PyTorch's names: each fills a Tensor in place and returns it.

They draw from `generator`, or from the default one, which `ag.manual_seed` seeds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..graph import Array
from ..inplace import overwrite
from ..modes import no_grad
from ..random import default_generator
from ..tensor import Tensor

if TYPE_CHECKING:
    from numpy.random import Generator

T = TypeVar("T", bound=Tensor)


def _fill(tensor: T, values: Array | float) -> T:
    with no_grad():
        overwrite(tensor, ..., values, "an initialiser")
    return tensor


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> T:
    """Fill with numbers drawn uniformly from a to b.

    >>> import autograd_mini as ag
    >>> w = ag.nn.init.uniform_(ag.nn.Parameter([[0.0] * 3] * 2), -1, 1)
    >>> w.shape
    (2, 3)
    """
    return _fill(tensor, (generator or default_generator()).uniform(a, b, tensor.shape))


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> T:
    """Fill with numbers drawn from a normal distribution."""
    return _fill(tensor, (generator or default_generator()).normal(mean, std, tensor.shape))


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> T:
    """Fill with numbers drawn from a normal distribution, those outside of [a, b] drawn again.

    By rejection from a uniform distribution over where the density is not negligible, so that it
    is exact far out in a tail too (C. P. Robert, "Simulation of truncated normal variables",
    Statistics and Computing 5 (1995), 121-125).
    """
    if not a <= b:
        raise ValueError(f"the interval from a={a} to b={b} is empty")
    generator = generator or default_generator()
    low, high = (a - mean) / std, (b - mean) / std
    peak = min(max(0.0, low), high)
    reach = math.sqrt(peak * peak + 80)  # there the density is exp(-40) of that at the peak
    low, high = max(low, -reach), min(high, reach)
    drawn = np.empty(tensor.size)
    left = np.arange(tensor.size)
    while left.size:
        z = generator.uniform(low, high, left.size)
        taken = generator.random(left.size) < np.exp((peak * peak - z * z) / 2)
        drawn[left[taken]] = z[taken]
        left = left[~taken]
    return _fill(tensor, np.clip(mean + std * drawn, a, b).reshape(tensor.shape))


def constant_(tensor: T, val: float) -> T:
    """Fill with `val`."""
    return _fill(tensor, val)


def ones_(tensor: T) -> T:
    """Fill with ones."""
    return _fill(tensor, 1)


def zeros_(tensor: T) -> T:
    """Fill with zeros."""
    return _fill(tensor, 0)


def eye_(tensor: T) -> T:
    """Fill a matrix with the identity: a linear layer that passes on what it gets."""
    if tensor.ndim != 2:
        raise ValueError(f"eye_ fills matrices, not a Tensor of shape {tensor.shape}")
    return _fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Fill so that signals keep their variance, forward and backward, uniformly.

    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.
    """
    fan_in, fan_out = _fans(tensor)
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Fill as `xavier_uniform_`, from a normal distribution."""
    fan_in, fan_out = _fans(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2 / (fan_in + fan_out)), generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Fill so that signals keep their variance through rectifiers, uniformly.

    K. He et al., "Delving deep into rectifiers", ICCV 2015.

    Args:
        tensor: the weight, of shape (out, in, ...).
        a: the negative slope of the leaky ReLU that follows.
        mode: "fan_in" keeps the variance in the forward pass, "fan_out" in the backward pass.
        nonlinearity: what follows, by the names that `calculate_gain` knows.
        generator: to draw from.
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Fill as `kaiming_uniform_`, from a normal distribution."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out', not {mode!r}")
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan) if fan else 0.0


def orthogonal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Fill with a random matrix with orthonormal rows or columns, the axes after the first as one.

    A. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", ICLR 2014. The signs make it uniform among such matrices: F. Mezzadri, "How to
    generate random matrices from the classical compact groups", Notices of the AMS 54 (2007).
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ fills matrices, not a Tensor of shape {tensor.shape}")
    rows = tensor.shape[0]
    columns = math.prod(tensor.shape[1:])
    drawn = (generator or default_generator()).normal(size=(rows, columns))
    q, r = np.linalg.qr(drawn if rows >= columns else drawn.T)
    q = q * np.sign(np.diagonal(r))
    q = q if rows >= columns else q.T
    return _fill(tensor, gain * q.reshape(tensor.shape))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by what `nonlinearity` shrinks a signal, for an initialiser to make up for.

    Args:
        nonlinearity: "linear", "sigmoid", "tanh", "relu", "leaky_relu" or "selu".
        param: the negative slope of a leaky ReLU, 0.01 by default.

    >>> calculate_gain("relu") == 2**0.5
    True
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope * slope))
    if nonlinearity not in _GAINS:
        raise ValueError(
            f"no gain is known for {nonlinearity!r}, only for leaky_relu, {', '.join(_GAINS)}"
        )
    return _GAINS[nonlinearity]


_GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
} | dict.fromkeys(["conv1d", "conv2d", "conv3d"], 1.0)


def _fans(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs each output of a weight (out, in, ...) has, and the reverse."""
    if tensor.ndim < 2:
        raise ValueError(f"a weight has shape (out, in, ...), not {tensor.shape}")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window
