"""What a primitive is, and the registry of all of them.

A primitive is a function of arrays together with one rule for each argument it can be
differentiated by. A rule is a vector-Jacobian product (vjp): given `g`, the cotangent of the
result, it returns the cotangent of that argument. Its parameters name what it needs:

    g           the cotangent of the result, always first
    out         the result
    x           the argument of that name, x_shape just its shape
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

Vjp = Callable[..., Any]


class each:
    """Mark the rule of an argument that is a sequence of arrays.

    It returns a list with one cotangent for each, or a function from the index of an array to its
    cotangent, which is then called for the wanted ones alone.
    """

    def __init__(self, vjp: Vjp) -> None:
        self.vjp = vjp

    def __call__(self, g: Any, *saved: Any) -> Cotangents | Lazy:
        """Return the cotangents of all the arrays."""
        cotangents = self.vjp(g, *saved)
        return Lazy(cotangents) if callable(cotangents) else Cotangents(cotangents)


class Cotangents(list[Any]):
    """The cotangent of a tuple of arrays: one for each."""

    shape = None
    dtype = None


class Placed(dict[int, Any]):
    """A part of the cotangent of a tuple of arrays: those at some of its indices."""

    shape = None
    dtype = None

    def __add__(self, other: Placed) -> Placed:
        """Return this with `other` added to it."""
        for index, g in other.items():
            self[index] = self[index] + g if index in self else g
        return self


class Lazy:
    """The cotangent of a tuple of arrays, each computed when it is asked for."""

    __slots__ = ("compute",)
    shape = None
    dtype = None

    def __init__(self, compute: Callable[[int], Any]) -> None:
        self.compute = compute

    def __getitem__(self, index: int) -> Any:
        return self.compute(index)


class Rule:
    """One vjp of a primitive, with the names of its parameters resolved to positions.

    `position` is the argument's own, `origins` those of what the vjp is given besides `g` (-1 for
    the result, None for a shape), and `pick` takes these from the tuple (*arguments, result).
    """

    __slots__ = ("each", "origins", "pick", "position", "vjp")

    def __init__(self, vjp: Vjp | each, position: int, primitive: Primitive) -> None:
        self.each = isinstance(vjp, each)
        self.vjp = vjp
        self.position = position
        g, *names = _parameters(vjp.vjp if isinstance(vjp, each) else vjp)
        if g != "g":
            raise TypeError(f"a rule of {primitive}: its first parameter is g, not {g}")
        self.origins = tuple(primitive.origin(name) for name in names)
        self.pick = _picker(*[primitive.place(name) for name in names])


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of a function."""
    text = getattr(function, "__text_signature__", None)
    if isinstance(function, BuiltinFunctionType) and text:
        # Written in C: its text is Python, and inspect would import a tokenizer to read it.
        with suppress(SyntaxError, NameError):
            return inspect.signature(eval(f"lambda {text[1:-1].removeprefix('$module, ')}: 0"))
    return inspect.signature(function)


def _parameters(function: Callable[..., Any]) -> Sequence[str]:
    """Return the names of a function's parameters."""
    code = function.__code__ if isinstance(function, FunctionType) else None
    if code is None or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return tuple(inspect.signature(function).parameters)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


@functools.cache
def _picker(*places: str) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return the function that takes what is at `places`, Python of `values`, as a tuple."""
    source = f"lambda values: ({''.join(place + ', ' for place in places)})"
    return eval(source, {"shape": _shape})  # as fast as if it were written there


class Primitive:
    """A function of arrays and its rules: one for each argument it is differentiated by."""

    __slots__ = (
        *("arguments", "arity", "defaults", "extra", "fresh", "function", "idle", "leading"),
        *("name", "positions", "rest", "rules", "run", "sequence", "short", "tail"),
    )

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.run = function  # what computes it: another function where there is a shorter way
        self.name = name or _name(function)
        self.defaults: list[Any] = []
        self.positions: dict[str, int] = {}
        self.rest: int | None = None  # the position of *args
        self.extra: int | None = None  # the position of **kwargs
        self.rules: list[Rule | None] = []
        optional: list[Any] = []  # the defaults that an argument may have to no effect
        self.leading: float = math.inf  # how many arguments come before `out`
        for parameter in _signature(function).parameters.values():
            if parameter.name == "out":  # in a rule, out is the result
                self.leading = len(self.defaults)
                continue
            position = self.positions[parameter.name] = len(self.defaults)
            if parameter.kind is parameter.VAR_POSITIONAL:
                self.rest = position
            if parameter.kind is parameter.VAR_KEYWORD:
                self.extra = position
            missing = parameter.default is parameter.empty or parameter.default is np._NoValue
            optional.append(parameter.empty if missing else parameter.default)
            self.defaults.append(None if missing else parameter.default)
            self.rules.append(None)
        self.arguments = tuple(self.positions)
        self.tail = tuple(self.defaults[1:])
        self.idle = tuple(optional[1:])
        self.fresh = isinstance(function, np.ufunc) and function.nout == 1  # no view, no tuple
        self.arity: int = getattr(function, "nin", len(self.defaults))
        self.sequence = self.rest == 0  # the first argument is a sequence of arrays
        self.short = True  # rules need a ufunc's inputs and result only, no keyword

    def __repr__(self) -> str:
        return self.name

    def differentiate(self, rules: dict[str, Vjp | each]) -> None:
        """Add `rules`, one for each argument named."""
        for argument, vjp in rules.items():
            if argument not in self.positions:
                raise TypeError(
                    f"{self} has no argument {argument}, but {', '.join(self.positions)}"
                )
            position = self.positions[argument]
            rule = self.rules[position] = Rule(vjp, position, self)
            if position == 0 and rule.each:
                self.sequence = True
            if not {-1, None, *range(self.arity)}.issuperset(rule.origins):
                self.short = False

    def argument(self, position: int) -> str:
        """Return the name of the argument at `position`."""
        return self.arguments[position]

    def first_rule(self) -> Rule:
        """Return the rule for the first argument, which has one."""
        rule = self.rules[0]
        assert rule is not None
        return rule

    def origin(self, name: str) -> int | None:
        """Return where the tuple (*arguments, result) has what a rule calls `name`."""
        if name == "out":
            return -1
        if name in self.positions:
            return self.positions[name]
        if name.removesuffix("_shape") in self.positions:
            return None
        raise TypeError(
            f"a rule of {self} names {name}, which is neither g, out nor one of its arguments "
            f"({', '.join(self.positions)}) or their shapes (x_shape)"
        )

    def place(self, name: str) -> str:
        """Return the Python that takes what a rule calls `name` from (*arguments, result)."""
        origin = self.origin(name)
        if origin is not None:
            return f"values[{origin}]"
        return f"shape(values[{self.positions[name.removesuffix('_shape')]}])"

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """Return the arguments in the order of the signature, defaults filled in.

        For calls that the function has accepted: nothing is checked.
        """
        if not kwargs and self.rest is None:
            return [*args, *self.defaults[len(args) :]]
        values = self.defaults.copy()
        if self.rest is not None:
            args = (*args[: self.rest], args[self.rest :])
        values[: len(args)] = args[: len(values)]
        more = {}
        for name, value in kwargs.items():
            if name in self.positions:
                values[self.positions[name]] = None if value is np._NoValue else value
            else:
                more[name] = value
        if self.extra is not None:
            values[self.extra] = more
        return values

    def settings(self, values: Sequence[Any]) -> tuple[tuple[int, Any], ...]:
        """Return the arguments after the first that are not left at their defaults."""
        defaults = self.defaults
        return tuple(
            [(i, value) for i, value in enumerate(values) if i and value is not defaults[i]]
        )

    def called(self, values: dict[int, Any]) -> Any:
        """Return what the function gives for arguments by position; others are left away."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for parameter in _signature(self.function).parameters.values():
            position = self.positions.get(parameter.name)
            if position not in values:
                continue
            value = values[position]
            if parameter.kind is parameter.VAR_POSITIONAL:
                args += value
            elif parameter.kind is parameter.VAR_KEYWORD:
                kwargs |= value
            elif parameter.kind is parameter.POSITIONAL_ONLY or self.rest is not None:
                args.append(value)
            else:
                kwargs[parameter.name] = value
        return self.function(*args, **kwargs)


def _shape(value: Any) -> Any:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return shape
    return tuple(map(np.shape, value)) if isinstance(value, list | tuple) else ()


def _name(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    name = function.__name__
    if isinstance(function, np.ufunc) and getattr(np, name, None) is not function:
        return name  # of another package
    return f"{module.replace('numpy', 'np', 1)}.{name}" if module.startswith("numpy") else name


primitives: dict[Callable[..., Any], Primitive] = {}
"""Each function of arrays that has rules."""

compositions: dict[Callable[..., Any], Callable[..., Any]] = {}
"""Each NumPy function that is written in terms of others, and how, on Tensors."""

mutations: dict[Callable[..., Any], Callable[..., Any]] = {}
"""Each NumPy function that writes to its first argument, and how, to a Tensor."""

constants: set[Callable[..., Any]] = set()
"""Each NumPy function that has no derivative or a zero one: its results need no gradient."""


def derivative(function: Callable[..., Any], /, **rules: Vjp | each) -> Primitive:
    """Register the vector-Jacobian products of a NumPy function, one for each argument named.

    Args:
        function: a NumPy function or a ufunc. For a function of your own, see `primitive`.
        rules: for each argument, a function of the cotangent `g` of the result and of whatever
            else it names: `out`, an argument, an argument's shape (`x_shape`).

    Raises:
        TypeError: an argument or a name in a rule is not the function's; the function would not
            come here when it is called with Tensors.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> ag.derivative(np.reciprocal, x=lambda g, out: -g * (out * out).conjugate())
    np.reciprocal
    """
    name = function.__name__
    if not isinstance(function, np.ufunc) and _package(function) not in _DISPATCHED:
        raise TypeError(
            f"{name} is not NumPy's, and a rule for it would never be used: make it an operation, "
            f"{name} = ag.primitive(x=lambda g, x: ...)({name})"
        )
    return register(function, rules)


_DISPATCHED = ("numpy", "autograd_mini", "_operator")


def _package(function: Callable[..., Any]) -> str:
    return (getattr(function, "__module__", None) or "numpy").split(".")[0]


def register(function: Callable[..., Any], rules: dict[str, Vjp | each]) -> Primitive:
    """Register the rules of a function that is handed to the door."""
    primitive = primitives.get(function) or primitives.setdefault(function, Primitive(function))
    primitive.differentiate(rules)
    return primitive


def composition(*functions: Callable[..., Any]) -> Callable[[Any], Any]:
    """Register the decorated function as what NumPy's `functions` do on Tensors."""

    def decorate(written: Any) -> Any:
        for function in functions:
            compositions[function] = written
        return written

    return decorate


def mutation(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Register the decorated function as what NumPy's `function` does to a Tensor in place."""

    def decorate(written: Any) -> Any:
        mutations[function] = written
        return written

    return decorate


def shortcut(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Register the decorated function as what computes NumPy's `function`: sooner, and the same."""

    def decorate(written: Any) -> Any:
        register(function, {}).run = written
        return written

    return decorate


def through(*functions: Callable[..., Any]) -> None:
    """Let NumPy's own Python run on Tensors: these functions are made of primitives already."""
    for function in functions:
        compositions[function] = function.__wrapped__  # type: ignore[attr-defined]


def constant(*functions: Callable[..., Any]) -> None:
    """Register functions whose results need no gradient."""
    constants.update(functions)
