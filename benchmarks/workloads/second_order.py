"""Second derivatives of a logistic regression's loss: the Hessian, and its product."""

from __future__ import annotations

import numpy as np

from ..workload import Array, Workload
from . import logistic
from .common import entries

ROWS = 1000


def data(columns: int) -> tuple[list[Array], list[Array]]:
    """Return inputs and labels, and weights."""
    return logistic.data(ROWS, columns)


def data_and_direction(columns: int) -> tuple[list[Array], list[Array]]:
    """Return inputs and labels; weights, and a vector."""
    constants, parameters = data(columns)
    return constants, [*parameters, np.random.default_rng(1).normal(size=columns)]


def curvature(x: Array, w: Array) -> Array:
    """Return the second derivative of the loss by each score."""
    p = 1 / (1 + np.exp(-(x @ w)))
    return p * (1 - p) / len(x)


def product_by_hand(x: Array, labels: Array, w: Array, v: Array) -> Array:
    """Return the Hessian times v."""
    return (curvature(x, w) * (x @ v)) @ x


def hessian_by_hand(x: Array, labels: Array, w: Array) -> Array:
    """Return the Hessian."""
    return (x.T * curvature(x, w)) @ x


WITHOUT = {
    "mygrad": "it has no second derivatives",
    "micrograd": "it has no second derivatives",
}
WITHOUT_WHOLE = {
    **WITHOUT,
    "tinygrad": "it has no Hessian, and no batches of products to make one of",
}

HVP = Workload(
    name="hvp",
    title="Hessian-vector product",
    unit="variables",
    sizes=(10, 30, 100, 300, 1000),
    main=(1000,),
    dtype="float64",
    entries=entries(
        "hessian_product",
        data_and_direction,
        logistic.loss,
        product_by_hand,
        logistic.OTHERWISE,
        without=WITHOUT,
    ),
    sits_out=WITHOUT,
)

HESSIAN = Workload(
    name="hessian",
    title="full Hessian",
    unit="variables",
    sizes=(10, 30, 100, 300),
    main=(100,),
    dtype="float64",
    entries=entries(
        "hessian", data, logistic.loss, hessian_by_hand, logistic.OTHERWISE, without=WITHOUT_WHOLE
    ),
    sits_out=WITHOUT_WHOLE,
)
