"""Runs an example as a user does: as a script, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_example(name, *args, fails=False, cwd=None, hidden=()):
    """Return what the example prints; `hidden` packages seem not to be installed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    environment.pop("DISPLAY", None)
    environment.pop("MPLBACKEND", None)
    script = str(ROOT / "examples" / name)
    command = [sys.executable, script, *map(str, args)]
    if hidden:
        hide = f"import sys; sys.modules.update(dict.fromkeys({list(hidden)!r}))"
        run = (
            f"import runpy; sys.argv[:] = {command[1:]!r}; sys.path[0] = {str(ROOT / 'examples')!r}"
        )
        command[1:] = ["-c", f"{hide}; {run}; runpy.run_path({script!r}, run_name='__main__')"]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=cwd
    )
    if fails:
        assert done.returncode != 0, done.stdout
        return done.stderr
    assert done.returncode == 0, done.stderr
    return done.stdout
