"""One recorded run of a function, and the walks back and forth through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .door import raw, wrap
from .graph import Array, Node, pull, reachable
from .modes import enable_grad, is_grad_enabled
from .primitive import derivative
from .tensor import Tensor
from .tree import Tree, tree_fill, tree_leaves
from .views import node_of
from .writes import read_only


def _input(x: Array) -> Array:
    return x


watch = derivative(_input, x=lambda g: g)
watch.name = "an argument being differentiated"


class Trace:
    """One recorded run of a function: its inputs' nodes, and its result."""

    def __init__(self, function: Callable[[Tree], Tree], primals: Tree, copy: bool = False) -> None:
        self.primals = primals
        self.inputs = [_watched(leaf, copy) for leaf in tree_leaves(primals)]
        self.nodes = [_known(node_of(x)) for x in self.inputs]
        with enable_grad():
            self.out = function(tree_fill(primals, self.inputs))
        self.tensors = any(isinstance(leaf, Tensor) for leaf in tree_leaves(primals))
        self.outer = is_grad_enabled() and self._uses_others()

    def _uses_others(self) -> bool:
        """Return whether the result depends on a Tensor from outside that requires grad."""
        ends = set(self.nodes)
        roots = [leaf._node for leaf in _tensors(self.out) if node_of(leaf) is not None]
        if any(node.edges for node in self.nodes):
            return True
        seen = reachable([_known(node) for node in roots], ends)
        return any(
            node not in ends
            and (node.primitive is None or any(p not in seen for p, _, _ in node.edges or ()))
            for node in seen
        )

    def pull(self, cotangents: Sequence[Any], record: bool) -> list[Any]:
        """Return the cotangent of each input, given one for each leaf of the result."""
        leaves = tree_leaves(self.out)
        arrived = pull_to(zip(leaves, cotangents, strict=True), self.nodes, record)
        return [
            np.zeros_like(x._array) if g is None else g
            for x, g in zip(self.inputs, arrived, strict=True)
        ]

    def push(self, record: bool) -> Callable[[Sequence[Any]], list[Any]]:
        """Return the function from one tangent for each input to those of the result's leaves.

        A vjp is linear in its cotangent: its own vjp by that is the jvp.
        """
        leaves = [
            leaf if isinstance(leaf, Tensor) else np.asarray(leaf) for leaf in tree_leaves(self.out)
        ]
        with enable_grad():
            seeds = [_watched(np.ones_like(raw(leaf))) for leaf in leaves]
            back = pull_to(zip(leaves, seeds, strict=True), self.nodes, record=True)
        nodes = [_known(node_of(seed)) for seed in seeds]

        def pushed(tangents: Sequence[Any]) -> list[Any]:
            pairs = [(g, t) for g, t in zip(back, tangents, strict=True) if g is not None]
            arrived = pull_to(pairs, nodes, record)
            return [
                np.zeros_like(seed._array) if t is None else t
                for seed, t in zip(seeds, arrived, strict=True)
            ]

        return pushed

    def emerge(self, value: Any, connected: bool) -> Any:
        """Return a result as the caller wants it: connected, a constant Tensor, or an array."""
        if connected and isinstance(value, Tensor) and node_of(value) is not None:
            return value
        if not isinstance(value, Tensor | np.ndarray | np.generic):
            return value
        data = raw(value)
        return wrap(data, None) if self.tensors else data


def pull_to(pairs: Iterable[tuple[Any, Any]], nodes: list[Node], record: bool) -> list[Any]:
    """Walk back from pairs of Tensors and their cotangents to `nodes`; None where none arrives."""
    roots: dict[Node, Any] = {}
    with enable_grad():
        for out, g in pairs:
            node = node_of(out) if isinstance(out, Tensor) else None
            if node is not None:
                g = _as_tensor(g) if record else raw(g)
                roots[node] = roots[node] + g if node in roots else g
        arrived = pull(roots, wrap, targets=nodes, retain=True, record=record)
    return [arrived.get(node) for node in nodes]


def _watched(leaf: Any, copy: bool = False) -> Tensor:
    """Return a Tensor with a node of its own for an input of a traced function."""
    data = leaf._array if isinstance(leaf, Tensor) else np.copy(leaf) if copy else leaf
    if not hasattr(data, "dtype"):
        data = np.asarray(data)
    if data.dtype.kind not in "fc":
        raise TypeError(
            f"cannot differentiate by an argument of dtype {data.dtype}: only floating point and "
            "complex ones have derivatives; write 3.0 for 3, or x.astype(float)"
        )
    parent = node_of(leaf) if isinstance(leaf, Tensor) and is_grad_enabled() else None
    edges = ((parent, watch.first_rule(), ()),) if parent is not None else ()
    return wrap(read_only(data), Node(watch, edges, data.shape, data.dtype))


def _known(node: Node | None) -> Node:
    assert node is not None
    return node


def _tensors(tree: Tree) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _as_tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else wrap(value, None)
