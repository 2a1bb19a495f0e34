"""Reductions: sum, mean, variance and maximum along the axes of a square."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries


def data(n: int) -> tuple[list[Array], list[Array]]:
    """Return a square of numbers, no two of them the same."""
    return [], [np.random.default_rng(0).normal(size=(n, n))]


def loss(np: Any, x: Any) -> Any:
    """Return a sum of what four reductions give."""
    return (
        (np.sum(x, axis=0) ** 2).sum()
        + (np.mean(x, axis=1) ** 2).sum()
        + (np.var(x, axis=0) ** 2).sum()
        + (np.max(x, axis=1) ** 2).sum()
    )


def by_hand(x: Array) -> tuple[float, list[Array]]:
    """Return the loss and its gradient."""
    n = len(x)
    sums = x.sum(axis=0)
    means = x.mean(axis=1)
    d = x - sums / n
    variances = np.einsum("ij,ij->j", d, d) / n
    rows, places = np.arange(n), x.argmax(axis=1)
    largest = x[rows, places]
    value = sums @ sums + means @ means + variances @ variances + largest @ largest
    d *= 4 / n * variances
    d += 2 * sums
    d += (2 / n * means)[:, None]
    d[rows, places] += 2 * largest
    return value, [d]


def in_torch() -> Loss:
    def loss(torch: Any, x: Any) -> Any:
        return (
            (torch.sum(x, dim=0) ** 2).sum()
            + (torch.mean(x, dim=1) ** 2).sum()
            + (torch.var(x, dim=0, correction=0) ** 2).sum()
            + (torch.amax(x, dim=1) ** 2).sum()
        )

    return loss


WITHOUT = {"micrograd": "the squares are too large to compute with number by number"}

REDUCTIONS = Workload(
    name="reductions",
    title="sum, mean, var and max of n x n",
    unit="n",
    sizes=(30, 100, 300, 1000, 3000),
    main=(1000,),
    dtype="float64",
    entries=entries(
        "gradients",
        data,
        loss,
        by_hand,
        {"torch": in_torch, "compile": in_torch},
        without=WITHOUT,
    ),
    sits_out=WITHOUT,
)
