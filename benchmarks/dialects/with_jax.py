"""JAX: each step compiled as a whole, with all arrays as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..workload import Array, Entry
from . import Loss

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    arrays = _arrays([*constants, *parameters])
    asked = _gradients(loss, len(constants), len(parameters))
    alone = jax.jit(lambda *arrays: loss(jnp, *arrays))

    def answer() -> list[Array]:
        value, found = asked(*arrays)
        return [np.asarray(a) for a in (value, *found)]

    return Entry(
        lambda: jax.block_until_ready(asked(*arrays)),
        answer,
        lambda: jax.block_until_ready(alone(*arrays)),
    )


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""
    given = _arrays(constants)
    asked = _gradients(loss, len(constants), len(parameters))
    alone = jax.jit(lambda *arrays: loss(jnp, *arrays))

    def update(moving: Any, *given: Any) -> Any:
        value, found = asked(*given, *moving)
        return value, [p - rate * g for p, g in zip(moving, found, strict=True)]

    update = jax.jit(update, donate_argnums=0)
    moving = _arrays(parameters)

    def step() -> None:
        nonlocal moving
        _, moving = jax.block_until_ready(update(moving, *given))

    def answer() -> list[Array]:
        value, found = asked(*given, *_arrays(parameters))
        _, moved = update(_arrays(parameters), *given)
        return [np.asarray(a) for a in (value, *found, *moved)]

    return Entry(step, answer, lambda: jax.block_until_ready(alone(*given, *moving)))


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""

    def product(p: Any, v: Any, *given: Any) -> Any:
        return jax.jvp(jax.grad(lambda p: loss(jnp, *given, p)), (p,), (v,))[1]

    return _once(jax.jit(product), [*parameters, *constants])


def hessian(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    asked = jax.jit(jax.hessian(lambda p, *given: loss(jnp, *given, p)))
    return _once(asked, [*parameters, *constants])


def _gradients(loss: Loss, constants: int, parameters: int) -> Any:
    """Return the compiled function that gives the loss and its gradients by the last arguments."""
    by = tuple(range(constants, constants + parameters))
    return jax.jit(jax.value_and_grad(lambda *arrays: loss(jnp, *arrays), argnums=by))


def _once(asked: Any, arrays: Sequence[Array]) -> Entry:
    given = _arrays(arrays)

    def step() -> Any:
        return jax.block_until_ready(asked(*given))

    return Entry(step, lambda: [np.asarray(step())])


def _arrays(arrays: Sequence[Array]) -> list[Any]:
    return [jnp.array(a) for a in arrays]
