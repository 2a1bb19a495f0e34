"""The values of a program, and a walk back through it, to be looked at: nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..door import wrap
from ..graph import Node, item, pack, pull
from ..modes import Watcher, watched_by
from ..primitive import Rule
from ..program import Program, Step, Value
from ..tensor import Tensor
from ..trace import watch
from ..views import node_of
from . import formula
from .label import elementwise
from .values import Display, display


@dataclass
class Part:
    """A cotangent that a rule has given to one argument of a step."""

    giver: Step
    argument: str
    formula: str
    rule: str
    source: str | None
    uses: list[tuple[str, Value, Display]]
    shown: Display
    fit: str | None
    total: Display | None
    taker: Node


@dataclass
class Arrival:
    """What the walk back does at a node: the cotangent that arrives, and those that leave."""

    node: Node
    shown: Display
    parts: list[Part]
    leaving: list[Part] = field(default_factory=list)


class Walk(Watcher):
    """Notes a walk back, node by node: what arrives, and with `parts` also what each rule gives."""

    def __init__(self, program: Program, parts: bool = True) -> None:
        self.parts = parts
        self.steps = {step.node: step for step in program.steps if step.node is not None}
        self.arrivals: dict[Node, Arrival] = {}
        self._given: dict[Node, list[Part]] = {}
        self._packs: dict[Node, tuple[Step, Rule]] = {}
        self._places: dict[Node, dict[Node, Iterator[int]]] = {}
        self._sums: dict[Node, Any] = {}

    def arrives(self, node: Node, g: Any) -> None:
        """Note the cotangent of a node; a sequence of arrays is part of the step that takes it."""
        if node.primitive is pack:
            return
        shown = display(g if node.parts is None else np.concatenate([np.ravel(part) for part in g]))
        self.arrivals[node] = Arrival(node, shown, self._given.pop(node, []))

    def pulled(self, began: Any, node: Node, parent: Node, rule: Rule, cotangent: Any) -> None:
        """Note what a rule has given."""
        if not self.parts:
            return
        if node.primitive in (item, watch):
            self._given.setdefault(parent, []).extend(self.arrivals[node].parts)
            return
        if node not in self.steps and node not in self._packs:
            return  # a walk within a rule, of a checkpoint for instance
        if parent.primitive is pack:
            self._packs[parent] = self.steps[node], rule
            return
        step, own = self._packs[node] if node.primitive is pack else (self.steps[node], rule)
        assert step.node is not None
        saved = next(s for _, r, s in step.node.edges or () if r is own)
        index = ""
        if node.primitive is pack:
            if node not in self._places:
                self._places[node] = _places(node)
            index = f"[{next(self._places[node][parent])}]"
        taker = parent
        while taker.primitive is watch and taker.edges:
            taker = taker.edges[0][0]
        part = Part(
            step,
            step.what.argument(own.position) + index,
            formula.formula(step.node, own, saved),
            f"{step.what.name} for {step.what.argument(own.position)}",
            formula.source(own),
            _used(own, saved, step),
            display(cotangent),
            _fit(step, taker),
            self._total(taker, cotangent),
            taker,
        )
        self.arrivals[step.node].leaving.append(part)
        self._given.setdefault(parent, []).append(part)

    def _total(self, node: Node, cotangent: Any) -> Display | None:
        """Return what has arrived at a node until now, if that is more than one cotangent."""
        before = self._sums.get(node)
        self._sums[node] = cotangent if before is None else before + cotangent
        return None if before is None else display(self._sums[node])


def _places(sequence: Node) -> dict[Node, Iterator[int]]:
    """Return the indices at which a sequence of arrays has each of them."""
    places: dict[Node, list[int]] = {}
    for parent, _, (place,) in sequence.edges or ():
        places.setdefault(parent, []).append(place)
    return {node: iter(found) for node, found in places.items()}


def _fit(step: Step, taker: Node) -> str | None:
    """Return what is done to a cotangent, where its argument was broadcast."""
    made, given = step.outputs[0].shape, taker.shape
    if made is None or given is None or made == given or not elementwise(step.what):
        return None
    new = len(made) - len(given)
    axes = [*range(new), *(new + i for i, n in enumerate(given) if n == 1 != made[new + i])]
    which = f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
    return f"summed over {which}, from {made} to {given}: undoes broadcasting"


def _used(rule: Rule, saved: tuple[Any, ...], step: Step) -> list[tuple[str, Value, Display]]:
    """Return the arrays that a rule names, besides the cotangent."""
    used = []
    for place, array in zip(rule.origins, saved, strict=True):
        if place == -1 and hasattr(array, "dtype"):
            used.append(("out", step.outputs[0], display(array)))
        elif place is not None and hasattr(array, "dtype"):
            name = step.what.argument(place)
            values = [use.value for use in step.uses if use.position == place]
            used += [(name, value, display(array)) for value in values[:1]]
    return used


def walk_back(outputs: Sequence[Tensor], program: Program, parts: bool) -> Walk:
    """Walk back from ones at `outputs`: gradients, hooks and graphs stay as they are."""
    roots: dict[Node, Any] = {}
    for tensor in outputs:
        node = node_of(tensor)
        if node is not None:
            ones = np.ones_like(tensor._array)
            roots[node] = roots[node] + ones if node in roots else ones
    walk = Walk(program, parts)
    with watched_by(walk):
        pull(roots, wrap, retain=True, hooks=False)
    return walk


OURS = ("numpy.", "_operator.", "autograd_mini.derivatives.", "autograd_mini.inplace.")


def computed(program: Program) -> tuple[dict[Value, Any], bool]:
    """Return the elements of the values: as they are known, or computed once more of others.

    Only NumPy's functions and the table's are called again, which do nothing but compute. And
    return whether something known differs from what is computed, since a constant was changed
    unnoticed: then only what is known is there, and of constants nothing.
    """
    known = {value: value.known for value in program.sources}
    known |= {value: value.known for step in program.steps for value in step.outputs}
    known = {value: array for value, array in known.items() if array is not None}
    found = dict(known)
    for step in program.steps:
        again = _again(step, found)
        results = again if isinstance(again, tuple) else (again,)
        if again is None or [v.shape for v in step.outputs] != list(map(np.shape, results)):
            continue
        both = dict(zip(step.outputs, results, strict=True))
        if any(value in known and not _agree(known[value], both[value]) for value in both):
            return {v: array for v, array in known.items() if v.kind != "constant"}, True
        found |= {value: result for value, result in both.items() if value not in found}
    return found, False


def _agree(known: Any, again: Any) -> bool:
    """Return whether two results are the same but for rounding."""
    if not isinstance(known, np.ndarray | np.generic):
        return True
    with np.errstate(all="ignore"):
        size = np.max(np.abs(known), initial=0, where=np.isfinite(known))
        return np.allclose(known, again, rtol=1e-3, atol=1e-6 * size, equal_nan=True)


def _again(step: Step, found: dict[Value, Any]) -> Any:
    """Return the result of a step, computed again, or None."""
    what = step.what
    module = getattr(what.function, "__module__", None) or "numpy"
    if not f"{module}.".startswith(OURS) or any(use.value not in found for use in step.uses):
        return None
    if not step.settings.keys() <= what.positions.keys():
        return None
    values: dict[int, Any] = {what.positions[name]: value for name, value in step.settings.items()}
    for use in step.uses:
        if use.argument.endswith("]"):
            values.setdefault(use.position, []).append(found[use.value])
        else:
            values[use.position] = found[use.value]
    try:
        with np.errstate(all="ignore"):
            return what.called(values)
    except Exception:  # an argument is not known as it was
        return None
