"""A deep graph: one operation after another, on a small array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries

FACTOR = 0.99999


def data(operations: int) -> tuple[list[Array], list[Array]]:
    """Return where to start."""
    return [], [np.array([0.5, -0.5, 1.0, 2.0])]


def loss(np: Any, x: Any, *, operations: int) -> Any:
    """Return the sum of squares of x, which shrank by and by."""
    for _ in range(operations):
        x = x * FACTOR
    return (x * x).sum()


def by_hand(x: Array, *, operations: int) -> tuple[float, list[Array]]:
    """Return the loss and its gradient, one operation after another."""
    x = x.copy()
    for _ in range(operations):
        x *= FACTOR
    value = float(x @ x)
    d = 2 * x
    for _ in range(operations):
        d *= FACTOR
    return value, [d]


def in_jax() -> Loss:
    from jax.lax import scan

    def loss(np: Any, x: Any, *, operations: int) -> Any:
        x, _ = scan(lambda x, _: (x * FACTOR, None), x, length=operations)
        return (x * x).sum()

    return loss


UNROLLED = "it compiles a kernel of all operations, unrolled, which takes minutes"
WITHOUT = {"compile": UNROLLED, "tinygrad": UNROLLED}

DEEP = Workload(
    name="deep",
    title="deep chain, on 4 elements",
    unit="operations",
    sizes=(1000, 10_000, 100_000),
    main=(10_000, 100_000),
    dtype="float64",
    entries=entries(
        "gradients", data, loss, by_hand, {"jax": in_jax}, without=WITHOUT, size_as="operations"
    ),
    sits_out=WITHOUT,
    limits=dict.fromkeys(
        ("autograd", "mygrad", "micrograd"), (10_000, "it takes over 10 s a step")
    ),
)
