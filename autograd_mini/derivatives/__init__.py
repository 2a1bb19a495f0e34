"""The derivative table, in chapters; importing it fills the registry."""

from . import (
    activations,
    cumulative,
    einsum,
    elementwise,
    extremes,
    indexing,
    linalg,
    losses,
    norms,
    piecewise,
    products,
    reductions,
    shape,
    sorting,
    writing,
)

__all__ = [
    "activations",
    "cumulative",
    "einsum",
    "elementwise",
    "extremes",
    "indexing",
    "linalg",
    "losses",
    "norms",
    "piecewise",
    "products",
    "reductions",
    "shape",
    "sorting",
    "writing",
]
