"""What was computed: steps and values, read from a graph or noted as they happen.

Pictures, summaries and profiles are made of a Program. A `Reader` makes it of the nodes behind a
Tensor, a `Recorder` of what it is told while a function runs, also of what needs no gradient.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from . import names, writes
from .door import origin, rebuilt
from .graph import Array, Node, item, pack, reachable, users_line
from .modes import Scope, Watcher, current_mode
from .primitive import Primitive
from .trace import watch
from .views import Handle, node_of


class Value:
    """An array that a program starts from or makes.

    `kind` is "leaf", "input", "constant", "unknown" (a constant that is gone) or "result".
    `array` is what is known of its elements, and `number` a time at which it held them.
    """

    __slots__ = (
        *("array", "dtype", "kind", "leaf", "name", "needs_grad", "node", "number", "shape"),
        "step",
    )

    def __init__(self, kind: str, shape: Any = None, dtype: Any = None) -> None:
        self.kind = kind
        self.shape: tuple[int, ...] | None = shape
        self.dtype: Any = dtype
        self.name: str | None = None
        self.needs_grad = False
        self.node: Node | None = None
        self.step: Step | None = None
        self.leaf: weakref.ref[Any] | None = None
        self.array: Array | None = None
        self.number = 0

    @property
    def tensor(self) -> Any:
        """The Tensor that a leaf is, as long as somebody else keeps it."""
        return None if self.leaf is None else self.leaf()

    @property
    def written(self) -> str | None:
        """The operation that has overwritten the array since, if one has."""
        if self.array is None or self.number > writes.latest():
            return None
        return writes.since(self.array, self.number)

    @property
    def known(self) -> Array | None:
        """The elements as the program had them, where these are still to be had."""
        return None if self.written else self.array

    def held(self, array: Array, number: int) -> None:
        """Note that `array` had the elements at a time."""
        if self.array is None:
            self.array, self.number = array, number


class Use(NamedTuple):
    """What a step uses as an argument; `x[0]` for the first of the sequence `x`."""

    argument: str
    value: Value
    position: int


class Step:
    """One operation: what was called, on which values, and what came of it."""

    __slots__ = ("line", "node", "number", "outputs", "scope", "settings", "uses", "what")

    def __init__(self, what: Primitive, node: Node | None, number: int, scope: Scope | None):
        self.what = what
        self.node = node
        self.number = number
        self.scope = scope
        self.line: str | None = None
        self.uses: list[Use] = []
        self.settings: dict[str, Any] = {}
        self.outputs: list[Value] = []

    @property
    def needs_grad(self) -> bool:
        """Whether a walk back comes through here."""
        return any(value.needs_grad for value in self.outputs)


class Program:
    """Steps in the order in which they were taken, and what they lead to."""

    def __init__(self, steps: list[Step], outputs: list[Value], watched: bool = False) -> None:
        self.steps = steps
        self.outputs = outputs
        self.watched = watched  # noted as it ran, not read of a graph afterwards

    @functools.cached_property
    def sources(self) -> list[Value]:
        """What the steps start from, in the order of first use."""
        used = [use.value for step in self.steps for use in step.uses]
        return list(dict.fromkeys(v for v in (*used, *self.outputs) if v.step is None))

    def behind(self, outputs: list[Value]) -> Program:
        """Return the program of the steps that lead to `outputs` alone."""
        wanted: set[Step] = set()
        stack = [value.step for value in outputs]
        while stack:
            step = stack.pop()
            if step is not None and step not in wanted:
                wanted.add(step)
                stack += [use.value.step for use in step.uses]
        return Program([step for step in self.steps if step in wanted], outputs, self.watched)


class Reader:
    """Makes steps and values of nodes."""

    watches = False  # while things happen

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._of_nodes: dict[Node, Value] = {}
        self._of_arrays: dict[int, tuple[weakref.ref[Any], Value]] = {}
        self._several: dict[Node, Step] = {}

    def program(self, outputs: Iterable[Handle]) -> Program:
        """Return the program that leads to some Tensors."""
        values = [self.value(tensor) for tensor in outputs]
        return Program(self.steps, values, self.watches).behind(values)

    def value(self, tensor: Handle) -> Value:
        """Return the value of a Tensor; the graph behind it is read."""
        node = node_of(tensor)
        if node is None:
            return self._constant(tensor)
        self._read(node)
        value = self._of_nodes[node]
        value.held(tensor._array, node.number)
        return value

    def _read(self, root: Node) -> None:
        if root in self._of_nodes:
            return
        nodes = reachable([root], {*self._of_nodes, *self._several}, oldest=0)
        for node in sorted(nodes, key=lambda node: node.number):
            if node in self._of_nodes or node in self._several or node.primitive is pack:
                continue
            edges = node.edges or ()
            if node.primitive is item:
                ((several, _, (index,)),) = edges
                self._of_nodes[node] = self._several[several].outputs[index]
                self._of_nodes[node].node = node
                self._of_nodes[node].name = node.about.name
            elif node.primitive is watch and edges:
                self._of_nodes[node] = self._of_nodes[edges[0][0]]
            elif node.primitive is watch or node.primitive is None:
                self._of_nodes[node] = _leaf(node)
            else:
                self._step(node, node.primitive)

    def _step(self, node: Node, primitive: Primitive) -> None:
        given: dict[int, Any] = {}
        for position, constant in node.constants:
            given[position] = _alive(constant)
        for parent, rule, saved in node.edges or ():
            for place, value in zip(rule.origins, saved, strict=True):
                if place is not None and place >= 0 and not _same(value, primitive.defaults[place]):
                    given.setdefault(place, value)
            given[rule.position] = self._sequence(parent) or self._of_nodes.get(parent)
        step = Step(primitive, node, node.number, node.scope)
        step.line = node.about.line
        self._note_uses(step, given)
        parts = node.parts or ((node.shape, node.dtype),)
        self._note_results(step, [(shape, dtype, None) for shape, dtype in parts])
        _note_saved(step, node)

    def _sequence(self, parent: Node) -> dict[int, Value] | None:
        """Return the values of an argument that is a sequence of arrays, by their indices."""
        if parent.primitive is not pack:
            return None
        constants = {i: self._constant(_alive(part)) for i, part in parent.constants}
        return constants | {i: self._of_nodes[part] for part, _, (i,) in parent.edges or ()}

    def _note_uses(self, step: Step, given: dict[int, Any]) -> None:
        """Note the arguments of a step, by position: values, constants and settings."""
        for position, thing in sorted(given.items()):
            argument = step.what.argument(position)
            if isinstance(thing, list | tuple) and any(map(_is_data, thing)):
                named = [(f"{argument}[{i}]", part) for i, part in enumerate(thing)]
                parts = [(name, part) for name, part in named if _is_data(part)]
                step.settings |= {name: part for name, part in named if not _is_data(part)}
            elif isinstance(thing, dict) and all(isinstance(i, int) for i in thing):
                parts = [(f"{argument}[{i}]", part) for i, part in sorted(thing.items())]
            elif _is_operand(step.what, position, thing):
                parts = [(argument, thing)]
            else:
                step.settings |= thing if isinstance(thing, dict) else {argument: thing}
                continue
            for name, part in parts:
                value = part if isinstance(part, Value) else self._constant(part)
                value.number = min(value.number, step.number)
                step.uses.append(Use(name, value, position))

    def _note_results(self, step: Step, results: list[tuple[Any, Any, Handle | None]]) -> None:
        """Note what came of a step: shapes, dtypes, and the Tensors where these are known."""
        for shape, dtype, tensor in results:
            value = Value("result", shape, dtype)
            value.step, value.number = step, step.number
            value.node = step.node if tensor is None else tensor._node
            value.needs_grad = value.node is not None and dtype.kind in "fc"
            value.name = None if value.node is None else value.node.about.name
            step.outputs.append(value)
        node = step.node
        if node is not None and node.parts is not None:
            self._several[node] = step
        elif node is not None:
            self._of_nodes[node] = step.outputs[0]
        self.steps.append(step)

    def _constant(self, constant: Any) -> Value:
        """Return the value of what needs no gradient: the same for the same array."""
        if constant is _GONE:
            return Value("unknown")
        array = constant._array if isinstance(constant, Handle) else constant
        reference, known = self._of_arrays.get(id(array), (None, None))
        if known is not None and reference is not None and reference() is array:
            return known
        data = array if hasattr(array, "dtype") else np.asarray(array)
        value = Value("constant", data.shape, data.dtype)
        value.held(data, writes.tick())
        value.name = names.of(array) or getattr(constant, "name", None)
        if isinstance(array, np.ndarray):
            self._of_arrays[id(array)] = weakref.ref(array), value
        return value


class Recorder(Watcher, Reader):
    """Notes the operations that it is told of; with `keep`, also their elements.

    What was computed earlier is read of its graph; where that was freed, it is unknown.
    """

    watches = True

    def __init__(self, keep: bool = True) -> None:
        super().__init__()
        self.keep = keep
        self._of_tensors: dict[int, tuple[weakref.ref[Handle], Value]] = {}

    def value(self, tensor: Handle) -> Value:
        """Return the value of a Tensor, as it was noted, or as its graph says."""
        node = node_of(tensor)
        reference, value = self._of_tensors.get(id(tensor), (None, None))
        if node is not None or value is None or reference is None or reference() is not tensor:
            value = super().value(tensor)
        if not self.keep:
            value.array = None
        return value

    def _read(self, root: Node) -> None:
        try:
            super()._read(root)
        except RuntimeError:
            value = self._of_nodes[root] = Value("unknown", root.shape, root.dtype)
            value.needs_grad = True

    def _constant(self, constant: Any) -> Value:
        value = super()._constant(constant)
        if not self.keep and value.shape != ():
            value.array = None
        elif value.array is constant or not self.keep:  # which nothing would tell if it changed
            value.array = None if value.array is None else np.array(value.array)
        return value

    def ran(self, began: Any, what: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Note a step."""
        node = origin(result)
        results = [part for part in _parts(result) if isinstance(part, Handle)]
        if not results or node in self._of_nodes or node in self._several:
            return
        primitive, given = _bound(what, args, kwargs)
        step = Step(primitive, node, node.number if node else writes.tick(), current_mode().scope)
        step.line = users_line()
        self._note_uses(step, {i: self._resolved(thing) for i, thing in given.items()})
        self._note_results(step, [(r._array.shape, r._array.dtype, r) for r in results])
        for tensor, value in zip(results, step.outputs, strict=True):
            self._of_tensors[id(tensor)] = weakref.ref(tensor), value
            if tensor._node is not None:
                self._of_nodes[tensor._node] = value
            if self.keep:
                value.held(tensor._array, step.number)

    def _resolved(self, thing: Any) -> Any:
        if isinstance(thing, Handle):
            return self.value(thing)
        if isinstance(thing, list | tuple):
            return rebuilt(thing, [self._resolved(part) for part in thing])
        return thing


_GONE = object()
"""A constant that nobody has kept."""


def _alive(constant: Any) -> Any:
    """Return what a node has kept of a constant, with arrays for weak references."""
    if isinstance(constant, weakref.ref):
        array = constant()
        return _GONE if array is None else array
    if isinstance(constant, list | tuple):
        return rebuilt(constant, [_alive(part) for part in constant])
    return constant


def _is_data(thing: Any) -> bool:
    return thing is _GONE or isinstance(thing, Value | np.ndarray)


def _is_operand(what: Primitive, position: int, thing: Any) -> bool:
    """Return whether an argument is something to compute with, rather than a setting."""
    if _is_data(thing):
        return True
    number = isinstance(thing, bool | int | float | complex | np.generic)
    return number and (what.rules[position] is not None or what.fresh)


def _leaf(node: Node) -> Value:
    value = Value("leaf" if node.primitive is None else "input", node.shape, node.dtype)
    value.node, value.needs_grad, value.name = node, True, node.about.name
    value.leaf = node.about.tensor
    tensor = value.tensor
    if tensor is not None:
        value.held(tensor._array, writes.tick())
    return value


def _note_saved(step: Step, node: Node) -> None:
    """Note the elements that the rules of a node have saved, of arguments and of the result."""
    at = {use.position: use.value for use in step.uses if "[" not in use.argument}
    if len(step.outputs) == 1:
        at[-1] = step.outputs[0]
    for _, rule, saved in node.edges or ():
        for place, array in zip(rule.origins, saved, strict=True):
            value = None if place is None else at.get(place)
            if value is not None and np.shape(array) == value.shape:
                value.held(array, node.number)


def _parts(result: Any) -> Iterable[Any]:
    return result if isinstance(result, list | tuple) else (result,)


def _bound(what: Any, args: tuple[Any, ...], kwargs: Any) -> tuple[Primitive, dict[int, Any]]:
    """Return what was called as a primitive, and the arguments that were given, by position."""
    primitive = what if isinstance(what, Primitive) else _described(what)
    values = primitive.bind(args, kwargs)
    pairs = zip(values, primitive.defaults, strict=True)
    return primitive, {i: v for i, (v, default) in enumerate(pairs) if not _same(v, default)}


def _same(value: Any, default: Any) -> bool:
    """Return whether an argument is left at its default."""
    return value is default or (isinstance(value, int | float | str) and value == default)


@functools.cache
def _described(function: Callable[..., Any]) -> Primitive:
    """Return a function without rules as a primitive."""
    try:
        return Primitive(function)
    except ValueError:  # it has no signature
        described = Primitive(lambda *args, **kwargs: None)
        described.name = getattr(function, "__qualname__", repr(function))
        return described
