"""`--profile`: where the time of our step goes, and how much of it is ours, NumPy's and BLAS's.

The step is a program of NumPy calls. They are noted while it runs once, and then timed by
themselves: bare calls on the same arrays, in turns with the step as it is. So nothing that
measures is in the figures; what the calls leave of the step's time is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autograd_mini.reports.table import readable_seconds

from .contestants import OURS
from .profiling.noting import APART, BACKWARD, BLAS, FORWARD, NUMPY, PYTHON, Call, noted
from .profiling.timing import Timed, keep_memory, repeated, timed
from .reports.tables import Cell, Table
from .reports.terminal import stacked
from .reports.words import number
from .statistics import quartiles
from .workload import Workload

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST = 20
"""How many operations the table shows."""


def profile(workload: Workload, size: int, seconds: float = 5.0) -> RenderableType:
    """Measure our entry of a workload, in each of its variants, and return what to print.

    It is for a process of its own, which keeps memory from then on.

    Args:
        workload: one that we have an entry for.
        size: any, not only one of those that are raced.
        seconds: how long it is measured in each variant, about.
    """
    entries = {variant: workload.entries[OURS](size, variant) for variant in workload.variants}
    steps = {}
    for variant, entry in entries.items():
        entry.step()  # what comes up only once: an optimizer's state, for instance
        steps[variant] = repeated(entry, seconds=seconds / 5)
    keep_memory()  # from here on, for good
    parts: list[str | Table] = []
    for variant, entry in entries.items():
        title = f"{workload.title}, {size:,} {workload.unit}{variant and ': '}{variant}"
        calls = noted(entry.step) if entry.measure is None else []
        if calls:
            measured = timed(entry, calls, seconds=seconds)
            parts += [split(title, measured, steps[variant]), operations(measured)]
        else:
            parts.append(f"{title}: it makes no calls of NumPy in this process")
    return stacked(*parts)


def split(title: str, measured: Timed, steps: Sequence[float]) -> Table:
    """Return the parts that add up to a step; `steps` are those before memory was kept."""
    parts = [(kind, measured.of(kind)) for kind in (BLAS, NUMPY, PYTHON)]
    forward = measured.ours_forward
    if forward is None:
        parts.append(("ours: recording, walking back, updates", measured.ours))
    else:
        parts.append(("ours, forward: recording", forward))
        parts.append(("ours, after it: walking back, updates", measured.ours - forward))
    rows = [[Cell(name), *_time_and_share(taken, measured)] for name, taken in parts]
    total = [Cell(cell.text, tone="strong") for cell in _time_and_share(measured.total, measured)]
    asked = [call for call in measured.calls if _is_operation(call)]
    low, _, high = map(readable_seconds, quartiles(steps))
    notes = [
        "Of the quickest tenth of all steps, and with memory kept from one to the next.",
        f"As they are, half of all steps take {low} to {high}.",
        f"NumPy's calls, with BLAS: {readable_seconds(measured.floor)}, bare. "
        f"The step takes {_ratio(measured.total, measured.floor)} times that.",
        f"Ours, for each of {len(asked):,} operations, there and back: "
        f"{_seconds(measured.ours / max(len(asked), 1))}.",
    ]
    return Table(
        title, [Cell(""), Cell("time"), Cell("share")], [*rows, [Cell("a step"), *total]], 1, notes
    )


def operations(measured: Timed) -> Table:
    """Return what each operation takes, those of the same name and result together."""
    groups: dict[tuple[str, str], list[Call]] = {}
    for call in measured.calls:
        maker = call.within or call
        key = maker.operation, "" if maker.shape is None else str(maker.shape)
        groups.setdefault(key, []).append(call)
    ranked = sorted(groups.items(), key=lambda group: -_sum(group[1], measured))
    rows = [[Cell(name), Cell(shape), *_row(calls, measured)] for (name, shape), calls in ranked]
    if len(rows) > MOST:
        rest = [call for _, calls in ranked[MOST - 1 :] for call in calls]
        others = f"{len(rows) - MOST + 1} others"
        rows[MOST - 1 :] = [[Cell(others, tone="faint"), Cell(""), *_row(rest, measured)]]
    named = ["operation", "result", "calls", "rules", "forward", "back", "apart", "Python", "share"]
    notes = [
        "Forward, back: NumPy's calls in them. Apart: those of optimizers and under no_grad.",
        "Python: of our functions and rules around them. With a colon: the engine's own calls.",
    ]
    return Table("By operation", [Cell(name) for name in named], rows, 2, notes)


def _row(calls: list[Call], measured: Timed) -> list[Cell]:
    own = [call for call in calls if call.within is None]
    rules = [call for call in own if call.kind == PYTHON and call.phase == BACKWARD]
    bare = [call for call in calls if call.kind != PYTHON]
    parts = [[call for call in bare if call.phase == p] for p in (FORWARD, BACKWARD, APART)]
    parts.append([call for call in calls if call.kind == PYTHON])
    return [
        *(Cell(f"{count:,}" if count else "") for count in (len(own) - len(rules), len(rules))),
        *(Cell(_seconds(_sum(part, measured)) if part else "") for part in parts),
        _time_and_share(_sum(calls, measured), measured)[1],
    ]


def _is_operation(call: Call) -> bool:
    """Return whether a user asked for it: neither a rule nor a call of the engine's own."""
    return call.within is None and call.phase == FORWARD and not call.engine


def _sum(calls: Iterable[Call], measured: Timed) -> float:
    return sum(measured.calls[call] for call in calls)


def _time_and_share(seconds: float, measured: Timed) -> list[Cell]:
    return [Cell(_seconds(seconds)), Cell(f"{100 * seconds / measured.total:.1f} %")]


def _seconds(seconds: float) -> str:
    return ("-" if seconds < 0 else "") + readable_seconds(abs(seconds))


def _ratio(a: float, b: float) -> str:
    return number(a / b) if b else "-"
