"""The second-order example: Newton's method reaches the bottom, gradient descent lags behind."""

import numpy as np
import pytest
import second_order

import autograd_mini as ag

from .run import run_example


def test_newton_finds_the_minimum_and_doubles_its_digits():
    start = np.array([-1.2, 1.0])
    run = second_order.descend(second_order.rosenbrock, start, second_order.newton, most=100)
    np.testing.assert_allclose(run.path[-1], [1, 1], atol=1e-9)
    assert len(run.path) < 60
    *_, before, last = np.linalg.norm(run.path - 1, axis=1)
    assert last < 100 * before**2 or last < 1e-12


def test_the_newton_direction_solves_with_the_hessian():
    x = np.array([1.01, 1.02, 1.03, 1.05])
    g = ag.grad(second_order.rosenbrock)(x)
    p, products = second_order.newton(second_order.rosenbrock, x, g)
    H = ag.hessian(second_order.rosenbrock)(x)
    assert 0 < products <= 40
    assert np.linalg.norm(H @ p + g) <= 0.5 * np.linalg.norm(g)


def test_where_the_valley_bends_downwards_newton_still_descends():
    def saddle(x):
        return x[0] ** 2 - x[1] ** 2 + x[1] ** 4

    x = np.array([0.1, 0.1])
    g = ag.grad(saddle)(x)
    p, _ = second_order.newton(saddle, x, g)
    assert p @ g < 0


def test_it_prints_and_draws(tmp_path):
    pytest.importorskip("matplotlib")
    output = run_example("second_order.py", "--out", tmp_path, "--digits", 50, "--steps", 50)
    assert "Newton" in output
    assert "classifier of 50 handwritten digits" in output
    assert (tmp_path / "second_order.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_numbers_still_print(tmp_path):
    args = ["--out", tmp_path, "--digits", 10, "--steps", 5]
    output = run_example("second_order.py", *args, hidden=["matplotlib"])
    assert "matplotlib is not installed" in output
