"""`backward`: from a Tensor to the gradients of the leaves behind it; and hooks on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from . import writes
from .door import raw, wrap
from .graph import Node, owned, pull
from .modes import enable_grad
from .views import Handle, node_of


def walk_back(tensor: Handle, gradient: Any, retain_graph: bool, create_graph: bool) -> None:
    """Do what `Tensor.backward` does."""
    node = node_of(tensor)
    if node is None:
        raise RuntimeError(
            "backward() of a Tensor that does not require grad: nothing behind it does, or it was "
            "made under no_grad(), by detach(), or by an operation without a derivative"
        )
    seed = _seed(tensor, gradient)
    retain = retain_graph or create_graph
    if create_graph:
        with enable_grad():
            roots = {node: seed if isinstance(seed, Handle) else wrap(seed, None)}
            arrived = pull(roots, wrap, retain=retain, record=True)
    else:
        arrived = pull({node: raw(seed)}, wrap, retain=retain)
    taken = {id(raw(seed))}
    with _one_at_a_time:
        for leaf, g in arrived.items():
            notes = leaf.noted()
            notes.grad = _first(g, taken) if notes.grad is None else _added(notes.grad, g)


def _first(g: Any, taken: set[int]) -> Any:
    """Return `g` as a gradient, in memory that no other gradient shares."""
    g = owned(g, taken)
    return g if isinstance(g, Handle) else wrap(g, None)


def _seed(tensor: Handle, gradient: Any) -> Any:
    """Return the cotangent that `backward` starts from."""
    data = tensor._array
    if gradient is None:
        if data.size != 1:
            raise RuntimeError(
                f"backward() of a Tensor of shape {data.shape} needs the gradient to start from: "
                "reduce it to one number first (sum, mean), or pass backward(gradient)"
            )
        return np.ones_like(data) if data.ndim else data.dtype.type(1)
    if np.shape(raw(gradient)) != data.shape:
        raise ValueError(
            f"backward(gradient) of a Tensor of shape {data.shape} got a gradient of shape "
            f"{np.shape(raw(gradient))}: they must be the same"
        )
    if isinstance(gradient, Handle):
        return gradient if raw(gradient).dtype == data.dtype else np.astype(gradient, data.dtype)  # type: ignore[call-overload]
    return np.array(gradient, dtype=data.dtype)


_one_at_a_time = threading.RLock()


def _added(before: Handle, g: Any) -> Any:
    """Return the sum of a gradient and what has arrived since."""
    if before._node is None and not isinstance(g, Handle):
        return wrap(before._array + g, None)
    with enable_grad():
        return before + g


class HookHandle:
    """A registered hook, and the way to remove it."""

    __slots__ = ("_key", "_node")

    def __init__(self, node: Node, hook: Callable[[Any], Any]) -> None:
        self._node = node
        self._key = writes.tick()
        node.noted().hooks = {**(node.about.hooks or {}), self._key: hook}

    def remove(self) -> None:
        """Take the hook back. Doing so twice is no error."""
        hooks = self._node.about.hooks or {}
        kept = {key: hook for key, hook in hooks.items() if key != self._key}
        self._node.noted().hooks = kept or None
