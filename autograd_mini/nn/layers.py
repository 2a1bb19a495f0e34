"""Layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tensor import Tensor
from . import functional, init
from .module import Module, Parameter

if TYPE_CHECKING:
    from numpy.random import Generator


class Linear(Module):
    """y = x @ weight.T + bias.

    Args:
        in_features: the size of the last axis of the input.
        out_features: the size of the last axis of the output.
        bias: whether there is a bias.
        dtype: of the parameters.
        generator: to draw the first weights from: uniformly within 1 / sqrt(in_features), as in
            PyTorch.

    >>> import numpy as np
    >>> from autograd_mini import nn
    >>> layer = nn.Linear(784, 10)
    >>> layer(np.zeros((32, 784), np.float32)).shape
    (32, 10)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        dtype: Any = np.float32,
        *,
        generator: Generator | None = None,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(np.empty((out_features, in_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters(generator)

    def reset_parameters(self, generator: Generator | None = None) -> None:
        """Draw new parameters."""
        bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
        init.uniform_(self.weight, -bound, bound, generator)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, generator)

    def forward(self, input: Any) -> Tensor:
        """Return input @ weight.T + bias."""
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Identity(Module):
    """Returns its input. Arguments are taken and ignored, so that it can stand for any layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def forward(self, input: Any) -> Any:
        """Return `input`."""
        return input


class Flatten(Module):
    """Joins the axes from `start_dim` to `end_dim`: by default, all but the first.

    >>> import numpy as np
    >>> from autograd_mini import nn
    >>> nn.Flatten()(np.zeros((32, 28, 28))).shape
    (32, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        """Return `input` with these axes as one."""
        shape = np.shape(input)
        start, end = (d + len(shape) if d < 0 else d for d in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < len(shape):
            raise ValueError(
                f"{self!r} joins axes that an input of shape {shape} does not have in this order"
            )
        joined = math.prod(shape[start : end + 1])
        return np.reshape(input, (*shape[:start], joined, *shape[end + 1 :]))

    def extra_repr(self) -> str:
        """Return the axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Dropout(Module):
    """In training, sets each element to 0 with probability `p`, and scales the others up.

    Args:
        p: between 0 and 1.
        generator: to draw from, by default the one that `ag.manual_seed` seeds.
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"the probability p is between 0 and 1, not {p}")
        self.p = p
        self.generator = generator

    def forward(self, input: Any) -> Tensor:
        """Return `input` with elements dropped, in training."""
        return functional.dropout(input, self.p, self.training, self.generator)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p}"
