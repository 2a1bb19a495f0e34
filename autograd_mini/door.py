"""The one door: every operation on a Tensor comes through `apply`.

It runs a primitive on the arrays and, where an input asks for gradients, records a node. `unary`
and `binary` do the same with less ado for the ufuncs that operators call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import errors, writes
from .graph import Array, Edge, Node, item_node, look, pack, users_line
from .modes import ANOMALY, RECORD, current_mode, enable_grad, no_grad
from .primitive import Primitive, primitives

if TYPE_CHECKING:
    from .tensor import Tensor


class Handle:
    """An array, the node that made it, and the memory it shares: what the door sees of a Tensor."""

    __slots__ = ("__weakref__", "_data", "_node", "_view")

    _data: Array
    _node: Node | None
    _view: View | None

    result: type[Tensor]
    """What an operation gives: set by the module that defines Tensor."""


def unary(ufunc: Callable[..., Any], x: Handle) -> Tensor:
    """Do what `apply` does, for a ufunc of one Tensor."""
    primitive = primitives[ufunc]
    mode = current_mode()
    if mode & ANOMALY or x._view is not None:
        return apply(primitive, (x,), {})
    data = x._data
    node = x._node
    out = primitive.function(data)
    result = _new(Handle.result)
    result._data = out
    result._view = None
    if node is None or not mode:
        result._node = None
        return result
    rule = primitive.rules[0] or errors.refuse_argument(primitive, 0)
    edges = ((node, rule, rule.pick((data, out))),)
    result._node = Node(primitive, edges, out.shape, out.dtype)
    return result


def binary(ufunc: Callable[..., Any], x1: Any, x2: Any) -> Any:
    """Do what `apply` does, for a ufunc of two arguments, one of them a Tensor at least."""
    primitive = primitives[ufunc]
    mode = current_mode()
    node1 = node2 = view = None
    a, b = x1, x2
    if isinstance(x1, Handle):
        a, node1, view = x1._data, x1._node, x1._view
    elif type(x1) not in _PLAIN:
        return _binary_with_other(primitive, x1, x2, x1)
    if isinstance(x2, Handle):
        b, node2, view = x2._data, x2._node, view or x2._view
    elif type(x2) not in _PLAIN:
        return _binary_with_other(primitive, x1, x2, x2)
    if mode & ANOMALY or view is not None:
        return apply(primitive, (x1, x2), {})
    try:
        out = primitive.function(a, b)
    except ValueError as error:
        raise errors.explained(primitive.function, (a, b), error) from error
    result = _new(Handle.result)
    result._data = out
    result._view = None
    if not mode or (node1 is None and node2 is None):
        result._node = None
        return result
    values = (a, b, out)
    edges: tuple[Edge, ...] = ()
    if node1 is not None:
        rule = primitive.rules[0] or errors.refuse_argument(primitive, 0)
        edges = ((node1, rule, rule.pick(values)),)
    if node2 is not None:
        rule = primitive.rules[1] or errors.refuse_argument(primitive, 1)
        edges = (*edges, (node2, rule, rule.pick(values)))
    result._node = Node(primitive, edges, out.shape, out.dtype)
    return result


_PLAIN = {int, float, complex, bool, np.ndarray, np.float64, np.float32}
"""The types of an operand that need no second look."""


def _binary_with_other(primitive: Primitive, x1: Any, x2: Any, other: Any) -> Any:
    """Leave the operator to a class that claims it by `__array_ufunc__ = None`."""
    if getattr(other, "__array_ufunc__", True) is None:
        return NotImplemented
    return apply(primitive, (x1, x2), {})


def apply(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run `primitive` on arrays and Tensors, and record it where one of them asks for gradients."""
    raw_args = tuple([arg._data if isinstance(arg, Handle) else raw(arg) for arg in args])
    raw_kwargs = raw(kwargs) if kwargs else kwargs
    out = errors.run(primitive.function, raw_args, raw_kwargs)
    mode = current_mode()
    edges: tuple[Edge, ...] = ()
    if mode & RECORD and (_has_node(args) or (kwargs and _has_node(kwargs))):
        values = (*primitive.bind(raw_args, raw_kwargs), out)
        plain = not kwargs and primitive.rest is None
        edges = connect(primitive, args if plain else primitive.bind(args, kwargs), values)
    line = users_line() if mode & ANOMALY else None
    if line:
        look(out, f"{primitive} gave {{}} in its result", line)
    if isinstance(out, tuple):
        return _several(primitive, edges, out, line)
    result = wrap(out, _node(primitive, edges, out.shape, out.dtype, line))
    if isinstance(out, np.ndarray):
        result._view = _shared(primitive, args, kwargs, out)
    return result


def wrap(data: Array, node: Node | None) -> Tensor:
    """Make a Tensor of an array, without a copy, and the node that made it."""
    result = _new(Handle.result)
    result._data = data
    result._node = node
    result._view = None
    return result


_new = object.__new__


def raw(value: Any) -> Any:
    """Return `value` with arrays for the Tensors in it."""
    if isinstance(value, Handle):
        return value._data
    if isinstance(value, list | tuple):
        return rebuilt(value, [raw(part) for part in value])
    if isinstance(value, dict):
        return {key: raw(part) for key, part in value.items()}
    return value


def rebuilt(sequence: Any, values: list[Any]) -> Any:
    """Return `values` in a list, tuple or named tuple as `sequence` is one."""
    kind = type(sequence)
    return kind(*values) if hasattr(kind, "_fields") else kind(values)


def asks(value: Any) -> bool:
    """Return whether a Tensor in `value` asks for gradients now."""
    return bool(current_mode() & RECORD) and _has_node(value)


def _has_node(value: Any) -> bool:
    if isinstance(value, Handle):
        return node_of(value) is not None
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list | tuple) and any(_has_node(part) for part in value)


def connect(
    primitive: Primitive, inputs: Sequence[Any], values: tuple[Any, ...]
) -> tuple[Edge, ...]:
    """Return an edge to the node of each input that has one, with what its rule needs of `values`.

    Both are in the order of the signature: `inputs` with Tensors, `values` with arrays and the
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
    for position, value in enumerate(inputs):
        node = node_of(value) if isinstance(value, Handle) else _packed(primitive, position, value)
        if node is not None:
            rule = primitive.rules[position] or errors.refuse_argument(primitive, position)
            edges = (*edges, (node, rule, rule.pick(values)))
    return edges


def _packed(primitive: Primitive, position: int, value: Any) -> Node | None:
    """Return a node for an argument that is a sequence of Tensors, where one has a node."""
    if not isinstance(value, list | tuple | dict) or not _has_node(value):
        return None
    rule = primitive.rules[position]
    if rule is None or not rule.each:
        errors.refuse_argument(primitive, position)
    part_rule = pack.rules[0]
    assert part_rule is not None
    parts = [(i, node_of(part)) for i, part in enumerate(value) if isinstance(part, Handle)]
    return Node(pack, tuple((node, part_rule, (i,)) for i, node in parts if node), None, None)


def _takes_array(primitive: Primitive, position: int) -> bool:
    rule = primitive.rules[position] if position < len(primitive.rules) else None
    return rule is not None and not rule.each


def _node(
    primitive: Primitive, edges: tuple[Edge, ...], shape: Any, dtype: Any, line: str | None
) -> Node | None:
    if not edges or (dtype is not None and dtype.kind not in "fc"):
        return None
    node = Node(primitive, edges, shape, dtype)
    if line:
        node.line = line
    return node


def _several(
    primitive: Primitive, edges: tuple[Edge, ...], out: tuple[Array, ...], line: str | None
) -> Any:
    """Return the results of a primitive that has several, each an item of one node."""
    node = _node(primitive, edges, None, None, line)
    if node is not None:
        node.parts = tuple((part.shape, part.dtype) for part in out)
    results = []
    for i, part in enumerate(out):
        item = item_node(node, i) if node is not None and part.dtype.kind in "fc" else None
        results.append(wrap(read_only(part) if part.base is not None else part, item))
    return rebuilt(out, results)


def read_only(data: Array) -> Array:
    """Return a view of `data` that cannot be written to."""
    if not isinstance(data, np.ndarray | np.generic):
        return data
    view = np.asarray(data).view()
    view.flags.writeable = False
    return view


# Views


class Recipe:
    """How a view was made: the call, but for the array that it is a view of."""

    __slots__ = ("args", "kwargs", "primitive", "slot")

    def __init__(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], slot: int
    ) -> None:
        self.primitive = primitive
        self.args = (*args[:slot], *args[slot + 1 :])
        self.kwargs = kwargs
        self.slot = slot

    def of(self, array: Any) -> Any:
        """Return the same view of another array or Tensor."""
        args = (*self.args[: self.slot], array, *self.args[self.slot :])
        if isinstance(array, Handle):
            return apply(self.primitive, args, self.kwargs)
        return self.primitive.function(*raw(args), **raw(self.kwargs))


class View:
    """Whose memory a Tensor shares, and how: so a write to either is seen in both their graphs."""

    __slots__ = ("base", "made", "recipe", "records")

    def __init__(self, base: Handle, recipe: Recipe) -> None:
        self.base = base
        self.recipe = recipe
        self.made = writes.tick()
        self.records = bool(current_mode() & RECORD)


def node_of(tensor: Handle) -> Node | None:
    """Return the node that made `tensor`, anew where a view's memory has been written to since."""
    view = tensor._view
    if view is not None and writes.latest() > view.made and writes.since(tensor._data, view.made):
        with enable_grad() if view.records else no_grad():
            again = view.recipe.of(view.base)
        tensor._node, tensor._view = again._node, again._view
    return tensor._node


def _shared(
    primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], out: Array
) -> View | None:
    """Return whose memory the result shares, if it is a view of an argument."""
    if not isinstance(out, np.ndarray):
        return None
    for slot, base in enumerate(args):
        if not isinstance(base, Handle):
            continue
        if out is base._data or (out.base is not None and np.may_share_memory(out, base._data)):
            return View(base, Recipe(primitive, args, kwargs, slot))
    return None
