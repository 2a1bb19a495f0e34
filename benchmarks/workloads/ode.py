"""An ordinary differential equation, solved by Euler's method, and the gradient by its parameters.

It is that of prey and predators, of Lotka and Volterra: ds/dt = s * (rates + effects @ s).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries

TIME = 10.0


def data(steps: int) -> tuple[list[Array], list[Array]]:
    """Return where it should end; where it starts, and how the populations act on each other."""
    rates = np.array([1.1, -0.4])
    effects = np.array([[0.0, -0.4], [0.1, 0.0]])
    return [np.array([6.0, 2.0])], [np.array([10.0, 5.0]), rates, effects]


def loss(np: Any, end: Any, s: Any, rates: Any, effects: Any, *, steps: int) -> Any:
    """Return the squared distance from the end."""
    for _ in range(steps):
        s = s + TIME / steps * s * (rates + effects @ s)
    return ((s - end) ** 2).sum()


def by_hand(
    end: Array, s: Array, rates: Array, effects: Array, *, steps: int
) -> tuple[float, list[Array]]:
    """Return the loss and its gradients."""
    h = TIME / steps
    states, growths, adjoints = np.empty((3, steps, 2))
    for i in range(steps):
        states[i] = s
        growths[i] = growth = h * (rates + effects @ s)
        s = s + s * growth
    d = 2 * (s - end)
    value = 0.25 * (d @ d)
    growths += 1
    states_h = h * states
    back = effects.T
    for i in range(steps - 1, -1, -1):
        adjoints[i] = adjoint = d * states_h[i]
        d = d * growths[i] + back @ adjoint
    return value, [d, adjoints.sum(axis=0), adjoints.T @ states]


def in_jax() -> Loss:
    """Return the loss as a loop: unrolled, it would compile for minutes."""
    from jax.lax import scan

    def loss(np: Any, end: Any, s: Any, rates: Any, effects: Any, *, steps: int) -> Any:
        def euler(s: Any, _: None) -> tuple[Any, None]:
            return s + TIME / steps * s * (rates + effects @ s), None

        return ((scan(euler, s, length=steps)[0] - end) ** 2).sum()

    return loss


UNROLLED = "it compiles a kernel of all steps, unrolled, which takes minutes"
WITHOUT = {"compile": UNROLLED}

ODE = Workload(
    name="ode",
    title="Euler's method, 2 variables",
    unit="steps",
    sizes=(100, 1000, 10_000),
    main=(1000,),
    dtype="float64",
    entries=entries(
        "gradients",
        data,
        loss,
        by_hand,
        {"jax": in_jax},
        without=WITHOUT,
        size_as="steps",
    ),
    sits_out=WITHOUT,
    limits={
        "tinygrad": (100, UNROLLED),
        "micrograd": (1000, "it computes number by number"),
    },
)
