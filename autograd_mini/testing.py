"""`check_grads`: derivatives of any order against central differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .door import raw
from .modes import no_grad
from .transforms import jvp, vjp
from .tree import Tree, tree_fill, tree_leaves, tree_paths

Function = Callable[..., Any]


def check_grads(
    f: Function,
    *args: Tree,
    order: int = 2,
    modes: Sequence[str] = ("rev", "fwd"),
    rtol: float | None = None,
    atol: float | None = None,
    eps: float | None = None,
    seed: int = 0,
) -> None:
    """Compare the derivatives of `f` at `args` with central differences, in random directions.

    Args:
        f: a function of arrays, or of trees of them, which returns the same.
        args: where to differentiate: by each real or complex floating point array among them.
            Others are passed as they are.
        order: the highest order of derivative, each built on those below in every mixture of modes.
        modes: "rev" for vector-Jacobian, "fwd" for Jacobian-vector products.
        rtol: the relative tolerance; by default fit for the dtypes.
        atol: the absolute tolerance; by default fit for the dtypes.
        eps: the step of the differences, which are taken in double precision.
        seed: of the random directions.

    Raises:
        AssertionError: a derivative differs; the message names the argument, the order, the mode
            and both numbers.

    >>> import numpy as np
    >>> from autograd_mini.testing import check_grads
    >>> check_grads(lambda x, y: np.sin(x) * y, np.array([0.1, 0.2]), 3.0)
    """
    unknown = set(modes) - {"rev", "fwd"}
    if unknown:
        raise ValueError(f"modes are 'rev' and 'fwd', not {sorted(unknown)}")
    leaves = tree_leaves(args)
    chosen = [i for i, leaf in enumerate(leaves) if _is_inexact(leaf)]
    if not chosen:
        raise ValueError("check_grads needs a floating point argument")
    paths = tree_paths(args, "args")
    single = any(np.asarray(raw(leaves[i])).dtype.itemsize < _double(leaves[i]) for i in chosen)
    tolerance = _Tolerance(
        rtol if rtol is not None else (2e-2 if single else 1e-5),
        atol if atol is not None else (2e-2 if single else 1e-6),
        eps if eps is not None else 1e-5,
    )

    def of_chosen(*values: Any) -> list[Any]:
        filled = list(leaves)
        for i, value in zip(chosen, values, strict=True):
            filled[i] = value
        return tree_leaves(f(*tree_fill(args, filled)))

    points = [np.asarray(raw(leaves[i])) for i in chosen]
    names = [paths[i] for i in chosen]
    _check(
        of_chosen, points, names, order, tuple(modes), tolerance, np.random.default_rng(seed), ""
    )


class _Tolerance:
    def __init__(self, rtol: float, atol: float, eps: float) -> None:
        self.rtol, self.atol, self.eps = rtol, atol, eps


def _check(
    f: Function,
    points: list[Any],
    names: list[str],
    order: int,
    modes: tuple[str, ...],
    tolerance: _Tolerance,
    rng: np.random.Generator,
    path: str,
) -> None:
    out = [np.asarray(raw(leaf)) for leaf in _evaluated(f, points)]
    weights = [_direction(leaf, rng) if _is_inexact(leaf) else leaf for leaf in out]
    tangents = [_direction(point, rng) for point in points]
    _, vjp_fn = vjp(_inexact(f), *points)
    cotangents = vjp_fn([w for w, leaf in zip(weights, out, strict=True) if _is_inexact(leaf)])
    for i, name in enumerate(names):
        along = [t if k == i else np.zeros_like(t) for k, t in enumerate(tangents)]
        expected = _difference(f, points, along, weights, tolerance.eps)
        if "rev" in modes:
            _compare(_dot(cotangents[i], along[i]), expected, name, f"{path}rev", tolerance)
        if "fwd" in modes:
            _, pushed = jvp(_inexact(f), points, along)
            kept = [w for w, leaf in zip(weights, out, strict=True) if _is_inexact(leaf)]
            found = sum((_dot(w, t) for w, t in zip(kept, pushed, strict=True)), 0.0)
            _compare(found, expected, name, f"{path}fwd", tolerance)
    if order > 1:
        kept = [w for w, leaf in zip(weights, out, strict=True) if _is_inexact(leaf)]
        for mode in modes:

            def derived(*values: Any, mode: str = mode) -> Any:
                if mode == "rev":
                    return list(vjp(_inexact(f), *values)[1](kept))
                return jvp(_inexact(f), values, tangents)[1]

            _check(derived, points, names, order - 1, modes, tolerance, rng, f"{path}{mode} of ")


def _inexact(f: Function) -> Function:
    """Return `f` without its results that have no derivative."""
    return lambda *values: [leaf for leaf in f(*values) if _is_inexact(leaf)]


def _evaluated(f: Function, points: list[Any]) -> list[Any]:
    with np.errstate(all="ignore"), no_grad():
        return list(f(*points))


def _difference(
    f: Function, points: list[Any], along: list[Any], weights: list[Any], eps: float
) -> float:
    """Return the derivative along a direction of the results' weighted sum."""
    wide = [point.astype(np.result_type(point, np.float64)) for point in points]
    steps = [
        _evaluated(f, [p + sign * eps * a for p, a in zip(wide, along, strict=True)])
        for sign in (1, -1)
    ]
    return sum(
        (
            _dot(w, (np.asarray(raw(up)) - np.asarray(raw(down))) / (2 * eps))
            for w, up, down in zip(weights, *steps, strict=True)
            if _is_inexact(up)
        ),
        0.0,
    )


def _compare(found: float, expected: float, name: str, path: str, tolerance: _Tolerance) -> None:
    if not abs(found - expected) <= tolerance.atol + tolerance.rtol * abs(expected):
        raise AssertionError(
            f"derivative by {name}, order {path.count(' of ') + 1} ({path}): {found:.10g}, but "
            f"central differences give {expected:.10g}"
        )


def _dot(a: Any, b: Any) -> float:
    """Return the real inner product."""
    return float(np.sum(np.conj(np.asarray(raw(a))) * np.asarray(raw(b))).real)


def _direction(point: Any, rng: np.random.Generator) -> Any:
    direction = rng.uniform(0.5, 1.5, point.shape) * rng.choice([-1.0, 1.0], point.shape)
    if point.dtype.kind == "c":
        direction = direction + 1j * rng.uniform(-1, 1, point.shape)
    return np.asarray(direction).astype(point.dtype)


def _is_inexact(leaf: Any) -> bool:
    return np.asarray(raw(leaf)).dtype.kind in "fc"


def _double(leaf: Any) -> int:
    return 16 if np.asarray(raw(leaf)).dtype.kind == "c" else 8
