"""Stories for the page, written by hand: what it must be able to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Story = dict[str, Any]


def display(array: Any) -> dict[str, Any]:
    """Return what the page shows of an array."""
    a = np.asarray(array, float)
    view = a.reshape(1, -1) if a.ndim < 2 else a.reshape(-1, a.shape[-1])
    small = max(view.shape) <= 8
    counts, edges = np.histogram(a, 16)
    return {
        "shape": str(a.shape),
        "dtype": "float64",
        "numbers": [[f"{x:.4f}" for x in row] for row in view] if small else None,
        "heat": None if small else heat(view[:48, :48]),
        **{name: f"{getattr(a, name)():.4f}" for name in ("mean", "std", "min", "max")},
        "bad": 0,
        "histogram": None if small else counts.tolist(),
        "edges": None if small else [f"{edges[0]:.3g}", f"{edges[-1]:.3g}"],
    }


def heat(view: np.ndarray) -> dict[str, Any]:
    """Return the cells of a heat map, centred at zero."""
    cells = np.rint(127 * view / np.abs(view).max()).astype(int)
    low, high = f"{view.min():.3g}", f"{view.max():.3g}"
    rows, cols = view.shape
    return {
        "rows": rows,
        "cols": cols,
        "cells": cells.ravel().tolist(),
        "low": low,
        "high": high,
        "reduced": False,
    }


def node(id: str, kind: str, label: str, value: Any = None, **other: Any) -> dict[str, Any]:
    shown = None if value is None else display(value)
    return {
        "id": id,
        "kind": kind,
        "label": label,
        "operation": "",
        "detail": "",
        "name": None,
        "group": None,
        "shape": shown["shape"] if shown else "()",
        "dtype": "float64",
        "needs_grad": True,
        "output": False,
        "line": None,
        "values": [shown] if shown else [],
        "why": None,
        "gradient": None,
        "count": 1,
        "cost": None,
        **other,
    }


def edge(source: str, to: str, argument: str, shape: Any = ()) -> dict[str, str]:
    return {"from": source, "to": to, "argument": argument, "shape": str(shape)}


def empty_story(**parts: Any) -> Story:
    story: Story = {"title": "A story", "direction": "down", "notes": []}
    story |= {name: [] for name in ("nodes", "groups", "edges", "forward", "backward")}
    return story | parts


class Rule(NamedTuple):
    """How the cotangent of an operation reaches one argument; not at all if there is no formula."""

    argument: str
    source: str
    formula: str | None = None
    vjp: Callable[[Any], Any] = lambda g: g
    uses: dict[str, Any] = {}  # noqa: RUF012 - never changed


class Tape:
    """Tells operations whose rules are written by hand, and walks back through them."""

    def __init__(self) -> None:
        self.story = empty_story()
        self.nodes: dict[str, dict[str, Any]] = {}
        self.values: dict[str, Any] = {}
        self.rules: dict[str, tuple[Rule, ...]] = {}

    def leaf(self, id: str, kind: str, value: Any, **other: Any) -> None:
        self.values[id] = value
        self.nodes[id] = node(id, kind, other.pop("label", id), value, **other)

    def op(self, id: str, call: str, value: Any, *rules: Rule, **other: Any) -> None:
        function = call.partition("(")[0]
        label = function.removeprefix("np.")
        self.leaf(id, "op", value, label=label, operation=function, **other)
        self.rules[id] = rules
        self.story["forward"].append({"node": id, "call": call})
        for rule in rules:
            shape = self.values[rule.source].shape
            self.story["edges"].append(edge(rule.source, id, rule.argument, shape))

    def walk_back(self, output: str) -> Story:
        self.nodes[output]["output"] = True
        total: dict[str, Any] = {output: np.ones_like(self.values[output])}
        parts: dict[str, list[dict[str, Any]]] = {output: []}
        for id in reversed(self.nodes):
            if id in total:
                self.nodes[id]["gradient"] = arriving = display(total[id])
                leaving = [self._leave(id, r, total, parts) for r in self.rules.get(id, ())]
                step = {"node": id, "arriving": arriving, "parts": parts[id]}
                self.story["backward"].append(step | {"leaving": [x for x in leaving if x]})
        return self.story | {"nodes": list(self.nodes.values())}

    def _leave(self, id: str, rule: Rule, total: Any, parts: Any) -> dict[str, Any] | None:
        if rule.formula is None:
            return None
        source, shape = rule.source, self.values[rule.source].shape
        share, fit = rule.vjp(total[id]), None
        if share.shape != shape:
            fit = f"summed over axis 0, from {share.shape} to {shape}: undoes broadcasting"
            share = share.sum(axis=0, keepdims=True)
        met = source in total
        total[source] = total.get(source, 0) + share
        part = {"from": id, "argument": rule.argument, "value": display(share)}
        parts.setdefault(source, []).append(part)
        return {
            "to": source,
            "argument": rule.argument,
            "formula": rule.formula,
            "rule": f"{self.nodes[id]['label']} for {rule.argument}",
            "source": None,
            "uses": [{"name": name, "value": display(a)} for name, a in rule.uses.items()],
            "value": display(share),
            "fit": fit,
            "total": display(total[source]) if met else None,
        }


def or_network() -> Story:
    """Return a step of the 2-3-1 network that learns OR; its errors are squared by e * e."""
    random = np.random.RandomState(42)
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    Y = np.array([[0], [1], [1], [1]], float)
    W1, W2 = random.randn(2, 3), random.randn(3, 1)
    b1, b2 = np.zeros((1, 3)), np.zeros((1, 1))
    z1 = X @ W1
    h = np.maximum(z1 + b1, 0)
    z2 = h @ W2
    p = 1 / (1 + np.exp(-(z2 + b2)))
    e = Y - p

    tape = Tape()
    hidden = {"group": "hidden", "line": "or_gate.py:31 in train"}
    tape.leaf("X", "input", X, needs_grad=False)
    tape.leaf("W1", "parameter", W1, name="W1", group="hidden")
    weights = Rule("x2", "W1", "x1.mT @ g", lambda g: X.T @ g, {"x1": X})
    tape.op("z1", "np.matmul(X, W1)", z1, Rule("x1", "X"), weights, **hidden)
    tape.leaf("b1", "parameter", b1, name="b1", group="hidden")
    terms = Rule("x1", "z1", "g"), Rule("x2", "b1", "g")
    tape.op("a1", "np.add(z1, b1)", z1 + b1, *terms, **hidden)
    step = Rule("x", "a1", "g * (out > 0)", lambda g: g * (h > 0), {"out": h})
    tape.op("h", "relu(a1)", h, step, name="hidden", group="net")

    out = {"group": "out", "line": "or_gate.py:32 in train"}
    tape.leaf("W2", "parameter", W2, name="W2", group="out")
    back = Rule("x1", "h", "g @ x2.mT", lambda g: g @ W2.T, {"x2": W2})
    weights = Rule("x2", "W2", "x1.mT @ g", lambda g: h.T @ g, {"x1": h})
    tape.op("z2", "np.matmul(hidden, W2)", z2, back, weights, **out)
    tape.leaf("b2", "parameter", b2, name="b2", group="out")
    terms = Rule("x1", "z2", "g"), Rule("x2", "b2", "g")
    tape.op("a2", "np.add(z2, b2)", z2 + b2, *terms, **out)
    slope = Rule("x", "a2", "g * out * (1 - out)", lambda g: g * p * (1 - p), {"out": p})
    tape.op("p", "sigmoid(a2)", p, slope, name="p", group="net")

    tape.leaf("Y", "constant", Y, needs_grad=False)
    minus = Rule("x2", "p", "-g", lambda g: -g)
    tape.op("e", "np.subtract(Y, p)", e, Rule("x1", "Y"), minus, name="e")
    left = Rule("x1", "e", "g * x2", lambda g: g * e, {"x2": e})
    right = Rule("x2", "e", "g * x1", lambda g: g * e, {"x1": e})
    tape.op("s", "np.multiply(e, e)", e * e, left, right)
    spread = Rule("a", "s", "spread(g, like=a)", lambda g: np.broadcast_to(g, (4, 1)))
    tape.op("loss", "np.sum(s)", (e * e).sum(), spread, name="loss")

    groups = [group("net", None), group("hidden", "net"), group("out", "net")]
    return tape.walk_back("loss") | {"title": "One step of the OR network", "groups": groups}


def group(id: str, parent: str | None, open: bool = True) -> dict[str, Any]:
    return {"id": id, "label": id, "kind": "Module", "parent": parent, "open": open}


def long_chain(length: int = 100, size: int = 40) -> Story:
    """Return a chain of `length` nodes, ten in a module, each of a large array of its own."""
    random = np.random.default_rng(0)

    def array() -> Any:
        return random.normal(size=(size, size))

    tape = Tape()
    tape.leaf("n0", "leaf", array(), name="x")
    for i in range(1, length):
        rule = Rule("x", f"n{i - 1}", "g * np.cos(x)", lambda g: array())
        tape.op(f"n{i}", f"np.sin(n{i - 1})", array(), rule, group=f"g{i // 10}")
    groups = [group(f"g{i}", None, open=i < 2) for i in range(length // 10)]
    return tape.walk_back(f"n{length - 1}") | {"title": "A long chain", "groups": groups}


def hostile(text: str) -> Story:
    """Return a story in which every text that can be chosen freely is `text`."""
    shown = display([[1.0, 2.0]])
    nodes = [
        node("a", "parameter", text, [[1.0, 2.0]], name=text, detail=text, line=text, group="g"),
        node("b", "op", text, None, name=text, detail=text, why=text, line=text, gradient=shown),
    ]
    leaving = {
        "to": "a",
        "argument": text,
        "formula": text,
        "rule": text,
        "source": text,
        "uses": [{"name": text, "value": shown}],
        "value": shown,
    }
    return empty_story(
        title=text,
        notes=[text],
        nodes=nodes,
        groups=[{"id": "g", "label": text, "kind": text, "parent": None, "open": True}],
        edges=[{"from": "a", "to": "b", "argument": text, "shape": text}],
        forward=[{"node": "b", "call": text}],
        backward=[
            {"node": "b", "arriving": shown, "parts": [], "leaving": [leaving]},
            {
                "node": "a",
                "arriving": shown,
                "parts": [{"from": "b", "argument": text, "value": shown}],
                "leaving": [],
            },
        ],
    )
