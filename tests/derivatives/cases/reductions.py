"""Examples of sums, means and variances."""

import numpy as np

from ..case import Case

RNG = np.random.default_rng(0)
A = RNG.uniform(0.5, 1.5, (2, 3))
CUBE = RNG.uniform(-1.5, 1.5, (2, 3, 2))
MASK = np.array([[True, False, True], [True, True, True]])
ROW = np.array([[True, False, True]])
HOLES = np.where(MASK, A, np.nan)
COMPLEX = A + 1j * RNG.uniform(-1, 1, (2, 3))
NUMBER = np.array(0.7)
EMPTY = np.zeros((0, 3))

AXES = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, -1)},
    {"axis": ()},
    {"keepdims": True},
    {"axis": 1, "where": MASK},
    {"axis": (-1, 0), "where": ROW, "keepdims": True},
]
REDUCTIONS = [np.sum, np.mean, np.var, np.std]


def with_holes(function):
    """Return `function` of an array in which some elements are always NaN."""
    filled = lambda a, *args, **kwargs: function(np.where(MASK, a, np.nan), *args, **kwargs)
    filled.__name__ = function.__name__
    return filled


def reduced_by_ufunc(a, **kwargs):
    return np.add.reduce(a, **kwargs)


def with_initial(function, **kwargs):
    """Return `function` of an array and of the `initial` value."""
    started = lambda a, initial: function(a, initial=initial, **kwargs)
    started.__name__ = f"{function.__name__}_initial"
    return started


def about(function, **kwargs):
    """Return `function` of an array and of the mean that deviations are taken from."""
    given = lambda a, mean: function(a, mean=mean, **kwargs)
    given.__name__ = f"{function.__name__}_about"
    return given


def average(a, weights, **kwargs):
    return np.average(a, weights=weights, **kwargs)


CASES = [
    *[
        Case(f, (A,), kwargs)
        for f in REDUCTIONS
        for kwargs in AXES
        if kwargs != {"axis": ()} or f is not np.std
    ],
    *[Case(f, (CUBE,), {"axis": (2, 0)}) for f in REDUCTIONS],
    *[Case(f, (COMPLEX,), {"axis": 1}) for f in REDUCTIONS],
    *[Case(f, (NUMBER,)) for f in (np.sum, np.mean, np.var)],
    Case(np.sum, (NUMBER,), {"axis": -1}),
    *[Case(f, (EMPTY,), {"axis": 1}) for f in REDUCTIONS],
    Case(np.sum, (EMPTY,)),
    Case(np.sum, (A,), {"dtype": np.float64, "initial": 3.0}),
    *[Case(f, (A,), {"ddof": 1, "axis": 1}) for f in (np.var, np.std)],
    *[Case(f, (A,), {"correction": 1, "axis": 1, "where": MASK}) for f in (np.var, np.std)],
    *[Case(f, (A,), {"correction": 0.5}) for f in (np.var, np.std)],
    *[
        Case(about(f, axis=1, where=MASK, ddof=1), (A, A.mean(1, keepdims=True)))
        for f in (np.var, np.std, np.nanvar, np.nanstd)
    ],
    *[
        Case(with_holes(f), (A,), kwargs)
        for f in (np.nansum, np.nanmean, np.nanvar, np.nanstd)
        for kwargs in (*AXES[:4], *AXES[5:])
    ],
    *[Case(with_holes(f), (A,), {"ddof": 1, "axis": 1}) for f in (np.nanvar, np.nanstd)],
    *[Case(with_initial(f, axis=0), (A, NUMBER)) for f in (np.sum, np.nansum)],
    Case(reduced_by_ufunc, (CUBE,)),
    Case(reduced_by_ufunc, (CUBE,), {"axis": (0, 2)}),
    Case(reduced_by_ufunc, (CUBE,), {"axis": None, "keepdims": True}),
    Case(np.average, (A,), {"axis": 1, "keepdims": True}),
    Case(np.average, (A,), {"returned": True}),
    Case(average, (A, A + 1)),
    Case(average, (A, A[0]), {"axis": 1, "returned": True}),
    Case(average, (CUBE, A[:, :2]), {"axis": (2, 0), "keepdims": True}),
    Case(np.trace, (A,)),
    Case(np.trace, (A,), {"offset": 1}),
    Case(np.trace, (A,), {"offset": -1, "dtype": np.float64}),
    Case(np.trace, (CUBE,), {"axis1": 1, "axis2": 0}),
    Case(np.trace, (CUBE,), {"axis1": -1, "axis2": 0, "offset": 1}),
    Case(np.trace, (A,), {"offset": 7}),
    Case(np.linalg.trace, (CUBE,), {"offset": -1}),
]
