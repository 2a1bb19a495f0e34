"""What changed between two runs."""

from __future__ import annotations

import pytest

pytest.importorskip("rich")

from benchmarks.reports.compare import changes, compare, differences, unpaired

from . import samples
from .test_terminal import printed


def timing_of(results, workload, size, contestant):
    (race,) = [r for r in results.races if (r.workload, r.size) == (workload, size)]
    (timing,) = [one for one in race.timings if one.contestant == contestant]
    return timing


def scaled(timing, factor):
    timing.seconds = [factor * second for second in timing.seconds]


def shaken(results, wobble):
    """Return the results as another run would have them: all else the same."""
    for i, race in enumerate(results.races):
        for j, timing in enumerate(race.timings):
            timing.seconds = [
                second * (1 + wobble * ((7 * i + 3 * j + 5 * k) % 11 - 5) / 5)
                for k, second in enumerate(timing.seconds)
            ]
    return results


def test_a_doubled_time_is_found():
    old, new = samples.results(), samples.results()
    scaled(timing_of(new, "chain", 10_000, "ours"), 2.0)
    first, *others = changes(old, new)
    assert (first.case.race.workload, first.case.race.size) == ("chain", 10_000)
    assert first.reference == "numpy"
    assert first.beyond
    assert first.factor == pytest.approx(2.0)
    assert not any(change.beyond for change in others)


def test_noise_is_ignored():
    found = changes(samples.results(), shaken(samples.results(), 0.03))
    assert found
    assert not any(change.beyond for change in found)


def test_a_machine_that_is_twice_as_slow_changes_no_ratio():
    new = samples.results()
    for race in new.races:
        for timing in race.timings:
            scaled(timing, 2.0)
    assert {round(change.factor, 9) for change in changes(samples.results(), new)} == {1.0}


def test_without_numpy_by_hand_the_reference_is_pytorch():
    old, new = samples.results(), samples.results()
    timing_of(new, "gp", 200, "numpy").seconds = []
    scaled(timing_of(new, "gp", 200, "ours"), 0.5)
    first = changes(old, new)[0]
    assert (first.reference, first.beyond) == ("torch", True)
    assert first.factor == pytest.approx(0.5)


def test_the_largest_change_is_first():
    old, new = samples.results(), samples.results()
    scaled(timing_of(new, "chain", 100, "ours"), 1.5)
    scaled(timing_of(new, "gp", 50, "ours"), 0.25)
    assert [change.factor for change in changes(old, new)][:2] == pytest.approx([0.25, 1.5])


def test_the_same_workload_in_another_dtype_is_another():
    old, new = samples.results(), samples.results()
    for race in new.races:
        race.dtype = "float16"
    assert changes(old, new) == []
    assert len(unpaired(old, new)) == 2


def test_what_only_one_run_has_is_listed():
    old, new = samples.results(), samples.results()
    del old.races[0]
    timing_of(new, "gp", 50, "ours").seconds = []
    for key in ("numpy", "torch"):
        timing_of(new, "gp", 100, key).seconds = []
    assert unpaired(old, new) == [
        "Only then: gp 50",
        "Only now: import",
        "Not comparable, as no reference is in both: gp 100",
    ]


def test_another_machine_or_version_is_said_first():
    old, new = samples.results(), samples.results()
    new.machine["processor"] = "another"
    new.threads = 1
    del new.versions["torch"]
    assert differences(old, new) == [
        f"processor differs: {old.machine['processor']} then, another now",
        "threads differs: 2 then, 1 now",
        "PyTorch differs: 2.13.0 then, none now",
    ]
    assert printed(compare(old, new)).startswith("processor differs: Intel")


def test_the_table_fits_into_80_columns():
    old, new = samples.results(), samples.results()
    scaled(timing_of(new, "digits-step", 256, "ours"), 0.5)
    text = printed(compare(old, new))
    assert "1 of 20 ratios changed beyond noise" in text
    assert "…" not in text
    assert "0.500       faster" in text


def test_runs_with_nothing_in_common_are_no_error():
    text = printed(compare(samples.empty(), samples.interrupted()))
    assert "0 of 0 ratios" in text
    assert "Only now: import; digits-step 1; digits-step 32" in text
