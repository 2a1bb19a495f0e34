"""What is told of the machine, and what a process is limited to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import machine
from benchmarks.contestants import CONTESTANTS

ROOT = Path(__file__).parents[2]


def printed(source: str) -> str:
    command = [sys.executable, "-c", f"import os; from benchmarks import machine; {source}"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_threads_are_limited_and_pinned() -> None:
    source = "machine.limit(1); print(os.environ['OMP_NUM_THREADS'], *machine.processors()[:2])"
    threads, *processors = printed(source).split()
    assert threads == "1"
    if hasattr(os, "sched_setaffinity"):
        assert len(processors) == 1


def test_the_command_line_and_workers_import_numpy_after_threads_are_limited() -> None:
    source = "import sys, benchmarks.__main__, benchmarks.worker; print('numpy' in sys.modules)"
    assert printed(source) == "False\n"


def test_compilers_keep_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    machine.forget_compiled(str(tmp_path))
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path)
    assert os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] == "1"


@pytest.mark.skipif(machine.peak_memory() is None, reason="this system does not tell")
def test_peak_memory_grows_with_what_is_used_and_stays() -> None:
    before, during, after = map(
        int,
        printed(
            "a = machine.peak_memory(); b = bytearray(10**8); c = machine.peak_memory(); del b; "
            "print(a, c, machine.peak_memory())"
        ).split(),
    )
    assert 1e6 < before < 1e9
    assert during - before > 0.9e8
    assert after > 0.99 * during  # Linux counts pages in batches


def test_versions_are_told_of_installed_libraries() -> None:
    assert machine.version(CONTESTANTS["numpy"]) == np.__version__
    assert machine.version(CONTESTANTS["ours"])[0].isdigit()


def test_the_machine_is_described_in_words() -> None:
    described = machine.describe(2)
    assert {"processor", "cores", "system", "Python", "NumPy", "BLAS"} <= described.keys()
    assert all(isinstance(value, str) and value for value in described.values())
