"""Cases of indexing, sorting and writing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.derivatives.indexing import scattered

from ..case import Case

rng = np.random.default_rng(5)
v = rng.permutation(np.linspace(-1.0, 2.0, 5))
m = rng.permutation(np.linspace(-2.0, 1.0, 12)).reshape(3, 4)
c = rng.permutation(np.linspace(-2.0, 3.0, 12)).reshape(2, 3, 2)
mask = np.array([[True, False, True, True], [False] * 4, [False, True, False, True]])
rows = np.array([0, -1, 0])

INDICES: list[tuple[Any, Any]] = [
    (v, 2),
    (v, -1),
    (v, slice(None, None, -2)),
    (v, slice(3, 1)),
    (v, []),
    (v, [1, 1, -5, 3]),
    (v, np.array([[0, 0], [4, -1]])),
    (v, np.array(3)),
    (v, v > 0),
    (v, [True, False, True, True, False]),
    (v, np.zeros(5, bool)),
    (v, True),
    (v, False),
    (m, ...),
    (m, ()),
    (m, (..., None)),
    (m, (None, 1, ..., slice(None, None, 3))),
    (m, (np.int64(-1), slice(1, None))),
    (m, mask),
    (m, (rows, rows)),
    (m, (rows[:, None], [0, 2])),
    (m, np.ix_([0, 2], [3, 1, 1])),
    (m, (np.array([True, False, True]), slice(None, 2))),
    (m, (np.array([True, False, True]), [1, 2])),
    (m, (slice(None), np.array([], int))),
    (c, (0, slice(None), [1, 0, 1])),
    (c, ([0, 1], slice(None), [1, 1])),
    (c, (slice(None), [2, 2], [1, 0])),
    (c, (slice(None), mask[:, :2])),
    (c, ([1, 1], None, [0, 2])),
    (c, (..., [[0], [1]], 1)),
    (np.array(1.5), ()),
    (np.array(1.5), (None, ...)),
    (np.array(1.5), True),
    (np.zeros((0, 3)), slice(None)),
]


def after(write: Callable[..., Any], to: Any, *values: Any) -> Any:
    """Return what a copy of `to` is after `write` has changed it."""
    target = np.copy(to)
    write(target, *values)
    return target


def writing(write: Callable[..., Any], *args: Any, id: str) -> Case:
    return Case(lambda *arrays: after(write, *arrays), args, id=id)


CASES: list[Case] = [
    *(Case(lambda a, i=i: a[i], (a,), id=f"getitem-{n}") for n, (a, i) in enumerate(INDICES)),
    Case(operator.getitem, (m, (1, 2))),
    Case(lambda g: scattered(g, ([0, 0, 2],), (4,)), (v[:3],), id="scattered"),
    Case(lambda g: scattered(g, (slice(None), [0, 0]), (3, 2)), (m[:, :2],), id="scattered-rows"),
    # take and its kind
    Case(np.take, (v, [1, 1, -2])),
    Case(np.take, (v, 3)),
    Case(np.take, (m, [[0, 5], [-1, 5]])),
    Case(np.take, (m, [[3, 0], [-1, 3]]), {"axis": 1}),
    Case(np.take, (m, 2), {"axis": -2}),
    Case(np.take, (m, [4, -5, 9]), {"axis": 1, "mode": "wrap"}),
    Case(np.take, (m, [14, -5, 9]), {"mode": "wrap"}),
    Case(np.take, (m, [4, -5, 2]), {"axis": -1, "mode": "clip"}),
    Case(np.take, (m, [40, -5]), {"mode": "clip"}),
    Case(lambda a: a.take([2, 0, 2], 0), (m,), id="take-method"),
    Case(np.take_along_axis, (m, np.array([[0, 0], [3, -1], [2, 1]]), 1)),
    Case(np.take_along_axis, (m, np.array([[2, 0, 2, 1]]), 0)),
    Case(np.take_along_axis, (m, np.array([[2, 0], [2, 1], [0, 0]]))),
    Case(np.take_along_axis, (m, np.array([11, 0, -1, 0]), None)),
    Case(np.take_along_axis, (m[:1], np.array([[0, 1], [3, 3]]), 1)),
    Case(np.compress, ([True, False, True], m), {"axis": 0}),
    Case(np.compress, ([0, 1], m), {"axis": 1}),
    Case(np.compress, ([False, True, True], m)),
    Case(np.extract, (mask, m)),
    Case(np.extract, ([1, 0, 2], m)),
    Case(np.choose, (np.array([0, 2, 1]), [v[:3], v[1:4], v[2:]])),
    Case(np.choose, (np.array([[0, 3], [-1, 1]]), [v[:2], v[2:3]]), {"mode": "wrap"}),
    Case(np.choose, (np.array([[0], [-1], [9]]), (m[0], 2.0)), {"mode": "clip"}),
    Case(np.choose, (np.array([0, 2, 1, 0]), m)),
    Case(np.select, ([mask, m > 0], [m, m * 2])),
    Case(
        lambda x, y, d: np.select([v > 0.5, v > -0.5], [x, y], d),
        (v, v[:1], np.array(0.7)),
        id="select",
    ),
    Case(lambda w: np.bincount([0, 3, 0, 1, 3], w).astype(w.dtype), (v,), id="bincount"),
    Case(lambda w: np.bincount([0, 3], w, 7).astype(w.dtype), (v[:2],), id="bincount-minlength"),
    # delete, insert, append
    Case(np.delete, (v, 1)),
    Case(np.delete, (m, [0, -1], 1)),
    Case(np.delete, (m, slice(None, None, 2), 0)),
    Case(np.delete, (m, [3, 3])),
    Case(np.delete, (m, np.array([True, False, True]), 0)),
    Case(np.insert, (v, 1, m[0, 0])),
    Case(np.insert, (v, [1, -1, 1], v[:3])),
    Case(np.insert, (m, 2, v[:4], 0)),
    Case(np.insert, (m, 2, v[:3], 1)),
    Case(np.insert, (m, [2], m[:, :2], 1)),
    Case(np.insert, (m, slice(0, 3, 2), m[:, :1], 1)),
    Case(np.insert, (m, [0, 2], 5.0)),
    Case(np.append, (v, m)),
    Case(np.append, (m, m[:1] * 2), {"axis": 0}),
    # sort
    Case(np.sort, (v,)),
    Case(np.sort, (m,), {"axis": 0}),
    Case(np.sort, (m,), {"axis": None}),
    Case(np.sort, (c,), {"axis": 1, "kind": "stable"}),
    Case(np.sort, (m,), {"stable": True}),
    Case(np.partition, (v, 2)),
    Case(np.partition, (m, (0, 2)), {"axis": 1}),
    Case(np.partition, (m, -3), {"axis": None}),
    # writing
    *(
        writing(lambda t, value, i=i: t.__setitem__(i, value), a, a[i] * 2 + 1, id=f"setitem-{n}")
        for n, (a, i) in enumerate(INDICES)
    ),
    writing(lambda t, x: t.__setitem__((slice(None), 1), x), m, m[0, 0], id="setitem-broadcast"),
    writing(lambda t, x: t.__setitem__(slice(1, 3), x), v, m[:1, :1], id="setitem-leading-ones"),
    writing(lambda t, x: t.__setitem__(..., x), m, v[:4], id="setitem-all"),
    writing(lambda t, x: t.T[::2].__setitem__(0, x), m, v[:3], id="setitem-view"),
    writing(lambda t, x: np.add.at(t, [0, 0, -1], x), v, m[0, :3], id="add.at"),
    writing(lambda t, x: np.subtract.at(t, (rows, rows), x), m, v[:3], id="subtract.at"),
    writing(lambda t, x: np.add.at(t, [0, 2, 2], x), m, v[:4], id="add.at-broadcast"),
    writing(np.copyto, m, v[:4], id="copyto"),
    writing(lambda t, x: np.copyto(t, x, where=mask), m, v[:4], id="copyto-where"),
    writing(lambda t, x: np.put(t, [1, 1, -1, 3], x), m, v[:3], id="put"),
    writing(lambda t, x: np.put(t, [13, -20, 5], x, mode="clip"), m, v[:1], id="put-clip"),
    writing(lambda t, x: np.put(t, [13, -20, 5], x, mode="wrap"), m, v, id="put-wrap"),
    writing(lambda t, x: np.place(t, mask, x), m, v[:3], id="place"),
    writing(lambda t, x: np.putmask(t, mask, x), m, v[:3], id="putmask"),
    writing(
        lambda t, x: np.put_along_axis(t, np.array([[3], [0], [-1]]), x, axis=1),
        m,
        m[:, :1] * 3,
        id="put_along_axis",
    ),
    writing(
        lambda t, x: np.put_along_axis(t, np.array([3, 3, 0]), x, axis=None),
        m,
        v[:3],
        id="put_along_axis-flat",
    ),
    writing(np.fill_diagonal, m, v[:2], id="fill_diagonal"),
    writing(lambda t, x: np.fill_diagonal(t, x, wrap=True), m.T, v[:2], id="fill_diagonal-wrap"),
]
