"""`checkpoint`: keep a function's inputs only, and run it again when its gradient is asked for.

Source: Griewank, "Achieving logarithmic growth of temporal and spatial complexity in reverse
automatic differentiation", Optimization Methods and Software 1 (1992).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from . import random, writes
from .door import wrap
from .graph import Node, arrays_in, item_node, pack_node
from .modes import enable_grad, is_grad_enabled
from .primitive import Cotangents, derivative
from .tensor import Tensor
from .trace import pull_to
from .tree import Tree, tree_leaves, tree_map
from .views import node_of


def checkpoint(f: Callable[..., Tree], *args: Any, **kwargs: Any) -> Tree:
    """Return `f(*args, **kwargs)`; its inside is not kept, but computed again by `backward`.

    Saves memory, and costs a second run of `f`. Gradients also reach the Tensors that `f` closes
    over, parameters for instance. Random draws of `ag.random` are repeated as they were.

    Raises:
        RuntimeError: by `backward`, where an array that `f` used was overwritten in the meantime.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> x = ag.Tensor(2.0, requires_grad=True)
    >>> y = ag.checkpoint(lambda x: np.sin(x) * x, x)
    >>> y.backward()
    >>> bool(np.isclose(x.grad, np.sin(2.0) + 2 * np.cos(2.0)))
    True
    """
    if not is_grad_enabled():
        return f(*args, **kwargs)
    run = _Run(f, args, kwargs)
    out = run.first()
    results = _recorded(out)
    used = run.note_inputs(results)
    if not used:
        return out
    edge = (pack_node(enumerate(used)), _checkpoint.first_rule(), (run,))
    node = Node(_checkpoint, (edge,), None, None)
    node.parts = tuple((leaf.shape, leaf.dtype) for leaf in results)
    index = {id(leaf): i for i, leaf in enumerate(results)}

    def emerge(leaf: Any) -> Any:
        i = index.get(id(leaf))
        if i is None:
            return leaf
        shared = leaf._view is not None or leaf._node in used  # memory that others write to
        return wrap(np.array(leaf._array) if shared else leaf._array, item_node(node, i))

    return tree_map(emerge, out)


class _Run:
    """A call that can be repeated as it was."""

    def __init__(self, f: Callable[..., Tree], args: Any, kwargs: Any) -> None:
        self.call = (f, args, kwargs)
        self.draws = random.get_state()
        self.began = writes.tick()
        self.inputs: list[Node] = []
        self.prints: list[_Print] = []
        self.arrays: list[weakref.ref[Any]] = []

    def first(self) -> Tree:
        f, args, kwargs = self.call
        with random.drawing_from(self.draws) as generator:
            out = f(*args, **kwargs)
        random.set_state(dict(generator.bit_generator.state))
        return out

    def again(self) -> list[Tensor]:
        """Run again, and return the results that ask for gradients."""
        f, args, kwargs = self.call
        with enable_grad(), random.drawing_from(self.draws):
            out = f(*args, **kwargs)
        results = _recorded(out)
        if not _equal(self.prints, [_print(leaf) for leaf in results]):
            raise RuntimeError(
                "checkpoint: run again by backward(), the function gave other numbers: it may draw "
                "random ones from elsewhere than ag.random, or depend on what has changed since"
            )
        return results

    def note_inputs(self, results: list[Tensor]) -> list[Node]:
        """Note the nodes from outside that the results depend on, and the arrays these saved."""
        self.prints = [_print(leaf) for leaf in results]
        seen = {node for leaf in results if (node := leaf._node) is not None}
        stack = list(seen)
        while stack:
            node = stack.pop()
            if node.number < self.began or node.primitive is None:
                self.inputs.append(node)
                continue
            for parent, _, saved in node.edges or ():
                self.arrays += [weakref.ref(writes.owner(array)) for array in arrays_in(saved)]
                if parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        return self.inputs

    def cotangents(self, g: Cotangents) -> Cotangents:
        """Run again, and walk back from the results to the nodes from outside."""
        for reference in self.arrays:
            by = writes.since(reference(), self.began)
            if by is not None:
                raise RuntimeError(
                    f"checkpoint: an array that the function used was overwritten in place by {by} "
                    "before backward() could run it again: write to a copy"
                )
        record = any(isinstance(cotangent, Tensor) for cotangent in g)
        arrived = pull_to(zip(self.again(), g, strict=True), self.inputs, record)
        return Cotangents(
            np.zeros(node.shape, node.dtype) if c is None else c
            for node, c in zip(self.inputs, arrived, strict=True)
        )


def _recorded(out: Tree) -> list[Tensor]:
    """Return the Tensors in a result that ask for gradients."""
    return [leaf for leaf in tree_leaves(out) if isinstance(leaf, Tensor) and node_of(leaf)]


_Print = tuple[tuple[int, ...], complex, float]


def _print(leaf: Tensor) -> _Print:
    """Return the shape of a result, a weighted sum of its elements and how exact that is."""
    data = np.asarray(leaf._array)
    flat = data.reshape(-1)
    weights = np.cos(np.arange(flat.size, dtype=np.float32))
    exact = 1e4 * float(np.finfo(data.dtype).eps) * float(np.sum(np.abs(flat)))
    return data.shape, complex(flat @ weights), exact


def _equal(first: list[_Print], again: list[_Print]) -> bool:
    """Return whether results are the same but for the order of summation within BLAS."""
    return len(first) == len(again) and all(
        shape == other and not abs(total - sum_again) > exact
        for (shape, total, exact), (other, sum_again, _) in zip(first, again, strict=True)
    )


def _run_again(inputs: Any, run: _Run) -> Any:
    return inputs


_checkpoint = derivative(_run_again, inputs=lambda g, run: run.cotangents(g))
_checkpoint.name = "checkpoint"
