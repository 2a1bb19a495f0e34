"""What the command line asks for: a list, a profile, or a run and the reports of it."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import machine, plan
from .contestants import CONTESTANTS
from .progress import Show
from .reports.compare import compare
from .reports.markdown import markdown
from .reports.terminal import race_table, summary
from .results import Results, load, save
from .run import Crew, run
from .worker import Setting
from .workload import Workload

INTERRUPTED = 130
"""The exit code of what Ctrl-C has ended."""


def do(options: Namespace, arguments: Sequence[str]) -> int:
    """Do what is asked. Return the exit code.

    Raises:
        SelectionError: where a name is not known.
        OSError: where a file can't be read or written.
    """
    console = Console()
    old = _loaded(options.compare) if options.compare else None  # it may be where we write to
    code = 0
    if options.saved:
        results = _loaded(options.saved)
    else:
        from .workloads import WORKLOADS

        if options.list:
            console.print(listing(plan.chosen(WORKLOADS, options.only)))
            return 0
        if options.profile:
            _profile(console, WORKLOADS, options.profile, options.size)
            return 0
        results, code = _measure(console, WORKLOADS, options, arguments)
    report(console, results, old, options)
    return code


def _loaded(path: Path) -> Results:
    try:
        return load(path)
    except (ValueError, TypeError, KeyError) as error:
        raise plan.SelectionError(f"{path} holds no results of this program: {error}") from error


def listing(workloads: Iterable[Workload]) -> Table:
    """Return what there is to run, and who takes part."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "what", "sizes, the main ones bold"):
        table.add_column(heading, header_style="dim")
    for w in workloads:
        sizes = [f"[bold]{s:,}[/bold]" if s in w.main else f"{s:,}" for s in w.sizes]
        table.add_row(w.name, w.title, f"{' '.join(sizes)} {w.unit}")
    table.add_section()
    for contestant in CONTESTANTS.values():
        absent = contestant.missing()
        state = f"missing. It needs {absent}" if absent else machine.version(contestant)
        table.add_row(contestant.key, contestant.title, state.replace("[", r"\["))
    return table


def _profile(
    console: Console, workloads: Mapping[str, Workload], name: str, size: int | None
) -> None:
    from .profile import profile

    (workload,) = plan.chosen(workloads, [name])
    console.print(profile(workload, size or workload.main[0]))


def _measure(
    console: Console,
    workloads: Mapping[str, Workload],
    options: Namespace,
    arguments: Sequence[str],
) -> tuple[Results, int]:
    """Run what is asked for, and return what was measured, also if it is interrupted."""
    pace = plan.QUICK if options.quick else plan.THOROUGH
    if options.rounds:
        pace = replace(pace, rounds=options.rounds)
    chosen = plan.chosen(workloads, options.only)
    here, missing = plan.invited(CONTESTANTS, options.against, options.quick)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    setting = Setting(options.threads, pace.turn, pace.limit, options.json.with_suffix(".log"))
    setting.log.unlink(missing_ok=True)
    crew = Crew(here, setting, fresh=not (options.quick or options.no_memory))
    results = Results(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=shlex.join(["python", "-m", "benchmarks", *arguments]),
        machine=machine.describe(options.threads),
        versions={key: machine.version(contestant) for key, contestant in here.items()},
        missing=missing,
        threads=options.threads,
    )
    show = Show(console, len(plan.heats(chosen, [], options.quick)))
    try:
        with show.running():
            show.told(0, f"{', '.join(here)} start")
            for key, problem in crew.call().items():
                results.missing[key] = f"help to start: {problem}"
                del results.versions[key], here[key]
            slow = [k for k, c in here.items() if c.slow_start and k not in options.against]
            races = plan.heats(chosen, list(here), options.quick, slow)
            run(races, crew, pace, results, partial(_keep, show, options.json), show.told)
    except KeyboardInterrupt:
        console.print("Interrupted: what was measured so far follows.")
        return results, INTERRUPTED
    finally:
        crew.end()
    return results, 0


def _keep(show: Show, path: Path, results: Results) -> None:
    """Save what there is, and print the last race."""
    save(results, path)
    show.table(race_table(results.races[-1]))


def report(console: Console, results: Results, old: Results | None, options: Namespace) -> None:
    """Make the reports that are asked for."""
    console.print(summary(results))
    written: list[Path] = [] if options.saved else [options.json]
    if options.markdown:
        written.append(_written(options.markdown, markdown(results)))
    if options.html:
        from .reports.page import page

        written.append(_written(options.html, page(results)))
    if options.plot:
        from .reports.plots import plots

        written += plots(results, options.plot)
    if old:
        console.print(compare(old, results))
    for path in written:
        console.print(f"[dim]written:[/dim] {path}", soft_wrap=True)


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
