"""Rules as formulas, from the table itself: `g * (1 - out * out)`.

A rule that is a lambda is shown as it is written. One that is a named function is run on Tensors
with the names of its parameters, and what it did is written down: `x1.T @ g`.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Node, arrays_in
from ..modes import no_grad, watched_by
from ..primitive import Rule, each
from ..program import Recorder, Step, Value
from ..tensor import Tensor
from ..text import shortened
from . import label

LONGEST = 72
"""How many characters a formula may have; beyond, a rule is shown as a call of its name."""


def formula(node: Node, rule: Rule, saved: tuple[Any, ...]) -> str:
    """Return the formula of a rule of `node`, with what it has saved: of real numbers, as real."""
    vjp = _function(rule)
    real = all(dtype.kind != "c" for dtype in _dtypes(node, saved))
    written, text, calls_helper = _as_written(vjp, real)
    if written is not None:
        names = list(_parameters(vjp))[1:]
        numbers = {n: v for n, v in zip(names, saved, strict=True) if type(v) in (int, float)}
        if numbers:
            written = _Numbers(numbers).visit(copy.deepcopy(written))
            text = ast.unparse(written)
    if not calls_helper:
        return shortened(text, LONGEST)
    done = None if rule.each else _done(rule, saved, node)
    if done is not None:
        return done
    if written is not None and len(text) > LONGEST:
        text = ast.unparse(_Short().visit(copy.deepcopy(written)))
    return shortened(text, LONGEST)


@functools.cache
def _as_written(vjp: Callable[..., Any], real: bool) -> tuple[ast.expr | None, str, bool]:
    """Return a rule as its source has it, and as text; and whether that says little."""
    written = copy.deepcopy(_lambda(vjp))
    if written is None:
        return None, _call(vjp), True
    if real:
        written = _Real().visit(written)
    return written, ast.unparse(written), _calls_helper(written)


_parameters = functools.cache(lambda vjp: tuple(inspect.signature(vjp).parameters))


def source(rule: Rule) -> str | None:
    """Return the source of a rule that is a named function, where there is one."""
    vjp = _function(rule)
    if _name(vjp) == "<lambda>":
        return None
    try:
        return inspect.getsource(vjp)
    except (OSError, TypeError):
        return None


def _dtypes(node: Node, saved: tuple[Any, ...]) -> list[Any]:
    """Return the dtypes of the result and of what a rule has saved."""
    known = [dtype for _, dtype in node.parts or ((node.shape, node.dtype),) if dtype is not None]
    return known + [array.dtype for array in arrays_in(saved)]


def _function(rule: Rule) -> Callable[..., Any]:
    return rule.vjp.vjp if isinstance(rule.vjp, each) else rule.vjp


def _call(vjp: Callable[..., Any]) -> str:
    names = list(inspect.signature(vjp).parameters)
    few = names if len(names) < 4 else [*names[:2], "…"]
    return f"{_name(vjp).strip('<>')}({', '.join(few)})"


def _name(vjp: Callable[..., Any]) -> str:
    """Return the name of a rule; that of its class, where it is an object that can be called."""
    return getattr(vjp, "__name__", type(vjp).__name__)


# As it is written


@functools.cache
def _lambda(function: Callable[..., Any]) -> ast.expr | None:
    """Return what a lambda computes, as its source has it."""
    if _name(function) != "<lambda>":
        return None
    places = [place for place in function.__code__.co_positions() if place[2] != place[3]]
    if places:  # where an if or an `and` is all, no instruction is
        (start, left), (end, right) = _ends(places)
        places.append((start, end, left, right))
    for body in _lambdas(function.__code__.co_filename):
        if (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset) in places:
            return body
    return None


def _ends(places: list[Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the line and the column where the first of some places begins, and the last ends."""
    return min((start, left) for start, _, left, _ in places), max(
        (end, right) for _, end, _, right in places
    )


@functools.cache
def _lambdas(filename: str) -> list[ast.expr]:
    """Return what each lambda in a file computes."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return []
    return [found.body for found in ast.walk(tree) if isinstance(found, ast.Lambda)]


class _Real(ast.NodeTransformer):
    """Leaves away `.conjugate()`, which of a real array is the array itself."""

    def visit_Call(self, call: ast.Call) -> ast.AST:
        self.generic_visit(call)
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "conjugate" and not call.args:
            return function.value
        return call


class _Numbers(ast.NodeTransformer):
    """Writes numbers for the arguments that are some."""

    def __init__(self, numbers: dict[str, float]) -> None:
        self._numbers = numbers

    def visit_Name(self, name: ast.Name) -> ast.AST:
        number = self._numbers.get(name.id)
        return name if number is None else ast.parse(repr(number), mode="eval").body


class _Short(ast.NodeTransformer):
    """Leaves away what a helper of ours is given beyond two arguments."""

    def visit_Call(self, call: ast.Call) -> ast.AST:
        self.generic_visit(call)
        if isinstance(call.func, ast.Name) and len(call.args) > 2:
            call.args[2:] = [ast.Name("…", ast.Load())]
        return call


def _calls_helper(written: ast.expr) -> bool:
    """Return whether a rule calls a function of ours, or names a shape: numbers say more."""
    parts = list(ast.walk(written))
    calls = any(isinstance(p, ast.Call) and isinstance(p.func, ast.Name) for p in parts)
    return calls or any(isinstance(p, ast.Name) and p.id.endswith("_shape") for p in parts)


# As it runs


def _done(rule: Rule, saved: tuple[Any, ...], node: Node) -> str | None:
    """Return what a rule of the table does with these arrays, where that is short."""
    vjp = _function(rule)
    if not (vjp.__module__ or "").startswith("autograd_mini.") or node.shape is None:
        return None
    recorder = Recorder()
    names = list(inspect.signature(vjp).parameters)
    g = Tensor(np.ones(node.shape, node.dtype), name=names[0])
    given = [_named(value, name) for value, name in zip(saved, names[1:], strict=True)]
    try:
        with no_grad(), np.errstate(all="ignore"), watched_by(recorder):
            result = vjp(g, *given)
    except Exception:  # what a rule refuses is no matter of its picture
        return None
    if not isinstance(result, Tensor):
        return None
    text = _written(recorder.value(result))
    try:
        tree = ast.parse(text.replace("…", _NAMELESS), mode="eval")
        text = ast.unparse(tree).replace(_NAMELESS, "…")  # without brackets that need not be
    except SyntaxError:  # a setting that cannot be written down
        return None
    return text if len(text) <= LONGEST else None


_NAMELESS = "_nameless_"
"""Stands, in a formula that is read again, for what has no name."""


def _named(value: Any, name: str) -> Any:
    if isinstance(value, np.ndarray | np.inexact) and value.dtype.kind in "biufc":
        return Tensor(value, name=name)
    return value


def _written(value: Value) -> str:
    """Return the expression that a value is the result of."""
    step = value.step
    if step is None:
        return value.name or (label.number(value) if value.shape == () else "…")
    if value.shape == () and not _varies(value):
        return label.number(value)
    parts = [_written(use.value) for use in step.uses]
    symbol = label.symbol_of(step.what)
    if symbol and len(parts) == 2:
        return f"{_braced(parts[0])} {symbol} {_braced(parts[1])}"
    return _method(step, parts) or f"{step.what.name}({', '.join(label.arguments(step, parts))})"


def _varies(value: Value) -> bool:
    """Return whether a value depends on numbers that are not whole."""
    if value.step is None:
        return value.name is not None and value.dtype.kind in "fc"
    return any(_varies(use.value) for use in value.step.uses)


def _method(step: Step, parts: list[str]) -> str | None:
    """Return a step that is shorter as a method, an attribute or an operator."""
    name = step.what.name
    if name == "np.negative":
        return f"-{_braced(parts[0])}"
    if name in ("np.matrix_transpose", "np.transpose") and len(parts) == 1 and not step.settings:
        two = step.outputs[0].shape is not None and len(step.outputs[0].shape) == 2
        return f"{_braced(parts[0])}.{'T' if two or name == 'np.transpose' else 'mT'}"
    if name in ("np.conjugate", "detach", "np.reshape", "np.broadcast_to"):
        real = name != "np.conjugate" or step.outputs[0].dtype.kind != "c"
        if real and step.outputs[0].shape == step.uses[0].value.shape:
            return parts[0]
    if name == "np.reshape" and "order" not in step.settings:
        return f"{_braced(parts[0])}.reshape{step.outputs[0].shape or '(())'}"
    if name == "np.broadcast_to":
        return f"np.broadcast_to({parts[0]}, {step.outputs[0].shape})"
    if name == "getitem":
        return f"{_braced(parts[0])}{label.title(step)}"
    return None


def _braced(text: str) -> str:
    """Return an operand in brackets, where it is more than one name or number."""
    return text if text.isidentifier() or text.replace(".", "").isdigit() else f"({text})"
