"""HIPS autograd: functions of its own numpy's arrays."""

from __future__ import annotations

from collections.abc import Sequence

import autograd
import autograd.numpy as anp
import numpy as np

from ..workload import Array, Entry
from . import Loss


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    asked = _gradients(loss, len(constants), len(parameters))

    def answer() -> list[Array]:
        value, found = asked(*constants, *parameters)
        return [np.asarray(value), *found]

    return Entry(lambda: asked(*constants, *parameters), answer)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""
    asked = _gradients(loss, len(constants), len(parameters))

    def update(moving: list[Array]) -> list[Array]:
        _, found = asked(*constants, *moving)
        return [p - rate * g for p, g in zip(moving, found, strict=True)]

    moving = [p.copy() for p in parameters]

    def step() -> None:
        nonlocal moving
        moving = update(moving)

    def answer() -> list[Array]:
        value, found = asked(*constants, *parameters)
        return [np.asarray(value), *found, *update(list(parameters))]

    return Entry(step, answer)


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    asked = autograd.hessian_vector_product(lambda p: loss(anp, *constants, p))
    return Entry(lambda: asked(*parameters), lambda: [asked(*parameters)])


def hessian(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    asked = autograd.hessian(lambda p: loss(anp, *constants, p))
    return Entry(lambda: asked(*parameters), lambda: [asked(*parameters)])


def _gradients(loss: Loss, constants: int, parameters: int) -> Loss:
    by = tuple(range(constants, constants + parameters))
    return autograd.value_and_grad(lambda *arrays: loss(anp, *arrays), by)
