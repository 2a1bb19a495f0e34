"""micrograd: numbers, one by one, in NumPy's arrays of objects."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from micrograd.engine import Value

from ..workload import Array, Entry
from . import Loss

sys.setrecursionlimit(10**6)  # it walks its graphs by recursion


def node(value: Callable[[float], float], slope: Callable[[float, float], float]) -> Any:
    """Return a function that micrograd lacks, given its value and its slope (x, y)."""

    def apply(x: Any) -> Any:
        out = Value(value(x.data), (x,))

        def back() -> None:
            x.grad += slope(x.data, out.data) * out.grad

        out._backward = back
        return out

    return np.frompyfunc(apply, 1, 1)


NAMES = SimpleNamespace(
    exp=node(math.exp, lambda x, y: y),
    maximum=lambda zero, x: np.frompyfunc(Value.relu, 1, 1)(x),  # of zero and x: all it has
    sin=node(math.sin, lambda x, y: math.cos(x)),
    square=lambda x: x**2,
    stack=np.stack,
    sum=np.sum,
    mean=np.mean,
    tanh=node(math.tanh, lambda x, y: 1 - y * y),
)
"""NumPy's names, for arrays of its numbers."""


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    leaves = _leaves(parameters)

    def forward() -> Any:
        return loss(NAMES, *constants, *leaves)

    def step() -> Any:
        _clear(leaves)
        value = forward()
        value.backward()
        return value

    return Entry(step, lambda: [np.asarray(step().data), *_gradients(leaves)], forward)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""

    def fresh() -> tuple[list[Any], Callable[[], Any]]:
        leaves = _leaves(parameters)

        def step() -> Any:
            _clear(leaves)
            value = loss(NAMES, *constants, *leaves)
            value.backward()
            for leaf in leaves:
                for p in leaf.flat:
                    p.data -= rate * p.grad
            return value

        return leaves, step

    def answer() -> list[Array]:
        leaves, step = fresh()
        value = step()
        return [np.asarray(value.data), *_gradients(leaves), *_numbers(leaves)]

    leaves, step = fresh()
    return Entry(step, answer, lambda: loss(NAMES, *constants, *leaves))


def _leaves(arrays: Sequence[Array]) -> list[Any]:
    return [np.frompyfunc(Value, 1, 1)(a) for a in arrays]


def _clear(leaves: list[Any]) -> None:
    for leaf in leaves:
        for p in leaf.flat:
            p.grad = 0


def _gradients(leaves: list[Any]) -> list[Array]:
    return [np.array([p.grad for p in leaf.flat], float).reshape(leaf.shape) for leaf in leaves]


def _numbers(leaves: list[Any]) -> list[Array]:
    return [np.array([p.data for p in leaf.flat], float).reshape(leaf.shape) for leaf in leaves]
