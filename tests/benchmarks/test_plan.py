"""Who and what takes part."""

from __future__ import annotations

import pytest

from benchmarks.contestants import Contestant
from benchmarks.plan import SelectionError, chosen, heats, invited

from .fakes import CONTESTANTS, SUM, WORKLOADS

ABSENT = Contestant("absent", "Absent", ("no_such_module",), "pip install it")
SLOW = Contestant("slow", "Slow", (), "pip install slow", slow_start=True)
SOME = {key: CONTESTANTS[key] for key in ("numpy", "ours", "wrong")}


def test_all_sizes_are_run_and_the_main_ones_are_marked() -> None:
    planned = heats([SUM], ["numpy"], quick=False)
    assert [(heat.size, heat.main) for heat in planned] == [(10, False), (100, True), (1000, True)]


def test_quick_runs_are_of_the_first_main_size() -> None:
    assert [heat.size for heat in heats([SUM], ["numpy"], quick=True)] == [100]


def test_who_sits_out_or_reaches_a_limit_is_told_why() -> None:
    small, _, large = heats([SUM], ["numpy", "ours", "micrograd", "strange"], quick=False)
    assert small.lanes == (("numpy", ""), ("ours", ""))
    assert small.out == (("micrograd", "it knows no arrays"), ("strange", "it can't be asked"))
    assert large.lanes == (("numpy", ""),)
    assert large.out[0] == ("ours", "it is tired")


def test_workloads_are_chosen_by_name() -> None:
    assert chosen(WORKLOADS, []) == [SUM]
    assert chosen(WORKLOADS, ["sum"]) == [SUM]
    with pytest.raises(SelectionError, match="no workload is called 'sums'. There are sum"):
        chosen(WORKLOADS, ["sums"])


def test_whoever_is_installed_is_invited_and_others_are_told_how() -> None:
    here, missing = invited(SOME | {"absent": ABSENT}, [], quick=False)
    assert list(here) == ["numpy", "ours", "wrong"]
    assert missing == {"absent": "no_such_module: pip install it"}


def test_the_floor_and_ours_take_part_besides_those_asked_for() -> None:
    everyone = SOME | {"slow": SLOW, "absent": ABSENT}
    here, missing = invited(everyone, ["slow"], quick=True)
    assert (list(here), missing) == (["numpy", "ours", "slow"], {})


def test_quick_runs_leave_out_who_compiles_for_long() -> None:
    here, missing = invited(SOME | {"slow": SLOW}, [], quick=True)
    assert "slow" not in here
    assert "--against slow" in missing["slow"]
    assert "slow" in invited(SOME | {"slow": SLOW}, [], quick=False)[0]


def test_asking_for_who_is_not_there_is_an_error() -> None:
    with pytest.raises(SelectionError, match="'tensorflow'. There are numpy, ours, wrong"):
        invited(SOME, ["tensorflow"], quick=False)
    with pytest.raises(SelectionError, match="absent is not installed.*pip install it"):
        invited(SOME | {"absent": ABSENT}, ["absent"], quick=False)
