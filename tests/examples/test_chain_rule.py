"""The chain rule of the OR network: by the library, and by the tutorial's own program."""

import xml.etree.ElementTree as ET

import chain_rule
import numpy as np
import pytest

from .run import run_example

PLACES = ["X", "y", "W1", "b1", "W2", "b2", "z1", "a1", "z2", "a2", "L"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return what the example prints, and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("chain_rule") / "made"
    return run_example("chain_rule.py", "--out", folder), folder


def backpropagation():
    """Return the tutorial's derivatives, from its first epoch."""
    np.random.seed(42)
    W1, b1 = np.random.randn(2, 3), np.zeros((1, 3))
    W2, b2 = np.random.randn(3, 1), np.zeros((1, 1))
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [1]])
    z1 = np.dot(x, W1) + b1
    a1 = np.maximum(0, z1)
    z2 = np.dot(a1, W2) + b2
    a2 = 1 / (1 + np.exp(-z2))
    g = {"dL_da2": a2 - y}
    g["dL_dz2"] = g["dL_da2"] * a2 * (1 - a2)
    g["dL_dW2"] = np.dot(a1.T, g["dL_dz2"])
    g["dL_db2"] = np.sum(g["dL_dz2"], axis=0, keepdims=True)
    g["dL_da1"] = np.dot(g["dL_dz2"], W2.T)
    g["dL_dz1"] = g["dL_da1"] * (z1 > 0)
    g["dL_dW1"] = np.dot(x.T, g["dL_dz1"])
    g["dL_db1"] = np.sum(g["dL_dz1"], axis=0, keepdims=True)
    return g


def test_each_derivative_is_that_of_the_program_by_hand():
    named = chain_rule.variables()
    shown, found = chain_rule.derivatives_by_hand(named), chain_rule.derivatives_by_library(named)
    expected = backpropagation()
    assert list(expected) == list(shown) == list(found)
    for name, array in expected.items():
        assert found[name].shape == array.shape
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-12)
        np.testing.assert_allclose(shown[name], array, rtol=0, atol=1e-12)


def test_the_loss_is_four_times_the_mean_that_the_tutorial_prints():
    loss = chain_rule.variables()["L"].item()
    assert loss / 4 == pytest.approx(0.050646940528, abs=5e-13)


def test_what_it_prints(ran):
    output, _ = ran
    assert "L / 4 = 0.0506" in output
    for name, formula in chain_rule.BY_HAND.items():
        assert f"\n{name} = {formula}\n" in output
    for row in backpropagation()["dL_da1"]:
        numbers = " ".join(f"{number:11.8f}" for number in row)
        assert f"{numbers:40}{numbers}" in output


def test_the_picture_shows_each_variable_and_the_rules(ran):
    _, folder = ran
    texts = {e.text for e in ET.parse(folder / "chain_rule.svg").iter() if e.text}
    assert texts >= {*PLACES, "W1.grad", "b1.grad", "W2.grad", "b2.grad"}
    assert "x1.T @ g" in texts


def test_the_page_names_each_variable(ran):
    _, folder = ran
    page = (folder / "chain_rule.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    for name in PLACES:
        assert f'"name":"{name}"' in page
