"""What is printed."""

from __future__ import annotations

import io

import pytest

pytest.importorskip("rich")

from rich.console import Console

from benchmarks.reports.terminal import race_table, summary

from . import samples


def printed(renderable: object, **options: object) -> str:
    """Return what a terminal of 80 columns shows, or gets."""
    stream = io.StringIO()
    Console(file=stream, width=80, **options).print(renderable)
    return stream.getvalue()


def test_a_race_fits_into_80_columns_with_all_its_figures():
    results = samples.results()
    for race in results.races:
        text = printed(race_table(race))
        assert max(map(len, text.splitlines())) <= 80
        assert "…" not in text
        for timing in race.timings:
            assert timing.problem in " ".join(text.split())


def test_the_summary_fits_into_80_columns_with_all_its_figures():
    text = printed(summary(samples.results()))
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    row = next(line for line in text.splitlines() if line.startswith("digits-step         32"))
    assert " ".join(row.split()[2:]) == "1.51 0.634 0.819 0.929 0.503 0.377 - -"


def test_what_goes_to_a_file_has_no_colours():
    assert "\x1b" not in printed(summary(samples.results()))


def test_a_ratio_below_1_is_bold_and_green_on_a_terminal():
    text = printed(
        race_table(samples.samples_race(256, True)), force_terminal=True, color_system="standard"
    )
    assert "\x1b[1;32m" in text


def test_names_are_not_read_as_markup():
    race = samples.samples_race(16, True)
    race.timings[-1].problem = "failed: [red]list[int][/red]"
    assert "failed: [red]list[int][/red]" in printed(race_table(race))


@pytest.mark.parametrize("run", [samples.interrupted, samples.empty])
def test_an_interrupted_run_says_so(run):
    text = printed(summary(run()))
    assert "the run was ended after" in text
    assert "pip install -e '.[bench]'" in text
