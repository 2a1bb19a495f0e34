"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..graph import Array
from .optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Args:
        params: Tensors, or dicts with "params" and options for these.
        lr: the learning rate.
        momentum: how much of the last step's velocity is kept.
        dampening: how much of the gradient is kept out of the velocity, after the first step.
        weight_decay: how strongly parameters are pulled to zero (an L2 penalty).
        nesterov: look ahead by one step of the velocity (Y. Nesterov 1983, as in I. Sutskever et
            al., "On the importance of initialization and momentum in deep learning", ICML 2013).
        maximize: climb instead.

    >>> import autograd_mini as ag
    >>> w = ag.nn.Parameter(4.0)
    >>> optimizer = ag.optim.SGD([w], lr=0.25)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).backward()
    ...     optimizer.step()
    >>> w
    Parameter(1., requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """Raise `ValueError` unless the options of `group` make sense."""
        for key in ("lr", "momentum", "weight_decay"):
            if group[key] < 0:
                raise ValueError(f"{key} is not negative, unlike {group[key]}")
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("nesterov needs a momentum, and no dampening")

    def update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> Array:
        """Return what is subtracted from the parameter `p` with the gradient `g`."""
        lr, momentum, weight_decay = group["lr"], group["momentum"], group["weight_decay"]
        if group["maximize"]:
            g = -g
        if weight_decay:
            g = g + weight_decay * p
        if momentum:
            velocity = state.get("momentum_buffer")
            if velocity is None:
                velocity = state["momentum_buffer"] = np.array(g)
            else:
                np.multiply(velocity, momentum, out=velocity)
                np.add(velocity, (1 - group["dampening"]) * g, out=velocity)
            g = g + momentum * velocity if group["nesterov"] else velocity
        return np.multiply(g, lr, out=self.scratch(g))
