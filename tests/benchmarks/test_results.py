"""Results come back from their file as they were."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.results import Race, Results, Timing, load, save

numbers = st.floats(0, 1e6)
memory = st.none() | st.integers(0, 2**40)
timings = st.builds(
    Timing,
    contestant=st.text(),
    variant=st.text(),
    seconds=st.lists(numbers, max_size=3),
    forward=st.lists(numbers, max_size=3),
    first=st.none() | numbers,
    peak=memory,
    base=memory,
    problem=st.text(),
)
races = st.builds(Race, timings=st.lists(timings, max_size=2))
texts = st.dictionaries(st.text(), st.text(), max_size=2)
results = st.builds(
    Results, machine=texts, versions=texts, missing=texts, races=st.lists(races, max_size=2)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(results)
def test_what_is_saved_is_loaded(tmp_path: Path, result: Results) -> None:
    save(result, tmp_path / "deep" / "results.json")
    assert load(tmp_path / "deep" / "results.json") == result


def test_a_save_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = Results("2026-01-01", "", {}, {}, {}, 2)
    path = tmp_path / "results.json"
    save(result, path)

    def fail(*args: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    result.complete = True
    with pytest.raises(OSError, match="no space"):
        save(result, path)
    assert json.loads(path.read_text()) == asdict(result) | {"complete": False}
