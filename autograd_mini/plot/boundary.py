"""What a classifier makes of the plane: `decision_boundary`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Array
from ..nn.module import as_array
from ..palette import INK
from ..tensor import Tensor
from .labels import legend_above
from .style import COLORS, HATCHES, MARKERS, axes, pyplot
from .unchanged import unchanged

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BATCH = 8192
"""How many points the model is given at a time."""


def decision_boundary(
    model: Callable[[Any], Any],
    X: Any,
    y: Any,
    *,
    threshold: float | None = None,
    ax: Axes | None = None,
    resolution: int = 200,
    padding: float = 0.15,
) -> Axes:
    """Draw where in the plane a classifier decides for which class, and how sure it is.

    The stronger the colour, the surer the model: white is undecided. Lines are where the decision
    changes. All classes but the first are hatched, each in its way, to be told apart in grey. The
    points are those of `X`, each in the colour and with the marker of its class.

    Args:
        model: a Module, or a function, of points of shape (n, 2). Its result is of shape (n,) or
            (n, 1) for two classes; or (n, k), a score for each of k classes: logits or
            probabilities, of which the greatest decides. A Module is in evaluation mode meanwhile,
            and left as it was.
        X: points, of shape (n, 2). The model gets points of their dtype (floating point ones for
            integers), in a Tensor if they are.
        y: the class of each point, integers from 0, of shape (n,) or (n, 1).
        threshold: for a model with one result for each point, from what value on the class is 1:
            0.5 for a probability, 0.0 for a logit. Colours take results for probabilities if the
            threshold and all results are between 0 and 1, otherwise for logits.
        ax: where to draw, by default on a new figure.
        resolution: at how many points along each axis the model is evaluated.
        padding: the margin around the points, as a part of the range that they cover.

    Raises:
        ValueError: shapes that are no others than these; classes that the model does not have; no
            `threshold`, or one with several scores; results that are not finite.

    >>> import autograd_mini as ag
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> ax = ag.plot.decision_boundary(lambda x: x.sum(axis=1), X, [0, 1, 1, 1], threshold=0.5)
    """
    pyplot()
    points, labels = as_array(X), as_array(y)
    _check(points, labels, resolution)
    labels = labels.reshape(-1)
    grid_x, grid_y = (_span(column, resolution, padding) for column in points.T)
    at = np.stack(np.meshgrid(grid_x, grid_y), axis=-1).reshape(-1, 2)
    with unchanged(model):
        scores = np.concatenate([_scores(model, batch) for batch in _batches(at, X)])
    _check_scores(scores, threshold)
    _check_labels(labels, max(2, scores.shape[1]))
    scores = scores.reshape(resolution, resolution, -1)
    ax = axes(ax, (5.2, 4.6))
    _shade(ax, grid_x, grid_y, _chances(scores, threshold))
    for one, margin in _margins(scores, threshold):
        _hatch(ax, grid_x, grid_y, margin, one)
        if margin.min() < 0 < margin.max():
            ax.contour(grid_x, grid_y, margin, levels=[0], colors=[INK], linewidths=1.4)
    _scatter(ax, points, labels)
    ax.set(xlim=(grid_x[0], grid_x[-1]), ylim=(grid_y[0], grid_y[-1]))
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    ax.grid(False)
    return ax


def _check(points: Array, labels: Array, resolution: int) -> None:
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"X is of shape {points.shape}, and a plane has points of two features: shape (n, 2)"
        )
    if labels.shape not in ((len(points),), (len(points), 1)):
        raise ValueError(
            f"y is of shape {labels.shape}, and X of shape {points.shape}: a class for each point "
            f"is of shape ({len(points)},); of one-hot rows, y.argmax(axis=1)"
        )
    if not np.isfinite(points).all():
        raise ValueError("X has points that are not finite")
    if resolution < 2:
        raise ValueError(f"resolution counts the points along each axis: {resolution} < 2")


def _check_labels(labels: Array, classes: int) -> None:
    strange = sorted({label for label in labels.tolist() if label not in range(classes)})
    if strange:
        raise ValueError(
            f"y has the class {strange[0]!r}, and the model's are the integers from 0 to "
            f"{classes - 1}; of -1 and 1, y > 0"
        )


def _span(column: Array, resolution: int, padding: float) -> Array:
    """Return where on an axis the model is evaluated."""
    dtype = column.dtype if column.dtype.kind == "f" else np.result_type(column, np.float32)
    low, high = float(column.min()), float(column.max())
    margin = padding * ((high - low) or 1.0)
    return np.linspace(low - margin, high + margin, resolution, dtype=dtype)


def _batches(points: Array, X: Any) -> Iterator[Any]:
    for start in range(0, len(points), BATCH):
        batch = points[start : start + BATCH]
        yield Tensor(batch) if isinstance(X, Tensor) else batch


def _scores(model: Callable[[Any], Any], batch: Any) -> Array:
    """Return what the model makes of points, of shape (points, k), in memory of its own."""
    result = as_array(model(batch))
    if result.ndim not in (1, 2) or len(result) != len(batch) or result.size == 0:
        raise ValueError(
            f"of points of shape {batch.shape} the model made a result of shape {result.shape}: "
            "one score for each, of shape (n,) or (n, 1), or one for each class, (n, k)"
        )
    return np.array(result, float).reshape(len(batch), -1)


def _check_scores(scores: Array, threshold: float | None) -> None:
    wrong = np.count_nonzero(~np.isfinite(scores).all(axis=1))
    if wrong:
        raise ValueError(f"the model's result is not finite at {wrong:,} of {len(scores):,} points")
    if scores.shape[1] == 1 and threshold is None:
        raise ValueError(
            "the model has one result for each point: say from what value on it means class 1: "
            "threshold=0.5 for a probability, threshold=0.0 for a logit"
        )
    if scores.shape[1] > 1 and threshold is not None:
        raise ValueError(
            f"a threshold is for a model with one result for each point, and this has "
            f"{scores.shape[1]}, of which the greatest decides: leave it out"
        )


def _margins(scores: Array, threshold: float | None) -> Iterator[tuple[int, Array]]:
    """Yield each class, of two the second alone, and how far it is ahead of the best other one."""
    if threshold is not None:
        yield 1, scores[..., 0] - threshold
        return
    classes = scores.shape[-1]
    for one in range(classes) if classes > 2 else (1,):
        yield one, scores[..., one] - np.delete(scores, one, axis=-1).max(axis=-1)


def _chances(scores: Array, threshold: float | None) -> Array:
    """Return a probability for each class, in the last axis, equal ones on the boundary."""
    if threshold is not None:
        logits = scores
        if 0 < threshold < 1 and scores.min() >= 0 and scores.max() <= 1:
            logits, threshold = _logit(scores), float(_logit(threshold))
        scores = np.concatenate([np.zeros_like(logits), logits - threshold], axis=-1)
    elif scores.min() >= 0 and np.allclose(scores.sum(axis=-1), 1, atol=1e-3):
        return scores
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _logit(p: Any) -> Any:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p) - np.log1p(-p)


def _shade(ax: Axes, x: Array, y: Array, chances: Array) -> None:
    """Colour the grid as the likeliest class is, and white where all are as likely."""
    from matplotlib.colors import to_rgb

    classes = chances.shape[-1]
    palette = np.array([to_rgb(COLORS[i % len(COLORS)]) for i in range(classes)])
    surety = (chances.max(axis=-1, keepdims=True) - 1 / classes) / (1 - 1 / classes)
    rgb = 1 - 0.5 * surety * (1 - palette[chances.argmax(axis=-1)])
    half_x, half_y = (float(axis[1] - axis[0]) / 2 for axis in (x, y))
    extent = (x[0] - half_x, x[-1] + half_x, y[0] - half_y, y[-1] + half_y)
    ax.imshow(rgb, origin="lower", extent=extent, aspect="auto", interpolation="bilinear")


def _hatch(ax: Axes, x: Array, y: Array, margin: Array, one: int) -> None:
    """Hatch where class `one` is ahead."""
    from matplotlib import rc_context

    hatch = HATCHES[one % len(HATCHES)]
    if not hatch or margin.max() <= 0:
        return
    with rc_context({"hatch.linewidth": 0.6}):
        area = ax.contourf(x, y, margin, levels=[0, margin.max()], colors="none", hatches=[hatch])
    area.set(edgecolor=(COLORS[one % len(COLORS)], 0.45), linewidth=0)


def _scatter(ax: Axes, points: Array, labels: Array) -> None:
    handles = [
        ax.scatter(
            points[labels == label, 0],
            points[labels == label, 1],
            s=26,
            color=COLORS[label % len(COLORS)],
            marker=MARKERS[label % len(MARKERS)],
            edgecolor="white",
            linewidth=0.7,
            label=f"class {label}",
            zorder=3,
        )
        for label in np.unique(labels).astype(int)
    ]
    legend_above(ax, handles)
