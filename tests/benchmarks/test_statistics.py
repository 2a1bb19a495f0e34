"""The figures of reports: what holds for any seconds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import statistics

seconds = st.floats(1e-6, 1e3)
times = st.lists(seconds, min_size=1, max_size=30)
rounds = st.lists(st.tuples(seconds, seconds), min_size=1, max_size=30)


@given(times)
def test_quartiles_are_in_order_and_the_median_is_between_them(values: list[float]) -> None:
    low, middle, high = statistics.quartiles(values)
    assert min(values) <= low <= middle <= high <= max(values)
    assert middle == pytest.approx(statistics.median(values))


@given(times, st.randoms())
def test_order_does_not_matter(values: list[float], random: object) -> None:
    shuffled = sorted(values)
    assert statistics.quartiles(shuffled) == statistics.quartiles(values)


@given(rounds)
def test_ratios_are_of_the_same_round_and_turn_around(pairs: list[tuple[float, float]]) -> None:
    a, b = map(list, zip(*pairs, strict=True))
    for there, back in zip(statistics.ratios(a, b), statistics.ratios(b, a), strict=True):
        assert there * back == pytest.approx(1)


@given(rounds, st.lists(st.floats(0.1, 10), min_size=30, max_size=30))
def test_ratios_do_not_see_what_met_both_in_a_round(
    pairs: list[tuple[float, float]], slower: list[float]
) -> None:
    a, b = map(list, zip(*pairs, strict=True))
    busy = [[t * s for t, s in zip(x, slower, strict=False)] for x in (a, b)]
    assert statistics.ratios(*busy) == pytest.approx(statistics.ratios(a, b))


def test_ratios_of_unlike_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1 rounds"):
        statistics.ratios([1.0, 2.0], [1.0])


@given(
    st.lists(st.integers(1, 10**7), min_size=2, max_size=8, unique=True),
    st.floats(-2, 4),
    st.floats(1e-9, 1e-3),
)
def test_the_exponent_of_a_power_law_is_found(sizes: list[int], k: float, c: float) -> None:
    assert statistics.exponent(sizes, [c * s**k for s in sizes]) == pytest.approx(k, abs=1e-6)


def test_overheads_at_small_sizes_do_not_count() -> None:
    sizes = [1, 10, 100, 1_000, 10_000, 100_000]
    seconds = [1.0, 1.0, 1.0, 1_000.0, 10_000.0, 100_000.0]
    assert statistics.fitted(sizes) == [1_000, 10_000, 100_000]
    assert statistics.exponent(sizes, seconds) == pytest.approx(1)
    assert statistics.fitted([4, 8]) == [4, 8]


def test_one_size_has_no_exponent() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        statistics.exponent([10], [1.0])


@given(rounds)
def test_the_same_run_has_not_changed(pairs: list[tuple[float, float]]) -> None:
    a, b = map(list, zip(*pairs, strict=True))
    assert statistics.changed(a, b, a, b) == (1, False)


@given(st.integers(3, 20), st.floats(1.5, 10), st.integers(0, 5))
def test_a_doubled_ratio_is_beyond_noise_of_a_percent(n: int, factor: float, seed: int) -> None:
    a = [1 + 0.01 * math.sin(i + seed) for i in range(n)]
    b = [1.0] * n
    found, beyond = statistics.changed(a, b, [factor * t for t in a], b)
    assert found == pytest.approx(factor)
    assert beyond


def test_what_is_within_the_spread_or_the_drift_or_of_two_rounds_is_noise() -> None:
    ones = [1.0] * 5
    wide = [0.5, 0.8, 1.0, 1.25, 2.0]
    assert not statistics.changed(wide, ones, [1.3 * t for t in wide], ones)[1]
    assert not statistics.changed(ones, ones, [1.04] * 5, ones)[1]
    assert not statistics.changed([1.0] * 2, [1.0] * 2, [3.0] * 2, [1.0] * 2)[1]


def test_a_machine_that_is_slower_for_both_has_changed_nothing() -> None:
    a, b = [1.0, 1.01, 1.02], [2.0, 2.01, 2.02]
    factor, beyond = statistics.changed(a, b, [3 * t for t in a], [3 * t for t in b])
    assert factor == pytest.approx(1)
    assert not beyond
