"""A wide graph: many branches of one leaf, stacked and summed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries


def data(branches: int) -> tuple[list[Array], list[Array]]:
    """Return the leaf."""
    return [], [np.random.default_rng(0).normal(size=8)]


def loss(np: Any, x: Any, *, branches: int) -> Any:
    """Return the sum of squares of all multiples of x."""
    return (np.stack([x * (i / branches) for i in range(branches)]) ** 2).sum()


def by_hand(x: Array, *, branches: int) -> tuple[float, list[Array]]:
    """Return the loss and its gradient, one branch after another."""
    rows = np.empty((branches, len(x)))
    for i, row in enumerate(rows):
        np.multiply(x, i / branches, out=row)
    value = float(np.vdot(rows, rows))
    rows *= 2
    d = np.zeros_like(x)
    for i, row in enumerate(rows):
        row *= i / branches
        d += row
    return value, [d]


def in_jax() -> Loss:
    """Return the loss with branches side by side, by vmap: JAX has no other way for many."""
    import jax

    def loss(np: Any, x: Any, *, branches: int) -> Any:
        return (jax.vmap(lambda i: x * (i / branches))(np.arange(branches)) ** 2).sum()

    return loss


UNROLLED = "it compiles a kernel of all branches, unrolled, which takes minutes"

WIDE = Workload(
    name="wide",
    title="wide graph, branches of 8 elements",
    unit="branches",
    sizes=(100, 1000, 10_000),
    main=(1000,),
    dtype="float64",
    entries=entries("gradients", data, loss, by_hand, {"jax": in_jax}, size_as="branches"),
    limits={
        "compile": (100, UNROLLED),
        "autograd": (1000, "its time grows with the square of the branches"),
        "tinygrad": (100, UNROLLED),
        "micrograd": (1000, "it computes number by number"),
    },
)
