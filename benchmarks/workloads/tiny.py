"""Tiny operations: what an operation costs beyond its numbers, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries


def data(operations: int) -> tuple[list[Array], list[Array]]:
    """Return where to start."""
    return [], [np.array([0.5, -0.5])]


def loss(np: Any, x: Any, *, operations: int) -> Any:
    """Return the sum of tanh(1.01 x + 0.01), over and over."""
    for _ in range(operations // 3):
        x = np.tanh(x * 1.01 + 0.01)
    return x.sum()


def by_hand(x: Array, *, operations: int) -> tuple[float, list[Array]]:
    """Return the loss and its gradient, one operation after another."""
    outs = []
    for _ in range(operations // 3):
        x = np.tanh(x * 1.01 + 0.01)
        outs.append(x)
    d = np.ones_like(x)
    for out in reversed(outs):
        d = d * (1 - out * out) * 1.01
    return x.sum(), [d]


def in_jax() -> Loss:
    """Return the loss as a loop: unrolled, it would compile for minutes."""
    from jax.lax import scan

    def loss(np: Any, x: Any, *, operations: int) -> Any:
        def link(x: Any, _: None) -> tuple[Any, None]:
            return np.tanh(x * 1.01 + 0.01), None

        return scan(link, x, length=operations // 3)[0].sum()

    return loss


UNROLLED = "it compiles a kernel of all operations, unrolled, which takes minutes"
WITHOUT = {"tinygrad": UNROLLED}

TINY = Workload(
    name="tiny",
    title="tiny operations, on 2 elements",
    unit="operations",
    sizes=(300, 3000, 30_000),
    main=(3000,),
    dtype="float64",
    entries=entries(
        "gradients",
        data,
        loss,
        by_hand,
        {"jax": in_jax},
        without=WITHOUT,
        forward=True,
        size_as="operations",
    ),
    sits_out=WITHOUT,
    limits={"compile": (300, UNROLLED)},
)
