"""Races among runners whose clock is a number that they move on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from benchmarks import statistics
from benchmarks.lane import Lane, Turn, rest, settled
from benchmarks.plan import THOROUGH
from benchmarks.race import Opening, affordable, race, rotated
from benchmarks.worker import ContestantError
from benchmarks.workload import Array, Entry


@dataclass
class Clock:
    now: float = 0.0
    order: list[str] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now


@dataclass
class Fake:
    """A runner, in this process."""

    contestant: str
    clock: Clock
    step_takes: float = 1e-3
    gradient: float = 1.0
    fails_in: str = ""
    variant: str = ""
    turns: int = 0

    def __post_init__(self) -> None:
        self.lane = Lane(
            lambda: Entry(self._step, self._answer, measure=self._measure), 0.05, self.clock
        )

    def open(self) -> Opening:
        self._fail("open")
        return Opening(self.lane.open(), base=10, peak=30)

    def answer(self) -> list[Array]:
        self._fail("answer")
        return self.lane.answer()

    def warm_up(self) -> float:
        self._fail("warm_up")
        return self.lane.warm_up(1.0)

    def turn(self) -> Turn:
        self.turns += 1
        self.clock.order.append(self.contestant)
        if self.turns == 3:
            self._fail("turn")
        return self.lane.turn()

    def _step(self) -> None:
        self.clock.now += self.step_takes

    def _measure(self, repeats: int) -> float:
        self.clock.now += repeats * self.step_takes
        return repeats * self.step_takes

    def _answer(self) -> list[Array]:
        return [np.array(1.0), np.full(3, self.gradient)]

    def _fail(self, where: str) -> None:
        if where == self.fails_in:
            raise ContestantError(f"failed to {where}")


def test_twice_as_slow_is_measured_as_twice_as_slow() -> None:
    clock = Clock()
    fast, slow = race([Fake("a", clock, 0.004), Fake("b", clock, 0.008)], "float64", THOROUGH, 7)
    assert statistics.ratios(slow.seconds, fast.seconds) == pytest.approx([2] * 7)
    assert fast.seconds == pytest.approx([0.004] * 7)
    assert (fast.first, slow.first) == pytest.approx((0.004, 0.008))
    assert (fast.base, fast.peak, fast.problem, fast.forward) == (10, 30, "", [])


def test_a_wrong_gradient_is_caught_and_not_timed() -> None:
    clock = Clock()
    wrong = Fake("wrong", clock, gradient=1.1)
    good, bad, other = race(
        [Fake("numpy", clock), wrong, Fake("other", clock)], "float64", THOROUGH, 3
    )
    assert "disagrees with numpy: array 2 of 2 is off by 0.1" in bad.problem
    assert (bad.seconds, bad.first, bad.peak, wrong.turns) == ([], None, None, 0)
    assert len(good.seconds) == len(other.seconds) == 3


def test_ours_is_reported_where_it_differs_from_the_floor() -> None:
    clock = Clock()
    _, ours = race(
        [Fake("numpy", clock), Fake("ours", clock, gradient=2.0)], "float64", THOROUGH, 3
    )
    assert "disagrees with numpy" in ours.problem


def test_without_a_floor_the_first_that_computes_is_agreed_with() -> None:
    clock = Clock()
    runners = [
        Fake("numpy", clock, fails_in="open"),
        Fake("infinite", clock, gradient=np.inf),
        Fake("ours", clock),
        Fake("other", clock),
    ]
    floor, infinite, ours, other = race(runners, "float64", THOROUGH, 3)
    assert floor.problem == "failed to open"
    assert infinite.problem == "array 2 of 2 is not finite"
    assert len(ours.seconds) == len(other.seconds) == 3


@pytest.mark.parametrize("where", ["open", "answer", "warm_up", "turn"])
def test_who_fails_is_out_and_the_others_go_on(where: str) -> None:
    clock = Clock()
    failing = Fake("failing", clock, fails_in=where)
    good, bad = race([Fake("numpy", clock), failing], "float64", THOROUGH, 5)
    assert bad.problem == f"failed to {where}"
    assert bad.seconds == []
    assert failing.turns == (3 if where == "turn" else 0)
    assert len(good.seconds) == 5


def test_each_round_begins_with_another() -> None:
    clock = Clock()
    race([Fake(name, clock) for name in "abc"], "float64", THOROUGH, 4)
    assert "".join(clock.order) == "abcbcacababc"
    assert rotated([], 3) == []


def test_slow_races_have_fewer_rounds() -> None:
    assert affordable(15, THOROUGH, THOROUGH.budget / 100) == 15
    assert affordable(15, THOROUGH, THOROUGH.budget / 5) == 5
    assert affordable(15, THOROUGH, THOROUGH.budget * 5) == THOROUGH.fewest == 3


def test_what_is_done_is_told() -> None:
    said: list[str] = []
    race([Fake("a", Clock(), variant="a loop")], "float64", THOROUGH, 3, said.append)
    assert said[0] == "a a loop: first steps"
    assert said[-1] == "a a loop: round 3 of 3"


@dataclass
class Steps:
    """An entry's own clock: each measurement takes what comes next, as often as it repeats."""

    takes: list[float]
    clock: Clock = field(default_factory=Clock)
    asked: list[int] = field(default_factory=list)

    def lane(self) -> Lane:
        entry = Entry(lambda: self.measure(1), list, measure=self.measure)
        lane = Lane(lambda: entry, 0.05, self.clock)
        lane.open()
        return lane

    def measure(self, repeats: int) -> float:
        self.asked.append(repeats)
        seconds = repeats * self.takes[min(len(self.asked), len(self.takes)) - 1]
        self.clock.now += seconds
        return seconds


def test_a_turn_is_as_many_steps_as_fit() -> None:
    steps = Steps([0.01])
    lane = steps.lane()
    assert lane.warm_up(1.0) == pytest.approx(0.05)
    steps.asked.clear()
    assert lane.turn() == Turn(0.01)
    assert steps.asked == [1, 5]


def test_a_turn_is_one_step_at_least() -> None:
    steps = Steps([3.0])
    lane = steps.lane()
    assert lane.warm_up(1.0) == pytest.approx(3)
    steps.asked.clear()
    assert lane.turn() == Turn(3.0)
    assert steps.asked == [1]


def test_warming_up_goes_on_until_compiled() -> None:
    steps = Steps([5.0, 5.0, 5.0, 1.0])
    assert steps.lane().warm_up(1000.0) == 1.0
    assert len(steps.asked) == 7


def test_warming_up_ends_with_its_budget() -> None:
    steps = Steps([5.0])
    assert steps.lane().warm_up(6.0) == 5.0
    assert len(steps.asked) == 2


def test_times_have_settled_when_the_last_are_no_faster() -> None:
    assert not settled([1.0] * 5)
    assert settled([1.0] * 6)
    assert not settled([3.0, 3.0, 3.0, 1.0, 1.0, 1.0])


def test_the_forward_run_is_told_apart() -> None:
    calls: list[str] = []
    entry = Entry(lambda: calls.append("step"), list, forward=lambda: calls.append("forward"))
    lane = Lane(lambda: entry, turn=1e-9)
    lane.open()
    lane.warm_up(0.0)
    calls.clear()
    turn = lane.turn()
    assert turn.forward is not None
    assert calls == ["step", "forward"]


def test_rest_lasts_until_threads_sleep() -> None:
    busy = iter([0.0, 0.002, 0.002, 0.004, 0.004, 0.00401])
    naps: list[float] = []
    rest(lambda: next(busy), naps.append)
    assert len(naps) == 3
