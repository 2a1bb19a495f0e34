"""What passes as the same answer, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.check import disagreement
from benchmarks.workload import Array

RIGHT = [np.array(2.0), np.array([1.0, -4.0, 0.0])]


def changed(to: object) -> list[Array]:
    return [RIGHT[0], np.asarray(to)]


def test_the_same_agrees() -> None:
    assert disagreement(RIGHT, RIGHT, "float64") == ""
    assert disagreement([], [], "") == ""


def test_a_loss_may_have_any_shape_of_one_number() -> None:
    assert disagreement([np.array([[2.0]]), RIGHT[1]], RIGHT, "float64") == ""
    assert disagreement([np.float32(2), RIGHT[1]], RIGHT, "float64") == ""


def test_a_wrong_gradient_is_named_and_measured() -> None:
    problem = disagreement(changed([1.0, -4.0, 0.4]), RIGHT, "float64")
    assert problem == "array 2 of 2 is off by 0.1 of its largest magnitude"


@pytest.mark.parametrize(("dtype", "tolerated"), [("float64", 1e-8), ("float32", 1e-4)])
def test_the_tolerance_is_half_of_the_digits(dtype: str, tolerated: float) -> None:
    right = [np.ones((), dtype), np.array([1, 1000], dtype)]
    near = [right[0], right[1] + np.array([1000 * tolerated, 0], dtype)]
    far = [right[0], right[1] + np.array([1000 * tolerated * 10, 0], dtype)]
    assert disagreement(near, right, dtype) == ""
    assert "off by" in disagreement(far, right, dtype)


def test_single_precision_in_a_double_workload_is_caught() -> None:
    third = np.full(3, 1 / 3)
    rounded = third.astype(np.float32)
    assert "off by" in disagreement([RIGHT[0], rounded.astype(float)], [RIGHT[0], third], "float64")
    assert disagreement([RIGHT[0], rounded], [RIGHT[0], third], "float64") == (
        "array 2 of 2 is float32, not float64"
    )


def test_what_is_zero_but_for_rounding_agrees() -> None:
    zero = [np.array(5.0), np.array([0.0, 0.0]), np.ones(2)]
    rounded = [zero[0], np.array([1e-16, -1e-16]), zero[2]]
    assert disagreement(rounded, zero, "float64") == ""
    wrong = [zero[0], np.array([1e-6, 0.0]), zero[2]]
    assert "array 2 of 3 is off by" in disagreement(wrong, zero, "float64")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_differs_from_itself_too(value: float) -> None:
    broken = changed([1.0, value, 0.0])
    assert "array 2" in disagreement(broken, RIGHT, "float64")
    assert "array 2" in disagreement(RIGHT, broken, "float64")
    assert "array 2" in disagreement(broken, broken, "float64")


def test_shapes_and_numbers_of_arrays_must_match() -> None:
    assert "3 arrays, not 2" in disagreement([*RIGHT, RIGHT[1]], RIGHT, "float64")
    assert "shape (1, 3), not (3,)" in disagreement(changed([[1.0, -4.0, 0.0]]), RIGHT, "float64")
