"""Evaluating a model without a trace: `unchanged`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..modes import no_grad
from ..nn.module import Module
from ..nn.restored import restored
from ..tensor import Tensor


def named_tensors(model: Module | Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the parameters of `model` by name.

    Raises:
        TypeError: `model` is neither a Module nor a dict of Tensors.
    """
    if isinstance(model, Module):
        return dict(model.named_parameters())
    if isinstance(model, Mapping) and all(isinstance(value, Tensor) for value in model.values()):
        return dict(model)
    raise TypeError(
        f"the parameters are those of an nn.Module, or a dict of Tensors by name, not of "
        f'{type(model).__name__}: write {{"weight": w, "bias": b}}'
    )


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Record nothing inside and be in evaluation mode; leave `model` as it was, also on an error.

    Args:
        model: a Module, a dict of Tensors, or a function, of which nothing is known.
    """
    with restored(model), no_grad():
        if isinstance(model, Module):
            model.eval()
        yield
