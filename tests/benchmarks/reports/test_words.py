"""Numbers and names in reports."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reports import figures, plots, tables, words

from . import samples


@pytest.mark.parametrize("module", [figures, plots, tables, words])
def test_the_examples_of_its_functions_hold(module):
    assert doctest.testmod(module).failed == 0


@given(st.floats(1e-4, 1e5))
def test_a_number_keeps_three_digits(value):
    assert float(words.number(value).replace(",", "")) == pytest.approx(value, rel=5e-3)


@pytest.mark.parametrize(
    ("value", "text"), [(9.996, "10.0"), (0.09999, "0.100"), (999.6, "1,000"), (0.0, "0")]
)
def test_a_number_that_is_rounded_up_keeps_three_digits(value, text):
    assert words.number(value) == text


def test_an_unknown_contestant_is_called_by_its_key():
    assert words.title("nobody") == words.heading("nobody") == "nobody"


def test_the_facts_tell_what_is_missing_and_that_a_run_is_incomplete():
    facts = words.facts(samples.interrupted())
    assert facts["missing"] == "micrograd needs micrograd: pip install -e '.[bench]'"
    assert facts["incomplete"] == "the run was ended after 3 races"
    assert not {"missing", "incomplete"} & set(words.facts(samples.results()))
