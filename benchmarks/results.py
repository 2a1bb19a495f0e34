"""What was measured: kept as JSON, and all that reports are made of."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Timing:
    """What one contestant took, in one race.

    Attributes:
        contestant: its key.
        variant: which way of several, "" for the only one.
        seconds: a step, one number for each round; rounds are the same for all in a race.
        forward: the forward run alone, likewise, where it is told apart.
        first: the seconds from nothing to the end of the first step: building and compiling.
        peak: the most memory that a fresh process had, in bytes; None if not measured.
        base: what that process had before: the library imported, and nothing else.
        problem: why there are no times: it disagreed, failed, sat out, took too long.
    """

    contestant: str
    variant: str = ""
    seconds: list[float] = field(default_factory=list)
    forward: list[float] = field(default_factory=list)
    first: float | None = None
    peak: int | None = None
    base: int | None = None
    problem: str = ""


@dataclass
class Race:
    """One workload of one size, and what each contestant took."""

    workload: str
    title: str
    unit: str
    size: int
    dtype: str
    main: bool
    timings: list[Timing] = field(default_factory=list)


@dataclass
class Results:
    """A run of the program.

    Attributes:
        date: when it began, ISO 8601.
        command: what was typed.
        machine: the processor, its cores, the system, Python, NumPy and its BLAS: names and values.
        versions: of the contestants that were there, by key.
        missing: how to get the others, by key.
        threads: how many each contestant may use.
        complete: whether the run came to its end.
        races: in the order of the run.
    """

    date: str
    command: str
    machine: dict[str, str]
    versions: dict[str, str]
    missing: dict[str, str]
    threads: int
    complete: bool = False
    races: list[Race] = field(default_factory=list)


def save(results: Results, path: Path) -> None:
    """Write `results` to a JSON file: as a whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(asdict(results), indent=1), encoding="utf-8")
    os.replace(beside, path)


def load(path: Path) -> Results:
    """Read results that `save` wrote."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    races = content.pop("races")
    return Results(**content, races=[_race(race) for race in races])


def _race(content: dict[str, Any]) -> Race:
    timings = content.pop("timings")
    return Race(**content, timings=[Timing(**timing) for timing in timings])
