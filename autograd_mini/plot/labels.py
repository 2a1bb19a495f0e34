"""Names written at what is drawn, and legends where there is no room for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Array
from .style import MARKERS, SMALL, halo, ink_beside

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation

GAP = 5
"""From the end of a line to its name, in points."""

FAR = 1e4
"""How far from the Axes the points of a line are taken for what they are, in pixels."""


def label_ends(ax: Axes, lines: Sequence[Line2D]) -> None:
    """Name each line right of its end, or all in a legend where the names would collide.

    Names that are too close are moved apart, each by less than its height. The horizontal axis is
    made longer for them.

    Args:
        ax: where the legend goes.
        lines: on `ax`, or on Axes that share its horizontal axis.
    """
    _settle(ax)
    names = [_name(line, *_end(line)) for line in lines]
    boxes = [name.get_window_extent() for name in names]
    ends = np.array([_axes(line).transData.transform(_end(line)) for line in lines])
    height = max(box.height for box in boxes)
    moved = apart(ends[:, 1], height) - ends[:, 1]
    frame = ax.get_window_extent()
    spare = GAP + 0.2 * np.array([box.width for box in boxes])  # the layout may yet change
    room = frame.width - spare + ends[:, 0] - np.array([box.x1 for box in boxes])
    if np.abs(moved).max() >= height or room.min() < 0.6 * frame.width:
        for name in names:
            name.remove()
        _legend_of_lines(ax, lines)
        return
    for name, shift in zip(names, moved, strict=True):
        name.set_position((GAP, shift * 72 / ax.figure.dpi))
    low, high = ax.get_xlim()
    ax.set_xlim(low, low + (high - low) * max(1, ((ends[:, 0] - frame.x0) / room).max()))


def _legend_of_lines(ax: Axes, lines: Sequence[Line2D]) -> None:
    """Name the lines in a legend, with a marker for each colour, to be told apart in grey too."""
    colors = list(dict.fromkeys(str(line.get_color()) for line in lines))
    for line in lines:
        marker = MARKERS[colors.index(str(line.get_color())) % len(MARKERS)]
        line.set(marker=marker, markersize=4, markevery=0.2)
    legend_above(ax, lines)


def legend_above(ax: Axes, handles: Sequence[Artist]) -> None:
    """Name what is drawn in rows above the Axes, where nothing is in the way."""
    for columns in 4, 3, 2, 1:
        legend = ax.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=columns,
            frameon=False,
            fontsize=SMALL,
            labelcolor=ink_beside(ax),
            handletextpad=0.4,
            columnspacing=1.2,
            borderaxespad=0.2,
        )
        if legend.get_window_extent().width <= ax.get_window_extent().width:
            break


def _settle(ax: Axes) -> None:
    """Have the figure laid out, so that what is measured in pixels is as it will be."""
    ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]


def _axes(line: Line2D) -> Any:
    """Return the Axes on which a line is."""
    return line.axes


def _end(line: Line2D) -> tuple[float, float]:
    """Return the last point that is drawn: not NaN, and positive on a logarithmic axis."""
    points = np.column_stack(line.get_data())
    drawn = np.isfinite(line.get_transform().transform(points)).all(axis=1)
    x, y = points[np.flatnonzero(drawn)[-1]]
    return float(x), float(y)


def _name(line: Line2D, x: float, y: float) -> Annotation:
    return _axes(line).annotate(
        str(line.get_label()),
        (x, y),
        xytext=(GAP, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=SMALL,
        color=str(line.get_color()),
        annotation_clip=False,
        path_effects=halo(),
    )


def apart(positions: Any, distance: float) -> Array:
    """Return the nearest positions, in the same order, that are at least `distance` apart.

    Nearest in the sum of squares: an isotonic regression of the positions less their share of the
    distances, by pooling adjacent violators (M. Ayer et al., "An empirical distribution function
    for sampling with incomplete information", Ann. Math. Statist. 26 (1955), 641-647).

    >>> apart([0.0, 1.0, 10.0], 4.0)
    array([-1.5,  2.5, 10. ])
    """
    order = np.argsort(positions, kind="stable")
    shares = distance * np.arange(len(order))
    pools: list[list[float]] = []
    for value in np.asarray(positions, float)[order] - shares:
        pool = [float(value)]
        while pools and np.mean(pools[-1]) > np.mean(pool):
            pool = pools.pop() + pool
        pools.append(pool)
    result = np.empty(len(order))
    result[order] = np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools]) + shares
    return result


def label_curves(ax: Axes, lines: Sequence[Line2D], others: Sequence[Line2D]) -> None:
    """Name each line beside it, where it is far from the others; or all in a legend.

    A name lies above or below its line, so that its box touches no line and no other name, and its
    centre is as far from the other lines as can be.

    Args:
        ax: where the lines are.
        lines: to be named.
        others: not to be named, nor written upon.
    """
    _settle(ax)
    tracks = [_track(line) for line in lines]
    frame = ax.get_window_extent()
    taken = [_track(line) for line in others]
    names = []
    for i, line in enumerate(lines):
        name = ax.text(0, 0, str(line.get_label()), color=str(line.get_color()), fontsize=SMALL)
        name.set(ha="center", va="center", path_effects=halo())
        names.append(name)
        box = name.get_window_extent()
        half = np.array([box.width, box.height]) / 2
        occupied = np.concatenate([*tracks[:i], *tracks[i + 1 :], *taken])
        centre = _free_place(tracks[i], occupied, half, frame.padded(-GAP).extents)
        if centre is None:
            for written in names:
                written.remove()
            _legend_of_lines(ax, lines)
            return
        name.set_position(tuple(ax.transData.inverted().transform(centre)))
        taken.append(_filled(centre, half))


def _track(line: Line2D) -> Array:
    """Return points on the line within its Axes, some pixels apart, in pixels."""
    frame = _axes(line).get_window_extent()
    points = line.get_transform().transform(np.column_stack(line.get_data()))
    points[:, 1] = points[:, 1].clip(frame.y0 - FAR, frame.y1 + FAR)  # of a pole, a finite part
    pieces = np.split(points, np.flatnonzero(~np.isfinite(points).all(axis=1)))
    dense = np.concatenate([_dense(piece[np.isfinite(piece).all(axis=1)]) for piece in pieces])
    return dense[((dense >= frame.min) & (dense <= frame.max)).all(axis=1)]


def _dense(points: Array) -> Array:
    if len(points) < 2:
        return points
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0, length[-1], int(length[-1] / 4) + 2)
    return np.column_stack([np.interp(at, length, axis) for axis in points.T])


def _free_place(track: Array, occupied: Array, half: Array, frame: Array) -> Array | None:
    """Return the best centre for a box of this half size beside `track`, if there is one."""
    points = track[:: max(1, len(track) // 60)]
    lifts = np.repeat([1.25, 2.2, 3.2], len(points)) * half[1]
    centres = np.tile(points, (6, 1))
    centres[:, 1] += np.concatenate([lifts, -lifts])
    distances = np.hypot(*(occupied - centres[:, None]).T).min(axis=0)
    scores = np.minimum(distances, 6 * half[1]) - np.tile(lifts, 2)
    within = (centres - half >= frame[:2]) & (centres + half <= frame[2:])
    on_own = _meet(track, centres, half + np.array([3, 1]))
    free = within.all(axis=1) & ~on_own & ~_meet(occupied, centres, half + 3)
    if not free.any():
        return None
    return centres[np.argmax(np.where(free, scores, -np.inf))]


def _meet(points: Array, centres: Array, half: Array) -> Array:
    """Return which of the boxes around `centres` one of the points is in."""
    return (np.abs(points - centres[:, None]) < half).all(axis=2).any(axis=1)


def _filled(centre: Array, half: Array) -> Array:
    """Return points that fill the box, so that nothing is placed over it."""
    x, y = np.meshgrid(*(np.linspace(-1, 1, 9) for _ in range(2)))
    return centre + half * np.column_stack([x.ravel(), y.ravel()])
