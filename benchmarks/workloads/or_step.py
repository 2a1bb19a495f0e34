"""A step of the network that learns OR: 2-3-1, on few rows, down the gradient of squared errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries


def data(rows: int) -> tuple[list[Array], list[Array]]:
    """Return the four rows of OR's table, as often as it takes, and the weights."""
    random = np.random.default_rng(0)
    inputs = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = np.array([[0.0], [1.0], [1.0], [1.0]])
    weights = [random.normal(size=shape) for shape in [(2, 3), (1, 3), (3, 1), (1, 1)]]
    return [np.resize(inputs, (rows, 2)), np.resize(targets, (rows, 1))], weights


def loss(np: Any, inputs: Any, targets: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Return half the sum of squared errors."""
    hidden = np.maximum(0.0, inputs @ w1 + b1)
    output = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    return (0.5 * (output - targets) ** 2).sum()


def by_hand(
    inputs: Array, targets: Array, w1: Array, b1: Array, w2: Array, b2: Array
) -> tuple[float, list[Array]]:
    """Return the loss and its gradients."""
    hidden = np.maximum(0, inputs @ w1 + b1)
    output = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    error = output - targets
    d_output = error * output * (1 - output)
    d_hidden = d_output @ w2.T * (hidden > 0)
    return 0.5 * np.vdot(error, error), [
        inputs.T @ d_hidden,
        d_hidden.sum(axis=0, keepdims=True),
        hidden.T @ d_output,
        d_output.sum(axis=0, keepdims=True),
    ]


def with_its_own(relu: Loss, sigmoid: Loss) -> Loss:
    """Return the loss in a library's own activations."""

    def loss(_: Any, inputs: Any, targets: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        hidden = relu(inputs @ w1 + b1)
        output = sigmoid(hidden @ w2 + b2)
        return (0.5 * (output - targets) ** 2).sum()

    return loss


def in_ours() -> Loss:
    from autograd_mini.nn.functional import relu, sigmoid

    return with_its_own(relu, sigmoid)


def in_torch() -> Loss:
    from torch import relu, sigmoid

    return with_its_own(relu, sigmoid)


def in_jax() -> Loss:
    from jax.nn import relu, sigmoid

    return with_its_own(relu, sigmoid)


def in_mygrad() -> Loss:
    from mygrad.nnet.activations import relu, sigmoid

    return with_its_own(relu, sigmoid)


def in_tinygrad() -> Loss:
    from tinygrad import Tensor

    return with_its_own(Tensor.relu, Tensor.sigmoid)


OR_STEP = Workload(
    name="or-step",
    title="OR step, 2-3-1",
    unit="rows",
    sizes=(4, 64, 1024, 16384),
    main=(4,),
    dtype="float64",
    entries=entries(
        "descent",
        data,
        loss,
        by_hand,
        {
            "ours": in_ours,
            "torch": in_torch,
            "compile": in_torch,
            "jax": in_jax,
            "mygrad": in_mygrad,
            "tinygrad": in_tinygrad,
        },
        forward=True,
        rate=0.1,
    ),
    limits={"micrograd": (64, "it computes number by number")},
)
