"""`plot.loss_surface`."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.plot import loss_surface
from autograd_mini.plot.landscape import _colors, _directions, _levels

RANDOM = np.random.default_rng(3)
A, B = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(2, 3))
X = RANDOM.normal(size=(16, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


LN_10 = np.log(10)


def tensors():
    return {"a": ag.Tensor(A, requires_grad=True), "b": ag.Tensor(B, requires_grad=True)}


def network():
    ag.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Dropout(0.5), nn.Linear(5, 2))


def test_directions_are_as_long_as_the_filters():
    for direction in _directions(tensors(), seed=0):
        for name, value in (("a", A), ("b", B)):
            lengths, wanted = (np.linalg.norm(x, axis=1) for x in (direction[name], value))
            np.testing.assert_allclose(lengths, wanted)


def test_filters_of_convolutions_are_along_the_first_axis():
    w = np.random.default_rng(0).normal(size=(4, 3, 2, 2))
    one, _ = _directions({"w": ag.Tensor(w, requires_grad=True)}, seed=1)
    np.testing.assert_allclose(
        np.linalg.norm(one["w"].reshape(4, -1), axis=1), np.linalg.norm(w.reshape(4, -1), axis=1)
    )


def test_the_seed_makes_the_directions():
    first, again, other = (_directions(tensors(), seed)[0]["a"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_the_loss_is_computed_on_the_grid_of_the_plane():
    parameters, seen = tensors(), []

    def loss():
        seen.append({name: p.detach().numpy().copy() for name, p in parameters.items()})
        return 0.0

    loss_surface(parameters, loss, resolution=3, span=0.5, seed=4)
    one, other = _directions(tensors(), seed=4)
    places = [(0, 0)] + [(a, b) for b in (-0.5, 0, 0.5) for a in (-0.5, 0, 0.5)]
    for (a, b), values in zip(places, seen, strict=True):
        for name, start in (("a", A), ("b", B)):
            np.testing.assert_allclose(
                values[name], start + a * one[name] + b * other[name], rtol=1e-15
            )
    assert (seen[0]["a"] == A).all()


def test_contours_lie_where_the_loss_has_their_height():
    parameters = tensors()
    for loss_of, height_of in (lambda q: 5 + q, lambda h: h - 5), (np.exp, lambda h: h * LN_10):
        loss = lambda of=loss_of: of(sum(np.sum(p * p) for p in parameters.values()))
        ax = loss_surface(parameters, loss, resolution=61)
        one, other = _directions(tensors(), seed=0)
        lines = [c for c in ax.collections if isinstance(c, QuadContourSet) and not c.filled]
        checked = 0
        for height, path in zip(lines[0].levels, lines[0].get_paths(), strict=True):
            for a, b in path.vertices[:50]:
                moved = [v + a * one[n] + b * other[n] for n, v in (("a", A), ("b", B))]
                squares = sum(np.sum(m * m) for m in moved)
                assert squares == pytest.approx(height_of(height), rel=2e-3)
                checked += 1
        assert checked > 100


def test_contours_by_factors_are_labelled_with_the_loss_itself():
    parameters = tensors()
    loss = lambda: np.exp(sum(np.sum(p * p) for p in parameters.values()))
    ax = loss_surface(parameters, loss, resolution=21)
    numbers = {float(text.get_text()) for text in ax.texts if "trained" not in text.get_text()}
    assert numbers
    assert all(np.log10(number) == round(np.log10(number)) for number in numbers)


@pytest.mark.parametrize("factor", [1e-290, 1e290])
def test_losses_of_any_size_are_drawn(factor):
    parameters = tensors()
    loss = lambda: factor * np.exp(np.sum(parameters["a"] ** 2) - 10)
    loss_surface(parameters, loss, resolution=7).figure.canvas.draw()


def test_the_trained_point_is_marked_with_its_loss():
    parameters = tensors()
    ax = loss_surface(parameters, lambda: np.sum(parameters["a"] ** 2), resolution=5)
    (mark,) = [line for line in ax.lines if line.get_label() == "trained"]
    np.testing.assert_array_equal(mark.get_xydata(), [[0, 0]])
    (text,) = [text for text in ax.texts if text.get_text().startswith("trained")]
    assert text.get_text() == f"trained: {np.sum(A**2):.3g}"


def test_vectors_stay_unless_there_is_nothing_else():
    model = network()
    one, _ = _directions(dict(model.named_parameters()), seed=0)
    assert list(one) == ["0.weight", "3.weight"]
    w, b = np.array([3.0, 4.0]), np.array(2.0)
    line = {"w": ag.Tensor(w, requires_grad=True), "b": ag.Tensor(b, requires_grad=True)}
    one, _ = _directions(line, seed=0)
    assert np.linalg.norm(one["w"]) == pytest.approx(5)
    assert abs(one["b"]) == pytest.approx(2)


def test_what_is_frozen_stays():
    parameters = tensors()
    parameters["a"].requires_grad = False
    assert list(_directions(parameters, seed=0)[0]) == ["b"]


def test_a_model_is_evaluated_without_dropout_and_left_alone():
    model = network()
    criterion = nn.CrossEntropyLoss()
    loss = lambda: criterion(model(X), Y)
    loss().backward()
    parameters = dict(model.named_parameters())
    before = {name: (p._array, p._array.tobytes(), p.grad) for name, p in parameters.items()}
    random = ag.random.get_state()
    ax = loss_surface(model, loss, resolution=5)
    assert ag.random.get_state() == random
    assert all(module.training for module in model.modules())
    for name, p in parameters.items():
        array, content, grad = before[name]
        assert p._array is array
        assert p._array.tobytes() == content
        assert p.grad is grad
        assert p.requires_grad
    expected = criterion(model.eval()(X), Y).item()
    assert f"trained: {expected:.3g}" in {text.get_text() for text in ax.texts}


def test_a_graph_recorded_before_can_still_be_walked_back():
    model = network().eval()
    loss = lambda: nn.CrossEntropyLoss()(model(X), Y)
    pending = loss()
    loss_surface(model, loss, resolution=3)
    pending.backward()
    after = [p.grad.numpy() for p in model.parameters()]
    model.zero_grad()
    loss().backward()
    for p, grad in zip(model.parameters(), after, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), grad)


def test_random_numbers_in_the_loss_are_the_same_at_each_point():
    parameters = tensors()
    draw = lambda: ag.random.default_generator().standard_normal()
    drawn = []

    def loss():
        drawn.append(draw())
        return np.sum(parameters["a"] ** 2)

    loss_surface(parameters, loss, resolution=3)
    assert len(set(drawn)) == 1


def test_where_the_loss_is_not_finite_nothing_is_drawn():
    parameters = tensors()
    start = np.sum(A)
    loss = lambda: np.log(np.sum(parameters["a"]) - start + 0.1)
    ax = loss_surface(parameters, loss, resolution=9)
    ax.figure.canvas.draw()
    with pytest.raises(ValueError, match="no surface"):
        loss_surface(parameters, lambda: np.nan)


def test_the_levels_are_round_and_by_factors_where_the_loss_varies_much():
    even, by_factors = _levels(np.array([1.0, 2.0]))
    assert not by_factors
    np.testing.assert_allclose(np.diff(even), even[1] - even[0])
    levels, by_factors = _levels(np.array([0.01, 100.0]))
    assert by_factors
    np.testing.assert_allclose(levels[:4], [0.02, 0.05, 0.1, 0.2])
    for high in (1e2, 1e5, 1e30, 1e300):
        levels, _ = _levels(np.array([1.0, high]))
        assert 3 < len(levels) < 20
        assert (np.diff(levels) > 0).all()


@pytest.mark.filterwarnings("error")
def test_a_constant_loss_is_a_plain():
    loss_surface(tensors(), lambda: 1.0, resolution=3)


def test_where_the_loss_is_not_finite_is_hatched_and_named():
    parameters = tensors()
    start = np.sum(A**2)

    def loss():
        size = np.sum(parameters["a"] ** 2).item()
        return size if size < 1.2 * start else np.inf

    ax = loss_surface(parameters, loss, resolution=9)
    assert ax.patch.get_hatch() == "////"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss not finite"]
    finite = loss_surface(parameters, lambda: np.sum(parameters["a"] ** 2), resolution=9)
    assert finite.patch.get_hatch() is None
    assert finite.get_legend() is None


def test_the_lowest_loss_is_not_white_and_darkness_grows_with_the_loss():
    greys = _colors()(np.linspace(0, 1, 20))[:, :3] @ [0.299, 0.587, 0.114]
    assert greys[0] < 0.96
    assert (np.diff(greys) < 0).all()


def test_a_surface_is_drawn_in_three_dimensions():
    parameters = tensors()
    ax = plt.figure().add_subplot(projection="3d")
    loss = lambda: sum(np.sum(p * p) for p in parameters.values())
    assert loss_surface(parameters, loss, ax=ax, resolution=5) is ax
    (mark,) = ax.lines
    np.testing.assert_allclose(
        [float(x[0]) for x in mark.get_data_3d()], [0, 0, np.sum(A**2) + np.sum(B**2)]
    )
    ax.figure.canvas.draw()


def test_a_given_axes_is_drawn_on_and_returned():
    figure, ax = plt.subplots()
    assert loss_surface(tensors(), lambda: 1.0, ax=ax, resolution=3) is ax
    assert plt.get_fignums() == [figure.number]


def test_what_is_wrong_is_said_and_leaves_the_model_and_no_figure():
    parameters = tensors()
    arrays = {name: p._array for name, p in parameters.items()}
    calls = iter(range(100))

    def fails():
        if next(calls) == 5:
            raise ZeroDivisionError
        return 1.0

    with pytest.raises(ZeroDivisionError):
        loss_surface(parameters, fails)
    with pytest.raises(ValueError, match=r"shape \(3, 4\)"):
        loss_surface(parameters, lambda: parameters["a"])
    assert all(p._array is arrays[name] for name, p in parameters.items())
    zero = ag.Tensor(np.zeros((2, 2)), requires_grad=True)
    with pytest.raises(ValueError, match="zero"):
        loss_surface({"w": zero}, lambda: 1.0)
    with pytest.raises(ValueError, match="parallel"):
        loss_surface({"w": ag.Tensor(2.0, requires_grad=True)}, lambda: 1.0)
    with pytest.raises(ValueError, match="resolution"):
        loss_surface(parameters, lambda: 1.0, resolution=1)
    with pytest.raises(ValueError, match="span"):
        loss_surface(parameters, lambda: 1.0, span=0.0)
    with pytest.raises(TypeError, match="function"):
        loss_surface(parameters, 1.0)
    assert plt.get_fignums() == []
