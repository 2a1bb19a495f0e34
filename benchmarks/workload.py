"""What is raced: a computation, and how each contestant says it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Entry:
    """A computation of one size, made ready by a contestant.

    Attributes:
        step: what is timed. It returns when its results are there, and not before.
        answer: computes the loss, and then each gradient, from the start, whatever steps were done:
            what contestants must agree in.
        forward: the forward run alone, recorded for a walk back, where it is timed apart.
        measure: the seconds that so many steps take, for what has a clock of its own.
    """

    step: Callable[[], Any]
    answer: Callable[[], list[Array]]
    forward: Callable[[], Any] | None = None
    measure: Callable[[int], float] | None = None

    def seconds(self, repeats: int) -> float:
        """Return how long so many steps take."""
        return self.measure(repeats) if self.measure else timed(self.step, repeats)


def timed(action: Callable[[], Any], repeats: int) -> float:
    """Return the seconds that `action` takes when it is done so many times."""
    start = time.perf_counter()
    for _ in range(repeats):
        action()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Workload:
    """A computation, for several sizes.

    Attributes:
        name: what the command line calls it: "or-step".
        title: what tables call it: "OR step, 2-3-1".
        unit: what the size counts: "rows".
        sizes: those of the sweep, in ascending order.
        main: those among them that tables show; the first alone in quick runs.
        dtype: what is computed in.
        entries: for each contestant, by its key, what makes an entry of a size and a variant.
        variants: ways to compute the same that are told apart: "vectorised", "a loop".
        sits_out: why contestants without an entry have none, by their keys.
        limits: the largest size that a contestant is asked for, by its key, or "key/variant", where
            one takes too long or too much memory; and why.
    """

    name: str
    title: str
    unit: str
    sizes: tuple[int, ...]
    main: tuple[int, ...]
    dtype: str
    entries: Mapping[str, Callable[[int, str], Entry]]
    variants: tuple[str, ...] = ("",)
    sits_out: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, tuple[int, str]] = field(default_factory=dict)
