"""`plot.history`."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini.plot import history
from autograd_mini.plot.labels import apart
from autograd_mini.plot.progress import smoothed

LOSSES = [0.9, 0.5, 0.3, 0.2]


def line(ax, name):
    (found,) = [line for line in ax.lines if line.get_label() == name]
    return found


def names(ax):
    return {text.get_text() for axes in ax.figure.axes for text in axes.texts}


@pytest.mark.parametrize(
    "losses", [LOSSES, tuple(LOSSES), np.array(LOSSES), [ag.Tensor(x) for x in LOSSES]]
)
def test_a_sequence_of_losses_is_drawn_from_step_1(losses):
    ax = history(losses)
    np.testing.assert_allclose(line(ax, "loss").get_xydata(), [*zip([1, 2, 3, 4], LOSSES)])  # noqa: B905
    assert ax.get_xlabel() == "step"
    assert ax.get_ylabel() == "loss"
    assert names(ax) == {"loss"}


def test_losses_that_require_grad_are_taken():
    losses = [ag.Tensor(x, requires_grad=True) * 2 for x in LOSSES]
    np.testing.assert_allclose(line(history(losses), "loss").get_ydata(), np.multiply(LOSSES, 2))


def test_what_belongs_together_shares_a_colour_and_differs_in_dashes():
    ax = history({"train_loss": LOSSES, "val_loss": LOSSES, "test_loss": LOSSES, "rate": LOSSES})
    styles = [(line.get_color(), line.get_linestyle()) for line in ax.lines]
    assert [dashes for _, dashes in styles] == ["-", "--", ":", "-"]
    assert len({color for color, _ in styles[:3]}) == 1
    assert styles[3][0] != styles[0][0]


def test_accuracies_are_on_an_axis_of_their_own_in_percent():
    ax = history({"loss": LOSSES, "val_accuracy": [0.5, 0.7, 0.8, 0.9]})
    left, right = ax.figure.axes
    assert ax is left
    assert [line.get_label() for line in left.lines] == ["loss"]
    np.testing.assert_array_equal(line(right, "val_accuracy").get_ydata(), [0.5, 0.7, 0.8, 0.9])
    assert right.yaxis.get_major_formatter()(0.5) == "50.0%"
    assert names(ax) == {"loss", "val_accuracy"}


def test_accuracies_alone_need_no_second_axis():
    ax = history({"acc": [0.5, 0.75]})
    assert ax.figure.axes == [ax]
    assert ax.get_ylabel() == "accuracy"
    assert ax.yaxis.get_major_formatter()(0.5) == "50.0%"


def test_dicts_step_by_step_are_a_history_and_may_lack_names():
    records = [{"loss": 3, "epoch": 10}, {"loss": 2, "val_loss": 2.5, "epoch": 20}]
    ax = history([*records, {"loss": 1, "epoch": 30}, {"val_loss": 1.5, "epoch": 40}])
    np.testing.assert_array_equal(line(ax, "loss").get_xydata(), [[10, 3], [20, 2], [30, 1]])
    np.testing.assert_array_equal(line(ax, "val_loss").get_xydata(), [[20, 2.5], [40, 1.5]])
    assert ax.get_xlabel() == "epoch"


def test_none_is_left_out_and_nan_leaves_a_gap():
    ax = history({"loss": [1.0, None, np.nan, 2.0]})
    np.testing.assert_array_equal(line(ax, "loss").get_xydata(), [[1, 1], [3, np.nan], [4, 2]])


def test_smoothing_shows_the_mean_around_and_the_values_behind():
    values = np.random.default_rng(0).random(50)
    ax = history(values, smooth=3)
    behind, front = ax.lines
    np.testing.assert_array_equal(behind.get_ydata(), values)
    assert behind.get_alpha() < 0.5
    for i in (0, 1, 20, 49):
        expected = np.mean([values[j] for j in range(i - 3, i + 4) if 0 <= j < 50])
        assert front.get_ydata()[i] == pytest.approx(expected, rel=1e-14)


def test_a_nan_is_smoothed_into_its_neighbours_alone():
    result = smoothed(np.array([1.0, 1.0, 1.0, np.nan, 1.0, 1.0]), 1)
    np.testing.assert_array_equal(np.isnan(result), [False, False, True, True, True, False])


def test_the_axis_of_losses_can_be_logarithmic():
    ax = history({"loss": [1.0, 0.1, 0.0], "accuracy": [0.1, 0.2, 0.3]}, log=True)
    left, right = ax.figure.axes
    assert (left.get_yscale(), right.get_yscale()) == ("log", "linear")
    ax.figure.canvas.draw()


def test_names_that_would_collide_are_in_a_legend():
    ax = history({f"loss{i}": [i, 0.5] for i in range(6)})
    assert names(ax) == set()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        f"loss{i}" for i in range(6)
    ]


def test_names_at_the_ends_lie_within_the_axes_and_apart():
    ax = history({"loss": LOSSES, "val_loss": [0.9, 0.6, 0.4, 0.21]})
    ax.figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == 2
    assert boxes[0].y1 <= boxes[1].y0 + 1
    assert max(box.x1 for box in boxes) <= ax.get_window_extent().x1 + 1


def test_side_by_side_in_a_constrained_layout_nothing_overlaps():
    figure, three = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for ax in three:
        history({"loss": LOSSES, "val_accuracy": [0.5, 0.7, 0.8, 1.0]}, ax=ax)
    figure.canvas.draw()
    lefts, rights = figure.axes[:3], figure.axes[3:]
    for right, following in zip(rights, lefts[1:], strict=False):
        assert right.get_tightbbox().x1 <= following.get_tightbbox().x0
    for ax in figure.axes:
        for text in ax.texts:
            assert text.get_window_extent().x1 <= ax.get_window_extent().x1 + 1


def test_a_given_axes_is_drawn_on_and_returned():
    figure, ax = plt.subplots()
    assert history(LOSSES, ax=ax) is ax
    assert plt.get_fignums() == [figure.number]


def test_a_single_value_is_seen():
    assert line(history([1.0]), "loss").get_marker() == "o"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": LOSSES, "val_loss": [1.0]}, "loss 4, val_loss 1"),
        ({"accuracy": [50.0, 97.5]}, "divide percents by 100"),
        ({"loss": [np.nan, np.nan]}, "no finite number"),
        ([], "no finite number"),
        ({}, "empty"),
        ({"epoch": [1, 2]}, "empty"),
        ([np.ones(3)], r"shape \(3,\)"),
        ([{"loss": 1.0, "step": 1}, {"loss": 1.0}], "step is None"),
    ],
)
def test_what_is_wrong_is_said_and_leaves_no_figure(wrong, message):
    with pytest.raises(ValueError, match=message):
        history(wrong)
    assert plt.get_fignums() == []


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="smooth"):
        history(LOSSES, smooth=-1)
    with pytest.raises(ValueError, match="no positive"):
        history([-1.0, 0.0], log=True)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=8))
def test_positions_are_set_apart_in_order_and_no_further_than_needed(positions):
    result = apart(positions, 3.0)
    order = np.argsort(positions, kind="stable")
    assert (np.diff(result[order]) >= 3.0 - 1e-9).all()
    assert np.mean(result) == pytest.approx(np.mean(positions), abs=1e-9)
    if (np.diff(np.sort(positions)) >= 3.0).all():
        np.testing.assert_allclose(result, positions, atol=1e-9)


def test_values_far_apart_are_not_smoothed_into_each_other():
    steps = [
        {"step": i, "loss": 1 / i, "accuracy": i / 100 if i % 20 == 0 else None}
        for i in range(1, 101)
    ]
    ax = ag.plot.history(steps, smooth=5)
    lines = {line.get_label(): line for other in ax.figure.axes for line in other.lines}
    np.testing.assert_allclose(lines["accuracy"].get_ydata(), [0.2, 0.4, 0.6, 0.8, 1.0])
