"""A run: processes for the contestants, and race after race, each kept as soon as it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from .contestants import Contestant
from .lane import Turn
from .plan import Heat, Pace
from .race import Opening, race
from .results import Race, Results, Timing
from .worker import ContestantError, Setting, Worker
from .workload import Array


class Crew:
    """The workers of a run.

    Args:
        contestants: those who take part, by key.
        setting: how they work.
        fresh: whether each race has processes of its own, which tells of the memory it needs; or
            they go on from race to race, which is quicker.
    """

    def __init__(
        self, contestants: Mapping[str, Contestant], setting: Setting, fresh: bool
    ) -> None:
        self._setting = setting
        self.fresh = fresh
        self._contestants = contestants
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []

    def call(self) -> dict[str, str]:
        """Start a worker for each contestant, all at once. Return who does not start, and why."""
        self._idle = [Worker(c, self._setting) for c in self._contestants.values()]
        problems = {}
        for worker in list(self._idle):
            try:
                worker.ready()
            except ContestantError as failure:
                problems[worker.contestant.key] = str(failure)
                self._idle.remove(worker)
                worker.end()
        return problems

    def take(self, key: str) -> Worker:
        """Return a worker of a contestant: one that waits, or else a new one."""
        waiting = [worker for worker in self._idle if worker.contestant.key == key]
        if waiting:
            self._idle.remove(waiting[0])
        worker = waiting[0] if waiting else Worker(self._contestants[key], self._setting)
        self._busy.append(worker)
        return worker

    def give_back(self) -> None:
        """Take all of them back after a race. Those that can't go on, or should not, end."""
        for worker in self._busy:
            if self.fresh or not _goes_on(worker):
                worker.end()
            else:
                self._idle.append(worker)
        self._busy = []

    def end(self) -> None:
        """End all processes."""
        for worker in [*self._busy, *self._idle]:
            worker.end()


def _goes_on(worker: Worker) -> bool:
    try:
        worker.ask("close")
    except ContestantError:
        return False
    return True


@dataclass(frozen=True)
class Seat:
    """A contestant's place in a race, as `race.Runner`: it passes on what is asked to a worker."""

    worker: Worker
    heat: Heat
    variant: str
    pace: Pace
    memory: bool

    @property
    def contestant(self) -> str:
        """Its key."""
        return self.worker.contestant.key

    def open(self) -> Opening:
        """Make ready, and do the first steps."""
        base = self.worker.ready()
        first, peak = self.worker.ask("open", self.heat.workload.name, self.heat.size, self.variant)
        return Opening(first, base, peak) if self.memory else Opening(first)

    def answer(self) -> list[Array]:
        """Return what is computed."""
        return self.worker.ask("answer")

    def warm_up(self) -> float:
        """Do steps until times settle. Return the seconds a turn will take."""
        return self.worker.ask("warm_up", self.pace.warm_up)

    def turn(self) -> Turn:
        """Take a turn."""
        return self.worker.ask("turn")


def run(
    heats: Sequence[Heat],
    crew: Crew,
    pace: Pace,
    results: Results,
    keep: Callable[[Results], object],
    told: Callable[[int, str], object],
) -> None:
    """Run `heats`, and add a race to `results` for each, which is kept then.

    Args:
        heats: the races to run.
        crew: who runs them, started already.
        pace: how long they may take.
        results: what is added to.
        keep: is given the results after each race.
        told: is told how many races are over, and what is being done.
    """
    for i, heat in enumerate(heats):
        results.races.append(one(heat, crew, pace, partial(_told_of, told, i, heat)))
        results.complete = i + 1 == len(heats)
        keep(results)


def _told_of(told: Callable[[int, str], object], races: int, heat: Heat, what: str) -> None:
    told(races, f"{heat.workload.name} {heat.size:,}, {what}")


def one(heat: Heat, crew: Crew, pace: Pace, told: Callable[[str], object]) -> Race:
    """Run one race."""
    workload = heat.workload
    workers = [crew.take(key) for key, _ in heat.lanes]
    for worker in workers:  # all have started before one of them begins
        with suppress(ContestantError):  # which is told when it is asked for more
            worker.ready()
    seats = [
        Seat(worker, heat, variant, pace, crew.fresh)
        for worker, (_, variant) in zip(workers, heat.lanes, strict=True)
    ]
    rounds = pace.rounds if heat.main else min(pace.others, pace.rounds)
    timings = race(seats, workload.dtype, pace, rounds, told)
    crew.give_back()
    first = workload.variants[0]
    timings += [Timing(key, first, problem=reason) for key, reason in heat.out]
    return Race(
        workload=workload.name,
        title=workload.title,
        unit=workload.unit,
        size=heat.size,
        dtype=workload.dtype,
        main=heat.main,
        timings=timings,
    )
