"""What is run: which workloads, of which sizes, and who takes part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .contestants import BY_HAND, OURS, Contestant
from .workload import Workload

T = TypeVar("T")


class SelectionError(ValueError):
    """What is asked for is not there: the message says what is."""


@dataclass(frozen=True)
class Pace:
    """How long things may take.

    Attributes:
        rounds: of a race of a main size.
        fewest: however slow they are.
        others: the rounds of a race of the sweep's other sizes.
        budget: the seconds that the rounds of a race should take together.
        turn: the seconds that a turn should take.
        warm_up: the seconds within which times should settle.
        limit: the seconds within which a contestant must answer whatever it is asked.
    """

    rounds: int
    fewest: int
    others: int
    budget: float
    turn: float
    warm_up: float
    limit: float


THOROUGH = Pace(15, 3, 5, budget=30, turn=0.05, warm_up=2, limit=180)
QUICK = Pace(5, 2, 5, budget=0.3, turn=0.01, warm_up=0.05, limit=60)


@dataclass(frozen=True)
class Heat:
    """A race to be run.

    Attributes:
        lanes: the contestants and the variants, in the order of tables.
        out: the contestants that take no part, and why.
    """

    workload: Workload
    size: int
    lanes: tuple[tuple[str, str], ...]
    out: tuple[tuple[str, str], ...]

    @property
    def main(self) -> bool:
        """Whether tables show it."""
        return self.size in self.workload.main


def chosen(workloads: Mapping[str, Workload], only: Iterable[str]) -> list[Workload]:
    """Return the workloads of those names; all if there are none.

    Raises:
        SelectionError: if there is no workload of a name.
    """
    return [_find(workloads, name, "workload") for name in only] or list(workloads.values())


def invited(
    contestants: Mapping[str, Contestant], against: Sequence[str], quick: bool
) -> tuple[dict[str, Contestant], dict[str, str]]:
    """Return who takes part, and for the others how to have them take part.

    Args:
        contestants: all there are.
        against: those that are asked for by name. Without names, whoever is installed is.
        quick: whether those that need long to compile are left out, unless asked for by name.

    Raises:
        SelectionError: if one is asked for that there is not, or that is not installed.
    """
    for key in against:
        absent = _find(contestants, key, "contestant").missing()
        if absent:
            raise SelectionError(f"{key} is not installed. It needs {absent}")
    here, missing = {}, {}
    for key, contestant in contestants.items():
        if against and key not in (BY_HAND, OURS, *against):
            continue
        absent = contestant.missing()
        if absent:
            missing[key] = absent
        elif quick and contestant.slow_start and key not in against:
            missing[key] = f"--against {key}, as quick runs leave out what compiles for long"
        else:
            here[key] = contestant
    return here, missing


def heats(
    workloads: Iterable[Workload], keys: Sequence[str], quick: bool, slow: Collection[str] = ()
) -> list[Heat]:
    """Return the races of `workloads` among the contestants `keys`, in order.

    Quick ones are of the first main size alone; those who are `slow` to start race in main sizes.
    """
    quicker = [key for key in keys if key not in slow]
    return [
        _heat(workload, size, keys if size in workload.main else quicker)
        for workload in workloads
        for size in (workload.main[:1] if quick else workload.sizes)
    ]


def _heat(workload: Workload, size: int, keys: Sequence[str]) -> Heat:
    lanes: list[tuple[str, str]] = []
    out: dict[str, str] = {}
    for key in keys:
        for variant in workload.variants:
            reason = _reason(workload, size, key, variant)
            if reason:
                out.setdefault(key, reason)
            else:
                lanes.append((key, variant))
    return Heat(workload, size, tuple(lanes), tuple(out.items()))


def _reason(workload: Workload, size: int, key: str, variant: str) -> str:
    """Why a contestant takes no part; "" if it does."""
    if key not in workload.entries:
        return workload.sits_out.get(key, "it can't be asked")
    of_all = workload.limits.get(key, (size, ""))
    largest, why = workload.limits.get(f"{key}/{variant}", of_all)
    return why if size > largest else ""


def _find(known: Mapping[str, T], name: str, what: str) -> T:
    if name not in known:
        raise SelectionError(f"no {what} is called {name!r}. There are {', '.join(known)}")
    return known[name]
