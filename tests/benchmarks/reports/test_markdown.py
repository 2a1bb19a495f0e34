"""What is written to `benchmarks/RESULTS.md`."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.reports.markdown import markdown

from . import samples


def test_it_begins_with_who_wrote_it():
    first = markdown(samples.results()).splitlines()[0]
    assert first == "<!-- Written by `python -m benchmarks`: do not edit. -->"


def test_all_rows_of_a_table_have_as_many_cells():
    lines = markdown(samples.results()).splitlines()
    for before, line in itertools.pairwise(lines):
        if before.startswith("|") and line.startswith("|"):
            assert before.count(" | ") == line.count(" | ")


def test_the_run_and_its_figures_are_in_it():
    text = markdown(samples.results())
    assert "- processor: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz" in text
    assert "- command: python -m benchmarks --threads 2 --markdown benchmarks/RESULTS.md" in text
    assert "| Network over samples: a loop | 256 samples | 1.40 | **0.451** | - | - |" in text
    assert "### Gaussian-process log-likelihood, 50 points, float64, 5 rounds" in text
    assert "| 784-128-64-10 step | tinygrad | 32 | disagrees: gradient 2 is off by 0.31" in text


def test_a_table_has_an_empty_line_before_and_after():
    lines = markdown(samples.results()).splitlines()
    for i, line in enumerate(lines):
        if line.startswith("| ---"):
            assert lines[i - 2] == ""


@pytest.mark.parametrize("run", [samples.interrupted, samples.empty])
def test_an_interrupted_run_says_so(run):
    assert "- incomplete: the run was ended after" in markdown(run())


def test_what_markdown_would_read_is_escaped():
    results = samples.interrupted()
    results.races[0].timings[0].problem = "a|b\n__x__ <b>"
    assert "a\\|b \\_\\_x\\_\\_ \\<b>" in markdown(results)
    assert "autograd_mini" in markdown(results)
