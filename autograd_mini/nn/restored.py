"""Looking at a model without a trace: `restored`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..random import drawing_from, get_state
from ..tensor import Tensor
from .module import Module


@contextmanager
def restored(model: Any) -> Iterator[None]:
    """Leave `model` as it was, whatever happens inside, also on an error.

    Restored are attributes of its modules, the elements of parameters, buffers and their
    gradients, bit for bit, and the state of random generators: the default one and those that are
    attributes of modules.

    Args:
        model: a Module, a dict of Tensors, or a function, of which nothing is known.
    """
    modules = list(model.modules()) if isinstance(model, Module) else []
    attributes = [(module, dict(vars(module))) for module in modules]
    held = [value for _, values in attributes for value in values.values()]
    generators = [
        (value.bit_generator, value.bit_generator.state)
        for value in held
        if isinstance(value, np.random.Generator)
    ]
    tensors = _tensors(model)
    leaves = [leaf for leaf in (tensor._leaf() for tensor in tensors) if leaf is not None]
    grads = [(leaf, leaf.about.grad) for leaf in leaves]
    arrays = [
        (tensor, tensor._array, np.array(tensor._array))
        for tensor in (*tensors, *(grad for _, grad in grads if grad is not None))
    ]
    try:
        with drawing_from(get_state()):
            yield
    finally:
        for module, values in attributes:
            vars(module).clear()
            vars(module).update(values)
        for generator, state in generators:
            generator.state = state
        for tensor, array, copy in arrays:
            tensor._array = array
            if array.tobytes() != copy.tobytes():
                array[...] = copy
        for leaf, grad in grads:
            leaf.noted().grad = grad


def _tensors(model: Any) -> list[Tensor]:
    if isinstance(model, Module):
        return [*model.parameters(), *model.buffers()]
    return list(model.values()) if isinstance(model, Mapping) else []
