"""A network as textbooks draw it: columns of circles, and weights between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from .. import nn
from ..graph import Array
from ..palette import GREY, INK
from ..text import shortened
from .chain import chain
from .circles import Picture, Point, beside, ink, rounded, stroke, subscript, width

FEW = 40  # connections that are few enough to have their weights written on them


def layers(
    model: nn.Module,
    inputs: tuple[Any, ...] = (),
    *,
    units: int = 10,
    values: bool | None = None,
    biases: bool | None = None,
    captions: Sequence[str] | None = None,
) -> str:
    """Return a picture of a network of Linear layers, in Graphviz's language.

    Each unit is a circle, each weight a line: blue and solid where it is positive, red and dashed
    where it is negative, as thick as it is large beside the largest of its layer. A model that is
    one neuron is drawn from the inside: weighted sum, function, result.

    The layers, and the functions between them, are those of a Sequential. Any other module is run
    once, in evaluation mode, to see how it uses its layers: they must be on one line, from the
    input to the result.

    Args:
        model: what is drawn, as it is now; nothing of it is changed.
        inputs: what a module is run on, by default zeros of shape (1, in_features).
        units: the most circles in a column, at least 3. Of a wider layer the first and last are
            shown, with dots between them; its true size stands below.
        values: whether weights are written on their lines, by default where at most 40 are shown.
        biases: whether the bias of each unit is written in its circle, by default as `values`.
        captions: what stands above the columns, instead of "input", "hidden 1", ..., "output".

    Returns:
        The source of the picture. It places every circle itself, and asks Graphviz for `neato`,
        which leaves them there.

    Raises:
        TypeError: `model` is no module.
        ValueError: the Linear layers are not one line, of which each is used once; or there is
            none, or one does not take as many numbers as the one before it gives, or its weights
            are complex; or the module does not run on zeros; or `units` or `captions` are too few.

    >>> from autograd_mini import nn
    >>> source = layers(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid()))
    >>> source.count("weight[")  # 6 lines, and 3
    9
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"layers are those of an nn.Module, not of a {type(model).__name__}")
    if units < 3:
        raise ValueError(f"a column has room for at least 3 circles: units={units}")
    network = _network(model, inputs)
    names = _captions(len(network.sizes), captions)
    rows = [_shown(size, units) for size in network.sizes]
    if values is None:
        values = sum(len(tails) * len(heads) for tails, heads in pairwise(rows)) <= FEW
    plan = _Plan(names, rows, values, values if biases is None else biases)
    draw = _neuron if network.sizes[1:] == [1] else _columns
    return draw(network, plan)


# What is drawn


@dataclass(frozen=True)
class _Plan:
    """What is shown of a network: captions, and for each column its units, from the top."""

    captions: list[str]
    rows: list[list[int | None]]  # None stands for all between the first and the last
    values: bool
    biases: bool


def _captions(columns: int, given: Sequence[str] | None) -> list[str]:
    if given is None:
        numbers = [""] if columns == 3 else [f" {i}" for i in range(1, columns - 1)]
        return ["input", *(f"hidden{number}" for number in numbers), "output"]
    if isinstance(given, str) or len(given) != columns:
        raise ValueError(f"captions are a list of {columns} texts, one for each column: {given!r}")
    return [shortened(text, 30) for text in given]


def _shown(size: int, units: int) -> list[int | None]:
    if size <= units:
        return list(range(size))
    last = 2 if units >= 6 else 1
    return [*range(units - 1 - last), None, *range(size - last, size)]


@dataclass
class _Network:
    """The weights of each layer, its bias, and what follows it; `functions[0]` is at the input."""

    weights: list[Array] = field(default_factory=list)
    biases: list[Array | None] = field(default_factory=list)
    functions: list[list[str]] = field(default_factory=lambda: [[]])

    @property
    def sizes(self) -> list[int]:
        return [self.weights[0].shape[1], *map(len, self.weights)]


def _network(model: nn.Module, inputs: tuple[Any, ...]) -> _Network:
    network = _Network()
    last: nn.Linear | None = None
    for step in chain(model, inputs):
        if isinstance(step, str):
            network.functions[-1].append(shortened(step, 24))
            continue
        if last is not None and last.weight.shape[0] != step.weight.shape[1]:
            raise ValueError(
                f"layers do not chain: {_brief(last)} is followed by {_brief(step)}, which takes "
                "another number of inputs; draw what is computed: ag.draw(model, x)"
            )
        last = step
        network.weights.append(_real(step.weight))
        network.biases.append(None if step.bias is None else _real(step.bias))
        network.functions.append([])
    return network


def _brief(layer: nn.Linear) -> str:
    return shortened(f"{type(layer).__name__}{tuple(reversed(layer.weight.shape))}")


def _real(parameter: nn.Parameter) -> Array:
    array = np.asarray(parameter.detach().numpy())
    if array.dtype.kind == "c":
        raise ValueError(f"style='layers' colours weights by sign, and these are {array.dtype}")
    return array.astype(float)


# Columns


def _columns(network: _Network, plan: _Plan) -> str:
    tallest = max(map(len, plan.rows))
    pitch = 56.0 if plan.values else 38.0
    below = [
        [" · ".join([str(size), *functions[:1]]), *functions[1:]]
        for size, functions in zip(network.sizes, network.functions, strict=True)
    ]
    widest = max(width(text, 13) for texts in (plan.captions, *below) for text in texts)
    gap = max(widest + 16, 80 + 24 * tallest if plan.values else 90 + 6 * tallest)
    picture = Picture()
    places = []
    for i, (rows, caption) in enumerate(zip(plan.rows, plan.captions, strict=True)):
        places.append(_column(picture, i, rows, i * gap, pitch, _units(network, plan, i)))
        _describe(picture, i * gap, pitch * (tallest - 1) / 2, caption, below[i])
    text = _value if plan.values else None
    for i, weight in enumerate(network.weights):
        _connect(picture, i, weight, places[i], places[i + 1], text)
    depth = -pitch * (tallest - 1) / 2 - 56 - 16 * max(map(len, below))
    biased = plan.biases and any(bias is not None for bias in network.biases)
    _legend(picture, (gap * (len(places) - 1) / 2, depth), network, "in circles: bias" * biased)
    return picture.source()


def _value(_: int, weight: float) -> str:
    return rounded(weight)


def _units(network: _Network, plan: _Plan, column: int) -> dict[int, str]:
    """Return what stands in the circles: x₁, x₂, ... at the input, and biases after it."""
    units = [unit for unit in plan.rows[column] if unit is not None]
    if column == 0:
        return {unit: "x" + subscript(unit + 1) for unit in units}
    bias = network.biases[column - 1]
    return {unit: rounded(bias[unit]) if plan.biases and bias is not None else "" for unit in units}


def _column(
    picture: Picture,
    column: int,
    rows: list[int | None],
    x: float,
    pitch: float,
    texts: dict[int, str],
) -> dict[int, Point]:
    """Draw the circles of a column, and return where they are."""
    places = {}
    for row, unit in enumerate(rows):
        place = x, pitch * ((len(rows) - 1) / 2 - row)
        if unit is None:
            picture.dots(place)
        else:
            places[unit] = place
            text, color = texts[unit], INK if column else GREY
            size = min(9, 42 // max(len(text), 4))
            picture.circle(f"{column}.{unit}", place, text, color, 15, size)
    return places


def _describe(
    picture: Picture, x: float, height: float, caption: str, lines: Sequence[str]
) -> None:
    """Write above and below a column that reaches up and down to `height`."""
    picture.text((x, height + 38), caption, 13)
    for i, line in enumerate(lines):
        picture.text((x, -height - 38 - 16 * i), line, 12, GREY)


# Connections


def _connect(
    picture: Picture,
    layer: int,
    weight: Array,
    tails: dict[int, Point],
    heads: dict[int, Point],
    text: Callable[[int, float], str] | None,
) -> None:
    """Draw the lines of a layer, the strongest last and so on top, and write on them."""
    largest = float(np.max(np.abs(weight), where=np.isfinite(weight), initial=0.0))
    pairs = sorted(
        ((head, tail) for tail in tails for head in heads),
        key=lambda pair: (math.isnan(weight[pair]), abs(weight[pair])),
    )
    thickest = 2.4 if text else 1.6
    for head, tail in pairs:
        value = float(weight[head, tail])
        style = stroke(value, largest, thickest)
        note = f"weight[{head}, {tail}] = {value:.6g}"
        picture.line(f"{layer}.{tail}", f"{layer + 1}.{head}", style, note)
    if text:
        flattest = sorted(pairs, key=lambda pair: abs(heads[pair[0]][1] - tails[pair[1]][1]))
        lines = [(tails[tail], heads[head]) for head, tail in flattest]
        texts = [text(tail, weight[head, tail]) for head, tail in flattest]
        for pair, place, words in zip(flattest, beside(lines, texts), texts, strict=True):
            picture.text(place, words, 9, ink(weight[pair]), "white")


# One neuron


def _neuron(network: _Network, plan: _Plan) -> str:
    """Draw inputs, weights, the sum with its bias, the function, and the result."""
    (rows, _), (caption, last_caption) = plan.rows, plan.captions
    (bias,), (before, functions) = network.biases, network.functions
    pitch, step = 48.0, 104.0
    height = max(pitch * (len(rows) - 1) / 2, 36.0)
    picture = Picture("normal")
    inputs = _column(picture, 0, rows, -190.0, pitch, _units(network, plan, 0))
    _describe(picture, -190.0, height, caption, [str(network.sizes[0]), *before])
    picture.circle("1.0", (0.0, 0.0), "Σ", INK, 22, 18)
    _describe(picture, 0.0, height, "", ["z = Σ wᵢxᵢ" + " + b" * (bias is not None)])
    if bias is not None:
        text = f"b = {rounded(bias[0])}" if plan.biases else "b"
        picture.line(picture.point((0.0, 52.0)), "1.0", f'color="{GREY}"')
        picture.text((0.0, 60.0), text, 10, ink(bias[0]))

    def named(unit: int, value: float) -> str:
        name = "w" + subscript(unit + 1)
        return f"{name} = {rounded(value)}" if plan.values else name

    _connect(picture, 0, network.weights[0], inputs, {0: (0.0, 0.0)}, named)
    last, result, x = "1.0", "z", step
    if functions:
        picture.circle("f", (x, 0.0), "f", INK, 22, 16)
        picture.line("1.0", "f", f'color="{GREY}"')
        picture.text((x / 2, 9.0), "z", 12)
        _describe(picture, x, height, "", ["a = f(z)", *functions])
        last, result, x = "f", "a", x + step
    picture.line(last, picture.point((x - 12, 0.0)), f'color="{GREY}"')
    picture.text((x, 0.0), result, 14)
    _describe(picture, x, height, last_caption, [])
    depth = -height - 56 - 16 * max(1 + len(before), 1 + len(functions))
    _legend(picture, ((x - 190) / 2, depth), network, "")
    return picture.source()


# What the lines mean


def _legend(picture: Picture, place: Point, network: _Network, more: str) -> None:
    """Say, on two lines around `place`, what colours and thickness mean."""
    samples = [("positive", 1.0), ("negative", -1.0)]
    if any(np.isnan(weight).any() for weight in network.weights):
        samples.append(("NaN", math.nan))
    spaces = [54 + width(text, 10) for text, _ in samples]
    (x, y), left = place, place[0] - sum(spaces) / 2 + 9
    for (text, value), space in zip(samples, spaces, strict=True):
        ends = picture.point((left, y)), picture.point((left + 30, y))
        picture.line(*ends, stroke(value, 1.0, 2.0) + ", arrowhead=none")
        picture.text((left + 36 + width(text, 10) / 2, y), text, 10, GREY)
        left += space
    rest = ["thicker: larger |weight| within the layer", more]
    picture.text((x, y - 15), " · ".join(filter(None, rest)), 10, GREY)
