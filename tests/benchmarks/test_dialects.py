from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from benchmarks.contestants import CONTESTANTS
from benchmarks.dialects import MODULES, load

A = np.array([[2.0, 1.0], [1.0, 3.0]])
X = np.array([1.0, -2.0])


def loss(np: Any, a: Any, x: Any) -> Any:
    """Half of x·Ax: its gradient is Ax, and its Hessian A."""
    return 0.5 * (x * (a @ x)).sum()


def by_hand(a: Any, x: Any) -> tuple[float, list[Any]]:
    return 0.5 * x @ a @ x, [a @ x]


SAID = {"numpy": by_hand, "ours": loss}
BOTH = pytest.mark.parametrize("contestant", SAID)


def test_each_contestant_has_a_dialect() -> None:
    assert MODULES.keys() == CONTESTANTS.keys()


@BOTH
def test_gradients_come_after_the_loss(contestant: str) -> None:
    entry = load(contestant).gradients(SAID[contestant], [A], [X])
    value, gradient = entry.answer()
    assert value == 5
    np.testing.assert_array_equal(gradient, A @ X)


@BOTH
def test_descent_gives_also_the_parameters_after_a_step(contestant: str) -> None:
    entry = load(contestant).descent(SAID[contestant], [A], [X], 0.5)
    value, gradient, after = entry.answer()
    assert value == 5
    np.testing.assert_array_equal(gradient, A @ X)
    np.testing.assert_array_equal(after, X - 0.5 * A @ X)


@BOTH
def test_descent_leaves_the_parameters_given_alone(contestant: str) -> None:
    start = X.copy()
    entry = load(contestant).descent(SAID[contestant], [A], [start], 0.5)
    entry.step()
    entry.answer()
    np.testing.assert_array_equal(start, X)


def test_second_derivatives_are_what_is_asked_for() -> None:
    v = np.array([1.0, 1.0])
    (product,) = load("ours").hessian_product(loss, [A], [X, v]).answer()
    np.testing.assert_array_equal(product, A @ v)
    (hessian,) = load("ours").hessian(loss, [A], [X]).answer()
    np.testing.assert_array_equal(hessian, A)


def test_the_forward_run_alone_gives_the_loss() -> None:
    entry = load("ours").gradients(loss, [A], [X])
    assert entry.forward is not None
    assert entry.forward().item() == 5


def test_micrograd_is_given_the_functions_that_it_lacks() -> None:
    pytest.importorskip("micrograd")
    source = """
import numpy as np
from benchmarks.dialects import load
def loss(np, x):
    return (np.tanh(x) + np.exp(x) * np.sin(x) + np.maximum(0.0, x) + np.square(x)).sum()
x = np.array([0.5, -0.5])
value, g = load("micrograd").gradients(loss, [], [x]).answer()
expected = 1 - np.tanh(x) ** 2 + np.exp(x) * (np.sin(x) + np.cos(x)) + (x > 0) + 2 * x
np.testing.assert_allclose(g, expected)
"""
    subprocess.run([sys.executable, "-c", source], check=True)


def test_a_contestant_loads_no_library_but_its_own() -> None:
    source = """
import sys
from benchmarks.dialects import load
from benchmarks.workloads import WORKLOADS
load("numpy")
for workload in WORKLOADS.values():
    workload.entries["numpy"](workload.sizes[0], workload.variants[0]).step()
others = {"autograd_mini", "torch", "jax", "autograd", "mygrad", "tinygrad", "micrograd"}
assert not others & sys.modules.keys(), others & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", source], check=True)
