"""Nested tuples, lists, dicts, named tuples and dataclasses of arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

Tree = Any
"""An array, a number, or a tuple, list, dict, named tuple or dataclass of Trees."""


def tree_map(function: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """Return `tree` with `function` applied to each leaf, and to those of `others` in its place.

    >>> tree_map(lambda x: 2 * x, {"w": [1, 2], "b": 3})
    {'w': [2, 4], 'b': 6}
    """
    children, build = _opened(tree)
    if children is None:
        return function(tree, *others)
    columns = [_children_like(children, tree, other) for other in others]
    return build([tree_map(function, *row) for row in zip(children, *columns, strict=True)])


def tree_leaves(tree: Tree) -> list[Any]:
    """Return the leaves of `tree`, in order.

    >>> tree_leaves({"w": [1, 2], "b": 3})
    [1, 2, 3]
    """
    children, _ = _opened(tree)
    if children is None:
        return [tree]
    return [leaf for child in children for leaf in tree_leaves(child)]


def tree_fill(tree: Tree, leaves: Iterable[Any]) -> Tree:
    """Return a tree of the structure of `tree` with other `leaves`.

    >>> tree_fill((0, [0]), [1, 2])
    (1, [2])
    """
    remaining = iter(leaves)
    return tree_map(lambda _: next(remaining), tree)


def tree_paths(tree: Tree, path: str) -> list[str]:
    """Return how to reach each leaf of a tree that is called `path`, as one would write it.

    >>> tree_paths({"w": [1, 2], "b": 3}, "p")
    ["p['w'][0]", "p['w'][1]", "p['b']"]
    """
    if isinstance(tree, dict):
        return [p for key, child in tree.items() for p in tree_paths(child, f"{path}[{key!r}]")]
    if isinstance(tree, list | tuple):
        return [p for i, child in enumerate(tree) for p in tree_paths(child, f"{path}[{i}]")]
    leaves = tree_leaves(tree)
    return [path] if len(leaves) == 1 else [f"{path}.{i}" for i in range(len(leaves))]


def _opened(tree: Tree) -> tuple[list[Any] | None, Callable[[list[Any]], Tree]]:
    """Return the children of `tree`, None for a leaf, and how to build it from others."""
    kind = type(tree)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return list(tree), lambda children: kind(*children)
    if isinstance(tree, list | tuple):
        return list(tree), lambda children: kind(children)
    if isinstance(tree, dict):
        return list(tree.values()), lambda children: kind(zip(tree, children, strict=True))
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        names = [field.name for field in dataclasses.fields(tree)]
        children = [getattr(tree, name) for name in names]
        return children, lambda new: dataclasses.replace(tree, **dict(zip(names, new, strict=True)))
    return None, lambda _: tree


def _children_like(children: list[Any], tree: Tree, other: Tree) -> list[Any]:
    found, _ = _opened(other)
    if isinstance(tree, dict) or isinstance(other, dict):
        if isinstance(tree, dict) and isinstance(other, dict) and tree.keys() == other.keys():
            return [other[key] for key in tree]
    elif found is not None and len(found) == len(children):
        return found
    raise ValueError(
        f"these do not have the same structure: {_outline(tree)} and {_outline(other)}"
    )


def _outline(tree: Tree) -> str:
    children, _ = _opened(tree)
    if children is None:
        return "*"
    if isinstance(tree, dict):
        inside = (f"{key!r}: {_outline(child)}" for key, child in tree.items())
        return "{" + ", ".join(inside) + "}"
    return f"{type(tree).__name__}({', '.join(map(_outline, children))})"
