"""What changed between two runs: our time over that of the same reference, then and now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..contestants import BY_HAND, OURS, TORCH
from ..results import Results
from ..statistics import changed
from .figures import Case, Spread, cases, ours_over
from .tables import Cell, Table, case_cells, case_columns
from .terminal import stacked
from .words import number, plural, spread, title

if TYPE_CHECKING:
    from rich.console import RenderableType

REFERENCES = (BY_HAND, TORCH)
"""What our time is put over: the first that both runs have."""

Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Change:
    """One case of two runs: its ratio to the reference, and how that changed.

    Attributes:
        case: as it is in the new run.
        reference: the contestant that our time is put over.
        then: the ratio in the old run.
        now: the ratio in the new run.
        factor: the new ratio over the old.
        beyond: whether noise alone does not explain that.
    """

    case: Case
    reference: str
    then: Spread
    now: Spread
    factor: float
    beyond: bool


def compare(old: Results, new: Results) -> RenderableType:
    """Return, for a terminal, what differs between two runs: first those beyond noise."""
    return stacked(*differences(old, new), _table(changes(old, new)), *unpaired(old, new))


def changes(old: Results, new: Results) -> list[Change]:
    """Return how our ratio changed in each case of both: the largest changes beyond noise first."""
    before, after = _ours(old), _ours(new)
    found = [_change(before[key], after[key]) for key in after if key in before]
    known = [change for change in found if change]
    return sorted(known, key=lambda one: -abs(math.log(one.factor)) if one.beyond else 0.0)


def _ours(results: Results) -> dict[Key, Case]:
    """Return the cases that we have times of."""
    return {
        (case.race.workload, case.race.size, case.race.dtype, case.variant): case
        for case in cases(results.races)
        if case.timing(OURS).seconds
    }


def _change(old: Case, new: Case) -> Change | None:
    """Return how a case changed, if both runs have a reference in common."""
    for key in REFERENCES:
        then, now = ours_over(old, key), ours_over(new, key)
        if then and now:
            seconds = [case.timing(one).seconds for case in (old, new) for one in (OURS, key)]
            return Change(new, key, then, now, *changed(*seconds))
    return None


def _table(found: list[Change]) -> Table:
    beyond = sum(change.beyond for change in found)
    return Table(
        f"{beyond} of {plural(len(found), 'ratio')} changed beyond noise",
        [*case_columns(), *map(Cell, ("ours /", "then", "now", "factor", ""))],
        [_row(change) for change in found],
        labels=3,
    )


def _row(change: Change) -> list[Cell]:
    verdict = Cell("within noise", tone="faint")
    if change.beyond:
        slower = change.factor > 1
        verdict = Cell("slower" if slower else "faster", tone="slower" if slower else "faster")
    ratios = [Cell(number(one.middle), note=spread(one)) for one in (change.then, change.now)]
    factor = Cell(number(change.factor), tone=verdict.tone)
    return [*case_cells(change.case), Cell(title(change.reference)), *ratios, factor, verdict]


def differences(old: Results, new: Results) -> list[str]:
    """Return what besides the library differs between the runs: machine, threads, versions."""
    before, after = _setting(old), _setting(new)
    return [
        f"{name} differs: {before.get(name, 'none')} then, {after.get(name, 'none')} now"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _setting(results: Results) -> dict[str, str]:
    versions = {title(key): version for key, version in results.versions.items()}
    return {**results.machine, "threads": str(results.threads), **versions}


def unpaired(old: Results, new: Results) -> list[str]:
    """Return the cases that only one run has, or both, but with no reference in common."""
    before, after = _ours(old), _ours(new)
    lists = {
        "Only then": [case for key, case in before.items() if key not in after],
        "Only now": [case for key, case in after.items() if key not in before],
        "Not comparable, as no reference is in both": [
            case for key, case in after.items() if key in before and not _change(before[key], case)
        ],
    }
    return [f"{said}: {'; '.join(map(_name, of))}" for said, of in lists.items() if of]


def _name(case: Case) -> str:
    return " ".join(cell.text for cell in case_cells(case) if cell.text)
