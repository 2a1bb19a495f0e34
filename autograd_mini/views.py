"""What the engine sees of a Tensor: its array, its node, and the memory that it shares.

A write to memory changes every Tensor that shows it: `node_of` gives the node of what a Tensor
holds now.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import writes
from .graph import Array, Node
from .modes import current_mode
from .primitive import primitives


class Handle:
    """An array, the node that made it, and the memory it shares: what the door sees of a Tensor."""

    __slots__ = ("__weakref__", "_array", "_node", "_view")

    _array: Array
    _node: Node | None
    _view: View | None

    result: type[Any]
    """What an operation gives: set by the module that defines Tensor."""


class View:
    """Whose memory a Tensor shows, so that a write to either is seen in the graphs of both.

    `source` is the node that the base had when the Tensor's own was made of it. A view made under
    `no_grad`, by `detach` for one, is a constant whatever is written: it does not track its base,
    nor keep it alive, and the graph behind it.
    """

    __slots__ = ("_base", "source", "tracks")

    def __init__(self, base: Handle, tracks: bool) -> None:
        self._base = base if tracks else weakref.ref(base)
        self.tracks = tracks
        self.source = node_of(base) if tracks else None

    @property
    def base(self) -> Handle | None:
        """The Tensor whose memory is shown, if it is still alive."""
        return self._base() if isinstance(self._base, weakref.ref) else self._base


def node_of(tensor: Handle) -> Node | None:
    """Return the node of what `tensor` holds now: made anew where its base has another since."""
    view = tensor._view
    node = tensor._node
    if view is None:
        return node
    if node is not None and node.primitive is None:
        by = writes.recorded_since(tensor._array, node.number)
        if by is not None:
            raise RuntimeError(
                f"{by} outside no_grad() wrote in place to the memory of a leaf that requires grad "
                f"(shape {node.shape}), a view of what was written to: write to a copy"
            )
    elif view.tracks and (base := view.base) is not None:
        source = node_of(base)
        if source is not view.source:
            tensor._node = node = follow(node, _taken(tensor._array, base))
            view.source = source
    return node


def follow(old: Node | None, new: Node | None) -> Node | None:
    """Let the `new` node of a Tensor keep what the user has said about the `old` one."""
    if old is not None and new is not None:
        told = old.about
        if told.keeps_grad:
            new.noted().keeps_grad = True
        if told.name is not None:
            new.noted().name = told.name
    return new


def _taken(part: Array, base: Handle) -> Node | None:
    """Return a node for the elements of `base` that are in `part`, a view of its memory."""
    if base._node is None:
        return None
    take = primitives[np.take]
    rule = take.first_rule()
    values = (*take.bind((base._array, places(part, base._array)), {}), part)
    return Node(take, ((base._node, rule, rule.pick(values)),), part.shape, part.dtype)


def places(part: Array, base: Array) -> Array:
    """Return which elements of `base`, counted in C order, its view `part` shows."""
    if part.dtype != base.dtype:
        raise NotImplementedError(
            f"a write in place to a Tensor of dtype {base.dtype} that has a view of dtype "
            f"{part.dtype}: write to a copy, or make the view after the write"
        )
    wanted, known = _addresses(part), _addresses(base).reshape(-1)
    if wanted.size == 0:
        return np.zeros(wanted.shape, int)
    order = np.argsort(known, kind="stable")
    inside = np.searchsorted(known, wanted, sorter=order) % known.size
    if (known[order][inside] != wanted).any() or (np.diff(known[order]) == 0).any():
        raise NotImplementedError(
            f"a write in place to memory of which a Tensor of shape {base.shape} shows an element "
            "twice, or its view more than it does: make the view of a copy"
        )
    return order[inside]


def _addresses(array: Array) -> Array:
    """Return the address of each element."""
    result = np.array(array.__array_interface__["data"][0])
    for size, stride in zip(array.shape, array.strides, strict=True):
        result = result[..., None] + np.arange(size) * stride
    return result


def share(results: Any, args: Any) -> None:
    """Note in each Tensor among `results` whose memory it shows: that of a Tensor in `args`."""
    for result in handles(results):
        if isinstance(result._array, np.ndarray):
            result._view = shared(args, result._array)


def shared(args: Any, out: Array) -> View | None:
    """Return the view that `out` is of a Tensor in `args`, if it is one."""
    memory = writes.owner(out)
    tracks = current_mode().records
    bases = {
        id(base): base
        for arg in handles(args)
        if writes.owner(arg._array) is memory
        for base in (_base(arg, tracks),)
    }
    if len(bases) > 1:
        raise NotImplementedError(
            f"a view of shape {out.shape} of memory that two arguments share, one of them detached "
            "or a leaf: pass a copy of one"
        )
    return View(bases.popitem()[1], tracks) if bases else None


def _base(tensor: Handle, tracks: bool) -> Handle:
    """Return what a view of `tensor` is a view of: what `tensor` itself is, but for constants."""
    while (view := tensor._view) is not None:
        leaf = tensor._node is not None and tensor._node.primitive is None
        base = view.base
        if leaf or base is None or (tracks and not view.tracks):
            break
        tensor = base
    return tensor


def handles(value: Any) -> Iterator[Handle]:
    """Yield the Tensors in `value`."""
    if isinstance(value, Handle):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from handles(part)
    elif isinstance(value, dict):
        yield from handles(list(value.values()))
