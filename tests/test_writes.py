"""Stamps on memory: which write was the last, byte by byte."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import writes

STRETCH = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted)


@given(
    history=st.lists(st.tuples(STRETCH, st.booleans()), max_size=12),
    asked=STRETCH,
    number=st.integers(0, 12),
)
@settings(max_examples=100, deadline=None)
def test_the_last_write_to_each_stretch_is_known(history: Any, asked: Any, number: int) -> None:
    array = np.zeros(13, np.int8)
    times = [writes.tick()]
    last = np.full((2, 13), -1)
    for i, ((low, high), recorded) in enumerate(history):
        writes.stamp(array[low:high], str(i), recorded)
        times.append(writes.tick())
        last[0, low:high] = i
        if recorded:
            last[1, low:high] = i
    number = min(number, len(history))
    shown = slice(*asked)
    for which, ask in enumerate((writes.since, writes.recorded_since)):
        newest = last[which, shown].max(initial=-1)
        got = ask(array[shown], times[number])
        if which == 0:
            assert got == (str(newest) if newest >= number else None)
        elif newest >= number:  # of those that a later write covered, perhaps a neighbour's
            assert got is not None


def test_stretches_that_are_too_many_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "MANY", 3)
    array = np.zeros(20)
    for i in range(0, 20, 2):
        writes.stamp(array[i : i + 1], "a", recorded=True)
    assert writes.since(array[18:19], 0) == "a"
    assert len(writes._stamps[id(array)].starts) <= 5


def test_no_elements_no_write() -> None:
    array = np.zeros(4)
    before = writes.latest()
    writes.stamp(array[:0], "a", recorded=True)
    assert writes.latest() == before
    writes.stamp(array, "a", recorded=True)
    assert writes.since(array[2:2], 0) is None
    assert writes.since("no array", 0) is None


def test_the_owner_is_found_through_every_kind_of_view() -> None:
    array = np.arange(6.0)
    windows = np.lib.stride_tricks.sliding_window_view(array.reshape(2, 3).T, 2, axis=0)
    for view in (array[1:], array.reshape(2, 3).T[::-1], windows, writes.read_only(windows)):
        assert writes.owner(view) is array


def test_stamps_go_with_their_memory() -> None:
    gc.collect()
    before = len(writes._stamps)
    array = np.zeros(3)
    writes.stamp(array[1:], "a", recorded=False)
    assert len(writes._stamps) == before + 1
    del array
    assert len(writes._stamps) == before
