"""The tables of a run, in words: the same for a terminal, Markdown and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from autograd_mini.reports.table import readable_seconds

from ..contestants import BY_HAND, OURS, TORCH
from ..results import Race, Results, Timing
from ..statistics import median, quartiles
from . import figures
from .figures import Case, Growth, Spread
from .words import NONE, count, heading, number, plural, size, spread, sweep_size, title

Tone = Literal["", "faster", "slower", "faint", "strong"]


@dataclass(frozen=True)
class Cell:
    """A text in a table.

    Attributes:
        text: what it says.
        full: the same where there is more room.
        note: what a page says when it is pointed at.
        tone: how it is set off.
        ratio: what it says, where that is a ratio which a page may colour.
    """

    text: str
    full: str = ""
    note: str = ""
    tone: Tone = ""
    ratio: float | None = None


@dataclass(frozen=True)
class Table:
    """Rows under headings, of which the first `labels` columns say what a row is."""

    title: str
    columns: list[Cell]
    rows: list[list[Cell]]
    labels: int = 1
    notes: list[str] = field(default_factory=list)


BLANK = Cell(NONE, tone="faint")


# Cells


def ratio_cell(value: Spread | None, note: str = "", *, within: bool = False) -> Cell:
    """Return a ratio, set off where the middle half of the rounds is on one side of 1."""
    if value is None:
        return BLANK
    tone: Tone = "faster" if value.high < 1 else "slower" if value.low > 1 else ""
    return Cell(
        spread(value) if within else number(value.middle),
        note=note or f"{spread(value)}, the middle half of rounds",
        tone=tone,
        ratio=value.middle,
    )


def plain_ratio(value: float | None) -> Cell:
    """Return a ratio that has no spread."""
    return BLANK if value is None else Cell(number(value), ratio=value)


def seconds_cell(seconds: Sequence[float]) -> Cell:
    """Return the median of times, which is not what counts."""
    if not seconds:
        return BLANK
    low, middle, high = map(readable_seconds, quartiles(seconds))
    return Cell(middle, note=f"{low} to {high}, the middle half of rounds", tone="faint")


def case_cells(case: Case) -> list[Cell]:
    race = case.race
    variant = f": {case.variant}" if case.variant else ""
    return [
        Cell(race.workload + variant, full=race.title + variant),
        Cell(size(race), full=sweep_size(race)),
    ]


def case_columns() -> list[Cell]:
    return [Cell("workload"), Cell("size")]


def _headings(keys: Iterable[str]) -> list[Cell]:
    return [Cell(heading(key), full=title(key)) for key in keys]


# One race


def race(race: Race) -> Table:
    """Return what each contestant took in one race, and why others took no part."""
    rounds = max((len(timing.seconds) for timing in race.timings), default=0)
    facts = [race.title, sweep_size(race), race.dtype, plural(rounds, "round")]
    columns = [
        Cell("contestant"),
        Cell("time"),
        Cell("time /\nby hand", full="time / by hand"),
        Cell("ours / time", full="ours / time (middle half of rounds)"),
        Cell("first\nstep", full="first step"),
        Cell("peak\nMiB", full="peak memory, MiB"),
        Cell("above\nimport", full="above the import, MiB"),
    ]
    rows = [
        row
        for variant in figures.variants(race)
        for key in figures.contestants([race])
        for row in _timing_rows(Case(race, variant), key)
    ]
    used = [i for i in range(len(columns)) if i < 4 or any(row[i] != BLANK for row in rows)]
    return Table(
        ", ".join(filter(None, facts)),
        [columns[i] for i in used],
        [[row[i] for i in used] for row in rows],
        notes=[*_about_parts(race), *problems(race)],
    )


def _about_parts(race: Race) -> list[str]:
    if any(timing.forward for timing in race.timings):
        return ["Backward: a step less its forward run, so with the update if it has one."]
    return []


def problems(race: Race) -> list[str]:
    """Return why contestants have no times in a race."""
    return [
        f"{_named(timing.contestant, timing.variant)}: {timing.problem}"
        for timing in race.timings
        if timing.problem
    ]


def _named(contestant: str, variant: str) -> str:
    return f"{title(contestant)}, {variant}" if variant else title(contestant)


def _timing_rows(case: Case, key: str) -> list[list[Cell]]:
    timing = case.timing(key)
    if not timing.seconds:
        return []
    memory = [_mebibytes(timing.peak), _mebibytes(figures.above_import(timing))]
    first = BLANK if timing.first is None else Cell(readable_seconds(timing.first))
    name = Cell(_named(key, case.variant), tone="strong" if key == OURS else "")
    rows = [[name, *_compared(case, key, lambda one: one.seconds), first, *memory]]
    parts = {"forward": lambda one: one.forward, "backward": figures.backward}
    for part, of in parts.items():
        if timing.forward:
            label = Cell(f"  {part}", tone="faint")
            rows.append([label, *_compared(case, key, of), BLANK, BLANK, BLANK])
    return rows


def _compared(case: Case, key: str, of: Callable[[Timing], list[float]]) -> list[Cell]:
    """Return the time of a contestant, and its ratios: to that by hand, and ours to it."""
    by_hand, ours, theirs = (of(case.timing(one)) for one in (BY_HAND, OURS, key))
    floor = figures.spread(theirs, by_hand) if key != BY_HAND else None
    ratio = figures.spread(ours, theirs) if key != OURS else None
    return [
        seconds_cell(theirs),
        BLANK if floor is None else Cell(number(floor.middle), note=spread(floor)),
        ratio_cell(ratio, within=True),
    ]


def _mebibytes(amount: int | None, note: str = "") -> Cell:
    return BLANK if amount is None else Cell(number(amount / 2**20), note=note)


# All races


def summary(results: Results) -> Table:
    """Return our time over that of each contestant, for the main sizes of each workload."""
    races = figures.main_races(results)
    keys = figures.opponents(races)
    rows, middles = [], {key: list[float]() for key in keys}
    for case in figures.cases(races):
        ratios = {key: figures.ours_over(case, key) for key in keys}
        for key, ratio in ratios.items():
            middles[key] += [] if ratio is None else [ratio.middle]
        cells = [ratio_cell(ratio, _times(case, key, ratio)) for key, ratio in ratios.items()]
        rows.append([*case_cells(case), *cells])
    means = [plain_ratio(figures.geometric_mean(middles[key])) for key in keys]
    if rows:
        rows.append([Cell("geometric mean", tone="strong"), Cell(""), *means])
    return Table(
        "Time: ours / theirs. Below 1, ours is faster",
        case_columns() + _headings(keys),
        rows,
        labels=2,
        notes=[
            "Each ratio is the median of those taken within a round: bold where the middle half "
            "of the rounds is below 1. The geometric mean is over the rows that one has."
        ],
    )


def _times(case: Case, key: str, ratio: Spread | None) -> str:
    if ratio is None:
        return ""
    ours, theirs = (readable_seconds(median(case.timing(one).seconds)) for one in (OURS, key))
    return f"{spread(ratio)}: {ours} to {theirs}"


def growth(results: Results) -> Table:
    """Return the exponent that each contestant's time grows with, over each sweep."""
    keys = figures.contestants(results.races)
    rows, notes = [], []
    for races in figures.sweeps(results).values():
        for variant in figures.variants(races[-1]):
            case = Case(races[-1], variant)
            laws = {key: figures.growth(races, key, variant) for key in keys}
            found = [law.sizes for law in laws.values() if law]
            if not found:
                continue
            shared = max(found, key=found.count)
            cells = [_exponent(law) for law in laws.values()]
            rows.append([case_cells(case)[0], Cell(_range(shared)), *cells])
            notes += [
                f"{title(key)}, {races[-1].title}: fitted over {_range(law.sizes)}."
                for key, law in laws.items()
                if law and law.sizes != shared
            ]
    return Table(
        "Growth: the exponent k of time = c · size^k",
        [Cell("workload"), Cell("fitted over"), *_headings(keys)],
        rows,
        labels=2,
        notes=notes,
    )


def _exponent(law: Growth | None) -> Cell:
    return Cell(f"{round(law.exponent, 2) + 0.0:.2f}") if law else BLANK  # 0.0 for -0.0


def _range(sizes: Sequence[int]) -> str:
    return f"{count(min(sizes))} to {count(max(sizes))}"


def memory(results: Results) -> Table:
    """Return the peak of each contestant's memory, and ours over PyTorch's."""
    keys = figures.contestants(results.races)
    rows = []
    for case in figures.cases(figures.main_races(results)):
        timings = [case.timing(key) for key in keys]
        if any(timing.peak is not None for timing in timings):
            ratios = [
                plain_ratio(figures.peak_over(case, TORCH, above_base=above))
                for above in (False, True)
            ]
            rows.append([*case_cells(case), *map(_peak, timings), *ratios])
    ratio = f"ours / {title(TORCH)}"
    columns = [
        Cell("ours\n/ Py-\nTorch", full=ratio),
        Cell("above\nim-\nport", full=f"{ratio}, above the import"),
    ]
    return Table(
        "Memory: the peak of a fresh process, in MiB",
        case_columns() + _headings(keys) + columns,
        rows,
        labels=2,
        notes=["The last column leaves out what the process had when the library was imported."],
    )


def _peak(timing: Timing) -> Cell:
    above = figures.above_import(timing)
    note = "" if above is None else f"{number(above / 2**20)} MiB of it above the import"
    return _mebibytes(timing.peak, note)


def variants(results: Results) -> Table:
    """Return how much longer the same takes each contestant in another way."""
    found = figures.factors(figures.main_races(results))
    keys = [key for key in figures.contestants(results.races) if any(key in f.of for f in found)]
    rows = [
        [
            *case_cells(Case(factor.race, f"{factor.variant} / {factor.first}")),
            *(_factor_cell(factor.of.get(key)) for key in keys),
        ]
        for factor in found
    ]
    columns = case_columns() + _headings(keys)
    return Table("Two ways to compute the same: how much longer", columns, rows, labels=2)


def _factor_cell(value: Spread | None) -> Cell:
    return BLANK if value is None else Cell(number(value.middle), note=spread(value))


def all_problems(results: Results) -> Table:
    """Return who has no times, and why: once for all sizes where the reason is the same."""
    sizes: dict[tuple[str, str, str], list[str]] = {}
    for race in results.races:
        for timing in race.timings:
            if timing.problem:
                who = _named(timing.contestant, timing.variant)
                sizes.setdefault((race.title, who, timing.problem), []).append(size(race))
    rows = [
        [Cell(workload), Cell(who), Cell("; ".join(at)), Cell(problem)]
        for (workload, who, problem), at in sizes.items()
    ]
    columns = [Cell("workload"), Cell("contestant"), Cell("sizes"), Cell("why")]
    return Table("Not timed", columns, rows, labels=4)


def overall(results: Results) -> list[Table]:
    """Return the tables that are about all races, but for those that would be empty."""
    tables = [
        *(summary(results), growth(results), memory(results), variants(results)),
        all_problems(results),
    ]
    return [table for table in tables if table.rows]
