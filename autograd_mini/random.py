"""The one place where random numbers are drawn from: initialisers, dropout, shuffling.

Each that draws takes `generator=`; without one it draws from the default generator here, which
`manual_seed` seeds in one call.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

_default: Generator | None = None
_own: ContextVar[Generator | None] = ContextVar("autograd_mini_generator", default=None)


def default_generator() -> Generator:
    """Return the generator that is drawn from where none is given.

    It is seeded by the operating system until `manual_seed` seeds it.
    """
    global _default
    own = _own.get()
    if own is not None:
        return own
    if _default is None:
        _default = np.random.default_rng()
    return _default


def manual_seed(seed: int) -> Generator:
    """Seed the default generator, and return it.

    Args:
        seed: a non-negative integer: the same one gives the same numbers.

    >>> import autograd_mini as ag
    >>> generator = ag.manual_seed(0)
    >>> first = ag.nn.Linear(2, 3).weight
    >>> generator = ag.manual_seed(0)
    >>> bool((ag.nn.Linear(2, 3).weight == first).all())
    True
    """
    generator = default_generator()
    generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state
    return generator


def get_state() -> dict[str, Any]:
    """Return the state of the default generator, for `set_state` to return to.

    >>> from autograd_mini import random
    >>> state = random.get_state()
    >>> drawn = random.default_generator().random()
    >>> random.set_state(state)
    >>> random.default_generator().random() == drawn
    True
    """
    return copy.deepcopy(dict(default_generator().bit_generator.state))


def set_state(state: dict[str, Any]) -> None:
    """Return the default generator to a state that `get_state` gave."""
    default_generator().bit_generator.state = state


@contextlib.contextmanager
def drawing_from(state: dict[str, Any]) -> Iterator[Generator]:
    """Draw inside from a generator of this thread or task alone, which starts from `state`."""
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    token = _own.set(generator)
    try:
        yield generator
    finally:
        _own.reset(token)
