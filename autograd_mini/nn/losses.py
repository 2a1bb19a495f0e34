"""Losses as layers. `reduction` is "mean", "sum" or "none"."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional
from .module import Module


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        functional.check_reduction(reduction)
        self.reduction = reduction


class MSELoss(_Loss):
    """The squared differences.

    >>> from autograd_mini import nn
    >>> nn.MSELoss()([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `mse_loss(input, target)`."""
        return functional.mse_loss(input, target, self.reduction)


class L1Loss(_Loss):
    """The absolute differences."""

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `l1_loss(input, target)`."""
        return functional.l1_loss(input, target, self.reduction)


class HuberLoss(_Loss):
    """Half the squared differences up to `delta`, and from there on linearly."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `huber_loss(input, target)`."""
        return functional.huber_loss(input, target, self.reduction, self.delta)


class SmoothL1Loss(_Loss):
    """The Huber loss with delta = `beta`, divided by it."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `smooth_l1_loss(input, target)`."""
        return functional.smooth_l1_loss(input, target, self.reduction, self.beta)


class BCELoss(_Loss):
    """The cross entropy of probabilities against targets from 0 to 1.

    Args:
        weight: of each element, in a shape that broadcasts.
        reduction: "mean", "sum" or "none".
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `binary_cross_entropy(input, target)`."""
        return functional.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(_Loss):
    """The cross entropy of sigmoid(input) against targets from 0 to 1.

    Args:
        weight: of each element, in a shape that broadcasts.
        reduction: "mean", "sum" or "none".
        pos_weight: of the positive targets, in a shape that broadcasts.
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `binary_cross_entropy_with_logits(input, target)`."""
        return functional.binary_cross_entropy_with_logits(
            input, target, self.weight, self.reduction, self.pos_weight
        )


class CrossEntropyLoss(_Loss):
    """The cross entropy of softmax(input) against classes or probabilities.

    Args:
        weight: of each class.
        ignore_index: a class that is left out.
        reduction: "mean", "sum" or "none".
        label_smoothing: how much of the target is spread evenly over all classes, from 0 to 1.

    >>> from autograd_mini import nn
    >>> nn.CrossEntropyLoss()([[0.0, 0.0], [1000.0, 0.0]], [1, 0])
    Tensor(0.34657359)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `cross_entropy(input, target)`."""
        return functional.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )


class NLLLoss(_Loss):
    """Minus the log-probabilities of the target classes.

    Args:
        weight: of each class.
        ignore_index: a class that is left out.
        reduction: "mean", "sum" or "none".
    """

    weight: Tensor | None

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `nll_loss(input, target)`."""
        return functional.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence of the target from the input, which are log-probabilities.

    Args:
        reduction: "batchmean", the divergence as it is defined, averaged over the first axis; or
            "mean" over all elements, "sum" or "none".
        log_target: whether the target holds log-probabilities too.
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        functional.check_reduction(reduction, "batchmean")
        self.reduction = reduction
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return `kl_div(input, target)`."""
        return functional.kl_div(input, target, self.reduction, self.log_target)
