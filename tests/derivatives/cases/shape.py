"""Shapes, joining, splitting, repeating and padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_mini.derivatives.joining import divided
from autograd_mini.derivatives.padding import framed
from autograd_mini.derivatives.shape import placed_on_diagonal

from ..case import Case

rng = np.random.default_rng(11)
scalar, other = np.array(1.4), np.array(-0.6)
v = rng.normal(size=3)
w = rng.normal(size=4)
m = rng.normal(size=(2, 3))
c = rng.normal(size=(2, 1, 3))
z = m + 1j * rng.normal(size=(2, 3))
empty = np.zeros((0, 3))


def transposed(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Return `function` of an array whose memory is in the order of Fortran."""
    return lambda x: function(np.transpose(x), *args, **kwargs)


def moved(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Return `function` of an array whose memory is in no order that has a name."""
    return lambda x: function(np.moveaxis(x, 0, 1), *args, **kwargs)


REORDERED = [
    *[Case(np.reshape, (m, (3, -1)), {"order": order}) for order in "CFA"],
    *[
        Case(transposed(np.reshape, (2, 3), order=order), (m,), id=f"reshape-fortran-{order}")
        for order in "CFAf"
    ],
    Case(np.reshape, (m, 6), {"copy": True}),
    Case(np.reshape, (m, -1), {"copy": False}),
    Case(np.reshape, (c, [3, 2, 1]), id="reshape-list"),
    Case(np.reshape, (scalar, (1, 1)), id="reshape-0d"),
    Case(np.reshape, (empty, (3, 0, 2)), id="reshape-empty"),
    Case(np.reshape, (z, (3, 2)), id="reshape-complex"),
    *[Case(np.ravel, (m,), {"order": order}) for order in "CFAK"],
    *[Case(transposed(np.ravel, order), (m,), id=f"ravel-fortran-{order}") for order in "CFAK"],
    *[
        Case(moved(np.ravel, order), (rng.normal(size=(2, 3, 2)),), id=f"ravel-moved-{order}")
        for order in "CFAK"
    ],
    Case(lambda x: np.ravel(x[:, ::-2], "K"), (m,), id="ravel-strided"),
    Case(np.transpose, (c,)),
    Case(np.transpose, (c, (-1, 0, 1)), id="transpose-negative"),
    Case(np.transpose, (c,), {"axes": [1, 2, 0]}),
    Case(np.transpose, (v, 0), id="transpose-1d"),
    Case(np.permute_dims, (c, (2, 0, 1)), id="permute_dims"),
    Case(np.matrix_transpose, (c,)),
    Case(np.linalg.matrix_transpose, (m,), id="linalg.matrix_transpose"),
    Case(np.swapaxes, (c, 0, -1)),
    Case(np.moveaxis, (c, 0, -1)),
    Case(np.moveaxis, (c, [0, -1], [1, 0]), id="moveaxis-lists"),
    *[
        Case(np.rollaxis, (c, axis, start), order=1, id=f"rollaxis-{axis}-{start}")
        for axis in (0, 2, -2)
        for start in (-3, -1, 0, 1, 3)
    ],
    *[Case(np.flip, (m,), {"axis": axis}) for axis in (None, 0, -1, (0, 1), ())],
    Case(np.fliplr, (m,)),
    Case(np.flipud, (v,)),
    *[Case(np.rot90, (m, k), order=1, id=f"rot90-{k}") for k in (-1, 0, 1, 2, 3, 6)],
    Case(np.rot90, (c, 1), {"axes": (2, 0)}),
    *[
        Case(np.roll, (m, shift), {"axis": axis}, id=f"roll-{shift}-{axis}")
        for shift, axis in (
            (2, None), ((1, 3), None), (-1, 1), (7, 0), ((1, 2), (0, 1)), ((1, -2), (1, 1)),
            (1, (0, 1)),
        )
    ],
]  # fmt: skip

GROWN = [
    Case(np.expand_dims, (v, 0)),
    Case(np.expand_dims, (m, (0, -1)), id="expand_dims-tuple"),
    Case(np.squeeze, (c,)),
    Case(np.squeeze, (np.array([[1.7]]),), {"axis": (0, -1)}),
    *[
        Case(f, (x,), id=f"{f.__name__}-{x.ndim}d")
        for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)
        for x in (scalar, v, m, c)
    ],
    *[Case(f, (scalar, c, v, 3)) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)],
    Case(np.broadcast_to, (v, (2, 3))),
    Case(np.broadcast_to, (c, (2, 0, 3)), id="broadcast_to-empty"),
    Case(np.broadcast_arrays, (v, c, scalar, 2)),
    *[
        Case(np.meshgrid, (v, w[:2]), {"indexing": indexing, "sparse": sparse, "copy": copy})
        for indexing in ("xy", "ij")
        for sparse in (False, True)
        for copy in (False, True)
    ],
    Case(np.meshgrid, (v,)),
    Case(np.meshgrid, (w[:2], scalar, m[:, 0]), {"indexing": "ij"}),
    Case(np.meshgrid, (m, w[:1], v[:2]), {"sparse": True}),
    *[
        Case(f, (x,), {"k": k}, id=f"{f.__name__}-{x.ndim}d-{k}")
        for k in (-2, 0, 1, 4)
        for f, x in (
            (np.diag, v), (np.diag, m), (np.diagflat, m), (np.tril, m), (np.triu, c), (np.tril, v),
        )
    ],
    *[Case(np.diagonal, (c, k, 2, 0), id=f"diagonal-{k}") for k in (-1, 0, 2, 3)],
    Case(np.diagonal, (np.ones((2, 2, 3)), 1), {"axis1": -1, "axis2": 1}),
    Case(np.linalg.diagonal, (c,), {"offset": 1}, id="linalg.diagonal"),
    Case(placed_on_diagonal, (v, (4, 3), -1, 0, 1)),
    Case(np.copy, (m,), {"order": "F"}),
    Case(lambda x: np.astype(x, x.dtype, copy=False), (m,), id="astype"),
    Case(lambda x: np.astype(x, x.dtype), (z,), id="astype-complex"),
    Case(np.full_like, (m, scalar)),
    Case(np.full_like, (m, v), {"shape": (2, 2, 3)}),
]  # fmt: skip

JOINED = [
    *[
        Case(np.concatenate, ([m, m + 1, empty if axis is None else m],), {"axis": axis})
        for axis in (0, 1, -1, None)
    ],
    Case(np.concat, ((m, empty),), id="concat-empty"),
    Case(np.concatenate, ((m, z),), id="concatenate-complex"),
    Case(np.concatenate, ((m, np.ones((1, 3), np.int8)),), {"casting": "safe"}),
    Case(np.concatenate, ([scalar[None], np.array([1, 2], np.int8)],), id="concatenate-integers"),
    *[Case(np.stack, ([m, m * 2],), {"axis": axis}) for axis in (0, 1, 2, -1)],
    Case(np.stack, ([scalar, other],), id="stack-0d"),
    *[
        Case(join, (m,), id=f"{join.__name__}-of-rows")
        for join in (np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack)
    ],
    *[
        Case(f, (arrays,), id=f"{f.__name__}-{name}")
        for f in (np.vstack, np.hstack, np.dstack, np.column_stack)
        for name, arrays in {
            "0d": [scalar, other],
            "1d": [v, v + 1],
            "2d": (m, m + 1),
            "3d": [c, c],
        }.items()
    ],
    Case(np.vstack, ([m, v],), id="vstack-mixed"),
    Case(np.hstack, ([scalar, v],), id="hstack-mixed"),
    Case(np.dstack, ([m, c.reshape(2, 3, 1)],), id="dstack-mixed"),
    Case(np.column_stack, ([m, w[:2]],), id="column_stack-mixed"),
    Case(np.block, ([v, w, scalar],), id="block-1d"),
    Case(np.block, ([[m, w[:2, None]], [v, scalar]],), id="block-2d"),
    Case(np.block, ([[[c]], [[v]]],), order=1, id="block-3d"),
    Case(np.block, (m,), id="block-array"),
    *[
        Case(np.array_split, (x, where), {"axis": axis}, order=1, id=f"array_split-{where}-{axis}")
        for x, axis in ((w, 0), (m, -1))
        for where in (1, 3, [2], [1, 2], [], [0, 9], [2, 1], [-1])
    ],
    Case(np.split, (w, 2)),
    Case(np.split, (m, [1]), {"axis": 1}),
    Case(np.hsplit, (w, 2), id="hsplit-1d"),
    Case(np.hsplit, (m, [1, 2])),
    Case(np.vsplit, (m, 2)),
    Case(np.dsplit, (c, [2])),
    Case(divided, (w, [0, 1, 1, 4], 0)),
    Case(np.unstack, (m,)),
    Case(np.unstack, (c,), {"axis": -1}),
    Case(np.unstack, (v,), id="unstack-1d"),
    Case(list, (m,), id="iteration"),
    *[
        Case(np.tile, (x, reps), order=1, id=f"tile-{x.ndim}d-{reps}")
        for x in (scalar, v, m)
        for reps in (2, (), (1, 2), (2, 1, 2), 0)
    ],
    *[
        Case(np.repeat, (m, repeats), {"axis": axis}, order=1, id=f"repeat-{repeats}-{axis}")
        for repeats, axis in (
            (2, None), (3, 0), ([2], -1), (0, 1), ([1, 0, 2], 1), ([2, 1], -2),
            ([1, 0, 2, 1, 0, 3], None),
        )
    ],
    Case(np.repeat, (scalar, 3), id="repeat-0d"),
    Case(np.resize, (m, (2, 4))),
    Case(np.resize, (m, 4), id="resize-smaller"),
]  # fmt: skip

WIDTHS: list[Any] = [1, (2, 0), ((1, 0), (0, 2)), ((5, 3), (4, 7)), {-1: 2}]
KEYWORDS: dict[str, list[dict[str, Any]]] = {
    "constant": [{"constant_values": ((1, 2.5), (3, 4))}],
    "edge": [],
    "empty": [],
    "linear_ramp": [{"end_values": (2, -1.5)}, {"end_values": ((1, 2), (3, 4))}],
    "maximum": [{"stat_length": 2}],
    "mean": [{"stat_length": ((1, 2), (2, 9))}],
    "median": [{"stat_length": 1}],
    "minimum": [{"stat_length": (2, 1)}],
    "reflect": [{"reflect_type": "even"}, {"reflect_type": "odd"}],
    "symmetric": [{"reflect_type": "odd"}],
    "wrap": [],
}


def filled(x: Any, width: Any, mode: str, **keywords: Any) -> Any:
    """Return what the mode "empty" defines: the middle."""
    padded = np.pad(x, width, mode, **keywords)
    return padded[1:3, 1:-1] if mode == "empty" else padded


PADDED = [
    *[
        Case(filled, (m, width, mode), keywords, order=1, id=f"pad-{mode}-{width}-{keywords}")
        for mode, variants in KEYWORDS.items()
        for keywords in ({}, *variants)
        for width in ([1] if mode == "empty" else WIDTHS)
    ],
    *[
        Case(np.pad, (w, 2, mode), id=f"pad-{mode}-second-order")
        for mode in KEYWORDS
        if mode != "empty"
    ],
    *[
        Case(np.pad, (m[:1], 3, mode), {"reflect_type": kind}, order=1, id=f"pad-{mode}-1-{kind}")
        for mode in ("reflect", "symmetric")
        for kind in ("even", "odd")
    ],
    Case(np.pad, (scalar, 1), id="pad-0d"),
    Case(np.pad, (empty, ((0, 0), (1, 2)), "mean"), order=1, id="pad-empty-mean"),
    Case(np.pad, (empty, 1), id="pad-empty"),
    Case(np.pad, (z, 1, "linear_ramp"), id="pad-complex"),
    Case(lambda x, k: np.pad(x, 1, constant_values=k), (v, scalar), id="pad-constant-tensor"),
    Case(lambda x, k: np.pad(x, 1, constant_values=k), (m, w.reshape(2, 2)), id="pad-constants"),
    Case(lambda x, k: np.pad(x, 2, "linear_ramp", end_values=k), (m, w[:2]), id="pad-ends"),
    Case(framed, (v, [[1, 2]], "constant", {}), id="framed"),
    Case(np.linspace, (m, v, 4), {"axis": -1}),
    Case(np.linspace, (m, v, 3), {"endpoint": False, "axis": 1}),
    Case(np.linspace, (scalar, 3.0, 4), {"retstep": True}),
    Case(np.linspace, (v, 3.0, 3), {"retstep": True, "endpoint": False}),
    *[Case(np.linspace, (v, m, num), id=f"linspace-{num}") for num in (0, 1, 2)],
    Case(np.linspace, (z, v, 3), id="linspace-complex"),
]

CASES = [*REORDERED, *GROWN, *JOINED, *PADDED]
