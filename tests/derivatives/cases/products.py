"""Cases of products."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..case import Case

rng = np.random.default_rng(3)


def real(*shape: int) -> Any:
    return np.asarray(rng.uniform(-1, 1, shape) + 0.1)


def complex_(*shape: int) -> Any:
    return np.asarray(real(*shape) + 1j * real(*shape))


def multi_dot(*arrays: Any) -> Any:
    return np.linalg.multi_dot(arrays)


def power(a: Any, n: int) -> Any:
    return np.linalg.matrix_power(a + 2 * np.eye(2, dtype=a.dtype), n)


def pairs(function: Any, *shapes: Any, **kwargs: Any) -> list[Case]:
    """Return a case for each pair of shapes."""
    return [
        Case(function, (real(*a), real(*b)), kwargs, id=f"{function.__name__}-{a}-{b}")
        for a, b in shapes
    ]


CASES: list[Case] = [
    Case(np.matrix_transpose, (real(2, 2, 3),)),
    Case(np.linalg.matrix_transpose, (real(2, 3),)),
    *pairs(
        np.matmul,
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((3,), (2, 3, 2)),
        ((2, 3), (3,)),
        ((2, 2, 3), (3,)),
        ((2, 3), (3, 2)),
        ((2, 2, 3), (3, 2)),
        ((2, 3), (2, 3, 2)),
        ((2, 2, 3), (2, 3, 1)),
        ((1, 2, 3), (2, 3, 2)),
        ((3, 1, 1, 2), (2, 2, 1)),
        ((2, 0), (0, 3)),
        ((0, 2), (2, 3)),
        ((0, 2, 3), (3, 2)),
        ((1, 1), (1, 1)),
    ),
    Case(np.matmul, (complex_(2, 3), complex_(3, 2)), id="matmul-complex"),
    Case(np.matmul, (complex_(2, 2, 3), complex_(3)), id="matmul-complex-vector"),
    Case(np.matmul, (complex_(3), complex_(2, 3, 2)), id="matmul-complex-stack"),
    *pairs(np.linalg.matmul, ((2, 3), (3, 2))),
    *pairs(np.matvec, ((2, 3), (3,)), ((2, 2, 3), (3,)), ((2, 3), (2, 3)), ((2, 0), (0,))),
    *pairs(np.vecmat, ((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 1, 3), (2, 3, 1))),
    *pairs(np.vecdot, ((3,), (3,)), ((2, 3), (1, 3)), ((3,), (2, 3)), ((2, 0), (2, 0))),
    *pairs(np.vecdot, ((3, 2), (3, 2, 1)), axis=0),
    *pairs(np.vecdot, ((3, 2), (2, 3, 1)), axis=-2, keepdims=True),
    *pairs(np.vecdot, ((2, 3), (1, 3)), keepdims=True),
    *pairs(np.linalg.vecdot, ((3, 2), (3, 1)), axis=0),
    Case(np.matvec, (complex_(2, 3), complex_(3)), id="matvec-complex"),
    Case(np.vecmat, (complex_(3), complex_(3, 2)), id="vecmat-complex"),
    Case(np.vecdot, (complex_(2, 3), complex_(3)), id="vecdot-complex"),
    Case(np.vdot, (real(2, 3), real(6))),
    Case(np.vdot, (real(), real(1)), id="vdot-0d"),
    Case(np.vdot, (complex_(2, 2), complex_(4)), id="vdot-complex"),
    *pairs(
        np.dot,
        ((), ()),
        ((), (2, 3)),
        ((2, 3), ()),
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((3,), (2, 3, 2)),
        ((2, 3), (3,)),
        ((2, 3), (3, 2)),
        ((2, 2, 3), (3,)),
        ((2, 2, 3), (3, 2)),
        ((2, 3), (2, 3, 2)),
        ((2, 1, 3), (2, 3, 2)),
        ((2, 0), (0, 2)),
    ),
    Case(np.dot, (complex_(2, 3), complex_(2, 3, 2)), id="dot-complex"),
    *pairs(
        np.inner,
        ((), ()),
        ((), (2,)),
        ((2,), ()),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (2, 3)),
        ((2, 3), (2, 3)),
        ((2, 3), (2, 1, 3)),
        ((2, 0), (3, 0)),
    ),
    Case(np.inner, (complex_(2, 3), complex_(2, 3)), id="inner-complex"),
    *pairs(np.outer, ((2,), (3,)), ((2, 2), (3,)), ((), (2, 1)), ((0,), (2,))),
    Case(np.dot, (complex_(), complex_(3)), id="dot-complex-scalar"),
    Case(np.inner, (complex_(2), complex_()), id="inner-complex-scalar"),
    Case(np.outer, (complex_(2), complex_(3)), id="outer-complex"),
    Case(np.linalg.outer, (complex_(2), complex_(3)), id="linalg-outer-complex"),
    *pairs(np.linalg.outer, ((2,), (3,))),
    *pairs(np.tensordot, ((3,), (3,)), axes=1),
    *pairs(np.tensordot, ((2, 2, 3), (2, 3, 2)), ((2, 3), (2, 3))),
    *pairs(np.tensordot, ((2,), (2, 2)), ((), (2,)), axes=0),
    *pairs(np.tensordot, ((2, 3), (3, 2)), axes=1),
    *pairs(np.tensordot, ((2, 3), (2, 3)), axes=(-1, 1)),
    *pairs(np.tensordot, ((2, 1, 3), (3, 2, 2)), axes=([2, 0], [0, -1])),
    *pairs(np.tensordot, ((2, 1, 3), (3, 1, 2)), axes=((1, 0, 2), (1, 2, 0))),
    *pairs(np.tensordot, ((2, 3), (3,)), axes=((-1,), 0)),
    *pairs(np.tensordot, ((2, 0), (0, 3)), axes=1),
    *pairs(np.linalg.tensordot, ((2, 3), (3, 2)), axes=1),
    Case(
        np.tensordot, (complex_(2, 3), complex_(2, 3)), {"axes": ([0], [0])}, id="tensordot-complex"
    ),
    *pairs(
        np.kron, ((), (2,)), ((2,), (3,)), ((2, 2), (1, 3)), ((2, 1, 2), (2,)), ((2,), (1, 2, 2))
    ),
    Case(np.kron, (complex_(2), complex_(2, 1)), id="kron-complex"),
    *pairs(np.cross, ((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (2, 3))),
    *pairs(np.cross, ((3, 2), (2, 3)), axisa=0, axisb=1, axisc=0),
    *pairs(np.cross, ((3, 2), (3, 1)), axis=0),
    *pairs(np.cross, ((3, 2), (2, 2, 3)), axisa=0, axisc=1),
    *pairs(np.linalg.cross, ((2, 3), (1, 3))),
    *pairs(np.linalg.cross, ((3, 2), (3, 2, 1)), axis=0),
    Case(np.cross, (complex_(3), complex_(3)), id="cross-complex"),
    Case(multi_dot, (real(2, 3), real(3, 2))),
    Case(multi_dot, (real(2, 3), real(3, 2), real(2, 1))),
    Case(multi_dot, (real(3), real(3, 2), real(2))),
    Case(multi_dot, (real(3), real(3, 2), real(2, 2), real(2, 2))),
    Case(multi_dot, (complex_(2, 2), complex_(2, 1), complex_(1, 2)), id="multi_dot-complex"),
    *[Case(power, (real(2, 2), n), id=f"power-{n}") for n in (-3, -1, 1, 2, 3, 6)],
    Case(power, (real(2, 2, 2), 4), id="power-stack"),
]
