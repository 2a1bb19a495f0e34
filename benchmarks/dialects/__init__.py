"""How each library is asked: a module for each contestant, loaded in that contestant's process.

Each module is a `Dialect`: the same four questions, asked as the library's own documentation would,
and answered with NumPy's arrays once the results are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from ..workload import Array, Entry

Loss = Callable[..., Any]
"""loss(np, *constants, *parameters): one number, where `np` has the library's functions.

By hand, it is a function of the constants and parameters alone, and returns what is asked for: the
loss and a list of gradients, or a Hessian, or its product."""

MODULES = {
    "numpy": "by_hand",
    "ours": "ours",
    "torch": "with_torch",
    "compile": "with_compile",
    "jax": "with_jax",
    "autograd": "with_autograd",
    "mygrad": "with_mygrad",
    "tinygrad": "with_tinygrad",
    "micrograd": "with_micrograd",
}


class Dialect(Protocol):
    """What a contestant can be asked; a library that cannot lacks the function."""

    def gradients(
        self, loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]
    ) -> Entry:
        """Compute the loss and its gradient by each parameter."""

    def descent(
        self, loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
    ) -> Entry:
        """Compute the loss and its gradients, and step down these: parameters -= rate * gradients.

        The answer goes on with the parameters after one step.
        """

    def hessian_product(
        self, loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]
    ) -> Entry:
        """Compute the Hessian by the first parameter, times a vector, the second."""

    def hessian(self, loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
        """Compute the Hessian by the one parameter."""


def load(contestant: str) -> Dialect:
    """Return how `contestant` is asked, and import its library."""
    return cast(Dialect, import_module(f".{MODULES[contestant]}", __name__))
