"""Logistic regression: the mean loss over many rows, and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries


def data(rows: int, columns: int = 1000) -> tuple[list[Array], list[Array]]:
    """Return inputs, labels of 0 and 1, and weights."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, columns))
    labels = (x[:, 0] + random.normal(size=rows) > 0).astype(float)
    return [x, labels], [random.normal(size=columns) / columns**0.5]


def loss(np: Any, x: Any, labels: Any, w: Any) -> Any:
    """Return the mean negative log-likelihood of the labels."""
    scores = x @ w
    return np.mean(np.logaddexp(0, scores) - labels * scores)


def by_hand(x: Array, labels: Array, w: Array) -> tuple[float, list[Array]]:
    """Return the loss and its gradient."""
    scores = x @ w
    value = (np.logaddexp(0, scores).sum() - labels @ scores) / len(x)
    d = 1 / (1 + np.exp(-scores))
    d -= labels
    d /= len(x)
    return value, [d @ x]


def in_ours() -> Loss:
    from autograd_mini.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    return lambda _, x, labels, w: cross_entropy(x @ w, labels)


def in_torch() -> Loss:
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    return lambda _, x, labels, w: cross_entropy(x @ w, labels)


def in_tinygrad() -> Loss:
    return lambda _, x, labels, w: (x @ w).binary_crossentropy_logits(labels)


OTHERWISE = {
    "ours": in_ours,
    "torch": in_torch,
    "compile": in_torch,
    "tinygrad": in_tinygrad,
}
WITHOUT = {"micrograd": "the inputs are too many to compute with number by number"}

LOGISTIC = Workload(
    name="logistic",
    title="logistic regression, 1,000 columns",
    unit="rows",
    sizes=(100, 300, 1000, 3000, 10_000),
    main=(10_000,),
    dtype="float64",
    entries=entries("gradients", data, loss, by_hand, OTHERWISE, without=WITHOUT),
    sits_out=WITHOUT,
)
