"""Examples of maxima, minima, medians and smooth maxima."""

import numpy as np

from ..case import Case
from .reductions import COMPLEX, MASK, NUMBER, with_holes, with_initial

RNG = np.random.default_rng(1)
A = RNG.permutation(np.arange(12.0)).reshape(3, 2, 2) / 4 - 1  # no ties
M = A[0]
KEEP = np.array([[True, False], [True, True]])
EVERY = np.stack([KEEP, ~KEEP, KEEP])
AXES = [{}, {"axis": 1}, {"axis": (0, -1), "keepdims": True}, {"axis": ()}, {"keepdims": True}]
MASKED = {"axis": (1, 2), "where": EVERY}
WIDE = np.array([[0.3, 1.2, -0.5], [2.0, -1.0, 0.1]])


def logaddexp_reduce(a, **kwargs):
    return np.logaddexp.reduce(a, **kwargs)


def logaddexp2_reduce(a, **kwargs):
    return np.logaddexp2.reduce(a, **kwargs)


def maximum_reduce(a, **kwargs):
    return np.maximum.reduce(a, **kwargs)


def minimum_reduce(a, **kwargs):
    return np.minimum.reduce(a, **kwargs)


CASES = [
    *[
        Case(f, (A,), kwargs)
        for f in (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin, np.ptp, np.median)
        for kwargs in AXES
    ],
    *[Case(f, (A,), {**MASKED, "initial": -0.3}) for f in (np.max, np.amax, np.nanmax)],
    *[Case(f, (A,), {**MASKED, "initial": 0.3}) for f in (np.min, np.amin, np.nanmin)],
    *[
        Case(with_initial(f, axis=0), (M, initial))
        for initial in (np.array(0.4), np.array(1.4))  # between extremes of the columns
        for f in (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin)
    ],
    *[
        Case(with_holes(f), (WIDE,), kwargs)
        for f in (np.nanmax, np.nanmin)
        for kwargs in ({}, {"axis": 0}, {"axis": 1, "keepdims": True})
    ],
    *[Case(f, (NUMBER,)) for f in (np.max, np.min, np.median, np.ptp)],
    Case(np.max, (COMPLEX,), {"axis": 1}),
    Case(np.median, (WIDE,)),
    Case(np.median, (WIDE,), {"axis": 1}),
    Case(maximum_reduce, (A,)),
    Case(maximum_reduce, (A,), {"axis": None}),
    Case(minimum_reduce, (A,), {"axis": (0, 2)}),
    *[
        Case(f, (A,), kwargs)
        for f in (logaddexp_reduce, logaddexp2_reduce)
        for kwargs in (
            {},
            {"axis": None},
            {"axis": (0, -1), "keepdims": True},
            {"axis": 0, "where": EVERY},
            {"axis": 0, "initial": 0.5},
        )
    ],
    *[Case(with_initial(f), (M, NUMBER)) for f in (logaddexp_reduce, logaddexp2_reduce)],
    Case(logaddexp_reduce, (WIDE,), {"axis": 1, "where": MASK, "initial": 0.2}),
]
