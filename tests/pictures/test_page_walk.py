"""The page of a real graph: a learner finds the chain rule there, number by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.nn.functional import relu, sigmoid
from autograd_mini.pictures.values import brief

from .conftest import Open
from .reading import go, panel, step_of
from .stories import Story


@pytest.fixture(scope="module")
def network() -> tuple[Story, dict[str, Any]]:
    """Return the story of the OR network, and its derivatives by hand."""
    random = np.random.RandomState(42)
    arrays = random.randn(2, 3), np.zeros((1, 3)), random.randn(3, 1), np.zeros((1, 1))
    X, Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [1]])
    W1, b1, W2, b2 = (
        ag.Tensor(array, requires_grad=True, name=name)
        for array, name in zip(arrays, ["W1", "b1", "W2", "b2"], strict=True)
    )
    z1 = X @ W1 + b1
    a1 = relu(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    L = (0.5 * (Y - a2) ** 2).sum()
    for tensor, name in zip([z1, a1, z2, a2, L], ["z1", "a1", "z2", "a2", "L"], strict=True):
        tensor.name = name
    a1, a2 = a1.detach().numpy(), a2.detach().numpy()
    dz2 = (a2 - Y) * a2 * (1 - a2)
    dz1 = (dz2 @ arrays[2].T) * (a1 > 0)
    by_hand = {"W2": a1.T @ dz2, "b2": dz2.sum(0, keepdims=True), "z2": dz2}
    by_hand |= {"W1": X.T @ dz1, "b1": dz1.sum(0, keepdims=True), "z1": dz1}
    return ag.draw(L, backward=True)._story or {}, by_hand


def at(story: Story, name: str) -> str:
    return next(node["id"] for node in story["nodes"] if node["name"] == name)


def giver(story: Story, name: str) -> str:
    """Return the node whose rule gives the cotangent of a leaf."""
    taker = at(story, name)
    steps = (s for s in story["backward"] if any(p["to"] == taker for p in s["leaving"]))
    return next(steps)["node"]


def digits(array: Any) -> list[str]:
    return [brief(x) for x in np.ravel(array)]


def words(view: Any) -> str:
    return " ".join(panel(view).split())


def test_each_gradient_arrives_as_it_is_by_hand(show: Open, network: Any) -> None:
    story, by_hand = network
    view = show(story)
    for name, expected in by_hand.items():
        go(view, step_of(story, at(story, name)))
        shown = words(view)
        assert f"g = ∂L/∂{name} =" in shown
        for number in digits(expected):
            assert number in shown


def test_a_rule_says_what_its_names_stand_for(show: Open, network: Any) -> None:
    story, by_hand = network
    view = show(story)
    go(view, step_of(story, giver(story, "W2")))
    shown = words(view)
    for text in ("g @ x2.T", "x2 = W2 =", "x1.T @ g", "x1 = a1 =", "∂L/∂W2 =", "∂L/∂a1 ="):
        assert text in shown
    for number in digits(by_hand["W2"]):
        assert number in shown


def test_undone_broadcasting_is_said(show: Open, network: Any) -> None:
    story, _ = network
    view = show(story)
    go(view, step_of(story, at(story, "z2")))
    assert "summed over axis 0, from (4, 1) to (1, 1)" in words(view)


def test_the_source_of_a_named_rule_is_there_on_demand(show: Open, network: Any) -> None:
    story, _ = network
    view = show(story)
    go(view, step_of(story, giver(story, "W2")))
    details = view.locator("#panel details").first
    assert "def matmul_x1" not in panel(view)
    details.locator("summary").click()
    assert "def matmul_x1" in panel(view)


def test_where_paths_meet_the_running_total_is_shown(show: Open) -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    story = ag.draw((x * x).sum() + np.exp(x).sum(), backward=True)._story
    assert story is not None
    to_x = [p for s in story["backward"] for p in s["leaving"] if p["to"] == at(story, "x")]
    assert [part["total"] is not None for part in to_x] == [False, True, True]
    assert not any(part["whole"] for part in to_x)
    final = 2 * np.array([1.0, 2.0]) + np.exp([1.0, 2.0])
    assert [to_x[-1]["total"]["numbers"][0]] == [digits(final)]
    view = show(story)
    go(view, step_of(story, at(story, "x")))
    assert "3 paths meet here" in panel(view)
