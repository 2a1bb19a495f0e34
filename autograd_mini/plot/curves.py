"""Functions of one number: `activations`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Array
from ..nn import functional
from ..nn.module import Module, as_array
from ..palette import GREY
from ..transforms import jvp
from .labels import label_curves
from .style import COLORS, axes, pyplot
from .unchanged import unchanged

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Function = Callable[[Array], Any]


class Curve(NamedTuple):
    """What is drawn of a function, and between which heights it is to be seen."""

    name: str
    color: str
    dashes: str
    x: Array
    y: Array
    low: float
    high: float


DEFAULT = ("sigmoid", "relu", "tanh")


def activations(
    functions: Any = None,
    z: Any = None,
    *,
    derivatives: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw activation functions, solid, and their derivatives, dashed.

    The derivatives are computed by `jvp`. Where a function or a derivative jumps, as that of ReLU
    does at 0, its line is interrupted. At a pole, as 1/z has at 0, it leaves the picture.

    Args:
        functions: each a name in `nn.functional`, an elementwise function, or a Module that is one;
            by default sigmoid, ReLU and tanh. One alone needs no list.
        z: where to draw, numbers in increasing order; by default from -4 to 4.
        derivatives: whether to draw the derivatives.
        ax: where to draw, by default on a new figure.

    Raises:
        ValueError: an unknown name; `z` is not in increasing order; a function is not elementwise.

    >>> import autograd_mini as ag
    >>> ax = ag.plot.activations(["softplus", np.tanh, ag.nn.LeakyReLU(0.1)])
    >>> [line.get_label() for line in ax.lines][:2]
    ['softplus', "softplus'"]
    """
    pyplot()
    named = [_named(item) for item in _listed(DEFAULT if functions is None else functions)]
    if not named:
        raise ValueError("there is no function to draw: None stands for sigmoid, relu, tanh")
    z = _increasing(np.linspace(-4, 4, 401) if z is None else z)
    curves = []
    for i, (name, function) in enumerate(named):
        color = COLORS[i % len(COLORS)]
        with unchanged(function), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            _check_elementwise(name, function, z)
            curves.append(_curve(name, color, "-", _plain(function), z))
            if derivatives:
                curves.append(_curve(f"{name}'", color, "--", _derivative(function), z))
    ax = axes(ax, (6.4, 4.4))
    lines = [
        ax.plot(one.x, one.y, one.dashes, color=one.color, linewidth=1.8, label=one.name)[0]
        for one in curves
    ]
    cross = [draw(0, color=GREY, linewidth=0.8, zorder=1) for draw in (ax.axhline, ax.axvline)]
    ax.set_xlabel("z", style="italic")
    ax.set_xlim(z[0], z[-1])
    if any(((one.y < one.low) | (one.y > one.high)).any() for one in curves):
        low, high = min(one.low for one in curves), max(one.high for one in curves)
        ax.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    label_curves(ax, lines, cross)
    return ax


def _listed(functions: Any) -> list[Any]:
    alone = isinstance(functions, str) or callable(functions)
    return [functions] if alone else list(functions)


def _named(item: Any) -> tuple[str, Function]:
    if isinstance(item, str):
        function = getattr(functional, item, None)
        if function is None or getattr(function, "__module__", "") != functional.__name__:
            raise ValueError(
                f"nn.functional has no {item!r}: a name as in 'relu' and 'tanh', or a function"
            )
        return item, function
    if isinstance(item, Module):
        return repr(item).removesuffix("()"), item
    return getattr(item, "__name__", repr(item)), item


def _increasing(z: Any) -> Array:
    z = as_array(z).astype(float)
    if z.ndim != 1 or len(z) < 2 or not (np.diff(z) > 0).all():
        raise ValueError(
            f"z is of shape {z.shape}: it must be at least two numbers, in increasing order"
        )
    return z


def _check_elementwise(name: str, function: Function, z: Array) -> None:
    """Raise unless each result depends on its own argument alone, as far as one can see."""
    whole, half = as_array(function(z)), as_array(function(z[::2]))
    if whole.shape != z.shape or not np.allclose(whole[::2], half, rtol=1e-6, equal_nan=True):
        raise ValueError(
            f"{name} is not elementwise: of an argument of shape {z.shape} it gave shape "
            f"{whole.shape}, and other numbers of a part of the argument"
            if whole.shape == z.shape
            else f"{name} is not elementwise: of an argument of shape {z.shape} it gave shape "
            f"{whole.shape}"
        )


def _curve(name: str, color: str, dashes: str, function: Function, z: Array) -> Curve:
    x, y = curve(function, z)
    low, high = _heights(y[np.isfinite(y)], _has_pole(function, z))
    return Curve(name, color, dashes, x, y, low, high)


def _plain(function: Function) -> Function:
    return lambda x: as_array(function(x))


def _derivative(function: Function) -> Function:
    return lambda x: as_array(jvp(function, (x,), (np.ones_like(x),))[1])


def curve(function: Function, z: Array) -> tuple[Array, Array]:
    """Return points on the curve of `function`, with a NaN between the two sides of each jump.

    A jump is what stays in an interval however often it is halved.

    >>> curve(np.sign, np.array([-1.0, 1.5]))[1]
    array([-1., -1., nan,  1.,  1.])
    """
    y = np.asarray(function(z), float)
    finite = y[np.isfinite(y)]
    with np.errstate(invalid="ignore"):
        step = np.abs(np.diff(y))
        suspects = np.flatnonzero(step > (1e-3 * np.ptp(finite) if finite.size else 0))
    if not len(suspects):
        return z, y
    left, right = z[suspects], z[suspects + 1]
    low, high = _halved(function, left, right, y[suspects], y[suspects + 1])
    beside = 1e-9 * (right - left)
    low, high = np.maximum(low - beside, left), np.minimum(high + beside, right)
    at_low, at_high = np.asarray(function(low), float), np.asarray(function(high), float)
    jumps = np.abs(at_high - at_low) > step[suspects] / 3
    where = np.repeat(suspects[jumps] + 1, 3)
    ends = np.column_stack([low, (low + high) / 2, high])[jumps]
    values = np.column_stack([at_low, np.full(len(low), np.nan), at_high])[jumps]
    return np.insert(z, where, ends.ravel()), np.insert(y, where, values.ravel())


def _halved(
    function: Function, low: Array, high: Array, at_low: Array, at_high: Array
) -> tuple[Array, Array]:
    """Halve intervals, keeping the halves over which `function` changes more, to nothing."""
    for _ in range(60):
        middle = low + (high - low) / 2
        at_middle = np.asarray(function(middle), float)
        left = np.abs(at_middle - at_low) >= np.abs(at_high - at_middle)
        low, at_low = np.where(left, low, middle), np.where(left, at_low, at_middle)
        high, at_high = np.where(left, middle, high), np.where(left, at_middle, at_high)
    return low, high


def _has_pole(function: Function, z: Array) -> bool:
    """Return whether the greatest value grows a thousandfold when one looks ever closer."""
    first, low, high = _greatest(function, z)
    greatest = first
    for _ in range(8):
        greatest, low, high = _greatest(function, np.linspace(low, high, 9))
    return greatest > 1e3 * first


def _greatest(function: Function, z: Array) -> tuple[float, float, float]:
    """Return the greatest finite absolute value, and the numbers next to where it is."""
    sizes = np.abs(np.asarray(function(z), float))
    sizes[~np.isfinite(sizes)] = 0
    at = int(sizes.argmax())
    return float(sizes[at]), float(z[max(at - 1, 0)]), float(z[min(at + 1, len(z) - 1)])


def _heights(y: Array, pole: bool) -> tuple[float, float]:
    """Return the least and the greatest of `y`; of those far from the median, none if `pole`."""
    if not y.size:
        return 0.0, 0.0
    low, high = float(y.min()), float(y.max())
    if pole:
        middle = float(np.median(y))
        reach = 3 * float(np.percentile(np.abs(y - middle), 75))
        low, high = max(low, middle - reach), min(high, middle + reach)
    return low, high
