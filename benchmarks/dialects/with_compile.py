"""PyTorch, compiled: the forward run and, by that, the run back; optimizers stay eager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..workload import Array, Entry
from . import Loss, with_torch
from .with_torch import array, tensors


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    return with_torch.gradients(torch.compile(loss), constants, parameters)


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""
    return with_torch.descent(torch.compile(loss), constants, parameters, rate)


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`. In torch.func's words, as autograd's own are not compiled twice."""
    given, (at, direction) = tensors(constants), tensors(parameters)

    def product(p: Any, v: Any) -> Any:
        return torch.func.jvp(torch.func.grad(lambda p: loss(torch, *given, p)), (p,), (v,))[1]

    compiled = torch.compile(product)
    return Entry(lambda: compiled(at, direction), lambda: [array(compiled(at, direction))])


def hessian(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    given, (at,) = tensors(constants), tensors(parameters)
    compiled = torch.compile(torch.func.hessian(lambda p: loss(torch, *given, p)))
    return Entry(lambda: compiled(at), lambda: [array(compiled(at))])
