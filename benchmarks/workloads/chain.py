"""Elementwise operations, one after another, on small arrays and on large ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload import Array, Workload
from .common import entries

LINKS = 5


def data(size: int) -> tuple[list[Array], list[Array]]:
    """Return where to start."""
    return [], [np.random.default_rng(0).normal(size=size)]


def loss(np: Any, x: Any) -> Any:
    """Return the sum of tanh(1.01 x + 0.01), five times over."""
    for _ in range(LINKS):
        x = np.tanh(x * 1.01 + 0.01)
    return x.sum()


def by_hand(x: Array) -> tuple[float, list[Array]]:
    """Return the loss and its gradient."""
    outs = []
    for _ in range(LINKS):
        x = x * 1.01
        x += 0.01
        np.tanh(x, out=x)
        outs.append(x)
    value = x.sum()
    d = np.ones_like(x)
    for out in reversed(outs):
        out *= out
        np.subtract(1, out, out=out)
        out *= 1.01
        d *= out
    return value, [d]


CHAIN = Workload(
    name="chain",
    title="elementwise chain, 15 operations",
    unit="elements",
    sizes=(100, 1000, 10_000, 100_000, 1_000_000, 10_000_000),
    main=(10_000, 1_000_000),
    dtype="float64",
    entries=entries("gradients", data, loss, by_hand, forward=True),
    limits={"micrograd": (100, "it computes number by number")},
)
