"""Examples of norms."""

import numpy as np

from autograd_mini.derivatives.norms import dyad, polar, sylvester

from ..case import Case

RNG = np.random.default_rng(3)
INF = float("inf")
V = np.array([0.7, -1.2, 0.4, 2.0])
A = RNG.uniform(-1.5, 1.5, (2, 3))
CUBE = RNG.uniform(-1.5, 1.5, (2, 3, 2))
SQUARE = np.array([[1.2, -0.3], [0.4, 0.9]])
COMPLEX = A + 1j * RNG.uniform(-1, 1, (2, 3))
POSITIVE = SQUARE @ SQUARE.T
SPARSE = np.array([1.5, 0.0, -2.0])

VECTOR_ORDERS = [None, 2, 1, 0, INF, -INF, 3, 2.5, 1.5, 0.5, -1, -2]
MATRIX_ORDERS = [None, "fro", "nuc", INF, -INF, 1, -1, 2, -2]


def sylvester_of_symmetric(p, c):
    return sylvester(p + p.mT, c)


CASES = [
    *[Case(np.linalg.norm, (V,), {"ord": ord}) for ord in VECTOR_ORDERS],
    *[Case(np.linalg.norm, (A,), {"ord": ord}) for ord in MATRIX_ORDERS],
    *[
        Case(np.linalg.norm, (A,), {"ord": ord, "axis": 1, "keepdims": True})
        for ord in VECTOR_ORDERS
    ],
    *[Case(np.linalg.norm, (CUBE,), {"ord": ord, "axis": (2, 0)}) for ord in MATRIX_ORDERS],
    *[
        Case(np.linalg.norm, (CUBE,), {"ord": ord, "axis": (-3, 1), "keepdims": True})
        for ord in MATRIX_ORDERS
    ],
    *[Case(np.linalg.norm, (COMPLEX,), {"ord": ord}) for ord in MATRIX_ORDERS],
    *[Case(np.linalg.norm, (COMPLEX,), {"ord": ord, "axis": 0}) for ord in VECTOR_ORDERS],
    Case(np.linalg.norm, (CUBE,)),
    Case(np.linalg.norm, (CUBE,), {"keepdims": True}),
    Case(np.linalg.norm, (np.zeros((0, 2)),), {"axis": 1}),
    *[Case(np.linalg.norm, (SQUARE,), {"ord": ord}, order=3) for ord in ("nuc", 2, -2)],
    Case(np.linalg.norm, (SPARSE,)),
    Case(np.linalg.norm, (SPARSE,), {"ord": 4}),
    *[Case(np.linalg.vector_norm, (A,), {"ord": ord}) for ord in VECTOR_ORDERS[1:]],
    Case(np.linalg.vector_norm, (CUBE,), {"axis": (0, -1), "ord": 3}),
    Case(np.linalg.vector_norm, (CUBE,), {"axis": (2, 0), "keepdims": True, "ord": INF}),
    Case(np.linalg.vector_norm, (CUBE,), {"axis": 1}),
    Case(np.linalg.vector_norm, (CUBE,), {"keepdims": True, "ord": 3}),
    *[Case(np.linalg.matrix_norm, (CUBE,), {"ord": ord}) for ord in MATRIX_ORDERS],
    Case(np.linalg.matrix_norm, (A,), {"keepdims": True}),
    Case(polar, (A,)),
    Case(polar, (COMPLEX.T,)),
    Case(dyad, (CUBE,), {"ord": 2}),
    Case(dyad, (A,), {"ord": -2}),
    Case(dyad, (COMPLEX.T,), {"ord": 2}),
    Case(sylvester_of_symmetric, (POSITIVE, SQUARE)),
]
