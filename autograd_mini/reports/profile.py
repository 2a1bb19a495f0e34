"""`profile`: the time and memory of each operation, and of each rule of a walk back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import writes
from ..door import origin
from ..errors import name_of
from ..graph import Node, item, pack, users_line
from ..modes import Change, Scope, current_mode, watched_by
from ..nn.scopes import called
from ..program import Program, Value
from .outline import Outline, memories, new_bytes
from .table import Table, readable_bytes, readable_count, readable_seconds

_clock = time.perf_counter


class _Watching(threading.local):
    """How long this thread has spent on watching, by whatever profile: taken off all times."""

    seconds = 0.0


_watching = _Watching()


def _now() -> float:
    return _clock() - _watching.seconds


@dataclass(slots=True)
class Cost:
    """What one operation has cost, by itself: without the operations that it is made of.

    Attributes:
        name: of the operation.
        scope: the parts of the program that it is in, from the outermost.
        line: the file, line and function that called it.
        calls: how often it ran: once, or not at all where only its rules were watched.
        forward: seconds that it took.
        backward: seconds that its rules took.
        bytes: of the new arrays that it and its rules returned.
    """

    name: str
    scope: str
    line: str
    calls: int = 0
    forward: float = 0.0
    backward: float = 0.0
    bytes: int = 0

    @property
    def seconds(self) -> float:
        """The time of the operation and of its rules."""
        return self.forward + self.backward

    def add(self, other: Cost) -> None:
        """Add the cost of another."""
        self.calls += other.calls
        self.forward += other.forward
        self.backward += other.backward
        self.bytes += other.bytes


class profile:  # noqa: N801 - reads as a function
    """Measure the time and memory of each operation inside, and of each rule of a walk back.

    Its repr is the table of the operations. Times are those of the operations themselves, and what
    watching them takes is left out. Memory is that of the new arrays that operations and rules
    return; what they use on the way is not seen. Only the thread that enters is watched. The same
    profile can be entered again, and adds up; profiles nest. Graphs made inside stay alive to the
    end of it, and nothing of them after.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> w = ag.Tensor(np.ones((100, 100)), requires_grad=True)
    >>> with ag.profile() as p:
    ...     y = np.tanh(w @ w)
    ...     y.backward(np.ones((100, 100)))
    >>> sorted((cost.name, cost.calls, cost.bytes) for cost in p.steps.values())
    [('np.matmul', 1, 240000), ('np.tanh', 1, 160000)]
    """

    def __init__(self) -> None:
        self._past = 0.0  # seconds
        self._ledger = _Ledger()
        self._entered: list[tuple[Change, float] | None] = []

    def __enter__(self) -> profile:
        if self._entered:
            here = self._ledger.thread == threading.get_ident()
            if not here or self._ledger not in current_mode().watchers:
                raise RuntimeError(
                    "this profile is entered already, in another thread or task: make one for each"
                )
            self._entered.append(None)
            return self
        self._ledger.thread = threading.get_ident()
        watching = watched_by(self._ledger)
        watching.__enter__()
        self._entered.append((watching, _now()))
        return self

    def __exit__(self, *_: object) -> None:
        entered = self._entered.pop()
        if entered is None:
            return
        watching, began = entered
        self._past += _now() - began
        watching.__exit__()
        self._ledger.thread = None
        self._ledger.let_go()

    @property
    def wall_time(self) -> float:
        """Seconds from entering to leaving, or to now, less those of watching."""
        return self._past + sum(_now() - entered[1] for entered in self._entered if entered)

    @property
    def steps(self) -> dict[int, Cost]:
        """The cost of each operation, by the number of its step or node."""
        return self._ledger.costs

    @property
    def program(self) -> Program:
        """What ran: operations, shapes and names, without the elements."""
        steps = self._ledger.steps
        used = {use.value for step in steps for use in step.uses}
        made = [value for step in steps for value in step.outputs]
        return Program(steps, [value for value in made if value not in used])

    def value_of(self, number: int) -> Value | None:
        """Return the value in `program` that the node with this number was, if there is one."""
        return self._ledger.values.get(number)

    def table(self, sort: str = "time", by: str = "operation") -> Table:
        """Return what was measured as a table, and where the rest of the time went.

        Args:
            sort: "time", "forward", "backward", "memory" or "calls": the column with the largest
                numbers on top.
            by: what a row is: an "operation", a "scope" or a "line" of the user's program.

        Raises:
            ValueError: `sort` or `by` is none of these.
        """
        _refuse("sort", sort, _SORTS)
        _refuse("by", by, _KEYS)
        groups: dict[str, Cost] = {}
        total = Cost("", "", "")
        for cost in self.steps.values():
            groups.setdefault(_KEYS[by](cost), Cost("", "", "")).add(cost)
            total.add(cost)
        ranked = sorted(groups.items(), key=lambda group: _SORTS[sort](group[1]), reverse=True)
        rest = self.wall_time - total.seconds
        return Table(
            [f"<{by}", ">calls", ">forward", ">backward", ">time", ">share", ">memory"],
            [self._row(name, cost) for name, cost in ranked],
            footer=[
                ["Python and the rest", "", "", "", readable_seconds(rest), self._share(rest), ""],
                self._row("total", total, self.wall_time),
            ],
        )

    def _row(self, name: str, cost: Cost, seconds: float | None = None) -> list[str]:
        seconds = cost.seconds if seconds is None else seconds
        return [
            name,
            readable_count(cost.calls),
            readable_seconds(cost.forward),
            readable_seconds(cost.backward),
            readable_seconds(seconds),
            self._share(seconds),
            readable_bytes(cost.bytes),
        ]

    def _share(self, seconds: float) -> str:
        return f"{100 * seconds / self.wall_time:.1f} %" if self.wall_time else ""

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


_SORTS: dict[str, Callable[[Cost], float]] = {
    "time": lambda cost: cost.seconds,
    "forward": lambda cost: cost.forward,
    "backward": lambda cost: cost.backward,
    "memory": lambda cost: cost.bytes,
    "calls": lambda cost: cost.calls,
}
_KEYS: dict[str, Callable[[Cost], str]] = {
    "operation": lambda cost: cost.name,
    "scope": lambda cost: cost.scope or "outside of all",
    "line": lambda cost: cost.line or "not known",
}


def _refuse(name: str, value: str, known: dict[str, Any]) -> None:
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")


_Began = tuple[float, float, int]
"""When something began, how much time others had taken until then, and how many they were."""


class _Ledger(Outline):
    """Notes what each step costs."""

    def __init__(self) -> None:
        super().__init__()
        self.thread: int | None = None  # the one that is watched
        self.costs: dict[int, Cost] = {}
        self._taken = 0.0  # seconds, by all operations and rules so far
        self._count = 0  # of these
        self._scopes: dict[Scope, str] = {}
        self._arrived: dict[int, set[int]] = {}  # the memory of the cotangents of nodes
        self._packed: dict[int, int] = {}  # the numbers of what uses packs, by those of the packs

    def begins(self) -> _Began | None:
        """Return when it is, and what others have taken until now; None in another thread."""
        if self.thread != threading.get_ident():
            return None
        return _now(), self._taken, self._count

    def ran(self, began: _Began | None, what: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Note an operation, its time and its memory."""
        if began is None:
            return
        ended = _clock()
        own = self._own(began, ended)
        number = self._number(what, args, kwargs, result)
        cost = self.costs.get(number)
        if cost is None:
            place = self._path(current_mode().scope)
            cost = self.costs[number] = Cost(name_of(what), place, users_line() or "")
        cost.calls += 1
        cost.forward += own
        cost.bytes += new_bytes(result, memories((args, kwargs)))
        _watching.seconds += _clock() - ended

    def arrives(self, node: Node, g: Any) -> None:
        """Note the memory of a cotangent, which rules may return as it is."""
        if self.thread == threading.get_ident():
            began = _clock()
            self._arrived[node.number] = set(memories(g))
            _watching.seconds += _clock() - began

    def pulled(
        self, began: _Began | None, node: Node, parent: Node, rule: Any, cotangent: Any
    ) -> None:
        """Note a rule of a node, its time and its memory."""
        if began is None:
            return
        ended = _clock()
        made_of_others = began[2] < self._count  # operations or rules, each with its own memory
        own = self._own(began, ended)
        if parent.primitive is pack:
            self._packed[parent.number] = node.number
        cost = self._cost_of(node)
        cost.backward += own
        if not made_of_others:
            saved = [edge[2] for edge in node.edges or () if edge[1] is rule]
            old = self._arrived.get(node.number, set()) | set(memories(saved))
            cost.bytes += new_bytes(cotangent, old)
        _watching.seconds += _clock() - ended

    def _own(self, began: _Began, ended: float) -> float:
        """Return the time since `began` that no other operation has taken, and take it."""
        start, taken, _ = began
        own = ended - _watching.seconds - start - (self._taken - taken)
        self._taken += own
        self._count += 1
        return own

    def _number(self, what: Any, args: Any, kwargs: Any, result: Any) -> int:
        """Note an operation as a step, where it gave a Tensor, and return its number."""
        known = len(self.steps)
        super().ran(None, what, args, kwargs, result)
        node = origin(result)
        if node is not None:
            return node.number
        return self.steps[-1].number if len(self.steps) > known else writes.tick()

    def _cost_of(self, node: Node) -> Cost:
        """Return the cost of the operation that a rule of `node` belongs to."""
        if node.primitive is item and node.edges:
            node = node.edges[0][0]
        number = self._packed.get(node.number, node.number)
        cost = self.costs.get(number)
        if cost is None:
            cost = Cost(str(node.primitive), self._path(node.scope), node.about.line or "")
            self.costs[number] = cost
        return cost

    def _path(self, scope: Scope | None) -> str:
        if scope is None:
            return ""
        path = self._scopes.get(scope)
        if path is None:
            outer = self._path(scope.outer)
            path = self._scopes[scope] = f"{outer} / {called(scope)}" if outer else called(scope)
        return path

    def let_go(self) -> None:
        """Keep costs, names and numbers only."""
        super().let_go()
        self._scopes.clear()
        self._arrived.clear()
        self._packed.clear()
