from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.nn import init


def filled(name: str, shape: tuple[int, ...] = (200, 100), **arguments: Any) -> Any:
    p = nn.Parameter(np.empty(shape, np.float32))
    result = getattr(init, name)(p, generator=np.random.default_rng(0), **arguments)
    assert result is p
    assert p.requires_grad
    assert p.is_leaf
    assert p.dtype == np.float32
    return p.detach().numpy()


def test_constants() -> None:
    p = nn.Parameter(np.empty((2, 3)))
    np.testing.assert_array_equal(init.ones_(p).detach(), np.ones((2, 3)))
    np.testing.assert_array_equal(init.zeros_(p).detach(), np.zeros((2, 3)))
    np.testing.assert_array_equal(init.constant_(p, 7.0).detach(), np.full((2, 3), 7.0))
    np.testing.assert_array_equal(init.eye_(p).detach(), np.eye(2, 3))
    with pytest.raises(ValueError, match="matrices"):
        init.eye_(nn.Parameter(np.empty(3)))


@pytest.mark.parametrize(
    ("name", "arguments", "std"),
    [
        ("uniform_", {"a": -1, "b": 1}, 3**-0.5),
        ("normal_", {"std": 0.3}, 0.3),
        ("xavier_uniform_", {}, (2 / 300) ** 0.5),
        ("xavier_normal_", {"gain": 2.0}, 2 * (2 / 300) ** 0.5),
        ("kaiming_uniform_", {"a": 5**0.5}, (2 / 6 / 100) ** 0.5),
        ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "relu"}, (2 / 200) ** 0.5),
        ("trunc_normal_", {}, 0.8796),
        ("trunc_normal_", {"std": 0.02}, 0.02),
    ],
)
def test_spread(name: str, arguments: Any, std: float) -> None:
    values = filled(name, **arguments)
    np.testing.assert_allclose(values.std(), std, rtol=0.03)
    assert abs(values.mean()) < 0.03 * std


def test_fans_of_windows() -> None:
    values = filled("xavier_uniform_", (8, 4, 3, 3))
    assert np.abs(values).max() <= (6 / (12 * 9)) ** 0.5 * (1 + 1e-6)
    with pytest.raises(ValueError, match="shape"):
        filled("xavier_uniform_", (3,))
    with pytest.raises(ValueError, match="mode"):
        filled("kaiming_normal_", mode="fan")


@pytest.mark.parametrize(
    ("a", "b"), [(-2, 2), (0, 1), (3, 4), (-9, -8), (30, np.inf), (-np.inf, np.inf), (1, 1)]
)
def test_truncated_normal_stays_within(a: float, b: float) -> None:
    values = filled("trunc_normal_", (50, 40), a=a, b=b)
    assert a <= values.min() <= values.max() <= b
    assert np.isfinite(values).all()


def test_truncated_normal_far_in_a_tail() -> None:
    values = filled("trunc_normal_", (100, 100), a=8.0, b=np.inf)
    np.testing.assert_allclose(values.mean(), 8.1219, rtol=1e-3)  # the mean of that tail
    with pytest.raises(ValueError, match="empty"):
        filled("trunc_normal_", a=1.0, b=0.0)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (2, 3, 4)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    values = filled("orthogonal_", shape, gain=2.0).reshape(shape[0], -1)
    small = values @ values.T if values.shape[0] <= values.shape[1] else values.T @ values
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5)
    with pytest.raises(ValueError, match="matrices"):
        filled("orthogonal_", (3,))


def test_gains_as_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.5) == torch.nn.init.calculate_gain("leaky_relu", 0.5)
    with pytest.raises(ValueError, match="no gain is known for 'swish'"):
        init.calculate_gain("swish")


def test_one_seed_for_all() -> None:
    ag.manual_seed(3)
    first = [init.normal_(nn.Parameter(np.empty(3))), nn.Linear(2, 2).weight]
    ag.manual_seed(3)
    second = [init.normal_(nn.Parameter(np.empty(3))), nn.Linear(2, 2).weight]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.detach(), b.detach())
