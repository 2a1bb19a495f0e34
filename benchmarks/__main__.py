"""The command line: `python -m benchmarks --help`.

Each worker process imports this module too, so what it needs is imported where it is needed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from . import machine

OUT = Path("out")


def parser() -> argparse.ArgumentParser:
    """Return what understands the command line."""
    p = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="autograd_mini against NumPy written by hand and every peer that is installed.",
    )
    p.add_argument("--quick", action="store_true", help="one size each, few rounds: in a minute")
    p.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these workloads alone")
    p.add_argument("--against", nargs="+", default=[], metavar="KEY", help="these peers alone")
    processors = len(machine.processors())
    p.add_argument(
        "--threads",
        type=int,
        choices=range(1, processors + 1),
        default=min(2, processors),
        metavar="N",
        help="how many each may use (default 2)",
    )
    p.add_argument("--rounds", type=_count, metavar="N", help="of each race of a main size")
    p.add_argument("--no-memory", action="store_true", help="go on in the same processes: quicker")
    p.add_argument("--json", type=Path, default=OUT / "benchmarks.json", metavar="FILE")
    p.add_argument("--markdown", type=Path, metavar="FILE", help="write a report")
    p.add_argument("--html", type=Path, metavar="FILE", help="write a page")
    p.add_argument("--plot", type=Path, metavar="FOLDER", help="draw growth and ratios")
    p.add_argument("--compare", type=Path, metavar="OLD.json", help="what has changed since")
    other = p.add_mutually_exclusive_group()
    other.add_argument(
        "--from", type=Path, dest="saved", metavar="FILE", help="run nothing: report"
    )
    other.add_argument("--list", action="store_true", help="what there is to run, and who is here")
    other.add_argument("--profile", metavar="WORKLOAD", help="where the time of our step goes")
    p.add_argument("--size", type=_count, metavar="N", help="of the workload that is profiled")
    return p


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says. Return the exit code."""
    p = parser()
    options = p.parse_args(arguments)
    for module in ["rich"] + ["matplotlib"] * bool(options.plot):
        if find_spec(module) is None:
            p.error(f"this needs {module}: pip install {module}")
    if options.size and not options.profile:
        p.error("--size goes with --profile")
    if options.profile:  # before NumPy is imported
        machine.limit(options.threads)
    from . import command
    from .plan import SelectionError

    try:
        return command.do(options, sys.argv[1:] if arguments is None else list(arguments))
    except (SelectionError, OSError) as error:
        p.error(str(error))


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
