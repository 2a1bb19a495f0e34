"""This library: plain NumPy on Tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd_mini as ag

from ..workload import Array, Entry
from . import Loss


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    tensors = [ag.Tensor(p, requires_grad=True) for p in parameters]

    def forward() -> Any:
        return loss(np, *constants, *tensors)

    def step() -> Any:
        for t in tensors:
            t.grad = None
        value = forward()
        value.backward()
        return value

    return Entry(step, lambda: [_array(step()), *(_array(t.grad) for t in tensors)], forward)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""

    def fresh() -> tuple[list[Any], Callable[[], Any]]:
        tensors = [ag.Tensor(p, requires_grad=True) for p in parameters]
        optimizer = ag.optim.SGD(tensors, lr=rate)

        def step() -> Any:
            optimizer.zero_grad()
            value = loss(np, *constants, *tensors)
            value.backward()
            optimizer.step()
            return value

        return tensors, step

    def answer() -> list[Array]:
        tensors, step = fresh()
        return [_array(a) for a in (step(), *(t.grad for t in tensors), *tensors)]

    tensors, step = fresh()
    return Entry(step, answer, lambda: loss(np, *constants, *tensors))


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    at, direction = parameters

    def step() -> Array:
        return ag.hvp(lambda p: loss(np, *constants, p), (at,), (direction,))

    return Entry(step, lambda: [step()])


def hessian(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    (at,) = parameters
    asked = ag.hessian(lambda p: loss(np, *constants, p))
    return Entry(lambda: asked(at), lambda: [asked(at)])


def _array(t: Any) -> Array:
    return t.detach().numpy().copy()
