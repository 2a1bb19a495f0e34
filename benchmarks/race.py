"""A race: all are made ready and checked, and then take turns in rounds.

It knows neither processes nor clocks. A runner tells what it took.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .check import disagreement
from .lane import Turn
from .plan import Pace
from .results import Timing
from .worker import ContestantError
from .workload import Array

T = TypeVar("T")


@dataclass(frozen=True)
class Opening:
    """What it took a runner to make ready: seconds, and bytes where memory is measured."""

    first: float
    base: int | None = None
    peak: int | None = None


class Runner(Protocol):
    """A contestant in a race, in one of its variants. All it does may raise a ContestantError."""

    @property
    def contestant(self) -> str:
        """Its key."""

    @property
    def variant(self) -> str:
        """Which way of several."""

    def open(self) -> Opening:
        """Make ready, and do the first steps."""

    def answer(self) -> list[Array]:
        """Return what is computed."""

    def warm_up(self) -> float:
        """Do steps until times settle. Return the seconds a turn will take."""

    def turn(self) -> Turn:
        """Take a turn."""


@dataclass
class _Lane:
    """A runner, and what is told of it."""

    runner: Runner
    timing: Timing
    turns: list[Turn] = field(default_factory=list)


def race(
    runners: Sequence[Runner],
    dtype: str,
    pace: Pace,
    rounds: int,
    told: Callable[[str], object] = lambda what: None,
) -> list[Timing]:
    """Return what each of `runners` takes, in their order.

    The first that computes anything is what the others must agree with. Who fails, or disagrees,
    is out from then on, and has a problem and no times.

    Args:
        runners: those who take part.
        dtype: what they compute in.
        pace: how long it may take.
        rounds: how many there are, if the pace's budget suffices for them.
        told: is told what is being done.
    """
    lanes = [_Lane(runner, Timing(runner.contestant, runner.variant)) for runner in runners]
    running = _checked(lanes, dtype, told)
    warm = {id(lane): _tried(lane, "warms up", lane.runner.warm_up, told) for lane in running}
    rounds = affordable(rounds, pace, sum(seconds or 0.0 for seconds in warm.values()))
    for i in range(rounds):
        running = [lane for lane in running if not lane.timing.problem]
        for lane in rotated(running, i):
            turn = _tried(lane, f"round {i + 1} of {rounds}", lane.runner.turn, told)
            if turn:
                lane.turns.append(turn)
    return [_told(lane) for lane in lanes]


def rotated(items: Sequence[T], by: int) -> list[T]:
    """Return them in turn, each round with another one first."""
    by %= max(1, len(items))
    return [*items[by:], *items[:by]]


def affordable(rounds: int, pace: Pace, seconds: float) -> int:
    """Return how many rounds of so many seconds there can be: as asked for, or less."""
    return max(pace.fewest, min(rounds, int(pace.budget / seconds) if seconds else rounds))


def _checked(lanes: list[_Lane], dtype: str, told: Callable[[str], object]) -> list[_Lane]:
    """Make all ready, and return those that computed the same as the first that computed."""
    reference: list[Array] | None = None
    whose = ""
    for lane in lanes:
        opening = _tried(lane, "first steps", lane.runner.open, told)
        if opening is None:
            continue
        answer = _tried(lane, "what it computes", lane.runner.answer, told)
        if answer is None:
            continue
        problem = disagreement(answer, reference or answer, dtype)
        if problem:
            lane.timing.problem = f"disagrees with {whose}: {problem}" if whose else problem
            continue
        if reference is None:
            reference, whose = answer, lane.runner.contestant
        timing = lane.timing
        timing.first, timing.base, timing.peak = opening.first, opening.base, opening.peak
    return [lane for lane in lanes if not lane.timing.problem]


def _tried(
    lane: _Lane, what: str, action: Callable[[], T], told: Callable[[str], object]
) -> T | None:
    """Return what an action returns; or note why it fails, and return None."""
    who = f"{lane.runner.contestant} {lane.runner.variant}".strip()
    told(f"{who}: {what}")
    try:
        return action()
    except ContestantError as failure:
        lane.timing.problem = str(failure)
        return None


def _told(lane: _Lane) -> Timing:
    """What to report of a lane: no times where there is a problem."""
    if not lane.timing.problem:
        lane.timing.seconds = [turn.seconds for turn in lane.turns]
        forward: list[Any] = [turn.forward for turn in lane.turns]
        lane.timing.forward = forward if None not in forward else []
    return lane.timing
