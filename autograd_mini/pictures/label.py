"""What a box says: the operation as one would write it, shapes, names."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any

import numpy as np

from ..primitive import Primitive
from ..program import Step, Use, Value
from ..reports.table import readable_bytes
from ..text import shortened

_SYMBOLS: Mapping[str, str] = {
    "np.add": "+",
    "np.subtract": "-",
    "np.multiply": "*",
    "np.divide": "/",
    "np.power": "**",
    "np.matmul": "@",
    "np.floor_divide": "//",
    "np.remainder": "%",
    "np.greater": ">",
    "np.greater_equal": ">=",
    "np.less": "<",
    "np.less_equal": "<=",
    "np.equal": "==",
    "np.not_equal": "!=",
}

_IN_WORDS: Mapping[str, str] = {
    "getitem": "[…]",
    "assigned": "[…] =",
    "filled": "[:] =",
    "viewed": "write through a view",
    "divided": "split",
}

_COMMUTES = {"np.add", "np.multiply", "np.equal", "np.not_equal", "np.maximum", "np.minimum"}

_SILENT = {"shape", "shape_or_newshape", "dtype", "order", "casting", "keepdims", "copy", "index"}
"""The settings that the shape of the result says, or nobody asks for."""


def title(step: Step) -> str:
    """Return an operation as its box has it: `@`, `2 *`, `** 3`, `relu`, `sum`.

    A constant that is a number is written beside the operator, and needs no box.
    """
    name = step.what.name
    symbol = symbol_of(step.what)
    numbers = [number(use.value) if is_number(use.value) else "" for use in step.uses]
    if symbol and len(numbers) == 2:
        return " ".join(part for part in (numbers[0], symbol, numbers[1]) if part)
    if name == "getitem":
        return f"[{shortened(index(_index_of(step)))}]"
    word = symbol or _IN_WORDS.get(name, name.rsplit(".", 1)[-1])
    subscripts = [value for key, value in step.settings.items() if _is_subscripts(key, value)]
    return shortened(" ".join([word, *subscripts, *filter(None, numbers)]))


def _is_subscripts(key: str, value: Any) -> bool:
    return isinstance(value, str) and key.endswith("]")


def symbol_of(what: Primitive) -> str | None:
    """Return the operator of a primitive that has one."""
    return _SYMBOLS.get(what.name)


def settings(step: Step) -> str:
    """Return the settings of an operation that make a difference: `axis=1`."""
    parts = [
        f"{key}={setting(value)}"
        for key, value in step.settings.items()
        if key not in _SILENT and step.what.name != "getitem" and not _is_subscripts(key, value)
    ]
    return shortened(", ".join(part for part in parts if len(part) < 40))


def setting(value: Any) -> str:
    """Return a setting as one would write it."""
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, slice | EllipsisType) for part in parts):
        return f"np.s_[{index(value)}]"
    return getattr(value, "__name__", None) or re.sub(r" at 0x\w+", "", repr(value))


def _index_of(step: Step) -> Any:
    """Return the index of a `getitem`, with uses for the arrays in it."""
    name = step.what.argument(1)
    given: dict[str, Any] = step.settings | {use.argument: use.value for use in step.uses[1:]}
    if name in given or not given:
        return given.get(name)
    return tuple(given[f"{name}[{i}]"] for i in range(len(given)))


def index(value: Any) -> str:
    """Return an index as one would write it between brackets; `…` for arrays.

    >>> index((slice(None, 3), None, [0, 2], ...))
    ':3, None, [0, 2], ...'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(index, value))}]"
    if isinstance(value, tuple):
        return ", ".join(map(index, value)) or "()"
    if isinstance(value, slice):
        ends = ["" if end is None else str(end) for end in (value.start, value.stop, value.step)]
        return ":".join(ends[:2] if not ends[2] else ends)
    if value is Ellipsis:
        return "..."
    if not isinstance(value, int | np.integer | None):
        return "…"
    return str(value)


def is_number(value: Value) -> bool:
    """Return whether a value is a number that is written beside its operator."""
    plain = value.kind == "constant" and value.shape == () and value.name is None
    return plain and value.known is not None


def number(value: Value) -> str:
    """Return a number in a few digits."""
    data = value.known
    if data is None:
        return "?"
    x = data.item() if hasattr(data, "item") else data
    if isinstance(x, complex):
        return f"({x:.4g})"
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def call(step: Step, names: Mapping[Value, str]) -> str:
    """Return a step as a line of code: `np.matmul(X, W1)`."""
    operands = [_operand(use, names) for use in step.uses]
    symbol = symbol_of(step.what)
    if symbol and len(step.uses) == 2 and not step.settings:
        negative = symbol == "**" and operands[0].startswith("-")
        left = f"({operands[0]})" if negative else operands[0]
        return shortened(f"{left} {symbol} {operands[1]}", 120)
    if step.what.name == "getitem":
        return shortened(f"{operands[0]}{title(step)}", 120)
    return shortened(f"{step.what.name}({', '.join(arguments(step, operands))})", 120)


def arguments(step: Step, operands: Sequence[str]) -> list[str]:
    """Return what a step is given as one writes it: by name, where what is before is left away."""
    parts: dict[int, dict[str, str]] = {}
    settings = {key: setting(value) for key, value in step.settings.items()}
    for use, operand in zip(step.uses, operands, strict=True):
        parts.setdefault(use.position, {})[use.argument] = operand
    for key in [key for key in settings if key.endswith("]")]:
        parts[step.what.positions[key.partition("[")[0]]][key] = settings.pop(key)
    written = []
    for place, (position, given) in enumerate(parts.items()):
        name = step.what.argument(position)
        text = ", ".join(given[key] for key in sorted(given, key=lambda key: (len(key), key)))
        if name not in given and position != step.what.rest:
            text = f"[{text}]"
        written.append(text if place == position else f"{name}={text}")
    return written + [f"{key}={value}" for key, value in settings.items()]


def _operand(use: Use, names: Mapping[Value, str]) -> str:
    if is_number(use.value):
        text = number(use.value)
        return repr(text) if use.value.dtype.kind == "U" else text  # the subscripts of einsum
    if use.value.kind == "unknown":
        return "…"
    return names.get(use.value) or use.argument


def ordered(step: Step) -> bool:
    """Return whether it matters which argument is which, and the arrows do not show it."""
    arrays = [use for use in step.uses if not is_number(use.value)]
    return len(arrays) > 1 and step.what.name not in _COMMUTES


@functools.cache
def elementwise(what: Primitive) -> bool:
    """Return whether a primitive computes each element from those at its place alone."""
    function = what.function
    if isinstance(function, np.ufunc):
        return function.signature is None and function.nout == 1
    return what.name in _ELEMENTWISE


_ELEMENTWISE = {
    *("relu", "leaky_relu", "elu", "sigmoid", "softplus", "log_sigmoid", "silu", "gelu"),
    *("erf", "erfc", "np.clip", "np.sinc"),
}


def shape(value: Value) -> str:
    """Return the shape of a value in words: nothing for what is unknown."""
    return "" if value.shape is None else str(value.shape)


def shapes(values: Sequence[Value]) -> str:
    """Return the shapes of several values in words, of the first three."""
    if len(values) == 1:
        return shape(values[0])
    return ", ".join([*map(shape, values[:3]), *(["…"] if len(values) > 3 else [])])


def dtype(value: Value) -> str:
    """Return the dtype of a value in words: nothing for what is unknown."""
    return "" if value.dtype is None else _name(value.dtype)


_name = functools.cache(str)


def cost(share: float, memory: int) -> str:
    """Return what an operation has cost in words: its share of the time, and its memory."""
    return f"{share:.1%} of the time, {readable_bytes(memory)}"
