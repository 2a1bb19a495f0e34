"""Real processes, of contestants that fail in every way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.lane import Turn
from benchmarks.plan import QUICK, heats
from benchmarks.results import Results, load, save
from benchmarks.run import Crew, run
from benchmarks.worker import ContestantError, Setting, Worker

from .fakes import CONTESTANTS, SUM

HERE = "tests.benchmarks.fakes"
PACE = replace(QUICK, turn=1e-4, warm_up=1e-4)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(1, PACE.turn, 60, tmp_path / "log", workloads=HERE, dialects=HERE)


@pytest.fixture
def crew(setting: Setting) -> Iterator[Crew]:
    crew = Crew(CONTESTANTS, setting, fresh=False)
    yield crew
    crew.end()


def empty() -> Results:
    return Results("2026-01-01", "", {}, {}, {}, 1)


def test_a_worker_does_as_it_is_asked(setting: Setting) -> None:
    worker = Worker(CONTESTANTS["numpy"], setting)
    base = worker.ready()
    first, peak = worker.ask("open", "sum", 100, "")
    loss, gradient = worker.ask("answer")
    seconds = worker.ask("warm_up", 0.01)
    turn = worker.ask("turn")
    worker.ask("close")
    worker.end()
    assert first > 0
    assert seconds > 0
    assert isinstance(turn, Turn)
    assert turn.seconds > 0
    assert loss == 100
    np.testing.assert_array_equal(gradient, np.ones(100))
    if base is not None:
        assert 1e6 < base <= peak


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("raises", "RuntimeError: out of luck"),
        ("dies", "its process ended with code 7"),
        ("never starts", "ImportError: no compiler here"),
    ],
)
def test_a_failure_is_told_in_a_line_and_stays(setting: Setting, key: str, problem: str) -> None:
    worker = Worker(CONTESTANTS[key], setting)
    for _ in range(2):
        with pytest.raises(ContestantError) as caught:
            worker.ask("open", "sum", 100, "")
        assert str(caught.value) == problem
    worker.end()


def test_who_does_not_answer_in_time_is_ended(setting: Setting) -> None:
    worker = Worker(CONTESTANTS["hangs"], setting)
    worker.ready()
    worker._limit = 0.01
    with pytest.raises(ContestantError, match=r"no answer in 0\.01 s"):
        worker.ask("open", "sum", 100, "")
    worker._process.join(timeout=60)
    assert worker._process.exitcode
    worker.end()


def test_what_workers_print_goes_to_the_log(setting: Setting) -> None:
    worker = Worker(CONTESTANTS["raises"], setting)
    with pytest.raises(ContestantError):
        worker.ask("open", "sum", 100, "")
    worker.end()
    assert "and more of it" in setting.log.read_text()


def test_a_run_goes_on_past_all_failures_and_starts_them_anew(crew: Crew) -> None:
    assert crew.call() == {"never starts": "ImportError: no compiler here"}
    for worker in crew._idle:
        if worker.contestant.key == "hangs":
            worker._limit = 0.01
    keys = ["numpy", "ours", "wrong", "raises", "dies", "hangs"]
    results = empty()
    run(heats([SUM], keys, quick=True), crew, PACE, results, lambda r: None, lambda i, what: None)
    problems = {t.contestant: t.problem for t in results.races[0].timings}
    assert problems == {
        "numpy": "",
        "ours": "",
        "wrong": "disagrees with numpy: array 2 of 2 is off by 0.001 of its largest magnitude",
        "raises": "RuntimeError: out of luck",
        "dies": "its process ended with code 7",
        "hangs": "no answer in 0.01 s",
    }
    timed = [t for t in results.races[0].timings if t.seconds]
    assert [t.contestant for t in timed] == ["numpy", "ours"]
    assert all(len(t.seconds) == len(t.forward) == PACE.rounds for t in timed)
    assert all(t.peak is None for t in timed)
    assert [worker.contestant.key for worker in crew._idle] == ["numpy", "ours", "wrong"]
    assert crew.take("dies").ready() is not None
    assert results.complete


def test_fresh_processes_tell_of_memory(setting: Setting) -> None:
    crew = Crew({"numpy": CONTESTANTS["numpy"]}, setting, fresh=True)
    results = empty()
    run(heats([SUM], ["numpy"], True), crew, PACE, results, lambda r: None, lambda i, what: None)
    assert not crew._idle
    crew.end()
    (timing,) = results.races[0].timings
    assert (timing.peak is None) == (timing.base is None)
    assert timing.peak is None or timing.base is None or timing.peak >= timing.base


def test_an_interrupted_run_keeps_what_it_measured(crew: Crew, tmp_path: Path) -> None:
    def interrupts(races: int, what: str) -> None:
        if races == 1 and "round 2" in what:
            raise KeyboardInterrupt

    results = empty()
    path = tmp_path / "results.json"
    with pytest.raises(KeyboardInterrupt):
        run(
            heats([SUM], ["numpy", "ours"], quick=False),
            crew,
            PACE,
            results,
            lambda r: save(r, path),
            interrupts,
        )
    kept = load(path)
    assert kept == results
    assert [race.size for race in kept.races] == [10]
    assert kept.races[0].timings[1].seconds
    assert not kept.complete
