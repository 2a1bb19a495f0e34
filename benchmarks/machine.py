"""The machine: what it is, how many threads may run on it, how much memory a process has had."""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module, metadata
from pathlib import Path

from .contestants import Contestant

_COUNTS = (  # who reads it: OpenMP and PyTorch, NumPy's BLAS of several kinds, XLA, tinygrad
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",
    "NUM_CPU_THREADS",
)


def limit(threads: int) -> None:
    """Let this process use so many threads, on as many processors. Call it before any import.

    Where a process can't be pinned (macOS, Windows), the libraries' own limits have to do.
    """
    os.environ.update(dict.fromkeys(_COUNTS, str(threads)))
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, processors()[:threads])


def forget_compiled(scratch: str) -> None:
    """Have compilers keep nothing from one run to the next, that would hide what they take."""
    os.environ.update(
        TORCHINDUCTOR_CACHE_DIR=scratch,
        TORCHINDUCTOR_FORCE_DISABLE_CACHES="1",
        JAX_ENABLE_COMPILATION_CACHE="0",
        CACHELEVEL="0",  # tinygrad's
    )


def processors() -> list[int]:
    """Return the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def peak_memory() -> int | None:
    """Return the most bytes that this process has had resident; None where nobody tells."""
    try:  # first, as what getrusage tells of a new process begins with what its parent had
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return _peak_by_resource()
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def _peak_by_resource() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def version(contestant: Contestant) -> str:
    """Return the version that is installed: what pip knows, or what the module says itself."""
    name = contestant.modules[0]
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return str(getattr(import_module(name), "__version__", "unknown"))


def describe(threads: int) -> dict[str, str]:
    """Return what there is to say of this machine, as names and values."""
    import numpy as np

    build = np.show_config(mode="dicts")
    blas = build["Build Dependencies"]["blas"]
    pinned = ", ".join(map(str, processors()[:threads]))
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": platform.platform(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "NumPy": np.__version__,
        "BLAS": f"{blas['name']} {blas['version']}",
        "pinned": f"to processors {pinned}" if hasattr(os, "sched_setaffinity") else "no",
    }


def _processor() -> str:
    """The processor's name as Linux gives it, which `platform` does not look for."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory() -> str:
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return "unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.1f} GiB"
