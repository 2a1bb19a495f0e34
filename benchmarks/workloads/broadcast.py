"""Broadcasting: a column, a row and a square, and the sums that undo it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload import Array, Workload
from .common import entries


def data(n: int) -> tuple[list[Array], list[Array]]:
    """Return a column, a row and a square."""
    random = np.random.default_rng(0)
    return [], [random.normal(size=shape) for shape in [(n, 1), (1, n), (n, n)]]


def loss(np: Any, column: Any, row: Any, square: Any) -> Any:
    """Return the sum of squares of (column + row) * square - column."""
    return (((column + row) * square - column) ** 2).sum()


def by_hand(column: Array, row: Array, square: Array) -> tuple[float, list[Array]]:
    """Return the loss and its gradients."""
    both = column + row
    d = both * square
    d -= column
    value = np.vdot(d, d)
    d *= 2
    both *= d  # by the square
    by_difference = d.sum(axis=1, keepdims=True)
    d *= square
    by_column = d.sum(axis=1, keepdims=True)
    by_column -= by_difference
    return value, [by_column, d.sum(axis=0, keepdims=True), both]


WITHOUT = {"micrograd": "the squares are too large to compute with number by number"}

BROADCAST = Workload(
    name="broadcast",
    title="broadcasting n x 1, 1 x n and n x n",
    unit="n",
    sizes=(30, 100, 300, 1000, 3000),
    main=(1000,),
    dtype="float64",
    entries=entries("gradients", data, loss, by_hand, without=WITHOUT),
    sits_out=WITHOUT,
)
