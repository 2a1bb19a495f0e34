"""Numbers and names as reports write them."""

from __future__ import annotations

import math

from ..contestants import CONTESTANTS
from ..results import Race, Results
from .figures import Spread

NONE = "-"
"""What stands where there is no figure."""

_HEADINGS = {
    "numpy": "by\nhand",
    "ours": "ours",
    "torch": "Py-\nTorch",
    "compile": "torch\ncom-\npile",
    "jax": "JAX\njit",
    "autograd": "HIPS\nauto-\ngrad",
    "mygrad": "My-\nGrad",
    "tinygrad": "tiny-\ngrad",
    "micrograd": "micro-\ngrad",
}


def title(contestant: str) -> str:
    """Return the full name of a contestant."""
    known = CONTESTANTS.get(contestant)
    return known.title if known else contestant


def heading(contestant: str) -> str:
    """Return the name of a contestant on narrow lines: all of them fit into a terminal."""
    return _HEADINGS.get(contestant, title(contestant))


def number(value: float) -> str:
    """Return a number with three digits that count, and the whole of one above 1,000.

    >>> [number(value) for value in (0.012345, 0.5, 1.2345, 123.4, 12345)]
    ['0.0123', '0.500', '1.23', '123', '12,345']
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.3g}")
    power = math.floor(math.log10(abs(rounded)))
    return f"{value:,.{max(0, 2 - power)}f}"


def count(value: int) -> str:
    """Return a number of things, short: from a million on with a power of ten if it is a round one.

    >>> count(1), count(2048), count(2_000_000), count(2_345_678)
    ('1', '2,048', '2e6', '2,345,678')
    """
    power = len(str(value)) - 1
    return f"{value // 10**power}e{power}" if power > 5 and not value % 10**power else f"{value:,}"


def spread(value: Spread) -> str:
    """Return a ratio, and what the middle half of its rounds lies between.

    >>> spread(Spread(0.44, 0.451, 0.47))
    '0.451 (0.440 to 0.470)'
    """
    return f"{number(value.middle)} ({number(value.low)} to {number(value.high)})"


def plural(number: int, one: str) -> str:
    """Return how many there are.

    >>> plural(1, "round"), plural(15, "round")
    ('1 round', '15 rounds')
    """
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def size(race: Race) -> str:
    """Return the size of a race, blank where there is nothing to count."""
    return count(race.size) if race.unit else ""


def sweep_size(race: Race) -> str:
    """Return the size of a race with what it counts."""
    if not race.unit:
        return ""
    return f"{race.size:,} {race.unit.removesuffix('s') if race.size == 1 else race.unit}"


def facts(results: Results) -> dict[str, str]:
    """Return what a run was made with: names and values, in the order to be read in."""
    versions = ", ".join(f"{title(key)} {value}" for key, value in results.versions.items())
    found = {
        "date": results.date.replace("T", " "),
        "command": results.command,
        "threads": f"{results.threads} for each contestant",
        **results.machine,
        "versions": versions,
    }
    if results.missing:
        needs = (f"{title(key)} needs {get}" for key, get in results.missing.items())
        found["missing"] = "; ".join(needs)
    if not results.complete:
        found["incomplete"] = f"the run was ended after {plural(len(results.races), 'race')}"
    return found


MEASURED = (
    "Each contestant is a process of its own, with the same number of threads, and computes the "
    "same from the same data in the same dtype.",
    "Before anything is timed, the loss and the gradients of all are compared: who disagrees is "
    "reported, and not timed.",
    "Each runs until its times settle, and is compiled by then; the first step, which includes "
    "building and compiling, is told apart.",
    "Then they take turns, round by round, so that whatever else the machine does meets all of "
    "them: a ratio is taken within a round, and what is shown is the median of the rounds, with "
    "what the middle half of them lies between.",
    "Times are of one step; memory is the peak that a fresh process had resident.",
)
"""How it is measured."""
