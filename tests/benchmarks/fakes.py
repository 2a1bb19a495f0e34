"""Contestants that do well, and some that do not: a small workload, and who is asked for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contestants import Contestant
from benchmarks.workload import Array, Entry, Workload

KEYS = ("numpy", "ours", "wrong", "raises", "dies", "hangs", "never starts")

CONTESTANTS = {key: Contestant(key, key.title(), (), f"pip install {key}") for key in KEYS}


def load(contestant: str) -> None:
    """Stand for the import of a library."""
    if contestant == "never starts":
        raise ImportError("no compiler here\nget one")


def ones(size: int, factor: float = 1.0) -> list[Array]:
    """Return a loss and a gradient."""
    return [np.array(float(size)), np.full(size, factor)]


def good(size: int, variant: str) -> Entry:
    return Entry(lambda: np.ones(size).sum(), lambda: ones(size), lambda: np.ones(size))


def wrong(size: int, variant: str) -> Entry:
    return Entry(lambda: None, lambda: ones(size, 1.001))


def failing(action: Callable[[], Any]) -> Callable[[int, str], Entry]:
    """Return what makes an entry whose steps do something else."""
    return lambda size, variant: Entry(action, lambda: ones(size))


def raises() -> None:
    raise RuntimeError("out of luck\nand more of it")


SUM = Workload(
    name="sum",
    title="Sum of ones",
    unit="elements",
    sizes=(10, 100, 1000),
    main=(100, 1000),
    dtype="float64",
    entries={
        "numpy": good,
        "ours": good,
        "wrong": wrong,
        "raises": failing(raises),
        "dies": failing(lambda: os._exit(7)),
        "hangs": failing(threading.Event().wait),
    },
    sits_out={"micrograd": "it knows no arrays"},
    limits={"ours": (100, "it is tired")},
)

WORKLOADS = {"sum": SUM}
