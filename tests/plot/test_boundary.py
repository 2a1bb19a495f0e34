"""`plot.decision_boundary`."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.plot import decision_boundary
from autograd_mini.plot.style import COLORS, HATCHES

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0, 1, 1, 1])


def plane(x):
    """Return a logit: class 1 where x1 + 2 x2 > 1.2."""
    return x[:, :1] + 2 * x[:, 1:] - 1.2


def thirds(x):
    """Return logits of three classes, which meet at (0.5, 0.5)."""
    return 4 * (x - 0.5) @ np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]])


def boundaries(ax):
    return [c for c in ax.collections if isinstance(c, QuadContourSet) and not c.filled]


def hatched(ax):
    areas = [c for c in ax.collections if isinstance(c, QuadContourSet) and c.filled]
    return [(c.hatches, np.concatenate([p.vertices for p in c.get_paths()])) for c in areas]


def vertices(ax):
    return np.concatenate([p.vertices for c in boundaries(ax) for p in c.get_paths()])


def test_the_boundary_of_logits_is_where_they_are_zero():
    points = vertices(decision_boundary(plane, X, Y, threshold=0.0))
    np.testing.assert_allclose(points @ [1, 2], 1.2, atol=1e-12)
    assert np.ptp(points[:, 0]) > 1  # across the picture


@pytest.mark.parametrize("threshold", [0.5, 0.2])
def test_the_boundary_of_probabilities_is_at_the_threshold(threshold):
    probability = lambda x: nn.functional.sigmoid(plane(x))[:, 0]
    points = vertices(decision_boundary(probability, X, Y, threshold=threshold))
    logit = np.log(threshold / (1 - threshold))
    np.testing.assert_allclose(points @ [1, 2], 1.2 + logit, atol=1e-3)


def test_the_boundary_of_several_classes_is_where_the_greatest_are_equal():
    points = vertices(decision_boundary(thirds, X, [0, 1, 2, 2]))
    scores = np.sort(thirds(points), axis=1)
    assert np.abs(scores[:, 2] - scores[:, 1]).max() < 0.1
    assert np.median(scores[:, 2] - scores[:, 1]) < 1e-9


def test_two_scores_are_two_classes():
    two = lambda x: np.concatenate([0 * plane(x), plane(x)], axis=1)
    ax = decision_boundary(two, X, Y)
    assert len(boundaries(ax)) == 1
    np.testing.assert_allclose(vertices(ax) @ [1, 2], 1.2, atol=1e-12)


def shading(ax):
    (image,) = ax.images
    return image.get_array()


def test_the_shading_is_the_confidence_in_the_colour_of_the_class():
    rgb = shading(decision_boundary(plane, X, Y, threshold=0.0, resolution=5, padding=0.0))
    x = np.linspace(0, 1, 5)
    logits = x[None, :] + 2 * x[:, None] - 1.2
    sure = np.abs(2 / (1 + np.exp(-logits)) - 1)
    blue, red = np.array([0x25, 0x63, 0xA8]) / 255, np.array([0xC8, 0x44, 0x3A]) / 255
    color = np.where(logits[..., None] > 0, red, blue)
    np.testing.assert_allclose(rgb, 1 - 0.5 * sure[..., None] * (1 - color), atol=1e-9)


def test_probabilities_are_shaded_as_their_logits_are():
    kind = {"resolution": 9}
    logits = shading(decision_boundary(plane, X, Y, threshold=0.0, **kind))
    p = lambda x: nn.functional.sigmoid(plane(x))
    np.testing.assert_allclose(shading(decision_boundary(p, X, Y, threshold=0.5, **kind)), logits)
    scores = shading(decision_boundary(thirds, X, Y, **kind))
    q = lambda x: nn.functional.softmax(thirds(x), 1)
    log_q = lambda x: nn.functional.log_softmax(thirds(x), 1)
    np.testing.assert_allclose(shading(decision_boundary(q, X, Y, **kind)), scores)
    np.testing.assert_allclose(shading(decision_boundary(log_q, X, Y, **kind)), scores)


def test_pixels_are_centred_where_the_model_was_evaluated():
    ax = decision_boundary(plane, X, Y, threshold=0.0, resolution=11, padding=0.0)
    np.testing.assert_allclose(ax.images[0].get_extent(), [-0.05, 1.05, -0.05, 1.05])
    np.testing.assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [0, 1, 0, 1])


def test_points_are_drawn_by_class_with_markers_of_their_own():
    ax = decision_boundary(plane, X, Y[:, None], threshold=0.0)
    zero, one = (c for c in ax.collections if not isinstance(c, QuadContourSet))
    np.testing.assert_array_equal(zero.get_offsets(), X[Y == 0])
    np.testing.assert_array_equal(one.get_offsets(), X[Y == 1])
    assert len(zero.get_paths()[0].vertices) != len(one.get_paths()[0].vertices)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["class 0", "class 1"]


def test_all_classes_but_the_first_are_hatched_each_in_its_way():
    areas = hatched(decision_boundary(thirds, X, [0, 1, 2, 2]))
    for one, (hatches, points) in zip((1, 2), areas, strict=True):
        assert hatches == [HATCHES[one]]
        scores = thirds(points)
        assert (scores[:, one] >= scores.max(axis=1) - 0.1).all()
    assert len(set(HATCHES)) == len(HATCHES) == len(COLORS)


@pytest.mark.parametrize("threshold", [0.0, None])
def test_of_two_classes_the_second_is_hatched(threshold):
    two = lambda x: np.concatenate([0 * plane(x), plane(x)], axis=1)
    ((_, points),) = hatched(
        decision_boundary(two if threshold is None else plane, X, Y, threshold=threshold)
    )
    assert (points @ [1, 2] >= 1.2 - 1e-9).all()
    assert (points.max(axis=0) > 1).all()


def test_a_class_everywhere_is_hatched_everywhere_or_nowhere():
    assert hatched(decision_boundary(lambda x: 0 * plane(x) - 3, X, Y, threshold=0.0)) == []
    ax = decision_boundary(lambda x: 0 * plane(x) + 3, X, Y, threshold=0.0)
    ((_, points),) = hatched(ax)
    for low, high, ends in zip(points.min(0), points.max(0), (ax.get_xlim(), ax.get_ylim())):  # noqa: B905
        np.testing.assert_allclose([low, high], ends)


def test_a_class_everywhere_has_no_boundary():
    ax = decision_boundary(lambda x: 0 * plane(x) + 3, X, Y, threshold=0.0)
    assert boundaries(ax) == []


@pytest.mark.parametrize(
    ("given", "kind", "dtype"),
    [
        (X.astype(np.float32), np.ndarray, np.float32),
        (X.astype(np.float16), np.ndarray, np.float16),
        (X.astype(int), np.ndarray, np.float64),
        (X.tolist(), np.ndarray, np.float64),
        (ag.Tensor(X, dtype=np.float32), ag.Tensor, np.float32),
    ],
)
def test_the_model_gets_what_the_points_are(given, kind, dtype):
    seen = []

    def model(x):
        seen.append((type(x), x.dtype, x.shape[1]))
        return plane(x)

    decision_boundary(model, given, Y, threshold=0.0, resolution=10)
    assert set(seen) == {(kind, np.dtype(dtype), 2)}


def test_many_points_are_given_in_batches():
    sizes = []

    def model(x):
        sizes.append(len(x))
        assert not ag.is_grad_enabled()
        return plane(x)

    decision_boundary(model, X, Y, threshold=0.0, resolution=150)
    assert sum(sizes) == 150 * 150
    assert len(sizes) > 1


def test_a_result_whose_memory_is_used_again_is_not_mixed_up():
    memory = np.empty((8192, 1))

    def model(x):
        memory[: len(x)] = plane(x)
        return memory[: len(x)]

    points = vertices(decision_boundary(model, X, Y, threshold=0.0))
    np.testing.assert_allclose(points @ [1, 2], 1.2, atol=1e-12)


def test_points_on_a_line_have_room_around():
    ax = decision_boundary(plane, np.array([[1.0, 2.0]]), [1], threshold=0.0)
    assert ax.get_xlim()[0] < 1 < ax.get_xlim()[1]


def test_a_given_axes_is_drawn_on_and_returned():
    figure, ax = plt.subplots()
    assert decision_boundary(plane, X, Y, threshold=0.0, ax=ax) is ax
    assert plt.get_fignums() == [figure.number]


@pytest.mark.parametrize(
    ("model", "points", "labels", "threshold", "message"),
    [
        (plane, np.ones((4, 3)), Y, 0.0, r"X is of shape \(4, 3\)"),
        (plane, np.ones(4), Y, 0.0, r"X is of shape \(4,\)"),
        (plane, np.ones((0, 2)), Y[:0], 0.0, r"X is of shape \(0, 2\)"),
        (plane, X + np.inf, Y, 0.0, "not finite"),
        (plane, X, Y[:3], 0.0, r"y is of shape \(3,\), and X of shape \(4, 2\)"),
        (plane, X, np.eye(4), 0.0, "argmax"),
        (plane, X, [0, 1, 2, 1], 0.0, "the class 2"),
        (plane, X, [-1, 1, 1, 1], 0.0, "y > 0"),
        (plane, X, [0.5, 1, 1, 1], 0.0, "the class 0.5"),
        (plane, X, Y, None, "threshold=0.5 for a probability, threshold=0.0 for a logit"),
        (thirds, X, Y, 0.5, "leave it out"),
        (lambda x: x.sum(), X, Y, 0.5, r"result of shape \(\)"),
        (lambda x: np.ones((len(x), 1, 2)), X, Y, None, "result of shape"),
        (lambda x: plane(x) * np.nan, X, Y, 0.0, "not finite at 40,000 of 40,000 points"),
    ],
)
def test_what_is_wrong_is_said_and_leaves_no_figure(model, points, labels, threshold, message):
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match=message):
        decision_boundary(model, points, labels, threshold=threshold)
    assert plt.get_fignums() == []


def test_a_grid_of_one_point_is_refused():
    with pytest.raises(ValueError, match="resolution"):
        decision_boundary(plane, X, Y, threshold=0.0, resolution=1)
