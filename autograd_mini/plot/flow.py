"""How large the gradients of each layer are: `gradients`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..graph import Array
from ..nn.module import Module
from ..palette import BLUE, GREY, INK, RED
from ..tensor import Tensor
from .style import SMALL, axes, pyplot
from .unchanged import named_tensors

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Size(NamedTuple):
    """How large the elements of a gradient are, or, in words, why that cannot be said."""

    mean: float
    max: float
    words: str


def gradients(model: Module | Mapping[str, Tensor], *, ax: Axes | None = None) -> Axes:
    """Draw how large the gradient of each parameter is, after `backward()`.

    A bar ends at the mean of the absolute values, on a logarithmic axis, and a thin line at the
    greatest; the parameters are in the order of the model, the first at the top. Gradients that
    shrink from the bottom to the top vanish, those that grow explode. Words stand where there is no
    gradient, where it is zero throughout, and where it is not finite.

    Args:
        model: a Module, or a dict of Tensors by name.
        ax: where to draw, by default on a new figure.

    Raises:
        RuntimeError: no parameter has a gradient.

    >>> import autograd_mini as ag
    >>> model = ag.nn.Sequential(ag.nn.Linear(2, 3), ag.nn.Tanh(), ag.nn.Linear(3, 1))
    >>> model(np.ones((4, 2), np.float32)).sum().backward()
    >>> ax = ag.plot.gradients(model)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """
    pyplot()
    parameters = named_tensors(model)
    if all(parameter.grad is None for parameter in parameters.values()):
        raise RuntimeError(
            f"none of the {len(parameters)} parameters has a gradient: call loss.backward() first, "
            "and plot before optimizer.zero_grad()"
        )
    sizes = [_size(parameter.grad) for parameter in parameters.values()]
    ax = axes(ax, (6.4, 1.3 + 0.3 * len(sizes)))
    ax.set_xscale("log")
    ax.set_yticks(range(len(sizes)), list(parameters))
    ax.set_ylim(len(sizes) - 0.4, -0.6)
    ax.grid(False, axis="y")
    ax.set_xlabel("gradient, absolute values")
    ax.xaxis.set_minor_formatter("")
    _draw(ax, sizes)
    return ax


def _size(grad: Tensor | None) -> Size:
    nothing = float("nan"), float("nan")
    if grad is None:
        return Size(*nothing, "no gradient")
    g = grad.detach().numpy()
    if g.size == 0:
        return Size(*nothing, "no elements")
    wrong = int(np.count_nonzero(~np.isfinite(g)))
    if wrong:
        nans = int(np.count_nonzero(np.isnan(g)))
        what = "NaN" if nans == wrong else "infinite" if nans == 0 else "NaN or infinite"
        return Size(*nothing, f"{what}: {wrong:,} of {g.size:,}")
    size = np.abs(_wide(g))
    if size.max() == 0:
        return Size(*nothing, "zero")
    return Size(float(size.mean()), float(size.max()), "")


def _wide(g: Array) -> Array:
    """Return `g` in double precision at least: sums of small dtypes lose digits, or overflow."""
    return g.astype(np.result_type(g, np.float64))


def _draw(ax: Axes, sizes: list[Size]) -> None:
    there = [(row, size) for row, size in enumerate(sizes) if not size.words]
    low, high = 1e-1, 1.0
    if there:
        low = 10.0 ** np.floor(np.log10(min(size.mean for _, size in there)) - 0.5)
        high = max(10 * low, 2 * max(size.max for _, size in there))
        rows = [row for row, _ in there]
        means, greatest = ([size[k] for _, size in there] for k in (0, 1))
        ax.barh(rows, means, height=0.62, color=BLUE, label="mean")
        ax.hlines(rows, means, greatest, color=INK, linewidth=1, label="max")
        ax.plot(greatest, rows, "|", color=INK, markersize=8, markeredgewidth=1.4)
        _explain(ax, *there[0])
    ax.set_xlim(low, high)
    for row, size in enumerate(sizes):
        if size.words:
            color = GREY if size.words.startswith("no ") else RED
            ax.annotate(
                size.words,
                (0, row),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                style="italic",
                color=color,
            )


def _explain(ax: Axes, row: int, size: Size) -> None:
    """Say above the first bar what its ends are."""
    for x, text, align in (size.mean, "mean", "right"), (size.max, "max", "left"):
        ax.annotate(
            text,
            (x, row - 0.31),
            xytext=(0, 2),
            textcoords="offset points",
            ha=align,
            va="bottom",
            fontsize=SMALL - 1,
            color=BLUE if text == "mean" else INK,
            annotation_clip=False,
        )
