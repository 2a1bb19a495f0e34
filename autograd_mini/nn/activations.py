"""Activation functions as layers."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional
from .module import Module


class ReLU(Module):
    """The input where it is positive, else 0."""

    def forward(self, input: Any) -> Tensor:
        """Return `relu(input)`."""
        return functional.relu(input)


class LeakyReLU(Module):
    """The input where it is positive, else `negative_slope` times it."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Tensor:
        """Return `leaky_relu(input, negative_slope)`."""
        return functional.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """Return the slope."""
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """The input where it is positive, else alpha (exp(input) - 1)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, input: Any) -> Tensor:
        """Return `elu(input, alpha)`."""
        return functional.elu(input, self.alpha)

    def extra_repr(self) -> str:
        """Return alpha."""
        return f"alpha={self.alpha}"


class GELU(Module):
    """The input times the probability that a standard normal number is below it.

    Args:
        approximate: "none", or "tanh" for the authors' approximation.
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Tensor:
        """Return `gelu(input, approximate)`."""
        return functional.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """Return which formula is used."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """The input times its sigmoid."""

    def forward(self, input: Any) -> Tensor:
        """Return `silu(input)`."""
        return functional.silu(input)


class Sigmoid(Module):
    """1 / (1 + exp(-input))."""

    def forward(self, input: Any) -> Tensor:
        """Return `sigmoid(input)`."""
        return functional.sigmoid(input)


class LogSigmoid(Module):
    """The logarithm of the sigmoid."""

    def forward(self, input: Any) -> Tensor:
        """Return `logsigmoid(input)`."""
        return functional.logsigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input: Any) -> Tensor:
        """Return `tanh(input)`."""
        return functional.tanh(input)


class Softplus(Module):
    """log(1 + exp(beta input)) / beta, exact for any input."""

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = beta

    def forward(self, input: Any) -> Tensor:
        """Return `softplus(input, beta)`."""
        return functional.softplus(input, self.beta)

    def extra_repr(self) -> str:
        """Return beta."""
        return f"beta={self.beta}"


class Softmax(Module):
    """exp(input) divided by its sum over `dim`: positive numbers with the sum 1."""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        """Return `softmax(input, dim)`."""
        return functional.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of the softmax over `dim`."""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        """Return `log_softmax(input, dim)`."""
        return functional.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"dim={self.dim}"
