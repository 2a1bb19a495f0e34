"""Who competes: each library that is asked for derivatives, and how to get it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from shutil import which


@dataclass(frozen=True)
class Contestant:
    """A library, or a way to use it.

    Attributes:
        key: what the command line and the results call it.
        title: what tables call it.
        modules: what must be importable.
        get: how to install it.
        slow_start: whether it compiles for so long that it races in main sizes alone, and not in
            quick runs.
        program: what must be found to run.
    """

    key: str
    title: str
    modules: tuple[str, ...]
    get: str
    slow_start: bool = False
    program: str | None = None

    def missing(self) -> str | None:
        """Return what to install before it can compete, None if it can."""
        absent = [name for name in self.modules if find_spec(name) is None]
        if absent:
            return f"{', '.join(absent)}: {self.get}"
        if self.program is not None and which(self.program) is None:
            return f"{self.program}, which it compiles with: apt install {self.program}"
        return None


BY_HAND, OURS, TORCH = "numpy", "ours", "torch"
"""The keys of the floor, of this library, and of the peer that memory is compared with."""

_EXTRA = "pip install -e '.[bench]'"

CONTESTANTS = {
    contestant.key: contestant
    for contestant in (
        Contestant(BY_HAND, "NumPy by hand", ("numpy",), "pip install numpy"),
        Contestant(OURS, "autograd_mini", ("autograd_mini",), "pip install -e ."),
        Contestant(TORCH, "PyTorch", ("torch",), _EXTRA),
        Contestant("compile", "torch.compile", ("torch",), _EXTRA, slow_start=True),
        Contestant("jax", "JAX jit", ("jax",), _EXTRA),
        Contestant("autograd", "HIPS autograd", ("autograd",), _EXTRA),
        Contestant("mygrad", "MyGrad", ("mygrad",), _EXTRA),
        Contestant("tinygrad", "tinygrad", ("tinygrad",), _EXTRA, slow_start=True, program="clang"),
        Contestant("micrograd", "micrograd", ("micrograd",), _EXTRA),
    )
}
"""All of them, in the order of tables."""
