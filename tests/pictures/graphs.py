"""Graphs to be drawn, of every kind there is; and an independent reading of what is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.graph import item, pack
from autograd_mini.nn.functional import relu
from autograd_mini.trace import watch

GRAPHS: dict[str, Callable[[], Any]] = {}
"""What to draw, by a name: functions that return a Tensor, or a list of them."""


def graph(make: Callable[[], Any]) -> Callable[[], Any]:
    GRAPHS[make.__name__] = make
    return make


def vector(*values: float, name: str = "w", dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(values or (0.5, -1.0, 2.0), dtype=dtype, requires_grad=True, name=name)


def matrix(name: str = "W") -> ag.Tensor:
    data = [[2.0, 0.5, -1.0], [0.0, 1.5, 0.25], [1.0, -0.5, 3.0]]
    return ag.Tensor(data, requires_grad=True, name=name)


class Owner(nn.Module):
    """Keeps its layers alive, which graphs do not."""

    kept: list[nn.Module] = []  # noqa: RUF012 - shared on purpose

    def __init__(self, *layers: nn.Module) -> None:
        self.layers = nn.ModuleList(layers)
        self.kept.append(self)

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


ROWS = np.ones((2, 3), np.float32)


@graph
def or_loss() -> Any:
    x = ag.Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], name="x")
    w, b = vector(0.5, -0.3), vector(0.1, name="b")
    return ((relu(x @ w + b) - np.array([0.0, 1.0, 1.0, 1.0])) ** 2).mean()


@graph
def hessian_vector_product() -> Any:
    return ag.hvp(lambda x: (x**3).sum(), (vector(),), (np.ones(3),))


@graph
def recorded_gradient() -> Any:
    x = vector()
    np.tanh(x**3).sum().backward(create_graph=True)
    return (x.grad**2).sum()


@graph
def shared_weights() -> Any:
    W = matrix()
    return np.tanh(np.tanh(np.ones(3) @ W) @ W).sum()


@graph
def same_module_fifty_times() -> Any:
    layer = nn.Linear(3, 3)
    return Owner(*[layer] * 50)(ROWS).sum()


@graph
def fifty_modules() -> Any:
    return Owner(*(nn.Sequential(nn.Linear(3, 3), nn.Tanh()) for _ in range(50)))(ROWS).sum()


@graph
def plain_loop() -> Any:
    x = vector()
    for _ in range(50):
        x = np.tanh(x * 0.9) + 0.1
    return x.sum()


@graph
def several_outputs() -> Any:
    w = vector()
    return [np.sin(w), np.cos(w).sum(), w]


@graph
def a_leaf() -> Any:
    return vector()


@graph
def a_constant() -> Any:
    return ag.Tensor([1.0, 2.0], name="c")


@graph
def split() -> Any:
    a, b, c = np.split(vector(), 3)
    return a * b + c


@graph
def one_of_split() -> Any:
    return np.split(vector(), 3)[1]


@graph
def slogdet() -> Any:
    sign, logarithm = np.linalg.slogdet(matrix())
    return sign * logarithm


@graph
def modf() -> Any:
    fraction, whole = np.modf(vector())
    return (fraction + whole).sum()


@graph
def concatenate() -> Any:
    w = vector()
    return np.concatenate([w, np.zeros(2), w, w * 2]).sum()


@graph
def stack() -> Any:
    w = vector()
    return np.stack([w, w * 2]).sum()


@graph
def einsum() -> Any:
    return np.einsum("ij,jk->ik", matrix(), np.ones((3, 2))).sum()


@graph
def indices() -> Any:
    W = matrix()
    return W[np.array([0, 2]), 1:].sum() + W[W.detach() > 1].sum() + W[0, -1]


@graph
def writes_and_views() -> Any:
    a = vector() * 1.0
    view = a[:2]
    a[0] = 5.0
    view *= 2
    return view.sum() + a.sum()


@graph
def where() -> Any:
    w = vector()
    return np.where(w > 0, w, 0.0).sum()


@graph
def argmax() -> Any:
    return matrix().argmax(axis=1)


@graph
def comparison() -> Any:
    return vector() > 0


@graph
def half_precision() -> Any:
    return (vector(dtype=np.float16) * 2).sum()


@graph
def complex_numbers() -> Any:
    return (vector(dtype=np.complex64) * 2j).real.sum()


@graph
def zero_d() -> Any:
    return ag.Tensor(2.0, requires_grad=True) * 3


@graph
def empty() -> Any:
    return ag.Tensor(np.zeros((0, 3)), requires_grad=True) * 3


@graph
def not_finite() -> Any:
    return vector(np.nan, np.inf, -np.inf, 1.0) * 2


@graph
def checkpointed() -> Any:
    return ag.checkpoint(lambda x: np.sin(x) * x, vector()).sum()


@ag.primitive(x=lambda g, limit: g * limit)
def scaled(x: Any, limit: float) -> Any:
    return x * limit


@graph
def own_primitive() -> Any:
    return scaled(vector(), 2.0).sum()


@graph
def used_twice() -> Any:
    w, W = vector(), matrix()
    return (W @ W.T).sum() + (w * w).sum()


@graph
def identity() -> Any:
    return Owner(nn.Identity(), nn.Sequential(nn.Identity()))(vector())


@graph
def dropout() -> Any:
    return Owner(nn.Linear(3, 4), nn.Dropout(0.5))(ROWS).sum()


@graph
def scopes_and_modules() -> Any:
    inner, outer = nn.Linear(3, 3), nn.Linear(3, 3)

    class Model(nn.Module):
        def __init__(self) -> None:
            self.inner, self.outer = inner, outer
            Owner.kept.append(self)

        def forward(self, x: Any) -> Any:
            with ag.scope("attention"):
                x = self.inner(x)
                with ag.scope("heads"):
                    x = np.tanh(x)
            return self.outer(x)

    with ag.scope("loss"):
        return Model()(ROWS).sum()


@graph
def cross_entropy() -> Any:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    Owner.kept.append(model)
    return nn.CrossEntropyLoss()(model(ROWS), np.array([0, 1]))


# What is in a graph


def census(outputs: Any) -> tuple[Counter[str], int, Counter[tuple[str, str]]]:
    """Return the names of the operations, how many leaves, and who hands what to whom, by names.

    Read from the nodes, which know nothing of constants.
    """
    outputs = outputs if isinstance(outputs, list) else [outputs]
    stack = [t._node for t in outputs if t._node is not None]
    seen: dict[Any, None] = dict.fromkeys(stack)
    while stack:
        for parent, _, _ in stack.pop().edges:
            if parent not in seen:
                seen[parent] = None
                stack.append(parent)
    operations = [node for node in seen if _is_operation(node)]
    edges: Counter[tuple[str, str]] = Counter()
    for node in operations:
        for parent, _, _ in node.edges:
            for source in _sources(parent):
                edges[_word(source), _word(node)] += 1
    leaves = [node for node in seen if node.primitive is None or _is_input(node)]
    return Counter(map(_word, operations)), len(leaves), edges


def _is_operation(node: Any) -> bool:
    return node.primitive not in (None, item, pack, watch)


def _is_input(node: Any) -> bool:
    return node.primitive is watch and not node.edges


def _sources(node: Any) -> list[Any]:
    """Return the operations and leaves that a node passes something on from."""
    if node.primitive is pack:
        return [source for parent, _, _ in node.edges for source in _sources(parent)]
    if node.primitive is item or (node.primitive is watch and node.edges):
        return _sources(node.edges[0][0])
    return [node]


def _word(node: Any) -> str:
    if not _is_operation(node):
        return "leaf"
    return node.primitive.name.rsplit(".", 1)[-1]
