"""Writes in place: `t[i] = v`, `t += x`, `out=t`. All end in `overwrite`.

The memory is written, and stamped, so that a node that saved it earlier refuses to use it. The
Tensor gets the node of its new value; so does each Tensor that it is a view of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from . import errors, writes
from .door import Handle, Recipe, apply, asks, binary, connect, node_of, raw
from .graph import Array, Node
from .modes import RECORD, current_mode
from .primitive import derivative

T = TypeVar("T", bound=Handle)


def assigned(a: Array, index: Any, values: Array) -> Array:
    """Return a copy of `a` with `values` at `index`."""
    result = np.array(a)
    result[index] = values
    return result


def _kept(shape: tuple[int, ...], index: Any) -> Array:
    """Return where an assignment to `index` keeps the old elements."""
    kept = np.ones(shape, bool)
    kept[index] = False
    return kept


def _received(g: Array, index: Any) -> Array:
    """Return the cotangent of what is assigned to `index`: of several to one place, the last."""
    order = np.arange(g.size).reshape(g.shape)[index]
    last = np.zeros(g.size, int)
    turn = np.arange(order.size).reshape(order.shape)
    last[order] = turn
    received = g[index]
    return received if (last[order] == turn).all() else np.where(last[order] == turn, received, 0)


_assign = derivative(
    assigned,
    a=lambda g, a_shape, index: np.where(_kept(a_shape, index), g, 0),
    values=lambda g, index: _received(g, index),
)


def _through(base: Array, values: Array, recipe: Recipe) -> Array:
    """Return a copy of `base` with `values` in the view that `recipe` makes of it."""
    result = np.array(base)
    recipe.of(result)[...] = values
    return result


def _beside(shape: tuple[int, ...], recipe: Recipe) -> Array:
    """Return which elements of the base are not in the view."""
    beside = np.ones(shape, bool)
    recipe.of(beside)[...] = False
    return beside


_write_through = derivative(
    _through,
    base=lambda g, base_shape, recipe: np.where(_beside(base_shape, recipe), g, 0),
    values=lambda g, recipe: recipe.of(g),
)


def overwrite(target: Handle, index: Any, values: Any, by: str) -> None:
    """Set `target[index] = values` in its memory, and its node to that of the new value.

    Raises:
        RuntimeError: a leaf that requires grad is written to outside `no_grad()`, or a recorded
            result within.
        ValueError: the Tensor is read-only.
        TypeError: the dtype cannot hold a gradient that `values` ask for.
    """
    recording = bool(current_mode() & RECORD)
    views = list(_chain(target))
    for shown in views:
        _refuse_node(shown, recording, by)
    data = _writable(target, by)
    full = index is Ellipsis
    if full and isinstance(values, Handle):
        values = _fitted(values, data)
    asking = asks((target, values))
    if asking and data.dtype.kind not in "fc":
        raise TypeError(
            f"{by} would lose the gradient of its values: the Tensor written to has dtype "
            f"{data.dtype}; make it a floating point one"
        )
    edges: tuple[Any, ...] = ()
    if asking and not full:
        edges = connect(_assign, [target, index, values], (data, raw(index), raw(values), None))
    if isinstance(values, Handle) and values._node is not None and values._node.edges:
        _save_from(values._node, data)
    errors.run(_set, (data, raw(index), raw(values)), {})
    writes.stamp(data, by)
    for shown in views:
        if shown._view is not None:
            shown._view.made = writes.tick()
    if recording:
        node = values._node if full and isinstance(values, Handle) else None
        target._node = Node(_assign, edges, data.shape, data.dtype) if edges else node
        for shown in views[:-1]:
            _tell_base(shown)


def _set(a: Array, index: Any, values: Array) -> None:
    a[index] = values


def _chain(target: Handle) -> Iterator[Handle]:
    """Yield `target`, what it is a view of, and so on to the Tensor that owns the memory."""
    while True:
        node_of(target)
        yield target
        if target._view is None:
            return
        target = target._view.base


def _tell_base(shown: Handle) -> None:
    """Give the base of a view that was written to the node of its own new value."""
    view = shown._view
    assert view is not None
    base = view.base
    if base._node is not None or shown._node is not None:
        if base._data.dtype != shown._data.dtype:
            raise NotImplementedError(
                f"a write in place to a view of dtype {shown._data.dtype} of a Tensor of dtype "
                f"{base._data.dtype}: write to the Tensor itself"
            )
        values = (base._data, shown._data, view.recipe, None)
        edges = connect(_write_through, [base, shown, view.recipe], values)
        base._node = Node(_write_through, edges, base._data.shape, base._data.dtype)


def _refuse_node(target: Handle, recording: bool, by: str) -> None:
    node = target._node
    if node is None:
        return
    if node.primitive is None and recording:
        raise RuntimeError(
            f"{by} writes in place to a leaf that requires grad (shape {node.shape}): do it within "
            "`with ag.no_grad():`, or write to a copy"
        )
    if node.primitive is not None and not recording:
        raise RuntimeError(
            f"{by} under no_grad() writes in place to the recorded result of {node.primitive} "
            f"(shape {node.shape}), and its gradient would not know: write to t.detach().copy()"
        )


def _writable(target: Handle, by: str) -> Array:
    if isinstance(target._data, np.generic):
        target._data = np.array(target._data)
    data = target._data
    if not isinstance(data, np.ndarray):
        raise TypeError(f"{by} in place: {type(data).__name__} payloads are not written to")
    if not data.flags.writeable:
        raise ValueError(f"{by} in place to a read-only Tensor of shape {data.shape}: copy it first")
    return data


def _fitted(values: Any, data: Array) -> Any:
    """Return the Tensor `values` with the shape and dtype of `data`."""
    if values._data.dtype != data.dtype:
        values = values.astype(data.dtype)
    return values if values._data.shape == data.shape else np.broadcast_to(values, data.shape)


def _save_from(node: Node, data: Array) -> None:
    """Let `node`, which has just been recorded, keep copies of what it saved of `data`."""
    memory = writes.owner(data)
    node.edges = tuple(
        (parent, rule, tuple(np.array(s) if writes.owner(s) is memory else s for s in saved))
        for parent, rule, saved in node.edges or ()
    )


def in_place(ufunc: Callable[..., Any], target: T, other: Any) -> T:
    """Do what `target ufunc= other` does."""
    write_result(target, binary(ufunc, target, other), f"{errors.name_of(ufunc)} in place")
    return target


def write_result(target: Handle, result: Any, by: str, casting: Any = "same_kind") -> None:
    """Write the result of an operation to the Tensor that was given as its `out`."""
    dtype = raw(result).dtype
    if not np.can_cast(dtype, target._data.dtype, casting):
        raise TypeError(
            f"{by}: cannot cast its result from {dtype} to {target._data.dtype} with casting "
            f"rule {casting!r}"
        )
    overwrite(target, ..., result, by)


def _added_at(a: Array, indices: Any, b: Array) -> Array:
    result = np.array(a)
    np.add.at(result, indices, b)
    return result


_add_at = derivative(_added_at, a=lambda g: g, b=lambda g, indices: g[indices])


def at(ufunc: np.ufunc, target: Any, indices: Any, b: Any = None) -> None:
    """Do what `ufunc.at(target, indices, b)` does."""
    name = f"np.{ufunc.__name__}.at"
    if not isinstance(target, Handle):
        if asks((indices, b)):
            raise TypeError(f"{name} into a plain array would lose the graph: make it a Tensor")
        ufunc.at(target, raw(indices), *([] if b is None else [raw(b)]))
    elif ufunc in (np.add, np.subtract):
        values = b if ufunc is np.add else np.negative(b)
        write_result(target, apply(_add_at, (target, indices, values), {}), name)
    elif asks((target, indices, b)):
        errors.refuse_function(ufunc.at, (target, b))
    else:
        result = np.array(target._data)
        ufunc.at(result, raw(indices), *([] if b is None else [raw(b)]))
        overwrite(target, ..., result, name)
