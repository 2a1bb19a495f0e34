"""The loss of a small network over many samples: all at once, and in a Python loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Entry, Workload
from .common import Make, entries


def data(samples: int) -> tuple[list[Array], list[Array]]:
    """Return inputs and targets, and the weights of an 8-16-1 network."""
    random = np.random.default_rng(0)
    shapes = [(8, 16), (16,), (16, 1), (1,)]
    constants = [random.normal(size=(samples, 8)), random.normal(size=(samples, 1))]
    return constants, [random.normal(size=shape) for shape in shapes]


def vectorised(np: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Return the mean squared error, of all samples at once."""
    return ((np.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2).sum() / len(x)


def looped(np: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Return the mean squared error, sample by sample."""
    total = 0.0
    for i in range(len(x)):
        total = total + ((np.tanh(x[i] @ w1 + b1) @ w2 + b2 - y[i]) ** 2).sum()
    return total / len(x)


def vectorised_by_hand(
    x: Array, y: Array, w1: Array, b1: Array, w2: Array, b2: Array
) -> tuple[float, list[Array]]:
    """Return the loss and its gradients, of all samples at once."""
    hidden = x @ w1
    hidden += b1
    np.tanh(hidden, out=hidden)
    d = hidden @ w2
    d += b2
    d -= y
    value = np.vdot(d, d) / len(x)
    d *= 2 / len(x)
    by_w2 = hidden.T @ d
    hidden *= hidden
    np.subtract(1, hidden, out=hidden)
    hidden *= d  # times w2, which has a row for each
    hidden *= w2[:, 0]
    return value, [x.T @ hidden, hidden.sum(axis=0), by_w2, d.sum(axis=0)]


def looped_by_hand(
    x: Array, y: Array, w1: Array, b1: Array, w2: Array, b2: Array
) -> tuple[float, list[Array]]:
    """Return the loss and its gradients, sample by sample."""
    value = 0.0
    by_w1, by_b1, by_w2, by_b2 = (np.zeros_like(p) for p in (w1, b1, w2, b2))
    for row, target in zip(x, y, strict=True):
        hidden = np.tanh(row @ w1 + b1)
        d = hidden @ w2 + b2 - target
        value += d @ d
        by_w2 += hidden[:, None] * d
        by_b2 += d
        d_hidden = d * w2[:, 0] * (1 - hidden * hidden)
        by_w1 += row[:, None] * d_hidden
        by_b1 += d_hidden
    gradients = [by_w1, by_b1, by_w2, by_b2]
    for g in gradients:
        g *= 2 / len(x)
    return value / len(x), gradients


def looped_in_jax() -> Loss:
    """Return the loss as JAX's own loop: unrolled, it would compile for minutes."""
    from jax.lax import scan

    def loss(np: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        def add(total: Any, sample: Any) -> tuple[Any, None]:
            x, y = sample
            return total + ((np.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2).sum(), None

        return scan(add, 0.0, (x, y))[0] / len(x)

    return loss


AT_ONCE = entries("gradients", data, vectorised, vectorised_by_hand)
IN_A_LOOP = entries("gradients", data, looped, looped_by_hand, {"jax": looped_in_jax})


def either(contestant: str) -> Make:
    """Return what makes the entry of either variant."""

    def make(size: int, variant: str) -> Entry:
        ways = AT_ONCE if variant == "vectorised" else IN_A_LOOP
        return ways[contestant](size, variant)

    return make


UNROLLED = "it compiles a kernel of the whole loop, unrolled, which takes minutes"

SAMPLES = Workload(
    name="samples",
    title="8-16-1 network over samples",
    unit="samples",
    sizes=(16, 64, 256),
    main=(256,),
    dtype="float64",
    entries={contestant: either(contestant) for contestant in AT_ONCE},
    variants=("vectorised", "a loop"),
    limits={
        "compile/a loop": (16, UNROLLED),
        "tinygrad/a loop": (16, UNROLLED),
        "micrograd": (16, "it computes number by number"),
    },
)
