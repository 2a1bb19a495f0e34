"""The OR example against the tutorial's own program, derivatives written by hand."""

import numpy as np
import or_gate
import pytest

from .run import run_example

EPOCHS = 10_000


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def by_hand(epochs):
    """Yield the loss, the predictions and the parameters after each step, as the tutorial does."""
    np.random.seed(42)
    W1, b1 = np.random.randn(2, 3), np.zeros((1, 3))
    W2, b2 = np.random.randn(3, 1), np.zeros((1, 1))
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [1]])
    for _ in range(epochs):
        z1 = np.dot(x, W1) + b1
        a1 = np.maximum(0, z1)
        z2 = np.dot(a1, W2) + b2
        a2 = sigmoid(z2)
        loss = np.mean(0.5 * (y - a2) ** 2)
        g_z2 = (a2 - y) * sigmoid_slope(z2)
        g_z1 = np.dot(g_z2, W2.T) * np.where(z1 > 0, 1, 0)
        W2 -= 0.1 * np.dot(a1.T, g_z2)
        b2 -= 0.1 * np.sum(g_z2, axis=0, keepdims=True)
        W1 -= 0.1 * np.dot(x.T, g_z1)
        b1 -= 0.1 * np.sum(g_z1, axis=0, keepdims=True)
        yield loss, a2, [W1, b1, W2, b2]


def test_the_whole_trajectory_is_that_of_the_program_by_hand(record_property):
    parameters = or_gate.initial_parameters()
    largest = 0.0
    losses = []
    ours = or_gate.train(parameters, EPOCHS)
    for (loss, predictions), (loss_by_hand, *arrays) in zip(ours, by_hand(EPOCHS), strict=True):
        pairs = [(loss, loss_by_hand), (predictions, arrays[0])]
        pairs += [(t.data, a) for t, a in zip(parameters, arrays[1], strict=True)]
        largest = max(largest, *(float(np.max(np.abs(a - b))) for a, b in pairs))
        losses.append(loss)
    print(f"the largest difference over {EPOCHS:,} epochs is {largest:.2e}")
    record_property("largest_difference", largest)
    assert largest < 1e-12
    assert losses[0] == pytest.approx(0.050646940528, abs=5e-13)
    assert losses[1000] == pytest.approx(0.0013785798, abs=5e-11)
    assert losses[9000] == pytest.approx(0.00010696929672800919, abs=1e-15)
    np.testing.assert_allclose(
        predictions.ravel(), [0.02583318, 0.99310684, 0.99310424, 0.99999875], atol=5e-9
    )


def test_what_it_prints():
    output = run_example("or_gate.py", "--epochs", "1001")
    assert "Epoch 0, Loss: 0.0506   (0.050646940528" in output
    assert "Epoch 1000, Loss: 0.0014   (0.0013785798" in output
    assert "4 of 4 are right" in output
    assert "the mean of 0.5 (y - a)^2" in output


def test_no_epochs_are_refused():
    assert "0 is not positive" in run_example("or_gate.py", "--epochs", "0", fails=True)
