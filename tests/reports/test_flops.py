"""FLOPs, against counts by hand and against NumPy's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.modes import watched_by
from autograd_mini.nn import functional
from autograd_mini.reports.flops import flops
from autograd_mini.reports.outline import Outline

A = np.ones((3, 4))
B = np.ones((4, 5))
S = np.eye(3) * 2


def counted(f: Callable[..., Any], *arrays: Any, requires_grad: bool = True) -> list[int | None]:
    outline = Outline()
    tensors = [ag.Tensor(x, requires_grad=requires_grad) for x in arrays]
    with watched_by(outline):
        f(*tensors)
    return [flops(step) for step in outline.steps]


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize(
    ("f", "arrays", "expected"),
    [
        (np.matmul, (A, B), 2 * 3 * 4 * 5),
        (np.matmul, (np.ones((7, 3, 4)), B), 7 * 2 * 3 * 4 * 5),
        (np.matmul, (A, np.ones(4)), 2 * 3 * 4),
        (np.matmul, (np.ones(4), np.ones(4)), 2 * 4),
        (np.dot, (A, B), 2 * 3 * 4 * 5),
        (np.dot, (A, 2.0), 12),
        (np.inner, (A, np.ones((5, 4))), 2 * 3 * 4 * 5),
        (np.outer, (np.ones(3), np.ones(4)), 12),
        (np.vdot, (np.ones(4), np.ones(4)), 8),
        (np.vecdot, (A, A), 2 * 12),
        (lambda a, b: np.vecdot(a, b, axis=0), (A, A), 2 * 12),
        (lambda a, b: np.tensordot(a, b, 1), (A, B), 2 * 3 * 4 * 5),
        (
            lambda a, b: np.tensordot(a, b, ([1, 2], [1, 0])),
            (np.ones((2, 3, 4)), np.ones((4, 3, 5))),
            2 * 2 * 12 * 5,
        ),
        (functional.linear, (A, B.T), 2 * 3 * 4 * 5),
        (functional.linear, (A, B.T, np.ones(5)), 2 * 3 * 4 * 5 + 3 * 5),
        (np.exp, (A,), 12),
        (np.add, (A, np.ones((3, 1))), 12),
        (np.greater, (A, 1.0), 12),
        (functional.relu, (A,), 12),
        (functional.gelu, (A,), 12),
        (np.sum, (A,), 12),
        (lambda a: np.mean(a, axis=0), (A,), 12),
        (np.cumsum, (A,), 12),
        (np.var, (A,), 4 * 12),
        (np.linalg.norm, (A,), 2 * 12),
        (lambda a: functional.softmax(a, dim=1), (A,), 5 * 12),
        (lambda a: functional.cross_entropy(a, [0, 1, 2]), (A,), 5 * 12),
        (lambda a: np.reshape(a, -1), (A,), 0),
        (lambda a: a[1:], (A,), 0),
        (lambda a: np.concatenate([a, a]), (A,), 0),
        (lambda a: a.T, (A,), 0),
        (lambda a: np.where(np.ones(4, bool), a, a), (A,), 0),
        (np.linalg.inv, (S,), 2 * 27),
        (np.linalg.det, (np.stack([S, S]),), 2 * 18),
        (np.linalg.solve, (S, np.ones((3, 2))), 18 + 2 * 9 * 2),
        (np.linalg.cholesky, (S,), 9),
    ],
)
def test_steps_are_counted_as_by_hand(
    f: Any, arrays: tuple[Any, ...], expected: int, requires_grad: bool
) -> None:
    assert counted(f, *arrays, requires_grad=requires_grad) == [expected]


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(3, 4), (4, 5)]),
        ("ij,jk", [(3, 4), (4, 5)]),
        ("i,j->ij", [(3,), (4,)]),
        ("bid,bjd->bij", [(2, 7, 3), (2, 5, 3)]),
        ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 5)]),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
        ("ij,ij->", [(3, 4), (3, 4)]),
    ],
)
def test_einsum_is_counted_as_numpy_counts_it(
    subscripts: str, shapes: list[tuple[int, ...]], requires_grad: bool
) -> None:
    arrays = [np.ones(shape) for shape in shapes]
    _, report = np.einsum_path(subscripts, *arrays, optimize=False)
    naive = re.search(r"Naive FLOP count: *(\S+)", report)
    assert naive is not None
    (found,) = counted(lambda *xs: np.einsum(subscripts, *xs), *arrays, requires_grad=requires_grad)
    assert found is not None
    assert f"{found:.3e}" == f"{float(naive[1]):.3e}"


def test_einsum_of_numbered_axes_is_counted_too() -> None:
    assert counted(lambda a, b: np.einsum(a, [0, 1], b, [1, 2]), A, B) == [2 * 3 * 4 * 5]


def test_a_sum_and_a_diagonal_of_einsum_are_additions_and_nothing() -> None:
    assert counted(lambda a: np.einsum("ij->i", a), A) == [12]
    assert counted(lambda a: np.einsum("ii->i", a), S) == [0]


def test_a_product_of_nothing_takes_nothing() -> None:
    assert counted(lambda a, b: np.tensordot(a, b, 1), np.ones((0, 4)), B) == [0]
    assert counted(np.matmul, np.ones((3, 0)), np.ones((0, 5))) == [0]


def test_what_is_not_in_the_table_is_not_known() -> None:
    @ag.primitive(x=lambda g, x: g)
    def linear(x: Any) -> Any:  # not the one that is known by this name
        return x + 0

    assert counted(linear, A) == [None]
    assert counted(lambda a: np.linalg.norm(a, ord="nuc"), A, requires_grad=False) == [None]


def test_the_same_computation_spelled_out_has_the_same_count() -> None:
    fused = counted(functional.linear, A, B.T, np.ones(5))
    spelled = counted(lambda x, w, b: x @ w.T + b, A, B.T, np.ones(5))
    assert sum(filter(None, fused)) == sum(filter(None, spelled))
