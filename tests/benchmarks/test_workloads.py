from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.check import disagreement
from benchmarks.contestants import CONTESTANTS
from benchmarks.worker import ContestantError, Setting, Worker
from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS

EACH = pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
PEERS = [key for key in CONTESTANTS if key not in ("numpy", "ours")]
DESCENTS = ("or-step", "digits-step")


def smallest(workload: Workload) -> int:
    return workload.sizes[0]


def answers(workload: Workload, contestant: str, variant: str) -> list[Any]:
    return workload.entries[contestant](smallest(workload), variant).answer()


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Worker]]:
    """The processes of the peers, which each test adds to: their libraries stay out of ours."""
    started: dict[str, Worker] = {}
    yield started
    for worker in started.values():
        worker.end()


def asked(
    workers: dict[str, Worker], contestant: str, workload: Workload, variant: str, log: Path
) -> list[Any]:
    if contestant not in workers:
        setting = Setting(threads=1, turn=0.02, limit=120, log=log)
        workers[contestant] = Worker(CONTESTANTS[contestant], setting)
    worker = workers[contestant]
    try:
        worker.ask("open", workload.name, smallest(workload), variant)
        return worker.ask("answer")
    except ContestantError:
        workers.pop(contestant).end()
        raise
    finally:
        if contestant in workers:
            worker.ask("close")


@EACH
def test_each_contestant_has_an_entry_or_says_why_not(workload: Workload) -> None:
    assert workload.entries.keys() | workload.sits_out.keys() == CONTESTANTS.keys()
    assert not workload.entries.keys() & workload.sits_out.keys()


@EACH
def test_sizes_ascend_and_main_ones_and_limits_are_among_them(workload: Workload) -> None:
    assert list(workload.sizes) == sorted(set(workload.sizes))
    assert set(workload.main) <= set(workload.sizes)
    assert {key.split("/")[0] for key in workload.limits} <= workload.entries.keys()
    assert {size for size, _ in workload.limits.values()} <= set(workload.sizes)


@EACH
def test_ours_agrees_with_numpy_by_hand(workload: Workload) -> None:
    for variant in workload.variants:
        by_hand = answers(workload, "numpy", variant)
        assert disagreement(answers(workload, "ours", variant), by_hand, workload.dtype) == ""


@EACH
@pytest.mark.parametrize("contestant", PEERS)
def test_peers_agree_with_numpy_by_hand(
    workload: Workload, contestant: str, workers: dict[str, Worker], tmp_path: Path
) -> None:
    missing = CONTESTANTS[contestant].missing() or workload.sits_out.get(contestant)
    if missing:
        pytest.skip(missing)
    if CONTESTANTS[contestant].slow_start and workload.name != "or-step":
        pytest.skip("compiling takes long, and its words are those of another contestant")
    if workload.name == "import":
        pytest.skip("computes nothing")
    for variant in workload.variants:
        answer = asked(workers, contestant, workload, variant, tmp_path / "log.txt")
        by_hand = answers(workload, "numpy", variant)
        assert disagreement(answer, by_hand, workload.dtype) == ""


@pytest.mark.parametrize("contestant", ["numpy", "ours"])
@EACH
def test_steps_do_not_change_the_answer(workload: Workload, contestant: str) -> None:
    if workload.name == "import":
        pytest.skip("computes nothing")
    for variant in workload.variants:
        entry = workload.entries[contestant](smallest(workload), variant)
        first = entry.answer()
        entry.step()
        entry.step()
        for before, after in zip(first, entry.answer(), strict=True):
            np.testing.assert_array_equal(before, after)


@EACH
def test_ways_to_compute_the_same_give_the_same(workload: Workload) -> None:
    first, *others = (answers(workload, "numpy", variant) for variant in workload.variants)
    for other in others:
        assert disagreement(other, first, workload.dtype) == ""


@pytest.mark.parametrize("name", DESCENTS)
def test_a_step_goes_down_the_gradient(name: str) -> None:
    workload = WORKLOADS[name]
    _, *arrays = answers(workload, "numpy", "")
    gradients, after = arrays[: len(arrays) // 2], arrays[len(arrays) // 2 :]
    step = workload.entries["numpy"](smallest(workload), "").step
    for g, p in zip(gradients, after, strict=True):
        assert g.shape == p.shape
    assert step() is None


def test_an_import_is_timed_by_its_own_process() -> None:
    entry = WORKLOADS["import"].entries["numpy"](1, "")
    assert entry.answer() == []
    assert entry.seconds(2) > 0
