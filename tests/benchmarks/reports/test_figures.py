"""Ratios, growth and memory, computed from what was timed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reports import figures
from benchmarks.reports.figures import Case
from benchmarks.results import Race, Timing

from . import samples

SECONDS = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=20)


def race_of(size: int, *timings: Timing) -> Race:
    return Race("w", "W", "rows", size, "float64", True, list(timings))


@given(SECONDS, st.floats(0.01, 100.0))
def test_a_ratio_is_that_of_the_rounds_and_not_of_the_medians(seconds, factor):
    times = [factor * second for second in seconds]
    spread = figures.spread(times, seconds)
    np.testing.assert_allclose(spread, [factor] * 3)


@given(SECONDS)
def test_the_spread_is_between_the_quartiles(seconds):
    ones = [1.0] * len(seconds)
    expected = np.percentile(seconds, [25, 50, 75])
    np.testing.assert_allclose(figures.spread(seconds, ones), expected)


@pytest.mark.parametrize(
    ("a", "b"), [([], [1.0]), ([1.0], []), ([], []), ([1.0, 2.0], [1.0]), ([1.0], [0.0])]
)
def test_there_is_no_ratio_without_pairs_of_times(a, b):
    assert figures.spread(a, b) is None


def test_backward_is_a_step_less_the_forward_run_of_the_same_round():
    timing = Timing("ours", seconds=[3.0, 5.0], forward=[1.0, 2.0])
    assert figures.backward(timing) == [2.0, 3.0]
    assert figures.backward(Timing("ours", seconds=[3.0])) == []


def test_a_walk_back_that_took_no_time_has_no_ratio():
    ours = figures.backward(Timing("ours", seconds=[3.0], forward=[1.0]))
    theirs = figures.backward(Timing("torch", seconds=[3.0], forward=[3.5]))
    assert figures.spread(ours, theirs) is None


def test_ours_is_compared_with_others_in_the_same_variant():
    race = samples.samples_race(256, True)
    race.timings = [one for one in race.timings if one.variant or one.contestant != "torch"]
    assert figures.ours_over(Case(race, "a loop"), "torch").middle == pytest.approx(1.4 / 3.1, 0.02)
    assert figures.ours_over(Case(race, "a loop"), "jax") is None
    assert figures.ours_over(Case(race, "another"), "torch") is None


@pytest.mark.parametrize("law", [0.5, 1.0, 2.5])
def test_the_exponent_of_a_power_law_is_found(law):
    sizes = (10, 100, 1000, 10_000)
    races = samples.sweep("w", "W", "rows", sizes, sizes, start=1e-6, law=law)
    growth = figures.growth(races, "ours", "")
    assert growth.exponent == pytest.approx(law, rel=1e-6)
    assert growth.sizes == [100, 1000, 10_000]


def test_one_size_has_no_growth():
    assert figures.growth([samples.samples_race(16, True)], "ours", "vectorised") is None


def test_a_sweep_is_in_the_order_of_size():
    results = samples.results()
    results.races.reverse()
    sizes = [race.size for race in figures.sweeps(results)["gp"]]
    assert sizes == [50, 100, 200, 400]


def test_the_factor_between_variants_is_paired_by_contestant():
    (factor,) = figures.factors([samples.samples_race(256, True)])
    assert (factor.variant, factor.first) == ("a loop", "vectorised")
    assert set(factor.of) == {"numpy", "ours", "torch"}  # JAX has no times of a loop
    assert factor.of["ours"].middle == pytest.approx(64)


def test_a_race_of_one_variant_has_no_factor():
    assert figures.factors([race_of(1, Timing("ours", seconds=[1.0]))]) == []


def test_memory_is_compared_as_a_whole_and_above_the_import():
    ours = Timing("ours", seconds=[1.0], peak=60, base=30)
    torch = Timing("torch", seconds=[1.0], peak=240, base=200)
    case = Case(race_of(1, ours, torch), "")
    assert figures.peak_over(case, "torch", above_base=False) == 0.25
    assert figures.peak_over(case, "torch", above_base=True) == 0.75
    assert figures.peak_over(case, "jax", above_base=True) is None


def test_who_has_no_times_is_not_among_the_contestants():
    race = race_of(1, Timing("jax", problem="failed"), Timing("own", seconds=[1.0]))
    race.timings.append(Timing("ours", seconds=[1.0]))
    assert figures.contestants([race]) == ["ours", "own"]
    assert figures.opponents([race]) == ["own"]


def test_the_geometric_mean_of_nothing_is_none():
    assert figures.geometric_mean([]) is None
    assert figures.geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
