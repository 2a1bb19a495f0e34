"""PyTorch, eager."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..workload import Array, Entry
from . import Loss

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    given, leaves = tensors(constants), _leaves(parameters)

    def forward() -> Any:
        return loss(torch, *given, *leaves)

    def step() -> Any:
        for t in leaves:
            t.grad = None
        value = forward()
        value.backward()
        return value

    return Entry(step, lambda: [array(step()), *(array(t.grad) for t in leaves)], forward)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""
    given = tensors(constants)

    def fresh() -> tuple[list[Any], Callable[[], Any]]:
        leaves = _leaves(parameters)
        optimizer = torch.optim.SGD(leaves, lr=rate)

        def step() -> Any:
            optimizer.zero_grad()
            value = loss(torch, *given, *leaves)
            value.backward()
            optimizer.step()
            return value

        return leaves, step

    def answer() -> list[Array]:
        leaves, step = fresh()
        return [array(a) for a in (step(), *(t.grad for t in leaves), *leaves)]

    leaves, step = fresh()
    return Entry(step, answer, lambda: loss(torch, *given, *leaves))


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`. Of PyTorch's ways, `vhp` is the one it calls the faster."""
    given, (at, direction) = tensors(constants), tensors(parameters)

    def step() -> Any:
        return torch.autograd.functional.vhp(lambda p: loss(torch, *given, p), at, direction)[1]

    return Entry(step, lambda: [array(step())])


def hessian(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    given, (at,) = tensors(constants), tensors(parameters)
    asked = torch.func.hessian(lambda p: loss(torch, *given, p))
    return Entry(lambda: asked(at), lambda: [array(asked(at))])


def tensors(arrays: Sequence[Array]) -> list[Any]:
    return [torch.tensor(a) for a in arrays]


def _leaves(arrays: Sequence[Array]) -> list[Any]:
    return [torch.tensor(a, requires_grad=True) for a in arrays]


def array(t: Any) -> Array:
    return t.detach().numpy().copy()
