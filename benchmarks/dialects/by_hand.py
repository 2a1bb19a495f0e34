"""NumPy by hand: what is asked for is written out, and only called here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..workload import Array, Entry
from . import Loss


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""

    def answer() -> list[Array]:
        value, found = loss(*constants, *parameters)
        return [np.asarray(value), *found]

    return Entry(lambda: loss(*constants, *parameters), answer)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""

    def update(moving: list[Array]) -> None:
        _, found = loss(*constants, *moving)
        for p, g in zip(moving, found, strict=True):
            g *= rate
            p -= g

    def answer() -> list[Array]:
        moving = [p.copy() for p in parameters]
        value, found = loss(*constants, *moving)
        update(moving)
        return [np.asarray(value), *found, *moving]

    moving = [p.copy() for p in parameters]
    return Entry(lambda: update(moving), answer)


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    return Entry(lambda: loss(*constants, *parameters), lambda: [loss(*constants, *parameters)])


def hessian(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    return hessian_product(loss, constants, parameters)
