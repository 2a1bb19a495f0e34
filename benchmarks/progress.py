"""What a terminal shows while a run goes on: which race, who has its turn, how much remains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Show:
    """Progress at the bottom of a terminal, and tables above it as they are made.

    It is drawn between turns alone: a thread that draws would take time from them.
    """

    def __init__(self, console: Console, races: int) -> None:
        self._progress = Progress(
            MofNCompleteColumn(),
            BarColumn(bar_width=20),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=races)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Show it until the context ends."""
        with self._progress:
            yield

    def told(self, races: int, what: str) -> None:
        """Show what is being done, after so many races."""
        self._progress.update(self._task, completed=races, description=what)
        self._progress.refresh()

    def table(self, table: RenderableType) -> None:
        """Print a table, above the progress."""
        self._progress.console.print(table)
