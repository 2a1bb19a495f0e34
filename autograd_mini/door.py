"""The one door: every operation on a Tensor comes through `apply`.

It runs a primitive on the arrays and, where an input asks for gradients, records a node. `unary`
and `binary` do the same with less ado for the ufuncs that operators call.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import errors
from .graph import Array, Constants, Edge, Node, item_node, pack_node
from .modes import Mode, current_mode
from .primitive import Primitive
from .views import Handle, node_of, share, shared
from .writes import read_only

NONE: dict[str, Any] = {}


_SETTINGS = {int, float, complex, bool, str, type(None)}
"""The types of an argument that is never an array."""


def unary(
    primitive: Primitive,
    x: Handle,
    settings: tuple[Any, ...] = (),
    keywords: dict[str, Any] = NONE,
) -> Any:
    """Do what `apply` does, for one Tensor and settings: numbers, words, None."""
    mode = current_mode()
    if mode.watchers:
        return apply(primitive, (x, *settings), keywords)
    data = x._array
    if settings and settings == primitive.idle[: len(settings)]:
        settings = ()  # all are left at their defaults
    try:
        if settings or keywords:
            out = primitive.run(data, *settings, **keywords)
        else:
            out = primitive.run(data)
    except ValueError as error:
        errors.explain(primitive.function, (data,), error)
    if not primitive.fresh and (out is data or getattr(out, "base", out) is not None):
        return _result(primitive, (x, *settings), keywords, (data, *settings), keywords, out)
    result = _new(Handle.result)
    result._array = out
    result._view = None
    node = x._node if x._view is None else node_of(x)
    if node is None or not mode.records:
        result._node = None
        return result
    rule = primitive.rules[0] or errors.refuse_argument(primitive, 0)
    constants: Constants = ()
    values: Sequence[Any]
    if settings or keywords:
        bound = primitive.bind((data, *settings), keywords)
        values = (*bound, out)
        constants = primitive.settings(bound)
    elif primitive.fresh:
        values = data, out
    else:
        values = (data, *primitive.tail, out)
    dtype = out.dtype
    if primitive.fresh or dtype.kind in "fc":
        edges = ((node, rule, rule.pick(values)),)
        result._node = Node(primitive, edges, out.shape, dtype, constants, mode)
    else:
        result._node = None
    return result


def binary(primitive: Primitive, x1: Any, x2: Any) -> Any:
    """Do what `apply` does, for a ufunc of two arguments, one of them a Tensor at least."""
    mode = current_mode()
    node1 = node2 = None
    a, b = x1, x2
    if isinstance(x1, Handle):
        a = x1._array
        node1 = x1._node if x1._view is None else node_of(x1)
    elif type(x1) not in _PLAIN:
        return _binary_with_other(primitive, x1, x2, x1)
    if isinstance(x2, Handle):
        b = x2._array
        node2 = x2._node if x2._view is None else node_of(x2)
    elif type(x2) not in _PLAIN:
        return _binary_with_other(primitive, x1, x2, x2)
    if mode.watchers or not primitive.short:
        return apply(primitive, (x1, x2), {})
    try:
        out = primitive.run(a, b)
    except ValueError as error:
        errors.explain(primitive.function, (a, b), error)
    result = _new(Handle.result)
    result._array = out
    result._view = None
    if not mode.records or (node1 is None and node2 is None):
        result._node = None
        return result
    values = (a, b, out)
    edges: tuple[Edge, ...] = ()
    constants: Constants = ()
    if node1 is not None:
        rule = primitive.rules[0] or errors.refuse_argument(primitive, 0)
        edges = ((node1, rule, rule.pick(values) if rule.origins else ()),)
    else:
        constants = ((0, a if type(a) in _SETTINGS else kept(a)),)
    if node2 is not None:
        rule = primitive.rules[1] or errors.refuse_argument(primitive, 1)
        edges = (*edges, (node2, rule, rule.pick(values) if rule.origins else ()))
    else:
        constants = ((1, b if type(b) in _SETTINGS else kept(b)),)
    result._node = Node(primitive, edges, out.shape, out.dtype, constants, mode)
    return result


def kept(constant: Any) -> Any:
    """Return what a node keeps of an argument that is no part of the graph."""
    if isinstance(constant, np.ndarray):
        return weakref.ref(constant)
    if isinstance(constant, list | tuple):
        return rebuilt(constant, [kept(part) for part in constant])
    return constant


_PLAIN = {int, float, complex, bool, np.ndarray, np.float64, np.float32, type(None)}
"""The types of an argument that need no second look."""


def of_one(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Return whether `unary` takes these arguments: a Tensor and then settings only."""
    if not args or not isinstance(args[0], Handle) or primitive.sequence:
        return False
    if len(args) > 1 and (
        len(args) > primitive.leading or not _SETTINGS.issuperset(map(type, args[1:]))
    ):
        return False
    if not kwargs:
        return True
    # a ufunc's keywords, where= for one, need a second look
    ufunc = isinstance(primitive.function, np.ufunc)
    return not ufunc and _SETTINGS.issuperset(map(type, kwargs.values()))


def all_plain(args: tuple[Any, ...]) -> bool:
    """Return whether these need no second look."""
    return _PLAIN.issuperset(map(type, args))


def _binary_with_other(primitive: Primitive, x1: Any, x2: Any, other: Any) -> Any:
    """Leave the operator to a class that claims it by `__array_ufunc__ = None`."""
    if getattr(other, "__array_ufunc__", True) is None:
        return NotImplemented
    return apply(primitive, (x1, x2), {})


def apply(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run `primitive` on arrays and Tensors, and record it where one of them asks for gradients."""
    if current_mode().watchers:
        return watched(primitive, _apply, (primitive, args, kwargs), args, kwargs)
    return _apply(primitive, args, kwargs)


def watched(what: Any, run: Callable[..., Any], with_: Any, args: Any, kwargs: Any) -> Any:
    """Return `run(*with_)`, and tell who watches that it was `what` of these arguments."""
    watchers = current_mode().watchers
    began = [watcher.begins() for watcher in watchers]
    result = run(*with_)
    for watcher, token in zip(watchers, began, strict=True):
        watcher.ran(token, what, args, kwargs, result)
    return result


def origin(result: Any) -> Node | None:
    """Return the node that an operation has recorded, given its result or its several results."""
    if not isinstance(result, tuple):
        return getattr(result, "_node", None)
    items = [node for part in result if (node := getattr(part, "_node", None)) is not None]
    return items[0].edges[0][0] if items else None


def _apply(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    raw_args = tuple(
        [
            arg._array if isinstance(arg, Handle) else arg if type(arg) in _PLAIN else raw(arg)
            for arg in args
        ]
    )
    raw_kwargs = raw(kwargs) if kwargs else kwargs
    try:
        out = primitive.run(*raw_args, **raw_kwargs)
    except ValueError as error:
        errors.explain(primitive.function, raw_args, error)
    return _result(primitive, args, kwargs, raw_args, raw_kwargs, out)


def _result(
    primitive: Primitive,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    raw_args: tuple[Any, ...],
    raw_kwargs: dict[str, Any],
    out: Any,
) -> Any:
    """Return what came out of `primitive` as a Tensor or several, recorded and sharing memory."""
    mode = current_mode()
    edges: tuple[Edge, ...] = ()
    constants: Constants = ()
    if mode.records and (_has_node(args) or (kwargs and _has_node(kwargs))):
        values = (*primitive.bind(raw_args, raw_kwargs), out)
        plain = not kwargs and primitive.rest is None
        inputs = args if plain else primitive.bind(args, kwargs)
        edges, constants = connect(primitive, inputs, values)
    if isinstance(out, tuple):
        return _several(primitive, edges, constants, out, (args, kwargs))
    if not hasattr(out, "dtype"):
        out = errors.array_of(primitive, out)
    result = wrap(out, _node(primitive, edges, out.shape, out.dtype, constants, mode))
    if isinstance(out, np.ndarray) and (
        out.base is not None or raw_kwargs or id(out) in map(id, raw_args)
    ):
        result._view = shared((args, kwargs), out)
    return result


def wrap(data: Array, node: Node | None) -> Any:
    """Make a Tensor of an array, without a copy, and the node that made it."""
    result = _new(Handle.result)
    result._array = data
    result._node = node
    result._view = None
    return result


_new = object.__new__


def raw(value: Any) -> Any:
    """Return `value` with arrays for the Tensors in it."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Handle):
        return value._array
    if isinstance(value, list | tuple):
        return rebuilt(value, [raw(part) for part in value])
    if isinstance(value, dict):
        return {key: raw(part) for key, part in value.items()}
    if isinstance(value, np.ndarray) or hasattr(value, "__torch_function__"):
        return plain(value)
    return value


def plain(value: Any) -> Array:
    """Return an array of a subclass as the plain array it shows; refuse those that differ."""
    if isinstance(value, np.matrix | np.ma.MaskedArray) or hasattr(value, "__torch_function__"):
        raise TypeError(
            f"a {type(value).__module__}.{type(value).__name__} does not compute as a NumPy array "
            "does: convert it with np.asarray(...)"
        )
    return np.asarray(value)


def rebuilt(sequence: Any, values: list[Any]) -> Any:
    """Return `values` in a list, tuple or named tuple as `sequence` is one."""
    kind = type(sequence)
    return kind(*values) if hasattr(kind, "_fields") else kind(values)


def asks(value: Any) -> bool:
    """Return whether a Tensor in `value` asks for gradients now."""
    return current_mode().records and _has_node(value)


def _has_node(value: Any) -> bool:
    if isinstance(value, Handle):
        return node_of(value) is not None
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return False
    for part in value:  # noqa: SIM110 - any() of a generator takes twice as long
        if type(part) not in _PLAIN and _has_node(part):
            return True
    return False


def connect(
    primitive: Primitive, inputs: Sequence[Any], values: tuple[Any, ...]
) -> tuple[tuple[Edge, ...], Constants]:
    """Return an edge to the node of each input that has one, with what its rule needs of `values`.

    And the constants: the other inputs, but for those that are left at their defaults. Inputs and
    values are in the order of the signature: `inputs` with Tensors, `values` with arrays and the
    result at the end.
    """
    if not {list, tuple}.isdisjoint(map(type, values)):
        values = tuple(
            [
                np.asarray(value)
                if type(value) in (list, tuple) and _takes_array(primitive, i)
                else value
                for i, value in enumerate(values)
            ]
        )
    edges: tuple[Edge, ...] = ()
    constants: Constants = ()
    for position, value in enumerate(inputs):
        rule = primitive.rules[position]
        if isinstance(value, Handle) and rule is not None and rule.each:  # a sequence of its rows
            value = list(value)  # type: ignore[call-overload]
            values = (*values[:position], list(values[position]), *values[position + 1 :])
        node = node_of(value) if isinstance(value, Handle) else _packed(primitive, position, value)
        if node is not None:
            rule = rule or errors.refuse_argument(primitive, position)
            edges = (*edges, (node, rule, rule.pick(values)))
        elif value is not primitive.defaults[position]:
            constants = (*constants, (position, kept(values[position])))
    return edges, constants


def _packed(primitive: Primitive, position: int, value: Any) -> Node | None:
    """Return a node for an argument that is a sequence of Tensors, where one has a node."""
    if not isinstance(value, list | tuple | dict) or not _has_node(value):
        return None
    rule = primitive.rules[position]
    if rule is None or not rule.each:
        errors.refuse_argument(primitive, position)
    if any(_has_node(part) for part in value if not isinstance(part, Handle)):
        raise NotImplementedError(
            f"{primitive} of a sequence in which Tensors are in lists of their own: np.stack those"
        )
    nodes = [node_of(part) if isinstance(part, Handle) else None for part in value]
    return pack_node(
        [(i, node) for i, node in enumerate(nodes) if node],
        tuple([(i, kept(raw(part))) for i, part in enumerate(value) if not nodes[i]]),
    )


def _takes_array(primitive: Primitive, position: int) -> bool:
    rule = primitive.rules[position] if position < len(primitive.rules) else None
    return rule is not None and not rule.each


def _node(
    primitive: Primitive,
    edges: tuple[Edge, ...],
    shape: Any,
    dtype: Any,
    constants: Constants,
    mode: Mode,
) -> Node | None:
    if not edges or (dtype is not None and dtype.kind not in "fc"):
        return None
    return Node(primitive, edges, shape, dtype, constants, mode)


def _several(
    primitive: Primitive,
    edges: tuple[Edge, ...],
    constants: Constants,
    out: tuple[Array, ...],
    args: Any,
) -> Any:
    """Return the results of a primitive that has several, each an item of one node."""
    out = rebuilt(out, [part if hasattr(part, "dtype") else np.asarray(part) for part in out])
    node = _node(primitive, edges, None, None, constants, current_mode())
    if node is not None:
        node.parts = tuple((part.shape, part.dtype) for part in out)
    results = [wrap(part, node and item_node(node, i)) for i, part in enumerate(out)]
    share(results, args)
    for result, part in zip(results, out, strict=True):
        if result._view is None and part.base is not None:  # perhaps of one array with others
            result._array = read_only(part)
    return rebuilt(out, results)
