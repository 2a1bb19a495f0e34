"""MyGrad, as it comes: with its guard against writing to arrays that a graph needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mygrad as mg
import numpy as np

from ..workload import Array, Entry
from . import Loss


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    tensors = [mg.tensor(p) for p in parameters]

    def forward() -> Any:
        return loss(mg, *constants, *tensors)

    def step() -> Any:
        value = forward()  # which forgets the gradients of the step before
        value.backward()
        return value

    def answer() -> list[Array]:
        value = step()
        return [np.array(value.data), *(np.array(t.grad) for t in tensors)]

    return Entry(step, answer, forward)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""

    def fresh() -> tuple[list[Any], Callable[[], Any]]:
        tensors = [mg.tensor(p) for p in parameters]

        def step() -> Any:
            value = loss(mg, *constants, *tensors)
            value.backward()
            for t in tensors:
                t.data -= rate * t.grad
            return value

        return tensors, step

    def answer() -> list[Array]:
        tensors, step = fresh()
        value = step()
        return [np.array(a) for a in (value.data, *(t.grad for t in tensors), *tensors)]

    tensors, step = fresh()
    return Entry(step, answer, lambda: loss(mg, *constants, *tensors))
