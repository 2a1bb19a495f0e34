"""Examples of running sums, running products and products, with zeros among the factors."""

import numpy as np

from autograd_mini.derivatives.cumulative import recurrence

from ..case import Case
from .reductions import COMPLEX, MASK, NUMBER, with_holes, with_initial

RNG = np.random.default_rng(2)
A = RNG.uniform(0.5, 1.5, (2, 3)) * np.array([1, -1, 1])
CUBE = RNG.uniform(0.5, 1.5, (2, 3, 2))
EMPTY = np.zeros((0, 2))
ONE_ZERO = np.array([1.5, 0.0, 2.0, -0.5])
TWO_ZEROS = np.array([[1.5, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


def multiply_reduce(a, **kwargs):
    return np.multiply.reduce(a, **kwargs)


def add_accumulate(a, **kwargs):
    return np.add.accumulate(a, **kwargs)


def multiply_accumulate(a, **kwargs):
    return np.multiply.accumulate(a, **kwargs)


CASES = [
    *[
        Case(f, (x,), kwargs)
        for f in (np.cumsum, np.cumprod)
        for x, kwargs in (
            (A, {}),
            (A, {"axis": 0}),
            (CUBE, {"axis": -2}),
            (A, {"axis": 1, "dtype": np.float64}),
            (COMPLEX, {"axis": 1}),
            (NUMBER, {}),
            (NUMBER, {"axis": 0}),
            (EMPTY, {"axis": 1}),
            (ONE_ZERO, {}),
            (TWO_ZEROS, {"axis": 1}),
        )
    ],
    *[
        Case(f, (x,), kwargs)
        for f in (np.cumulative_sum, np.cumulative_prod)
        for x, kwargs in (
            (ONE_ZERO, {}),
            (ONE_ZERO, {"include_initial": True}),
            (CUBE, {"axis": -1}),
            (A, {"axis": 0, "include_initial": True}),
            (A, {"axis": -1, "include_initial": True, "dtype": np.float64}),
        )
    ],
    *[
        Case(with_holes(f), (A,), kwargs)
        for f in (np.nancumsum, np.nancumprod)
        for kwargs in ({}, {"axis": 1})
    ],
    Case(add_accumulate, (A,)),
    Case(multiply_accumulate, (A,), {"axis": 1}),
    *[
        Case(f, (x,), kwargs)
        for f in (np.prod, np.nanprod)
        for x, kwargs in (
            (A, {}),
            (A, {"axis": 0}),
            (CUBE, {"axis": (2, 0)}),
            (CUBE, {"axis": (0, -1), "keepdims": True}),
            (A, {"axis": ()}),
            (A, {"axis": 1, "where": MASK, "initial": 1.5}),
            (A, {"dtype": np.float64, "keepdims": True}),
            (COMPLEX, {"axis": 1}),
            (NUMBER, {}),
            (EMPTY, {"axis": 1}),
            (ONE_ZERO, {}),
            (TWO_ZEROS, {"axis": 1}),
        )
    ],
    Case(np.prod, (ONE_ZERO,), order=3, id="prod_third"),
    *[Case(with_initial(f, axis=0), (A, NUMBER)) for f in (np.prod, np.nanprod)],
    *[Case(with_holes(np.nanprod), (A,), kwargs) for kwargs in ({}, {"axis": 1})],
    Case(multiply_reduce, (CUBE,), {"axis": (0, 2)}),
    Case(recurrence, (A, A + 1)),
    Case(recurrence, (COMPLEX, COMPLEX + 1j)),
]
