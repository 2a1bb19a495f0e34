"""Writes in place: `t[i] = v`, `t += x`, `out=t`. All end in `overwrite`.

The memory is written, and stamped, so that a node that saved it earlier refuses to use it. The
Tensor gets the node of its new value, and so does the Tensor that it is a view of; other views of
the same memory get theirs when they are looked at next (`views.node_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from types import EllipsisType
from typing import Any, TypeVar

import numpy as np

from . import errors, writes
from .door import apply, asks, binary, connect, raw
from .graph import Array, Constants, Edge, Node
from .modes import current_mode
from .primitive import derivative, primitives
from .views import Handle, follow, node_of, places

T = TypeVar("T", bound=Handle)


def repeats(index: Any) -> bool:
    """Return whether `index` could name an element twice: whether it has arrays of integers."""
    parts = index if isinstance(index, tuple) else (index,)
    return not all(
        isinstance(part, int | np.integer | np.bool | slice | EllipsisType | None)
        or getattr(part, "dtype", None) == np.bool
        for part in parts
    )


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
    received = g[index]
    if not repeats(index):
        return received
    place = np.arange(g.size).reshape(g.shape)[index]
    turn = np.arange(place.size).reshape(place.shape)
    last = np.zeros(g.size, int)
    last[place] = turn
    return np.where(last[place] == turn, received, 0)


_assign = derivative(
    assigned,
    a=lambda g, a_shape, index: np.where(_kept(a_shape, index), g, 0),
    values=lambda g, index: _received(g, index),
)


def filled(values: Array) -> Array:
    """Return a copy of `values`: what a Tensor holds that was overwritten with them."""
    return np.array(values)


_fill = derivative(filled, values=lambda g: g)


def viewed(base: Array, part: Array, where: Array) -> Array:
    """Return a copy of `base` with `part` at the flat indices `where`: a write through a view."""
    result = np.array(base)
    result.reshape(-1)[where] = part
    return result


_write_through = derivative(
    viewed,
    base=lambda g, base_shape, where: np.where(_beside(base_shape, where), g, 0),
    part=lambda g, where: np.take(g, where),
)


def _beside(shape: tuple[int, ...], where: Array) -> Array:
    """Return which elements are not at the flat indices `where`."""
    beside = np.ones(shape, bool)
    np.put(beside, where, False)
    return beside


def overwrite(target: Handle, index: Any, values: Any, by: str, *, fresh: bool = False) -> None:
    """Set `target[index] = values` in its memory, and its node to that of the new value.

    Nothing is changed where it raises. With `fresh`, the node of `values` is nobody else's.

    Raises:
        RuntimeError: a leaf that requires grad is written to outside `no_grad()`, or a recorded
            result within; or a constant that shares its memory with what is recorded.
        ValueError: the Tensor is read-only, or shows an element of its memory twice.
        TypeError: the dtype cannot hold a gradient that `values` ask for.
    """
    recording = current_mode().records
    holders = list(_holders(target))
    for holder in holders:
        _refuse_node(holder, recording, by)
    data = _writable(target, by)
    if isinstance(values, list | tuple) and asks(values):
        values = np.stack(values)
    asking = recording and (asks(values) or any(holder._node for holder in holders))
    links: list[tuple[Handle, Handle, Array]] = []
    if isinstance(values, Handle):
        _save_from(values._node, data)
    if asking:
        _refuse_unrecordable(holders, data, by)
        links = [(base, part, _shown(part, base, by)) for part, base in pairwise(holders)]
        values = _fitted(values, data, index)
    edges: tuple[Edge, ...] = ()
    constants: Constants = ()
    if asking and index is not Ellipsis:
        edges, constants = connect(
            _assign, (target, index, values), (data, raw(index), raw(values), None)
        )
    elif asking and not fresh:
        edges, constants = connect(_fill, (values,), (raw(values), None))
    cast = np.asarray(raw(values), data.dtype)
    errors.run(_set, (data, raw(index), cast), {})
    writes.stamp(_touched(data, raw(index)), by, recording)
    if not asking:
        return
    if fresh:
        node = values._node
    else:
        primitive = _fill if index is Ellipsis else _assign
        node = Node(primitive, edges, data.shape, data.dtype, constants) if edges else None
    target._node = follow(target._node, node)
    for base, part, where in links:
        _tell(base, part, where)


def _set(a: Array, index: Any, values: Array) -> None:
    a[index] = values


def _touched(data: Array, index: Any) -> Array:
    """Return the part of `data` that an assignment to `index` writes to, or all of it."""
    parts = index if isinstance(index, tuple) else (index,)
    basic = (int, np.integer, slice, EllipsisType, type(None))
    if not all(
        isinstance(part, basic) and part is not True and part is not False for part in parts
    ):
        return data
    return data[parts if Ellipsis in parts else (*parts, ...)]


def _holders(target: Handle) -> Iterator[Handle]:
    """Yield `target`, what it is a view of, and so on to the Tensor that owns the memory."""
    holder: Handle | None = target
    while holder is not None:
        node_of(holder)
        yield holder
        holder = holder._view.base if holder._view is not None else None


def _tell(base: Handle, part: Handle, where: Array) -> None:
    """Give the base of a view that was written to the node of its own new value."""
    values = base._array, part._array, where, None
    edges, constants = connect(_write_through, (base, part, where), values)
    shape, dtype = base._array.shape, base._array.dtype
    node = Node(_write_through, edges, shape, dtype, constants) if edges else None
    base._node = follow(base._node, node)
    assert part._view is not None
    part._view.source = base._node


def _shown(part: Handle, base: Handle, by: str) -> Array:
    """Return the places of the view `part` in its base, each there once."""
    where = places(part._array, base._array)
    if np.unique(where).size < where.size:
        raise ValueError(f"{by} in place to a view that shows an element twice: copy it first")
    return where


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


def _refuse_unrecordable(holders: list[Handle], data: Array, by: str) -> None:
    if data.dtype.kind not in "fc":
        raise TypeError(
            f"{by} would lose the gradient of its values: the Tensor written to has dtype "
            f"{data.dtype}; make it a floating point one"
        )
    if any(holder._view is not None and not holder._view.tracks for holder in holders):
        raise RuntimeError(
            f"{by} writes in place, through a view made by detach() or under no_grad(), to memory "
            f"that is part of a graph (shape {data.shape}): write to a copy"
        )


def _writable(target: Handle, by: str) -> Array:
    if isinstance(target._array, np.generic):
        target._array = np.array(target._array)
    data = target._array
    if not isinstance(data, np.ndarray):
        raise TypeError(f"{by} in place: {type(data).__name__} payloads are not written to")
    if not data.flags.writeable:
        raise ValueError(
            f"{by} in place to a read-only Tensor of shape {data.shape}: copy it first"
        )
    if (
        data.size
        and 0 in data.strides
        and any(n > 1 and stride == 0 for n, stride in zip(data.shape, data.strides, strict=True))
    ):
        raise ValueError(f"{by} in place to a view that shows an element twice: copy it first")
    return data


def _fitted(values: Any, data: Array, index: Any) -> Any:
    """Return `values`, if a Tensor, in a shape and dtype whose cotangent is easily found."""
    if not isinstance(values, Handle):
        return values
    shape = values._array.shape
    while len(shape) > data.ndim or (shape[:1] == (1,) and index is not Ellipsis):
        if shape[0] != 1:
            break
        shape = shape[1:]  # NumPy's assignment lets values have more axes, of size 1
    if shape != values._array.shape:
        values = np.reshape(values, shape)  # type: ignore[call-overload]
    if index is Ellipsis and values._array.dtype != data.dtype:
        values = values.astype(data.dtype)
    if index is Ellipsis and values._array.shape != data.shape:
        values = np.broadcast_to(values, data.shape)
    return values


def _save_from(node: Node | None, data: Array) -> None:
    """Let `node`, which is about to lose what it saved of `data`, keep copies."""
    if node is None or node.edges is None:
        return
    memory, number = writes.owner(data), node.number

    def kept(saved: Any) -> Any:
        shares = writes.owner(saved) is memory and not writes.since(saved, number)
        return np.array(saved) if shares else saved

    node.edges = tuple(
        (parent, rule, tuple(map(kept, saved))) for parent, rule, saved in node.edges
    )


def in_place(ufunc: Callable[..., Any], target: T, other: Any) -> T:
    """Do what `target ufunc= other` does."""
    if _writes_alone(target):
        data = target._array
        errors.run(ufunc, (data, raw(other), data), {})
        writes.stamp(data, errors.name_of(ufunc), recorded=False)
        return target
    result = binary(primitives[ufunc], target, other)
    if result is NotImplemented:
        return result
    write_result(target, result, errors.name_of(ufunc), fresh=True)
    return target


def _writes_alone(target: Handle) -> bool:
    """Return whether nothing but memory changes: the update of a parameter within `no_grad()`."""
    data, node = target._array, target._node
    mode = current_mode()
    return (
        not mode.records
        and not mode.watchers
        and target._view is None
        and (node is None or node.primitive is None)
        and type(data) is np.ndarray
        and data.base is None
        and data.flags.writeable
    )


def write_result(
    target: Handle, result: Any, by: str, casting: Any = "same_kind", *, fresh: bool = False
) -> None:
    """Write the result of an operation to the Tensor that was given as its `out`."""
    dtype = raw(result).dtype
    if not np.can_cast(dtype, target._array.dtype, casting):
        raise TypeError(
            f"{by}: cannot cast its result from {dtype} to {target._array.dtype} with casting "
            f"rule {casting!r}"
        )
    overwrite(target, ..., result, by, fresh=fresh)


def _added_at(a: Array, indices: Any, b: Array) -> Array:
    result = np.array(a)
    _at(np.add, result, indices, b)
    return result


_add_at = derivative(_added_at, a=lambda g: g, b=lambda g, indices: g[indices])


def _at(ufunc: np.ufunc, a: Array, indices: Any, b: Any) -> None:
    if b is None:
        ufunc.at(a, indices)
        return
    shape = a[indices].shape
    if np.ndim(b) < len(shape):  # NumPy 2.4 reads past the end of b in one axis, for indices in two
        b = np.broadcast_to(b, shape)
    ufunc.at(a, indices, b)


def at(ufunc: np.ufunc, target: Any, indices: Any, b: Any = None) -> None:
    """Do what `ufunc.at(target, indices, b)` does."""
    name = f"np.{ufunc.__name__}.at"
    if not isinstance(target, Handle):
        if asks((indices, b)):
            raise TypeError(f"{name} into a plain array would lose the graph: make it a Tensor")
        _at(ufunc, target, raw(indices), raw(b))
    elif ufunc in (np.add, np.subtract):
        values = b if ufunc is np.add else np.negative(b)
        write_result(target, apply(_add_at, (target, indices, values), {}), name)
    elif asks((target, indices, b)):
        errors.refuse_function(ufunc.at, (target, b))
    else:
        result = np.array(target._array)
        _at(ufunc, result, raw(indices), raw(b))
        overwrite(target, ..., result, name)
