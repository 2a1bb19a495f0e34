"""Cases of linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_mini.derivatives.linalg import cofactors, curvature, invertible

from ..case import Case
from .products import complex_, real


def regular(*shape: int) -> Any:
    """Return matrices far from singular ones."""
    return real(*shape) + 2 * np.eye(shape[-1])


def cholesky(x: Any, **kwargs: Any) -> Any:
    """Return the Cholesky factor of a positive definite matrix, as a function of any."""
    identity = np.eye(x.shape[-1], dtype=x.dtype)
    return np.linalg.cholesky(x @ np.conjugate(x.mT) + identity, **kwargs)


CASES: list[Case] = [
    Case(np.linalg.inv, (regular(3, 3),)),
    Case(np.linalg.inv, (regular(2, 2, 2),), id="inv-stack"),
    Case(np.linalg.inv, (regular(1, 1),), id="inv-1x1"),
    Case(np.linalg.inv, (np.ones((0, 0)),), id="inv-empty"),
    Case(np.linalg.inv, (complex_(2, 2) + 2 * np.eye(2),), id="inv-complex"),
    Case(np.linalg.solve, (regular(3, 3), real(3)), id="solve-vector"),
    Case(np.linalg.solve, (regular(2, 2), real(2, 3)), id="solve-matrix"),
    Case(np.linalg.solve, (regular(2, 2, 2), real(2)), id="solve-stack-vector"),
    Case(np.linalg.solve, (regular(2, 2, 2), real(2, 2, 1)), id="solve-stack"),
    Case(np.linalg.solve, (regular(3, 1, 2, 2), real(2, 2, 1)), id="solve-broadcast"),
    Case(np.linalg.solve, (regular(2, 2), real(3, 2, 1)), id="solve-one-of-many"),
    Case(np.linalg.solve, (regular(2, 2), real(2, 0)), id="solve-nothing"),
    Case(np.linalg.solve, (complex_(2, 2) + 2 * np.eye(2), complex_(2)), id="solve-complex"),
    Case(np.linalg.tensorinv, (regular(4, 4).reshape(2, 2, 4),), id="tensorinv"),
    Case(np.linalg.tensorinv, (regular(4, 4).reshape(4, 2, 2),), {"ind": 1}),
    Case(np.linalg.tensorsolve, (regular(4, 4).reshape(2, 2, 4), real(2, 2))),
    Case(
        np.linalg.tensorsolve,
        (np.moveaxis(regular(4, 4).reshape(4, 2, 2), (1, 2), (2, 0)), real(4)),
        {"axes": (2, 0)},
    ),
    Case(np.linalg.det, (real(3, 3),)),
    Case(np.linalg.det, (regular(2, 2, 2),), order=3, id="det-stack"),
    Case(np.linalg.det, (regular(1, 1),), order=3, id="det-1x1"),
    Case(np.linalg.det, (np.ones((2, 0, 0)),), id="det-empty"),
    Case(np.linalg.det, (complex_(3, 3),), id="det-complex"),
    Case(np.linalg.det, (real(4, 3) @ real(3, 4),), id="det-rank-3-of-4"),
    Case(np.linalg.det, (real(4, 2) @ real(2, 4),), id="det-rank-2-of-4"),
    Case(np.linalg.det, (np.ones((4, 4)),), id="det-rank-1-of-4"),
    Case(np.linalg.det, (np.zeros((2, 2)),), id="det-of-zeros"),
    Case(np.linalg.det, (complex_(3, 2) @ complex_(2, 3),), id="det-complex-singular"),
    Case(cofactors, (real(3, 3),)),
    Case(curvature, (regular(3, 3), real(3, 3)), order=3),
    Case(invertible, (regular(2, 2),)),
    Case(curvature, (complex_(3, 3) + 2 * np.eye(3), complex_(3, 3)), id="curvature-complex"),
    Case(np.linalg.slogdet, (regular(3, 3),)),
    Case(np.linalg.slogdet, (-regular(3, 3),), id="slogdet-negative"),
    Case(np.linalg.slogdet, (regular(2, 2, 2),), id="slogdet-stack"),
    Case(np.linalg.slogdet, (complex_(2, 2) + 2 * np.eye(2),), id="slogdet-complex"),
    Case(cholesky, (real(3, 3),)),
    Case(cholesky, (real(3, 3),), {"upper": True}),
    Case(cholesky, (real(2, 2, 2),), id="cholesky-stack"),
    Case(cholesky, (real(1, 1),), id="cholesky-1x1"),
    Case(cholesky, (complex_(2, 2),), id="cholesky-complex"),
    Case(cholesky, (complex_(2, 2),), {"upper": True}, id="cholesky-complex"),
]
