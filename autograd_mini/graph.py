"""The recorded graph, and the walk back through it: reverse mode on one page.

A node is one recorded operation; an edge leads from it to the node of an argument, with the rule
for that argument and what the rule needs. Nodes are numbered as they are created, so descending
numbers are a reverse topological order.
"""

from __future__ import annotations

import functools
import math
import os
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Any

import numpy as np

from . import writes
from .modes import Mode, current_mode
from .primitive import Cotangents, Placed, Primitive, Rule, derivative
from .writes import tick

Array = Any
"""`numpy.ndarray`, or any array that speaks NumPy's protocols."""

Edge = tuple["Node", Rule, tuple[Any, ...]]
"""The node of an argument, its rule, and what that rule needs besides the cotangent."""

Constants = tuple[tuple[int, Any], ...]
"""The position of each argument that is no part of the graph, and a weak reference or a number."""

Wrap = Callable[[Array, "Node | None"], Any]
"""Makes a Tensor of an array and the node that made it."""


class Node:
    """One recorded operation, or a leaf (no primitive, no edges).

    `shape` is None where the value is a tuple of arrays; `parts` then has their shapes and dtypes.
    `edges` is None once `backward` has walked and freed them. `constants` are the arguments without
    an edge, at their positions; of arrays just weak references, so that nothing is kept alive.
    """

    __slots__ = (
        *("constants", "dtype", "edges", "notes", "number", "parts", "primitive", "scope", "shape"),
    )

    edges: tuple[Edge, ...] | None

    def __init__(
        self,
        primitive: Primitive | None,
        edges: tuple[Edge, ...],
        shape: Any,
        dtype: Any,
        constants: Constants = (),
        mode: Mode | None = None,
    ) -> None:
        self.number = tick()
        self.primitive = primitive
        self.edges = edges
        self.shape = shape
        self.dtype = dtype
        self.constants = constants
        self.scope = (mode or current_mode()).scope
        self.notes: Notes | None = None
        self.parts: tuple[tuple[Any, Any], ...] | None = None

    def __repr__(self) -> str:
        return f"<{self.primitive or 'leaf'} #{self.number}>"

    @property
    def about(self) -> Notes:
        """The notes about this node, to read."""
        return self.notes or NOTHING

    def noted(self) -> Notes:
        """Return the notes about this node, to write to."""
        if self.notes is None:
            self.notes = Notes()
        return self.notes


class Notes:
    """What is known of a few nodes only: of leaves, and of those that somebody asked about.

    `grad` is the gradient of a leaf, or of a node that `keeps_grad`; `tensor`, of a leaf, the
    Tensor. `name` is the user's, as are the `hooks`. `detect_anomaly` notes the `line` that
    recorded the operation, and `prints` of what it saved.
    """

    __slots__ = ("grad", "hooks", "keeps_grad", "line", "name", "prints", "tensor")

    def __init__(self) -> None:
        self.grad: Any = None
        self.hooks: dict[int, Callable[[Any], Any]] | None = None
        self.keeps_grad = False
        self.line: str | None = None
        self.name: str | None = None
        self.prints: list[int] | None = None
        self.tensor: weakref.ref[Any] | None = None


NOTHING = Notes()
"""The notes about most nodes."""


def _item(values: tuple[Array, ...], index: int) -> Array:
    return values[index]


def _pack(arrays: list[Array], index: int) -> list[Array]:
    return arrays


item = derivative(_item, values=lambda g, index: Placed({index: g}))
"""One of the results of an operation that has several."""

pack = derivative(_pack, arrays=lambda g, index: g[index])
"""The arrays of an argument that is a sequence of them."""


_number = attrgetter("number")


def pull(
    roots: dict[Node, Any],
    wrap: Wrap,
    *,
    targets: Iterable[Node] | None = None,
    retain: bool = False,
    record: bool = False,
    hooks: bool = True,
) -> dict[Node, Any]:
    """Walk back from `roots`, each with its cotangent, and return the cotangents that arrive.

    Args:
        roots: the nodes to start from, each with the cotangent of its value.
        wrap: makes a Tensor of an array and its node.
        targets: the nodes whose cotangents are wanted, and where the walk ends; by default the
            leaves, and the nodes that keep their gradient.
        retain: leave the graph as it is; otherwise it is freed on the way.
        record: hand the rules Tensors instead of arrays, so that the walk itself is recorded.
        hooks: call the hooks of the nodes on the way.
    """
    watchers = current_mode().watchers
    wanted = set(targets or ())
    oldest = min(map(_number, wanted), default=0)
    pending = dict(roots)
    latest_first = [(-node.number, node) for node in roots]
    heapify(latest_first)
    arrived: dict[Node, Any] = {}
    summed: set[Node] = set()
    last_write = writes.latest()
    while latest_first:
        _, node = heappop(latest_first)
        g = pending.pop(node)
        if node.parts is not None:
            g = _filled(g, node.parts)
        if wanted and node in wanted:  # whose hooks are for the walk that goes on from there
            arrived[node] = g
            continue
        notes = node.notes
        if notes is not None:
            if notes.hooks is not None and hooks:
                g = _through_hooks(node, g, wrap, record)
                last_write = writes.latest()
            if targets is None and (node.primitive is None or notes.keeps_grad):
                arrived[node] = g
        edges = node.edges
        if edges is None:
            raise _freed(node)
        if node.number < last_write:
            _refuse_stale(node)
        if watchers:
            for watcher in watchers:
                watcher.arrives(node, g)
        for parent, rule, saved in edges:
            if parent.number < oldest:
                continue
            if record:
                saved = _lifted(node, rule, saved, wrap)
            began = [watcher.begins() for watcher in watchers] if watchers else ()
            try:
                cotangent = rule.vjp(g, *saved)
            except ValueError as error:
                error.add_note(f"in {_rule_of(node, rule)}")
                raise
            try:
                fits = cotangent.shape == parent.shape and cotangent.dtype is parent.dtype
            except AttributeError:
                raise _not_an_array(node, rule, cotangent) from None
            if not fits:
                cotangent = fit(cotangent, parent.shape, parent.dtype)
                if cotangent.shape != parent.shape:
                    raise _misfit(node, rule, cotangent, parent)
            if watchers:
                for watcher, token in zip(watchers, began, strict=True):
                    watcher.pulled(token, node, parent, rule, cotangent)
            if parent in pending:
                pending[parent] = _sum(pending[parent], cotangent, parent, summed)
            else:
                pending[parent] = cotangent
                heappush(latest_first, (-parent.number, parent))
        if not retain and node.primitive is not None:
            node.edges = None
        edges, saved, cotangent = (), (), None  # not kept while the next node's rules run
    return arrived


def _sum(a: Any, b: Any, node: Node, summed: set[Node]) -> Any:
    """Return `a + b`, cotangents of `node`; in the memory of `a` if that is itself such a sum."""
    if node in summed:
        return np.add(a, b, out=a)
    total = a + b
    if type(total) is np.ndarray:
        summed.add(node)
    return total


def reachable(roots: Iterable[Node], ends: set[Node], oldest: int | None = None) -> dict[Node, Any]:
    """Return the nodes behind `roots`, these included, to `ends` and none older than `oldest`.

    That is by default the oldest of the ends.
    """
    if oldest is None:
        oldest = min(map(_number, ends), default=0) if ends else 0
    seen: dict[Node, Any] = dict.fromkeys(roots)
    stack = list(seen)
    while stack:
        node = stack.pop()
        if ends and node in ends:
            continue
        edges = node.edges
        if edges is None:
            raise _freed(node)
        for parent, _, _ in edges:
            if parent not in seen and parent.number >= oldest:
                seen[parent] = None
                stack.append(parent)
    return seen


def fit(cotangent: Array, shape: tuple[int, ...], dtype: Any) -> Array:
    """Undo broadcasting to `shape`, and cast to `dtype`: the real part where that is real."""
    given = cotangent.shape
    if given is None:
        return cotangent
    if given != shape:
        axes, lost = _stretched(given, shape)
        wide = None
        if cotangent.dtype.char in _WIDE:
            wider, many = _WIDE[cotangent.dtype.char]
            wide = wider if math.prod(given) > many * math.prod(shape) else None
        cotangent = np.add.reduce(cotangent, axes, wide, keepdims=True)
        if lost:
            cotangent = cotangent.reshape(cotangent.shape[lost:])
    if cotangent.dtype != dtype:
        if cotangent.dtype.kind == "c" and dtype.kind != "c":
            cotangent = cotangent.real
        cotangent = cotangent.astype(dtype)
    return cotangent


@functools.lru_cache
def _stretched(given: tuple[int, ...], shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Return the axes that broadcasting from `shape` to `given` stretched, how many are new."""
    added = max(len(given) - len(shape), 0)
    stretched = [
        added + i for i, (n, m) in enumerate(zip(shape, given[added:], strict=False)) if n == 1 != m
    ]
    return (*range(added), *stretched), added


_WIDE: dict[str, tuple[Any, int]] = {"e": (np.float32, 1), "f": (np.float64, 1000)}
"""In what sums of narrow numbers are computed from how many on: NumPy adds up rows one by one."""


def owned(value: Any, taken: set[int]) -> Any:
    """Return `value`, or a copy where its memory is not its own or one of the arrays `taken`.

    Rules may hand the same cotangent to several arguments, or a view of it.
    """
    data = value if type(value) is np.ndarray else getattr(value, "_array", value)
    if id(data) in taken or getattr(data, "base", None) is not None or isinstance(data, np.generic):
        value = np.copy(value)
        data = getattr(value, "_array", value)
    taken.add(id(data))
    return value


def _lifted(node: Node, rule: Rule, saved: tuple[Any, ...], wrap: Wrap) -> tuple[Any, ...]:
    """Return what `rule` needs as Tensors that are part of the graph."""
    makers: dict[int | None, Node] = {rule.position: parent for parent, rule, _ in node.edges or ()}
    makers[-1] = node
    return tuple(
        _lift(value, makers[origin], wrap) if origin in makers else value
        for value, origin in zip(saved, rule.origins, strict=True)
    )


def _lift(value: Any, maker: Node, wrap: Wrap) -> Any:
    if maker.shape is not None:
        return wrap(value, maker)
    if maker.parts is not None:
        return [wrap(part, item_node(maker, i)) for i, part in enumerate(value)]
    makers = {saved[0]: parent for parent, _, saved in maker.edges or ()}
    return [wrap(part, makers[i]) if i in makers else part for i, part in enumerate(value)]


def item_node(several: Node, index: int) -> Node | None:
    """Return a node for one of the results of `several`, None for one without a derivative."""
    parts = several.parts or ()
    if parts[index][1].kind not in "fc":
        return None
    return Node(item, ((several, item.first_rule(), (index,)),), *parts[index])


def pack_node(nodes: Iterable[tuple[int, Node]], constants: Constants = ()) -> Node:
    """Return a node for a sequence of arrays, each with its index: those in the graph, and not."""
    rule = pack.first_rule()
    return Node(pack, tuple((node, rule, (i,)) for i, node in nodes), None, None, constants)


def _filled(g: Placed, parts: tuple[tuple[Any, Any], ...]) -> Cotangents:
    return Cotangents(g[i] if i in g else np.zeros(*part) for i, part in enumerate(parts))


def _through_hooks(node: Node, g: Any, wrap: Wrap, record: bool) -> Any:
    for hook in list((node.about.hooks or {}).values()):
        shown = writes.read_only(getattr(g, "_array", g))  # others may share the cotangent
        replaced = hook(wrap(shown, getattr(g, "_node", None)))
        if replaced is None:
            continue
        g = replaced if record else getattr(replaced, "_array", replaced)
        if getattr(g, "shape", None) != node.shape:
            raise ValueError(
                f"a hook on a Tensor of shape {node.shape} returned a gradient of shape "
                f"{getattr(g, 'shape', None)}: return one of the same shape, or None to leave it"
            )
        g = fit(g, node.shape, node.dtype)
    return g if record else np.copy(g)  # a hook may have kept the one it saw


def _rule_of(node: Node, rule: Rule) -> str:
    return f"the rule of {node.primitive} for {_argument(node, rule)}{at(node.about.line)}"


def _argument(node: Node, rule: Rule) -> str:
    assert node.primitive is not None
    return node.primitive.argument(rule.position)


def _not_an_array(node: Node, rule: Rule, cotangent: Any) -> TypeError:
    return TypeError(
        f"{_rule_of(node, rule)} returned {cotangent!r}: return an array, g * 0 for a zero"
    )


def _misfit(node: Node, rule: Rule, cotangent: Any, parent: Node) -> ValueError:
    return ValueError(
        f"{_rule_of(node, rule)} returned a cotangent of shape {cotangent.shape}, and the argument "
        f"has shape {parent.shape}: they must be the same, or broadcast from it (if the function "
        f"reduces, np.broadcast_to(g, {_argument(node, rule)}_shape))"
    )


def _freed(node: Node) -> RuntimeError:
    return RuntimeError(
        f"the graph behind {node.primitive} was freed by an earlier backward(): compute the result "
        "again, or keep its graph with backward(retain_graph=True)"
    )


def _refuse_stale(node: Node) -> None:
    for array in arrays_in([saved for _, _, saved in node.edges or ()]):
        by = writes.since(array, node.number)
        if by is not None:
            raise RuntimeError(
                f"{node.primitive}{at(node.about.line)} needs, for its gradient, an array of shape "
                f"{array.shape} that {by} overwrote in place afterwards: write to a copy, or call "
                "backward() before the write"
            )


def arrays_in(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the arrays in nested lists and tuples."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from arrays_in(part)


def at(line: str | None) -> str:
    """Return `line` as the end of a sentence."""
    return f", recorded at {line}" if line else ""


_OURS = (os.path.dirname(__file__) + os.sep, os.path.dirname(np.__file__) + os.sep)


def users_line() -> str | None:
    """Return the file, line and function from which the package was called."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back  # type: ignore[assignment]
    if frame is None:
        return None
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
