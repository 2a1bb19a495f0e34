"""`check_grads` passes what is right, and names what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.testing import check_grads


def test_right_derivatives_pass() -> None:
    check_grads(np.tanh, np.array([0.1, -0.5]), order=3)
    check_grads(lambda p: [p["x"] * p["y"], p["x"]], {"x": np.ones(2), "y": 3.0})
    check_grads(lambda x, n: x**n, np.array([1.0, 2.0]), 3)
    check_grads(lambda x: x * x, np.array([1.0], np.float32))


def test_complex_derivatives_pass() -> None:
    z = np.array([0.3 + 0.4j, -1.0 + 0.2j])
    check_grads(lambda z: np.real(z) * 2.0, z)
    check_grads(lambda z: z * z, z)
    check_grads(lambda z, x: z * x, z, np.ones(2))


def _wrong(vjp: Any) -> Any:
    @ag.primitive(x=vjp)
    def cube(x: Any) -> Any:
        return x**3

    return cube


def test_a_wrong_first_derivative_is_named() -> None:
    cube = _wrong(lambda g, x: g * 2 * x * x)
    with pytest.raises(
        AssertionError, match=r"args\[1\].*order 1 \(rev\).*central differences give"
    ):
        check_grads(lambda y, x: y + cube(x), np.ones(2), np.ones(2))
    with pytest.raises(AssertionError, match=r"\(fwd\)"):
        check_grads(cube, np.ones(2), modes=("fwd",))


def test_a_wrong_second_derivative_is_named() -> None:
    cube = _wrong(
        lambda g, x: g * 3 * x.detach() * x if isinstance(x, ag.Tensor) else g * 3 * x * x
    )
    check_grads(cube, np.ones(2), order=1)
    with pytest.raises(AssertionError, match="order 2"):
        check_grads(cube, np.ones(2))


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="modes are"):
        check_grads(np.tanh, 1.0, modes=("backward",))
    with pytest.raises(ValueError, match="floating point"):
        check_grads(np.tanh, 1)
