"""What all plots share: colours, a plain frame, and where a new Axes comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..palette import BLUE, FAINT, GOLD, GREEN, GREY, INK, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = (BLUE, RED, GREEN, GOLD, "#6b4fa0", "#3c9dbb", INK)
"""In the order of use; told apart also by the colour-blind."""

MARKERS = "osD^v<>p"

HATCHES = ("", "///", "...", "\\\\\\", "---", "xxx", "|||")
"""Of areas in these colours, which are alike in a print in grey."""

SMALL = 9
"""The size of text in a plot, in points."""


def pyplot() -> Any:
    """Return `matplotlib.pyplot`.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'plots need matplotlib: pip install "autograd_mini[plots]"', name=error.name
        ) from error
    return plt


def axes(ax: Axes | None, figsize: tuple[float, float]) -> Axes:
    """Return `ax`, or the Axes of a new figure of this size in inches, in a plain frame."""
    if ax is None:
        ax = pyplot().subplots(figsize=figsize, layout="constrained", facecolor="white")[1]
    assert ax is not None
    if ax.name != "3d":
        plain_frame(ax)
    return ax


def plain_frame(ax: Axes) -> None:
    """Leave of the frame the left and the lower line, and draw a faint grid behind the data.

    The data are on white in any style; what is written beside is legible upon the figure.
    """
    ax.set_facecolor("white")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GREY)
    ax.tick_params(which="both", length=0, labelcolor=ink_beside(ax), labelsize=SMALL)
    for axis in ax.xaxis, ax.yaxis:
        axis.label.set_color(ink_beside(ax))
    ax.grid(True, color=FAINT, linewidth=0.8)
    ax.set_axisbelow(True)


def ink_beside(ax: Axes) -> str:
    """Return the colour of text beside the Axes: dark, or light if the figure is dark."""
    from matplotlib.colors import to_rgb

    figure: Any = ax.get_figure(root=True)
    return INK if sum(to_rgb(figure.get_facecolor())) > 1.5 else FAINT


def halo(width: float = 2.5) -> list[Any]:
    """Return the path effects that keep text and thin lines legible upon what is below."""
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=width, foreground="white")]
