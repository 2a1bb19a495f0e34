"""Losses and the linear layer at their corners. PyTorch's values are compared in tests/nn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.derivatives import losses


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def gradient(f: Any, x: Any, dtype: Any = float) -> Any:
    t = ag.Tensor(x, dtype=dtype, requires_grad=True)
    f(t).sum().backward()
    return t.grad.numpy()


def test_cross_entropy_of_large_scores_is_exact() -> None:
    scores = np.array([[1e4, 0.0, -1e4], [0.0, 1e4, 0.0]])
    for target, expected in ([0, 1], [0, 0]), ([1, 0], [1e4, 1e4]):
        out = losses.cross_entropy(scores, np.array(target), reduction="none")
        np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(
        gradient(lambda x: losses.cross_entropy(x, np.array([1, 1]), reduction="sum"), scores),
        [[1, -1, 0], [0, 0, 0]],
    )


def test_a_class_that_is_ruled_out_does_not_spoil_the_others() -> None:
    scores = np.array([[0.0, 0.0, -np.inf]])
    assert losses.cross_entropy(scores, np.array([0])) == np.log(2)
    grad = gradient(lambda x: losses.cross_entropy(x, np.array([0])), scores)
    np.testing.assert_array_equal(grad, [[-0.5, 0.5, 0]])
    assert losses.cross_entropy(scores, np.array([[0.5, 0.5, 0.0]])) == np.log(2)
    assert losses.cross_entropy(scores, np.array([2])) == np.inf


def test_a_loss_of_zero_is_not_minus_zero() -> None:
    assert not np.signbit(losses.cross_entropy(np.array([1e4, 0.0]), np.array(0)))


def test_all_targets_ignored() -> None:
    target = np.array([-100, -100])
    assert np.isnan(losses.cross_entropy(np.zeros((2, 3)), target))
    assert losses.cross_entropy(np.zeros((2, 3)), target, reduction="sum") == 0
    grad = gradient(lambda x: losses.cross_entropy(x, target), np.zeros((2, 3)))
    np.testing.assert_array_equal(grad, np.zeros((2, 3)))


def test_a_class_can_be_ignored() -> None:
    scores = np.zeros((2, 3))
    grad = gradient(lambda x: losses.cross_entropy(x, np.array([1, 0]), ignore_index=1), scores)
    np.testing.assert_allclose(grad, [[0, 0, 0], [-2 / 3, 1 / 3, 1 / 3]])


def test_no_examples() -> None:
    assert np.isnan(losses.cross_entropy(np.zeros((0, 3)), np.zeros(0, int)))
    assert losses.cross_entropy(np.zeros((0, 3)), np.zeros(0, int), reduction="sum") == 0


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("target", [np.array([0, 1]), np.full((2, 3), 1 / 3)])
def test_cross_entropy_keeps_the_dtype(dtype: Any, target: Any) -> None:
    x = ag.Tensor([[1.0, 2, 3], [4, 5, 6]], dtype=dtype, requires_grad=True)
    weight = np.array([1.0, 2.0, 3.0])
    out = losses.cross_entropy(x, target, weight, label_smoothing=0.1)
    out.backward()
    assert out.dtype == x.grad.dtype == dtype


@pytest.mark.parametrize(
    ("x", "target", "error", "message"),
    [
        (np.zeros((2, 3)), np.array([0, 3]), IndexError, "target 3 is not one of the 3 classes"),
        (np.zeros((2, 3)), np.array([0, -1]), IndexError, "target -1"),
        (np.zeros((2, 3)), np.array([0, 1, 2]), ValueError, r"needs the shape \(2,\)"),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), TypeError, "integers, not float64"),
        (np.zeros((2, 3)), np.zeros((2, 3), int), TypeError, "probabilities, not int64"),
        (np.zeros(()), np.array(0), ValueError, "without axes"),
    ],
)
def test_wrong_targets(x: Any, target: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        losses.cross_entropy(x, target)


def test_a_weight_that_wants_a_gradient_is_refused() -> None:
    weight = ag.Tensor(np.ones(3), requires_grad=True)
    x = ag.Tensor(np.zeros((2, 3)), requires_grad=True)
    with pytest.raises(NotImplementedError, match="with respect to weight"):
        losses.cross_entropy(x, np.array([0, 1]), weight)
    with pytest.raises(ValueError, match=r"weight of shape \(3,\), not \(2,\)"):
        losses.cross_entropy(x, np.array([0, 1]), np.ones(2))
    with pytest.raises(ValueError, match=r"weight of shape \(3,\), not \(1,\)"):
        losses.cross_entropy(x, np.ones((2, 3)), np.ones(1))


def test_logistic_loss_loses_no_digits() -> None:
    x = np.array([-40.0, 40.0, -1000.0, 1000.0, 1000.0])
    y = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    tiny = np.exp(-40)
    np.testing.assert_allclose(losses.logistic_loss(x, y), [tiny, tiny, 0, 0, 1000], rtol=1e-15)
    grad = gradient(lambda t: losses.logistic_loss(t, y), x)
    np.testing.assert_allclose(grad, [tiny, -tiny, 0, 0, 1], rtol=1e-15)


def test_binary_cross_entropy_at_the_ends() -> None:
    p, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    np.testing.assert_array_equal(losses.binary_cross_entropy(p, y), [0, 0, 100, 100])
    grad = gradient(lambda t: losses.binary_cross_entropy(t, y), p)
    np.testing.assert_array_equal(grad, [0, 0, -1e12, 1e12])
    for wrong in (1.5, -0.1, np.nan):
        with pytest.raises(ValueError, match="sigmoid"):
            losses.binary_cross_entropy(np.array([wrong]), np.array([1.0]))


def test_huber_of_numbers_whose_squares_overflow() -> None:
    np.testing.assert_array_equal(losses.huber(np.array([1e200, -1e200]), 2.0), [2e200, 2e200])


def test_xlogx_of_zero() -> None:
    np.testing.assert_array_equal(losses.xlogx(np.array([0.0, 1.0])), [0, 0])


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3), (2, 0, 3)])
def test_linear_is_a_product(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=shape), rng.normal(size=(2, 3)), rng.normal(size=2)
    out = losses.linear(x, w, b)
    assert out.shape == (*shape[:-1], 2)
    np.testing.assert_allclose(out, x @ w.T + b, rtol=1e-14)
    with pytest.raises(ValueError, match="weight of shape"):
        losses.linear(x, w.T)


def test_a_mean_of_nothing_is_nan_as_in_pytorch() -> None:
    scores, classes = np.ones((2, 3)), np.array([0, 1])
    for loss in losses.cross_entropy, losses.nll_loss:
        assert np.isnan(loss(scores, classes, np.zeros(3)))
        assert np.isnan(loss(scores, classes * 0 - 100))
        nothing = gradient(lambda x, f=loss: f(x, classes, np.zeros(3)), scores)
        assert np.isnan(nothing).all()
        for weight in (None, np.ones(3), np.zeros(3)):
            ignored = gradient(lambda x, f=loss, w=weight: f(x, classes * 0 - 100, w), scores)
            np.testing.assert_array_equal(ignored, 0)
