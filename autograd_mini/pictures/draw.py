"""`draw`: pictures of Tensors, models and functions."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..door import wrap
from ..modes import enable_grad, watched_by
from ..nn.module import Module
from ..nn.restored import restored
from ..program import Program, Reader, Recorder, Value
from ..reports.table import readable_seconds
from ..tensor import Tensor
from ..tree import tree_fill, tree_leaves, tree_paths
from .build import Builder
from .diagram import Box, Diagram
from .dot import dot
from .fold import crowded, folded
from .formula import formula
from .layers import layers
from .picture import Picture
from .story import calls, story
from .values import display, line
from .walk import Walk, computed, walk_back

if TYPE_CHECKING:
    from ..reports.profile import profile as Profile  # noqa: N812 - a parameter has its name

LIMIT = 120
"""How many boxes a picture has at most, unless more are asked for."""

MOST = 5_000_000
"""How many elements are looked at for the page, unless values are asked for."""


def draw(
    what: Any,
    *args: Any,
    backward: bool = False,
    style: str = "graph",
    depth: int | None = None,
    elementwise: bool = False,
    values: bool = False,
    gradients: bool = False,
    dtypes: bool = False,
    lines: bool = False,
    profile: Profile | None = None,
    direction: str = "down",
    legend: bool = True,
    limit: int = LIMIT,
    title: str = "",
    captions: Sequence[str] | None = None,
) -> Picture:
    """Draw the graph behind a Tensor, a model on an input, or what any function does.

    Nothing is changed by it, and nothing kept: `backward()`, gradients and random numbers are as
    they would be without.

    Args:
        what: a Tensor, or a sequence of them: the graph that made them; a Module or a function,
            which is called with `args`.
        args: arrays, numbers, or nested tuples, lists and dicts of them. Of a function that uses no
            Tensor that requires grad, floating point ones are differentiated by.
        backward: draw the walk back beside it: each operation's rule, as the table has it.
        style: "graph", or "layers": a model as circles and weights, its layers in the order in
            which a run calls them, of `args` if there are some.
        depth: how many levels of modules are unfolded; by default those that fit, and of a model
            just its own.
        elementwise: fold chains of elementwise operations into one box.
        values: show means, deviations and small histograms of the values; of numbers, themselves.
        gradients: show the same of the gradients of the result with respect to the values.
        dtypes: show every dtype; otherwise those that differ from the most common one.
        lines: show the lines of yours that operations come from. They are known of functions and
            models, and of Tensors computed within `detect_anomaly`.
        profile: colour the boxes by the time that they took.
        direction: "down" or "right".
        legend: say what shapes and colours mean.
        limit: how many boxes there are at most: larger graphs are folded, first by module, then by
            repetition, then into stretches of operations; below, the picture says so.
        title: of the page.
        captions: of the columns, for the style "layers": one text for each.

    Returns:
        A picture, which shows itself in a notebook. `.save("graph.svg")` writes it to a file: .svg,
        .png, .pdf or .dot, or .html, a page that walks through the graph step by step.

    Raises:
        TypeError: `what` is none of these, or a function that gives no Tensor.
        RuntimeError: the graph was freed by an earlier `backward()`.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> w = ag.Tensor([0.5, -0.3], requires_grad=True, name="w")
    >>> picture = ag.draw(np.tanh(w).sum(), backward=True)
    >>> "g * (1 - out * out)" in picture.dot
    True
    """
    if direction not in ("down", "right"):
        raise ValueError(f"direction is 'down' or 'right', not {direction!r}")
    if style == "layers":
        return Picture(layers(what, args, values=values or None, captions=captions))
    if style != "graph":
        raise ValueError(f"style is 'graph' or 'layers', not {style!r}")
    if limit < 1 or (depth is not None and depth < 0):
        raise ValueError(f"limit is 1 at least, and depth 0, not {limit} and {depth}")
    outputs, program = _read(what, args, profile)
    modules = [what] if isinstance(what, Module) else []
    builder = Builder(program, modules)
    if profile is not None:
        _weigh(builder, profile)
    if depth is None and isinstance(what, Module):
        depth = 1
    diagram = folded(builder.diagram, depth=depth, elementwise=elementwise, limit=limit)
    shown = diagram if crowded(builder.diagram, limit) else builder.diagram
    walk = None
    small = _is_small(program)
    told = backward and small and shown is builder.diagram
    if gradients or told:
        walk = walk_back(outputs, program, parts=told)
    known = _describe(builder, shown, walk, everything=values or gradients or small)
    diagram = replace(diagram, notes=[*diagram.notes, *known])
    _say(diagram, values, gradients, lines, backward)
    if backward:
        _write_rules(builder, diagram)
    source = dot(
        diagram,
        direction=direction,
        backward=backward,
        legend=legend,
        dtypes="" if dtypes else builder.common,
        heat=profile is not None,
        title=title,
    )
    ahead = ["a page of a graph that is folded, or this large, goes forward only"]
    page = story(
        builder,
        replace(shown, notes=[*diagram.notes, *(ahead if backward and not told else [])]),
        walk if told else None,
        direction=direction,
        title=title or _name(what),
        depth=99 if depth is None else depth,
    )
    return Picture(source, page)


def _name(what: Any) -> str:
    if isinstance(what, Tensor):
        return what.name or "computation graph"
    if isinstance(what, Module):
        return type(what).__name__
    name = getattr(what, "__name__", "")
    return name if name.isidentifier() else "computation graph"


# What is drawn


def _read(
    what: Any, args: tuple[Any, ...], profile: Profile | None
) -> tuple[list[Tensor], Program]:
    if isinstance(what, Tensor) and not args:
        what = [what]
    if isinstance(what, list | tuple) and not args:
        if not what or not all(isinstance(part, Tensor) for part in what):
            raise TypeError("draw takes a Tensor, a sequence of Tensors, a Module or a function")
        if profile is not None and _is_freed(what):
            numbers = [tensor._node.number for tensor in what if tensor._node is not None]
            seen = [value for n in numbers if (value := profile.value_of(n)) is not None]
            return list(what), profile.program.behind(seen)
        return list(what), Reader().program(what)
    if not callable(what):
        raise TypeError(
            "draw takes a Tensor, a sequence of Tensors, a Module or a function, not "
            f"{type(what).__name__} and {len(args)} arguments: draw(loss), draw([a, b]), "
            "draw(model, x) or draw(f, *args)"
        )
    return _run(what, args)


def _is_freed(tensors: Sequence[Tensor]) -> bool:
    return all(tensor._node is not None and tensor._node.edges is None for tensor in tensors)


def _run(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[list[Tensor], Program]:
    """Call a function, and return its results and what it did."""
    _refuse_missing(function, args)
    recorder = Recorder()
    leaves = tree_leaves(args)
    tensors = [_input(leaf) for leaf in leaves]
    given: list[Value] = []
    for leaf, tensor, name in zip(leaves, tensors, _names(function, args), strict=True):
        if isinstance(tensor, Tensor):
            value = recorder.value(tensor)
            value.name = value.name or name
            if value.step is None and not (isinstance(leaf, Tensor) and leaf.requires_grad):
                value.kind = "input"
                given.append(value)
    try:
        with restored(function), enable_grad(), watched_by(recorder):
            result = function(*tree_fill(args, tensors))
    except NotImplementedError as error:  # an operation has no derivative
        error.add_note("To draw it without derivatives, pass Tensors that need none: ag.Tensor(x).")
        raise
    outputs = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
    if not outputs:
        raise TypeError(
            f"{_name(function)} gave {type(result).__name__}, not a Tensor: what it computes with "
            "other things than its arguments and Tensors cannot be seen"
        )
    program = recorder.program(outputs)
    _demote(program, given)
    return outputs, program


def _refuse_missing(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    called = function.forward if isinstance(function, Module) else function
    try:
        inspect.signature(called).bind(*args)
    except ValueError:  # it has no signature
        return
    except TypeError as error:
        raise TypeError(
            f"draw calls {_name(function)} with what comes after it, as in draw(model, x): {error}"
        ) from None


def _input(leaf: Any) -> Any:
    """Return a Tensor for an array or a number that is not whole, to be followed."""
    if isinstance(leaf, Tensor) or not isinstance(leaf, np.ndarray | np.floating | float | complex):
        return leaf
    tensor = wrap(np.asarray(leaf), None)
    if tensor.dtype.kind in "fc":
        tensor.requires_grad = True
    return tensor


def _demote(program: Program, given: list[Value]) -> None:
    """Let arrays that were passed need no gradient, where Tensors ask for one of their own."""
    if not any(value.kind == "leaf" for value in program.sources):
        return
    for value in given:
        value.needs_grad = False
    for step in program.steps:
        needs = any(use.value.needs_grad for use in step.uses)
        for value in step.outputs:
            value.needs_grad &= needs


def _names(function: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """Return what a function calls each array among its arguments: `x`, `p['w']`."""
    called = function.forward if isinstance(function, Module) else function
    try:
        bound = inspect.signature(called).bind(*args)
    except (TypeError, ValueError):
        return [""] * len(tree_leaves(args))
    return [
        path
        for name, value in bound.arguments.items()
        for path in tree_paths(list(value) if isinstance(value, tuple) else value, name)
    ]


# What is said of it


def _is_small(program: Program) -> bool:
    """Return whether all values can be looked at in no time."""
    sizes = sum(math.prod(v.shape or ()) for step in program.steps for v in step.outputs)
    return len(program.steps) <= 500 and sizes <= MOST


def _describe(
    builder: Builder, diagram: Diagram, walk: Walk | None, *, everything: bool
) -> list[str]:
    """Let each box show its values, its gradient, and its line of code; return what to note."""
    notes = []
    shown = set(diagram.boxes)
    found, changed = computed(builder.program) if everything else ({}, False)
    if changed:
        notes.append(
            "an array was changed since it was used: values that were not kept are left out"
        )
    for value in builder.program.sources:
        box = builder.boxes.get(value)
        if box in shown and box is not None:
            _fill(box, [value], found, everything)
            if value.kind == "constant" and box.values and not builder.program.watched:
                box.why = "as it is now, if a plain NumPy array: nothing tells when one is changed"
    lines = calls(builder, shown)
    for step, text in lines.items():
        builder.boxes[step].call = text
        _fill(builder.boxes[step], step.outputs, found, everything)
    for arrival in walk.arrivals.values() if walk is not None else ():
        box = builder.of_node(arrival.node)
        if box is not None and box.needs_grad:
            box.gradient = arrival.shown
    hooked = sum(node.about.hooks is not None for node in walk.arrivals) if walk is not None else 0
    if hooked:
        notes.append(f"hooks on {hooked} of the arrays were not called")
    return notes


def _fill(box: Box, values: Sequence[Value], found: dict[Value, Any], looked_at: bool) -> None:
    if all(value in found for value in values):
        box.values = [display(found[value]) for value in values]
        return
    written = next(filter(None, (value.written for value in values)), None)
    if not looked_at:
        box.why = "left out of a graph this large: draw(..., values=True) shows all values"
    elif written:
        box.why = f"overwritten since, by {written}"
    else:
        box.why = "not kept, and not to be computed again: draw(f, ...) sees all values"


def _say(diagram: Diagram, values: bool, gradients: bool, lines: bool, backward: bool) -> None:
    """Write values, gradients and lines into the boxes."""
    for box in diagram.boxes:
        if values and box.values:
            box.lines.append(line(box.values[0]))
        if gradients and box.gradient is not None:
            if backward:
                box.gradient_line = line(box.gradient)
            else:
                box.lines.append(f"grad {line(box.gradient)}")
        if lines and box.line:
            box.lines.append(re.split(r"[/\\]", box.line)[-1])
    if lines and not any(box.line for box in diagram.boxes):
        diagram.notes.append("lines are known of draw(f, ...), or recorded within detect_anomaly()")


def _write_rules(builder: Builder, diagram: Diagram) -> None:
    """Let each box that stands for one operation show its rules."""
    shown = set(diagram.boxes)
    for step in builder.program.steps:
        box = builder.boxes[step]
        if box in shown and step.node is not None:
            wanted = {use.position for use in step.uses if use.value.needs_grad}
            box.rules = [
                (step.what.argument(rule.position), formula(step.node, rule, saved))
                for _, rule, saved in step.node.edges or ()
                if rule.position in wanted
            ]


def _weigh(builder: Builder, profile: Profile) -> None:
    """Let each box show its part of the time."""
    costs = {step: profile.steps.get(step.number) for step in builder.program.steps}
    known = {step: cost for step, cost in costs.items() if cost is not None}
    whole = sum(cost.seconds for cost in known.values())
    if not whole:
        raise ValueError(
            "profile= is of another run: draw a Tensor that was computed while it watched, as in "
            "`with ag.profile() as p: loss = ...` and `ag.draw(loss, profile=p)`"
        )
    for step, cost in known.items():
        box = builder.boxes[step]
        box.cost, box.memory = cost.seconds / whole, cost.bytes
    builder.diagram.notes.append(f"shares are of the {readable_seconds(whole)} of these operations")
