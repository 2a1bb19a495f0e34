"""A generated test for every registered rule: none can be added untested."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.graph import Node
from autograd_mini.primitive import Primitive, primitives
from autograd_mini.testing import check_grads
from autograd_mini.tree import tree_leaves, tree_map

from . import cases
from .case import Case

CHAPTERS = [module.name for module in pkgutil.iter_modules(cases.__path__)]
CASES: list[Case] = [
    case
    for chapter in CHAPTERS
    for case in importlib.import_module(f"{cases.__name__}.{chapter}").CASES
]


def _backwards(array: Any) -> Any:
    """Return the same elements, with negative strides."""
    turn = (slice(None, None, -1),) * array.ndim
    return np.ascontiguousarray(array[turn])[turn]


def _columns(array: Any) -> Any:
    """Return the same elements, some of a larger array in Fortran's order."""
    wider = np.zeros((*(n + 1 for n in array.shape),), array.dtype, order="F")
    part = wider[tuple(slice(n) for n in array.shape)]
    part[...] = array
    return part


def _gradients(case: Case, layout: Any) -> list[Any]:
    """Return the gradients of the sum of all results by all arguments, laid out by `layout`."""

    def leaf(x: Any) -> Any:
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "fc" or x.ndim == 0:
            return _leaf(x)
        t = ag.Tensor(x, requires_grad=True)
        t._array = layout(x)
        return t

    args = tree_map(leaf, case.args)
    with np.errstate(all="ignore"):
        results = [out for out in tree_leaves(case(*args)) if _asks(out)]
        _total(results).backward()
    inputs = [x for x in tree_leaves(args) if _asks(x)]
    return [np.zeros(x.shape) if x.grad is None else x.grad.data for x in inputs]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_derivatives_match_central_differences(case: Case) -> None:
    check_grads(case, *case.args, order=case.order)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_single_precision_stays_single(case: Case) -> None:
    args = tree_map(_single, case.args)
    inputs = [x for x in tree_leaves(args) if isinstance(x, ag.Tensor)]
    with np.errstate(all="ignore"):
        results = [out for out in tree_leaves(case(*args)) if _asks(out)]
        for out in results:
            assert out.dtype in (np.float32, np.complex64) or "dtype" in case.kwargs
        _total(results).backward()
    for x in inputs:
        assert x.grad is None or (x.grad.dtype, x.grad.shape) == (x.dtype, x.shape)


@pytest.mark.parametrize("layout", [_backwards, _columns], ids=["backwards", "columns"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_do_not_depend_on_the_layout_in_memory(case: Case, layout: Any) -> None:
    if case.kwargs.get("copy") is False:
        pytest.skip("asks for a certain layout")
    expected = _gradients(case, np.ascontiguousarray)
    for found, other in zip(_gradients(case, layout), expected, strict=True):
        np.testing.assert_allclose(found, other, rtol=1e-12, atol=1e-12)


def test_every_rule_has_a_case() -> None:
    exercised = {key for case in CASES for key in rules_of(case)}
    missing = [
        f"{primitive} by {argument}"
        for primitive in primitives.values()
        if _is_ours(primitive) and primitive.function.__name__ not in INTERNAL
        for argument, position in primitive.positions.items()
        if primitive.rules[position] is not None and (primitive, position) not in exercised
    ]
    assert not missing, "rules without a case: " + ", ".join(missing)


def rules_of(case: Case) -> set[tuple[Primitive, int]]:
    """Return the rules that differentiating `case` twice goes through."""
    args = tree_map(_leaf, case.args)
    inputs = [x for x in tree_leaves(args) if _asks(x)]
    with np.errstate(all="ignore"):
        results = [out for out in tree_leaves(case(*args)) if _asks(out)]
        _total(results).backward(create_graph=True)
    gradients = [x.grad for x in inputs if x.grad is not None and _asks(x.grad)]
    found = _rules_behind([t._node for t in results + gradients])
    for x in inputs:
        x.zero_grad()
    return found


def _is_ours(primitive: Primitive) -> bool:
    """Return whether the table registers it, and not a test, an example or a docstring."""
    module = getattr(primitive.function, "__module__", None) or "numpy"
    if module.startswith("autograd_mini"):
        return hasattr(sys.modules[module], primitive.function.__name__)
    return module.split(".")[0] in ("numpy", "_operator")


INTERNAL = {
    "_item",
    "_pack",
    "_input",
    "_run_again",
    "detach",
    "assigned",
    "_through",
    "_added_at",
}
"""Primitives of the engine, tested where they are used."""


def _single(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray) or leaf.dtype.kind not in "fc":
        return leaf
    narrow = np.complex64 if leaf.dtype.kind == "c" else np.float32
    return ag.Tensor(leaf, dtype=narrow, requires_grad=True)


def _leaf(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc":
        return ag.Tensor(leaf, requires_grad=True)
    return leaf


def _asks(out: Any) -> bool:
    return isinstance(out, ag.Tensor) and out.requires_grad


def _total(results: list[Any]) -> Any:
    return sum((np.sum(np.real(out)) for out in results[1:]), np.sum(np.real(results[0])))


def _rules_behind(nodes: list[Node]) -> set[tuple[Primitive, int]]:
    found: set[tuple[Primitive, int]] = set()
    seen, stack = set(nodes), list(nodes)
    while stack:
        node = stack.pop()
        for parent, rule, _ in node.edges or ():
            assert node.primitive is not None
            found.add((node.primitive, rule.position))
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return found
