"""What the errors say: the operation, the shapes, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from .primitive import Primitive, primitives

_HINTS = {
    "np.matmul": "(..., n, k) @ (..., k, m): is an .mT missing?",
    "np.dot": "the last axis of the first meets the second to last of the second: is a .T missing?",
}


def run(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `function`, and say in a `ValueError` which one it was, and on which shapes."""
    try:
        return function(*args, **kwargs)
    except ValueError as error:
        explain(function, args, error)


def explain(function: Callable[..., Any], args: tuple[Any, ...], error: ValueError) -> NoReturn:
    """Raise `error` with the operation, the shapes and, where one is known, a hint."""
    name = name_of(function)
    if type(error).__init__ is not ValueError.__init__:  # an AxisError is not made of a message
        error.add_note(f"in {name} of {shapes(args)}")
        raise error
    hint = _HINTS.get(name, "")
    if not hint and "broadcast" in str(error):
        hint = "sizes are matched from the last axis on, and must be equal or 1"
    message = f"{name} of {shapes(args)}: {error}" + (f" ({hint})" if hint else "")
    raise type(error)(message) from error


def name_of(function: Callable[..., Any] | Primitive) -> str:
    """Return the name under which a user knows `function`."""
    if isinstance(function, Primitive):
        return function.name
    known = primitives.get(function)
    if known is not None:
        return known.name
    owner = getattr(function, "__self__", None)  # a method of a ufunc
    return f"{name_of(owner)}.{function.__name__}" if callable(owner) else Primitive(function).name


def shapes(args: Any) -> str:
    """Return the shapes of the arrays in `args`, in words."""
    found: list[str] = []

    def visit(value: Any) -> None:
        if isinstance(value, list | tuple):
            for part in value:
                visit(part)
        elif hasattr(value, "shape"):
            found.append(str(value.shape))

    visit(args)
    return "shapes " + " and ".join(found) if found else "these arguments"


def array_of(primitive: Primitive, out: Any) -> np.ndarray[Any, Any]:
    """Return a number as an array; refuse anything else as the result of an operation."""
    if not isinstance(out, int | float | complex):
        raise TypeError(f"{primitive} gave a {type(out).__name__}: an operation gives an array")
    return np.asarray(out)


def refuse_function(function: Callable[..., Any], args: tuple[Any, ...]) -> NoReturn:
    """Refuse a function without a derivative."""
    name = name_of(function)
    if hasattr(function, "__self__"):  # a method of a ufunc, which has no rules of its own
        advice = "write it with other functions"
    else:
        x = next(iter(Primitive(function).positions), "x")
        advice = f"add it in a line, ag.derivative({name}, {x}=lambda g, {x}: ...)"
    raise NotImplementedError(
        f"{name} of {shapes(args)} has no derivative here, and an argument requires grad: {advice},"
        " or pass t.detach() if no gradient is wanted"
    )


def refuse_argument(primitive: Primitive, position: int) -> NoReturn:
    """Refuse to differentiate by an argument without a rule."""
    argument = primitive.argument(position)
    raise NotImplementedError(
        f"{primitive} has no derivative with respect to {argument}, which requires grad: add it in "
        f"a line, ag.derivative({primitive}, {argument}=lambda g: ...), or pass {argument}.detach()"
        " if no gradient is wanted"
    )
