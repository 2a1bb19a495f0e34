"""Results as a run would give them, made up: with known ratios, laws of growth, and gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.results import Race, Results, Timing

MIB = 2**20

NOISE = (0.0, 0.02, -0.01, 0.05, -0.02, 0.01, 0.0, -0.03, 0.3, -0.01, 0.02, -0.02, 0.01, 0.0, 0.04)
"""How much slower the machine was in each round, for all alike."""

PACE = {
    "numpy": 1.0,
    "ours": 1.4,
    "torch": 3.1,
    "compile": 2.0,
    "jax": 1.6,
    "autograd": 4.5,
    "mygrad": 7.0,
    "tinygrad": 40.0,
}
"""What a step of each takes, in steps of NumPy by hand, where nothing else is said."""

BASES = {"numpy": 30, "ours": 33, "torch": 190, "compile": 240, "jax": 160, "autograd": 36}
"""What the import of each takes, in MiB."""


def rounds(seconds: float, wobble: float = 0.0, count: int = 15) -> list[float]:
    """Return the times of `count` rounds around `seconds`, of which `wobble` is one's own part."""
    own = [wobble * math.sin(2.1 * i) for i in range(count)]
    return [
        seconds * (1 + common) * (1 + alone)
        for common, alone in zip(NOISE[:count], own, strict=True)
    ]


def timing(contestant: str, seconds: float, variant: str = "", *, main: bool = True) -> Timing:
    """Return a full timing: at 20 MiB above the import and a first step of 3 steps."""
    base = BASES.get(contestant, 50) * MIB
    return Timing(
        contestant,
        variant,
        seconds=rounds(seconds, 0.01 if contestant != "ours" else 0.0, 15 if main else 5),
        first=3 * seconds,
        peak=base + 20 * MIB if main else None,
        base=base if main else None,
    )


def sweep(
    name: str,
    title: str,
    unit: str,
    sizes: Sequence[int],
    main: Sequence[int],
    *,
    start: float,
    law: float,
    overhead: float = 0.0,
    dtype: str = "float64",
    absent: Sequence[str] = (),
    limits: dict[str, int] | None = None,
) -> list[Race]:
    """Return the races of a workload whose time is overhead + start * size**law."""
    races = []
    for size in sizes:
        race = Race(name, title, unit, size, dtype, size in main)
        for key, pace in PACE.items():
            if key in absent:
                race.timings.append(Timing(key, problem="has no such function"))
            elif size > (limits or {}).get(key, size):
                race.timings.append(Timing(key, problem=f"at most {(limits or {})[key]:,}: slow"))
            else:
                mine = overhead * pace * (key != "numpy") + start * size**law * pace**0.4
                race.timings.append(timing(key, mine, main=race.main))
        races.append(race)
    return races


def forward_told_apart(races: list[Race]) -> list[Race]:
    """Give all but HIPS autograd a forward run of 40 % of a step, ours of 25 %."""
    for race in races:
        for one in race.timings:
            if one.contestant != "autograd":
                share = 0.25 if one.contestant == "ours" else 0.4
                one.forward = [share * second for second in one.seconds]
    return races


def samples_race(size: int, main: bool) -> Race:
    """Return a race of two variants, where a loop takes size / 4 times as long."""
    race = Race("samples", "Network over samples", "samples", size, "float64", main)
    for key in ("numpy", "ours", "torch"):
        race.timings += [
            timing(key, 1e-5 * PACE[key], "vectorised", main=main),
            timing(key, 1e-5 * PACE[key] * size / 4, "a loop", main=main),
        ]
    race.timings.append(timing("jax", 2e-5, "vectorised", main=main))
    race.timings.append(Timing("jax", "a loop", problem="no answer in 180 s"))
    return race


def results() -> Results:
    """Return a run of several workloads, complete but for what contestants lack."""
    digits = sweep(
        "digits-step",
        "784-128-64-10 step",
        "rows",
        (1, 32, 256, 2048),
        (1, 32, 256, 2048),
        start=6e-6,
        law=1.0,
        overhead=5e-5,
        dtype="float32",
    )
    digits[1].timings[-1] = Timing(
        "tinygrad", problem="disagrees: gradient 2 is off by 0.31, where 1e-05 is allowed"
    )
    chain = sweep(
        "chain",
        "Elementwise chain",
        "elements",
        (100, 10_000, 1_000_000, 10_000_000),
        (10_000, 1_000_000),
        start=2e-8,
        law=1.0,
        overhead=8e-6,
    )
    tiny = forward_told_apart(
        sweep(
            "tiny",
            "Tiny operations",
            "operations",
            (300, 3_000, 30_000),
            (3_000,),
            start=1e-6,
            law=1.0,
            limits={"compile": 300, "tinygrad": 3_000},
        )
    )
    tiny[0].timings.append(timing("micrograd", 9e-4, main=False))
    tiny[1].timings.append(timing("micrograd", 9e-3))
    gp = sweep(
        "gp",
        "Gaussian-process log-likelihood",
        "points",
        (50, 100, 200, 400),
        (200,),
        start=2e-9,
        law=2.5,
        overhead=2e-5,
        absent=("mygrad", "tinygrad"),
    )
    importing = Race("import", "Import", "", 1, "", True)
    for key, seconds in (("numpy", 0.08), ("ours", 0.104), ("torch", 1.35), ("jax", 0.61)):
        importing.timings.append(Timing(key, seconds=rounds(seconds, 0.02, 7)))
    return Results(
        date="2026-11-25T18:20:33+00:00",
        command="python -m benchmarks --threads 2 --markdown benchmarks/RESULTS.md",
        machine={
            "processor": "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
            "cores": "2",
            "system": "Linux 6.1",
            "Python": "3.11.2",
            "NumPy": "2.4.6",
            "BLAS": "OpenBLAS 0.3.31",
        },
        versions={
            "numpy": "2.4.6",
            "ours": "0.4.0",
            "torch": "2.13.0",
            "compile": "2.13.0",
            "jax": "0.8.1",
            "autograd": "1.8.0",
            "mygrad": "2.3.0",
            "tinygrad": "0.11.0",
            "micrograd": "0.1.0",
        },
        missing={},
        threads=2,
        complete=True,
        races=[
            importing,
            *digits,
            *chain,
            *tiny,
            *gp,
            samples_race(16, False),
            samples_race(256, True),
        ],
    )


def interrupted() -> Results:
    """Return the first races of a run that was ended, with no memory measured."""
    part = results()
    part.complete = False
    part.missing = {"micrograd": "micrograd: pip install -e '.[bench]'"}
    part.races = part.races[:3]
    for race in part.races:
        for one in race.timings:
            one.peak = one.base = None
    return part


def empty() -> Results:
    """Return a run that was ended before its first race was over."""
    part = interrupted()
    part.races = []
    return part
