"""Names of arrays: those of the Tensors that show them, as long as they live."""

from __future__ import annotations

import gc
import weakref

import numpy as np

import autograd_mini as ag
from autograd_mini import names


def test_a_noted_name_is_that_of_the_array() -> None:
    array = np.zeros(3)
    assert names.of(array) is None
    names.note(array, "x")
    assert names.of(array) == "x"
    assert names.of(array.copy()) is None
    assert names.of(array[:]) is None


def test_a_name_can_be_taken_back() -> None:
    array = np.zeros(3)
    names.note(array, "x")
    names.note(array, None)
    assert names.of(array) is None


def test_what_is_no_array_has_no_name() -> None:
    for thing in (1.0, None, [1.0], np.float64(2), "x"):
        names.note(thing, "x")
        assert names.of(thing) is None


def test_names_go_with_their_arrays() -> None:
    gc.collect()
    before = len(names._names)
    arrays = [np.zeros(3) for _ in range(100)]
    for i, array in enumerate(arrays):
        names.note(array, f"x{i}")
    assert len(names._names) == before + 100
    del arrays, array
    gc.collect()
    assert len(names._names) == before


def test_an_array_at_the_place_of_a_freed_one_has_no_name() -> None:
    for _ in range(1000):
        array = np.zeros(3)
        assert names.of(array) is None
        names.note(array, "x")


def test_names_keep_nothing_alive() -> None:
    x = ag.Tensor(np.zeros(3), name="x")
    reference = weakref.ref(x._array)
    del x
    gc.collect()
    assert reference() is None


def test_the_name_of_a_tensor_is_that_of_its_array() -> None:
    x = ag.Tensor([1.0, 2.0], name="x")
    assert names.of(x._array) == "x"
    x.name = "renamed"
    assert (x.name, names.of(x._array)) == ("renamed", "renamed")


def test_a_constant_keeps_its_name_in_what_is_made_of_it() -> None:
    x = ag.Tensor([1.0, 2.0], name="x")
    assert names.of((x * 2)._array) is None
    assert names.of(x[:1]._array) is None
    assert (x * 2).name is None


def test_results_can_be_named() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    y = w * 2
    y.name = "y"
    assert (w.name, y.name, (y + 1).name) == ("w", "y", None)


def test_a_detached_tensor_shows_the_same_array() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    assert names.of(w.detach()._array) == "w"
