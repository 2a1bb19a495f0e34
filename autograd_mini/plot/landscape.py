"""The loss around what was learned: `loss_surface`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Array
from ..nn.module import Module, as_array
from ..palette import GREY, INK, RED
from ..random import drawing_from, get_state
from ..tensor import Tensor
from .labels import legend_above
from .style import SMALL, axes, halo, pyplot
from .unchanged import named_tensors, unchanged

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = dict[str, Array]
"""A direction in the space of the parameters, by their names."""


def loss_surface(
    model: Module | Mapping[str, Tensor],
    loss: Callable[[], Any],
    *,
    ax: Axes | None = None,
    span: float = 1.0,
    resolution: int = 31,
    seed: int = 0,
) -> Axes:
    """Draw the loss over a plane through the parameters, as contours, or in an Axes of 3-D.

    The plane is spanned by two random directions, normalised by filters: the part of a direction
    that belongs to one filter (of a layer, the weights of one of its outputs: a row along the first
    axis) is as long as the filter. So layers of all scales change alike, and surfaces of different
    models compare. Vectors, such as biases, stay as they are, as in the authors' own code, unless
    there is nothing else. H. Li et al., "Visualizing the loss landscape of neural nets", NeurIPS
    2018 (arXiv:1712.09913).

    Args:
        model: a Module, or a dict of Tensors by name. Those that require grad are varied, and
            afterwards are as they were, bit for bit. A Module is in evaluation mode meanwhile.
        loss: computes the loss of the model as it is: `lambda: loss_function(model(X), y)`. Each
            call draws the same random numbers from the default generator.
        ax: where to draw, by default on a new figure; with `projection="3d"` a surface is drawn.
        span: how far to go in each direction, where 1 is as far as the filters are long.
        resolution: at how many points along each direction the loss is computed. An odd number
            has the trained parameters among them.
        seed: of the directions.

    Returns:
        The Axes. Hatched, or in 3-D left out, is where the loss is not finite.

    Raises:
        TypeError: `loss` is no function, `model` neither a Module nor a dict of Tensors.
        ValueError: no parameter requires grad, all of them are zero, or the two directions are
            parallel; the loss is not one number, or not finite in the middle.

    >>> import autograd_mini as ag
    >>> w = ag.Tensor([[1.0, -2.0]], requires_grad=True)
    >>> ax = ag.plot.loss_surface({"w": w}, lambda: np.sum(w * w), resolution=5)
    """
    pyplot()
    if resolution < 2 or not span > 0:
        raise ValueError(f"resolution={resolution} is less than 2, or span={span} not positive")
    if not callable(loss):
        raise TypeError("loss is a function: lambda: loss_function(model(X), y)")
    parameters = named_tensors(model)
    one, other = _directions(parameters, seed)
    steps = np.linspace(-span, span, resolution)
    losses = np.empty((resolution, resolution))
    state = get_state()

    def loss_at(a: float, b: float) -> float:
        for name, start in starts.items():
            moved = start + a * one[name] + b * other[name]
            parameters[name]._array = np.asarray(moved, start.dtype)
        with drawing_from(state), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return _number(loss())

    with unchanged(model):
        starts = {name: parameters[name]._array for name in one}
        middle = loss_at(0.0, 0.0)
        if not math.isfinite(middle):
            raise ValueError(f"the loss of the model as it is is {middle}: there is no surface")
        for i, b in enumerate(steps):
            losses[i] = [loss_at(a, b) for a in steps]
    known = np.ma.masked_invalid(losses)
    if ax is not None and ax.name == "3d":
        _draw_surface(ax, steps, known, middle)
    else:
        ax = axes(ax, (5.2, 4.6))
        _draw_contours(ax, steps, known, middle)
    ax.set_xlabel("first direction")
    ax.set_ylabel("second direction")
    ax.locator_params(axis="both", nbins=5)
    return ax


def _number(loss: Any) -> float:
    value = as_array(loss)
    if value.size != 1 or value.dtype.kind not in "biuf":
        raise ValueError(
            f"the loss is of shape {value.shape} and dtype {value.dtype}, and one real number is "
            "needed: reduce it (mean, sum)"
        )
    return float(value.item())


def _directions(parameters: dict[str, Tensor], seed: int) -> tuple[Point, Point]:
    """Return two random directions, of the parameters that are varied."""
    trained = {name: p.detach().numpy() for name, p in parameters.items() if p.requires_grad}
    varied = {name: p for name, p in trained.items() if p.ndim > 1} or trained
    if not varied:
        raise ValueError("none of the parameters requires grad, so none is varied")
    generator = np.random.default_rng(seed)
    one, other = (
        {name: _like_filters(generator.standard_normal(p.shape), p) for name, p in varied.items()}
        for _ in range(2)
    )
    lengths = math.sqrt(_dot(one, one) * _dot(other, other))
    if lengths == 0:
        raise ValueError("all parameters are zero, and so are directions as long as they are")
    if abs(_dot(one, other)) > 0.999 * lengths:
        raise ValueError(
            f"the two directions of seed={seed} are parallel, and span no plane: the model has few "
            "parameters; try another seed"
        )
    return one, other


def _like_filters(direction: Array, parameter: Array) -> Array:
    """Return the direction with each filter as long as that of the parameter."""
    within = tuple(range(1, parameter.ndim)) if parameter.ndim > 1 else None
    length, wanted = (
        np.sqrt(np.sum(np.square(np.abs(a), dtype=float), axis=within, keepdims=True))
        for a in (direction, parameter)
    )
    return direction * (wanted / np.where(length == 0, 1, length))


def _dot(one: Point, other: Point) -> float:
    return math.fsum(float(np.sum(one[name] * other[name])) for name in one)


def _levels(losses: Any) -> tuple[Array, bool]:
    """Return the heights of the contours, round numbers, and whether they grow by factors.

    They do if the greatest loss is more than 30 times the least, otherwise they are evenly spaced.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = float(losses.min()), float(losses.max())
    if low <= 0 or high <= 30 * low:
        margin = 0.5 if low == high else 0.0
        return MaxNLocator(12).tick_values(low - margin, high + margin), False
    first, last = math.log10(low), math.log10(high)
    decades = last - first
    digits = (1, 1.5, 2, 3, 5, 7) if decades < 2.2 else (1, 2, 5) if decades < 4.5 else (1,)
    powers = range(math.floor(first), math.ceil(last), math.ceil(decades / 14))
    heights = [digit * 10.0**power for power in powers for digit in digits]
    return np.array([height for height in heights if low < height < high]), True


def _colors() -> Any:
    """Return a colour map that is light where the loss is low, and darker in grey where high."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("loss", ["#e9f0f8", "#b3cce6", "#4f80b8", "#2f4a6d"])


def _draw_contours(ax: Axes, steps: Array, losses: Any, middle: float) -> None:
    levels, by_factors = _levels(losses)
    labels = [f"{level:.10g}" for level in levels]
    if by_factors:  # matplotlib's own logarithmic contours end at 1e250
        losses, levels = np.ma.log10(losses), np.log10(levels)
    ax.contourf(steps, steps, losses, levels, cmap=_colors(), extend="both")
    lines = ax.contour(
        steps, steps, losses, levels, colors=[INK], linewidths=0.6, linestyles="solid"
    )
    written = dict(zip(levels, labels, strict=True))
    for text in ax.clabel(lines, levels[::2], fmt=written, fontsize=SMALL - 1, inline=True):
        text.set_path_effects(halo(1.5))
    ax.plot(0, 0, "X", color=RED, markersize=9, markeredgecolor="white", label="trained")
    ax.annotate(
        f"trained: {middle:.3g}",
        (0, 0),
        xytext=(8, 6),
        textcoords="offset points",
        fontsize=SMALL,
        color=RED,
        path_effects=halo(),
    )
    ax.set_aspect("equal")
    ax.grid(False)
    if np.ma.getmaskarray(losses).any():
        _hatch(ax)


def _hatch(ax: Axes) -> None:
    """Hatch the ground, which is seen where no loss is drawn, and say what that means."""
    from matplotlib.patches import Patch

    hatched: dict[str, Any] = {"hatch": "////", "edgecolor": GREY, "linewidth": 0}
    ax.patch.set(**hatched)
    legend_above(ax, [Patch(facecolor="white", label="loss not finite", **hatched)])


def _draw_surface(ax: Any, steps: Array, losses: Any, middle: float) -> None:
    x, y = np.meshgrid(steps, steps)
    heights = losses.filled(np.nan)
    ax.plot_surface(x, y, heights, cmap=_colors(), edgecolor=GREY, linewidth=0.2)
    ax.plot([0], [0], [middle], "X", color=RED, markersize=9, zorder=10, label="trained")
    ax.set_zlabel("loss")
