"""`plot.activations`."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.plot import activations
from autograd_mini.plot.curves import curve

Z = np.linspace(-3, 3, 61)


def line(ax, name):
    (found,) = [line for line in ax.lines if line.get_label() == name]
    return found


def test_the_default_is_sigmoid_relu_and_tanh_with_their_derivatives():
    ax = activations()
    names = ["sigmoid", "sigmoid'", "relu", "relu'", "tanh", "tanh'"]
    assert [line.get_label() for line in ax.lines][:6] == names
    assert {text.get_text() for text in ax.texts} == set(names)
    assert [line.get_linestyle() for line in ax.lines][:6] == ["-", "--"] * 3


def test_the_curves_are_the_functions_and_their_derivatives():
    ax = activations(["sigmoid", np.tanh, nn.LeakyReLU(0.1)], Z)
    s = 1 / (1 + np.exp(-Z))
    np.testing.assert_allclose(line(ax, "sigmoid").get_xydata(), np.stack([Z, s], 1))
    np.testing.assert_allclose(line(ax, "sigmoid'").get_xydata(), np.stack([Z, s * (1 - s)], 1))
    np.testing.assert_allclose(line(ax, "tanh'").get_ydata(), 1 - np.tanh(Z) ** 2)
    leaky = line(ax, "LeakyReLU(negative_slope=0.1)")
    np.testing.assert_allclose(leaky.get_ydata(), np.where(Z > 0, Z, 0.1 * Z))


@pytest.mark.parametrize("z", [Z, Z + 0.0123])
def test_no_line_crosses_the_jump_of_the_derivative_of_relu(z):
    x, y = line(activations("relu", z), "relu'").get_data()
    gap = np.flatnonzero(np.isnan(y))
    assert len(gap) == 1
    assert (y[: gap[0]] == 0).all()
    assert (y[gap[0] + 1 :] == 1).all()
    assert x[gap[0] - 1] == pytest.approx(0, abs=1e-9)
    assert x[gap[0] + 1] == pytest.approx(0, abs=1e-9)
    assert (np.diff(x) >= 0).all()
    assert set(z) <= set(x)


def test_jumps_of_the_function_itself_are_gaps_too():
    x, y = curve(np.floor, np.linspace(-1.7, 1.7, 12))
    np.testing.assert_allclose(x[np.isnan(y)], [-1, 0, 1], atol=1e-9)
    kept = ~np.isnan(y)
    np.testing.assert_array_equal(y[kept], np.floor(x[kept]))


def test_a_value_of_its_own_at_a_jump_is_on_no_line():
    _, y = curve(np.sign, np.linspace(-1, 1, 5))  # 0 at 0
    at = np.flatnonzero(y == 0)
    assert np.isnan(y[[at[0] - 1, at[-1] + 1]]).all()


@pytest.mark.parametrize(
    "function", [np.tanh, lambda x: np.tanh(1e4 * x), np.abs, lambda x: np.sqrt(np.abs(x))]
)
def test_a_steep_function_is_not_taken_for_one_that_jumps(function):
    x, y = curve(function, np.linspace(-1, 1.1, 8))
    assert len(x) == 8
    assert not np.isnan(y).any()


def test_a_constant_function_is_a_line():
    ax = activations(lambda x: 0 * x + 2, Z)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), np.full(61, 2.0))
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), np.zeros(61))


def test_derivatives_can_be_left_out():
    ax = activations(["elu", "gelu"], Z, derivatives=False)
    assert [line.get_label() for line in ax.lines][:2] == ["elu", "gelu"]
    assert not any(line.get_label().endswith("'") for line in ax.lines)


def test_a_module_with_a_parameter_is_drawn_and_left_alone():
    class Scaled(nn.Module):
        def __init__(self):
            self.scale = nn.Parameter(np.float32(2.0))

        def forward(self, x):
            return np.tanh(self.scale * x)

    module = Scaled()
    ax = activations(module, Z)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.tanh(2 * Z))
    np.testing.assert_allclose(ax.lines[1].get_ydata(), 2 / np.cosh(2 * Z) ** 2)
    assert module.scale.grad is None
    assert module.training
    assert "training" not in vars(module)


def test_it_works_within_no_grad():
    with ag.no_grad():
        ax = activations("tanh", Z)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), 1 - np.tanh(Z) ** 2)


def reciprocal(x):
    return 1 / x


@pytest.mark.parametrize("z", [np.linspace(-4, 4, 401), np.linspace(-4, 4, 400)])
def test_at_a_pole_lines_leave_the_picture_and_the_rest_is_readable(z):
    ax = activations([reciprocal, np.tanh], z)
    low, high = ax.get_ylim()
    assert -5 < low < -2
    assert 2 < high < 5
    kept = np.abs(z) > 0.6
    np.testing.assert_allclose(np.interp(z[kept], *line(ax, "reciprocal").get_data()), 1 / z[kept])
    ax.figure.canvas.draw()


def test_what_has_no_pole_is_wholly_in_view():
    wide = lambda x: 100 * np.tanh(x)
    ax = activations([wide, reciprocal], Z, derivatives=False)
    low, high = ax.get_ylim()
    assert low <= 100 * np.tanh(-3)
    assert high >= 100 * np.tanh(3)
    narrow = activations(lambda x: np.exp(-x * x), np.linspace(-100, 100, 401))
    assert narrow.get_ylim()[1] > 1


def test_a_logarithm_is_in_view_and_its_derivative_cut():
    z = np.linspace(0, 4, 401)
    low, high = activations(np.log, z).get_ylim()
    assert low < np.log(z[1])
    assert np.log(4) < high < 10


@pytest.mark.parametrize("functions", [None, reciprocal, np.tan])
def test_names_touch_no_curve(functions):
    ax = activations(functions)
    ax.figure.canvas.draw()
    assert ax.texts
    for text in ax.texts:
        box = text.get_window_extent()
        for one in ax.lines[:-2]:
            points = ax.transData.transform(one.get_xydata())
            inside = (points > box.min + 2).all(1) & (points < box.max - 2).all(1)
            assert not inside.any(), (text.get_text(), one.get_label())


def test_names_without_room_are_in_a_legend():
    _, ax = plt.subplots(figsize=(1.2, 1))
    activations(ax=ax)
    assert len(ax.get_legend().get_texts()) == 6
    assert not ax.texts
    assert len({(line.get_marker(), line.get_linestyle()) for line in ax.lines[:6]}) == 6
    ax.figure.canvas.draw()


def test_a_given_axes_is_drawn_on_and_returned():
    figure, ax = plt.subplots()
    assert activations("tanh", ax=ax) is ax
    assert plt.get_fignums() == [figure.number]


@pytest.mark.parametrize(
    ("functions", "z", "message"),
    [
        ("swoosh", None, "nn.functional has no 'swoosh'"),
        ("default_generator", None, "nn.functional has no"),
        ("__name__", None, "nn.functional has no"),
        (nn.Softmax(0), None, "not elementwise"),
        (np.sum, None, r"gave shape \(\)"),
        (np.cumsum, None, "not elementwise"),
        ("tanh", [1.0, 0.0], "increasing"),
        ("tanh", [[0.0, 1.0]], r"shape \(1, 2\)"),
        ("tanh", [0.0], r"shape \(1,\)"),
        ([], None, "no function"),
    ],
)
def test_what_is_wrong_is_said_and_leaves_no_figure(functions, z, message):
    with pytest.raises(ValueError, match=message):
        activations(functions, z)
    assert plt.get_fignums() == []
