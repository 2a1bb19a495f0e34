"""`plot.gradients`."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.plot import gradients


def trained():
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    model(np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)).sum().backward()
    return model


def words(ax):
    return {text.get_text(): text.xy[1] for text in ax.texts}


def test_bars_end_at_the_means_and_lines_at_the_greatest():
    model = trained()
    ax = gradients(model)
    sizes = [np.abs(p.grad.numpy().astype(float)) for p in model.parameters()]
    bars = [bar for bar in ax.patches if bar.get_height() > 0]
    np.testing.assert_allclose([bar.get_width() for bar in bars], [s.mean() for s in sizes])
    np.testing.assert_allclose([bar.get_y() + bar.get_height() / 2 for bar in bars], range(4))
    (marks,) = ax.lines
    np.testing.assert_allclose(marks.get_xdata(), [s.max() for s in sizes])
    assert ax.get_xscale() == "log"


def test_parameters_are_in_the_order_of_the_model_from_the_top():
    ax = gradients(trained())
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["0.weight", "0.bias", "2.weight", "2.bias"]
    bottom, top = ax.get_ylim()
    assert bottom > top


def test_every_bar_is_in_view():
    ax = gradients(trained())
    low, high = ax.get_xlim()
    assert low < min(bar.get_width() for bar in ax.patches)
    assert high > max(ax.lines[0].get_xdata())


@pytest.mark.parametrize("width", [2.0, 3.5, 7.0])
@pytest.mark.parametrize(
    ("least", "greatest"),
    [(1, 1), (4, 4), (3e-4, 4e-4), (2e-4, 3e-3), (1e-12, 1e3), (1e-170, 1e-150), (1e-90, 1e90)],
)
def test_the_ticks_are_two_powers_of_ten_at_least_and_never_overlap(width, least, greatest):
    weights = {name: ag.Tensor(np.ones(2), requires_grad=True) for name in "ab"}
    for w, size in zip(weights.values(), (least, greatest), strict=True):
        w.grad = ag.Tensor(np.full(2, float(size)))
    _, ax = plt.subplots(figsize=(width, 2), layout="constrained")
    gradients(weights, ax=ax)
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    ticks = [*ax.xaxis.get_major_ticks(), *ax.xaxis.get_minor_ticks()]
    shown = [t for t in ticks if t.label1.get_text() and low <= t.get_loc() <= high * (1 + 1e-9)]
    boxes = sorted((t.label1.get_window_extent() for t in shown), key=lambda box: box.x0)
    assert len(boxes) >= 2
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_what_has_no_size_is_said_in_words():
    model = trained()
    model[0].weight.grad = None
    model[0].bias.grad = ag.Tensor(np.zeros(3, np.float32))
    model[2].weight.grad = ag.Tensor(np.array([[np.nan, np.inf, 1.0]], np.float32))
    ax = gradients(model)
    said = words(ax)
    assert said["no gradient"] == 0
    assert said["zero"] == 1
    assert said["NaN or infinite: 2 of 3"] == 2
    assert [round(bar.get_y() + bar.get_height() / 2) for bar in ax.patches] == [3]


def test_words_alone_can_be_drawn():
    w = ag.Tensor(np.ones((2, 2)), requires_grad=True)
    w.grad = ag.Tensor(np.full((2, 2), np.inf))
    ax = gradients({"w": w})
    assert list(words(ax)) == ["infinite: 4 of 4"]
    ax.figure.canvas.draw()


def test_small_dtypes_are_summed_exactly_enough():
    w = ag.Tensor(np.ones(100_000, np.float16), requires_grad=True)
    w.grad = ag.Tensor(np.full(100_000, 3.0, np.float16))
    (bar,) = gradients({"w": w}).patches
    assert bar.get_width() == 3.0


def test_complex_gradients_have_sizes():
    w = ag.Tensor(np.ones(2, complex), requires_grad=True)
    w.grad = ag.Tensor(np.array([3 + 4j, 0]))
    (bar,) = gradients({"w": w}).patches
    assert bar.get_width() == 2.5


def test_the_gradients_stay_as_they_are():
    model = trained()
    before = [(p.grad, p.grad.numpy().copy()) for p in model.parameters()]
    gradients(model)
    for p, (grad, values) in zip(model.parameters(), before, strict=True):
        assert p.grad is grad
        np.testing.assert_array_equal(grad.numpy(), values)


def test_a_given_axes_is_drawn_on_and_returned():
    figure, ax = plt.subplots()
    assert gradients(trained(), ax=ax) is ax
    assert plt.get_fignums() == [figure.number]


def test_without_a_gradient_it_says_what_to_call():
    with pytest.raises(RuntimeError, match=r"loss.backward\(\) first"):
        gradients(nn.Linear(2, 3))
    with pytest.raises(RuntimeError, match="0 parameters"):
        gradients(nn.Tanh())
    with pytest.raises(TypeError, match="a dict of Tensors by name, not of list"):
        gradients([1, 2])
    assert plt.get_fignums() == []
