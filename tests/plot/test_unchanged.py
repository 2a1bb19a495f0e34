"""What all plots keep: the model, matplotlib's settings, and an import without matplotlib."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.plot import activations, decision_boundary, gradients, history, loss_surface
from autograd_mini.plot.unchanged import unchanged

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], np.float32)
Y = np.array([0, 1, 1, 1])


class Restless(nn.Module):
    """Changes, in each forward run, all that a module can change."""

    def __init__(self):
        self.weight = nn.Parameter(np.array([[1.0, 2.0], [-1.0, 0.5]], np.float32))
        self.generator = np.random.default_rng(1)
        self.register_buffer("mean", np.zeros(2, np.float32))
        self.register_buffer("count", np.zeros((), np.float32))
        self.inner = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
        self.inner[1].eval()

    def forward(self, x):
        assert not self.training
        assert not ag.is_grad_enabled()
        self.mean *= 0.9
        self.mean += x.mean(axis=0)
        self.count = self.count + 1
        self.last = x
        self.generator.random()
        ag.random.default_generator().random()
        self.zero_grad(set_to_none=False)
        return self.inner(x @ self.weight)


def state(model):
    tensors = [*model.named_parameters(), *model.named_buffers()]
    return (
        [(name, t._array.tobytes(), t.dtype, t.requires_grad) for name, t in tensors],
        [None if t.grad is None else t.grad.numpy().tobytes() for _, t in tensors],
        [id(t) for _, t in tensors] + [id(t._array) for _, t in tensors],
        [id(t.grad) for _, t in tensors if t.grad is not None],
        [(list(vars(module)), vars(module).get("training")) for module in model.modules()],
        model.generator.bit_generator.state,
        ag.random.get_state(),
        ag.is_grad_enabled(),
    )


def restless():
    model = Restless()
    for p in model.parameters():
        p.grad = ag.Tensor(np.full(p.shape, 0.25, np.float32))
    model.inner[0].bias.grad = None
    model.inner[0].bias.requires_grad = False
    return model


@pytest.mark.parametrize(
    "draw",
    [
        lambda model: decision_boundary(model, X, Y, resolution=4),
        lambda model: loss_surface(model, lambda: model(X).sum(), resolution=3),
        lambda model: gradients(model),
        lambda model: activations(nn.Sequential(nn.Tanh(), nn.Dropout(0.5))),
    ],
)
def test_no_plot_changes_the_model(draw):
    model = restless()
    before = state(model)
    draw(model)
    assert state(model) == before


@pytest.mark.parametrize(
    "draw",
    [
        lambda model: decision_boundary(model, X, [0, 1, 2, 3], resolution=4),
        lambda model: loss_surface(model, lambda: model(X), resolution=3),
    ],
)
def test_no_plot_that_fails_changes_the_model(draw):
    model = restless()
    before = state(model)
    with pytest.raises(ValueError):
        draw(model)
    assert state(model) == before


def test_a_write_in_place_is_undone_bit_for_bit():
    model = restless()
    with np.errstate(all="ignore"):
        model.weight.data = np.array([[-0.0, np.nan], [np.inf, 1e-40]], np.float32)
    before = state(model)
    with unchanged(model):
        model.weight[...] = 0
        model.mean[...] = 5
        model.weight.grad[...] = 7
    assert state(model) == before


def test_what_a_frozen_parameter_had_as_its_gradient_comes_back():
    model = restless()
    frozen = model.inner[0].weight
    frozen.requires_grad = False
    before = state(model)
    loss_surface(model, lambda: (model.zero_grad(), 1.0)[1], resolution=3)
    assert state(model) == before
    assert frozen.grad is not None


def test_tensors_in_a_dict_are_restored_too():
    w = ag.Tensor([[1.0, 2.0]], requires_grad=True)
    array = w._array
    with unchanged({"w": w}):
        w._array = w._array + 1
        w[...] = 3
        array[...] = 4
    assert w._array is array
    np.testing.assert_array_equal(w.detach(), [[1, 2]])


def test_no_plot_changes_matplotlibs_settings():
    before = dict(mpl.rcParams)
    model = nn.Linear(2, 2)
    model(X).sum().backward()
    history([1.0, 2.0])
    activations()
    gradients(model)
    decision_boundary(model, X, Y)
    loss_surface(model, lambda: model(X).sum(), resolution=3)
    assert dict(mpl.rcParams) == before


def drawings():
    model = nn.Linear(2, 2)
    model(X).sum().backward()
    return [
        lambda ax: history({"loss": [1.0, 2.0], "accuracy": [0.1, 0.2]}, ax=ax, log=True),
        lambda ax: activations(ax=ax),
        lambda ax: gradients(model, ax=ax),
        lambda ax: decision_boundary(model, X, Y, ax=ax, resolution=4),
        lambda ax: loss_surface(model, lambda: model(X).sum(), ax=ax, resolution=3),
    ]


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("own", [True, False])
def test_what_is_written_beside_is_legible_in_any_style(style, own):
    brightness = lambda color: sum(to_rgb(color)) / 3
    with plt.style.context(style):
        for draw in drawings():
            figure = draw(None if own else plt.subplots()[1]).figure
            beside = []
            for ax in figure.axes:
                for axis in ax.xaxis, ax.yaxis:
                    ticks = [*axis.get_ticklabels(), *axis.get_ticklabels(minor=True)]
                    beside += [axis.label, *ticks]
                beside += ax.get_legend().get_texts() if ax.get_legend() else []
            for text in beside:
                difference = brightness(text.get_color()) - brightness(figure.get_facecolor())
                assert abs(difference) > 0.6, text


def test_importing_the_plots_does_not_import_matplotlib():
    source = "import sys, autograd_mini.plot; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: history([1.0]),
        lambda: activations(),
        lambda: gradients(nn.Linear(2, 2)),
        lambda: decision_boundary(nn.Linear(2, 2), X, Y),
        lambda: loss_surface(nn.Linear(2, 2), lambda: 1.0),
    ],
)
def test_without_matplotlib_it_says_what_to_install(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "autograd_mini\[plots\]"'):
        draw()
