"""Importing a library, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from ..workload import Entry, Workload

STATEMENTS = {
    "numpy": "import numpy",
    "ours": "import autograd_mini",
    "torch": "import torch",
    "jax": "import jax, jax.numpy",
    "autograd": "import autograd, autograd.numpy",
    "mygrad": "import mygrad",
    "tinygrad": "import tinygrad",
}


def entry(statement: str) -> Callable[[int, str], Entry]:
    """Return what makes the entry of an import: each step is a process, which times itself."""
    source = (
        f"from time import perf_counter; start = perf_counter(); {statement}; "
        "print(perf_counter() - start)"
    )
    command = [sys.executable, "-c", source]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # compiled once, and kept

    def step() -> float:
        return float(subprocess.check_output(command, env=environment).split()[-1])

    def measure(repeats: int) -> float:
        return sum(step() for _ in range(repeats))

    return lambda size, variant: Entry(step, list, measure=measure)


IMPORT = Workload(
    name="import",
    title="import",
    unit="imports",
    sizes=(1,),
    main=(1,),
    dtype="",
    entries={key: entry(statement) for key, statement in STATEMENTS.items()},
    sits_out={
        "compile": "it is imported with PyTorch",
        "micrograd": "it has no arrays, and imports nothing",
    },
)
