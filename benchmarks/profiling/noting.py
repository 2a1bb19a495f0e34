"""The calls of NumPy that a step of ours makes, each with its arguments, and what for."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import autograd_mini as ag
from autograd_mini.dispatch import REDUCE
from autograd_mini.graph import arrays_in
from autograd_mini.primitive import Primitive, primitives
from autograd_mini.writes import owner

from .rewriting import VIEWS, Place, listening

FORWARD, BACKWARD, APART = "forward", "backward", "apart"
"""Recorded operations; the walk back; optimizers, and what `no_grad` keeps from being recorded."""

BLAS, NUMPY, PYTHON = "BLAS and LAPACK", "NumPy's other calls", "Python of rules and functions"


@dataclass(eq=False)
class Call:
    """A call of NumPy; or of a function or rule of ours, which is made of such calls.

    Attributes:
        operation: what it belongs to: an operation by its name, or a function of the engine.
        shape: of what the operation gives.
        phase: FORWARD, BACKWARD or APART.
        kind: BLAS, NUMPY, or PYTHON for what is made of others.
        function: what was called, with `args` and `kwargs`.
        result: what it gave.
        within: the function or rule that made it, None for the engine.
        writes: whether arguments are written to.
        engine: whether the engine makes it of its own accord, as nobody's operation.
    """

    operation: str
    shape: tuple[int, ...] | None
    phase: str
    kind: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    within: Call | None = None
    writes: bool = False
    engine: bool = False

    def arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments for another call, copies where they are written to."""
        if not self.writes:
            return self.args, self.kwargs
        memo: dict[int, Any] = {}  # an array that is there twice stays one array
        return _copied(self.args, memo), _copied(self.kwargs, memo)


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, np.ndarray):
        return memo.setdefault(id(value), value.copy(order="K"))
    if type(value) in (tuple, list):
        return type(value)(_copied(part, memo) for part in value)
    if isinstance(value, dict):
        return {key: _copied(part, memo) for key, part in value.items()}
    return value


def noted(step: Callable[[], Any]) -> list[Call]:
    """Run a step, and return its calls in their order; functions and rules of ours before theirs.

    Listened to are the package, and what workloads are written in.
    """
    notes = _Notes()
    files = [
        module.__file__
        for name, module in list(sys.modules.items())
        if name.startswith(_LISTENED) and getattr(module, "__file__", None)
    ]
    with listening(notes.listen, [file for file in files if file]):
        step()
    return notes.calls


_LISTENED = (ag.__name__, "benchmarks.workloads", "benchmarks.dialects")


class _Notes:
    """What is told of calls, and keeps those that compute."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._within: Call | None = None
        self._functions = {
            id(p.function): p for p in primitives.values() if not _is_numpys(p.function)
        }
        self._rules = {
            id(rule.vjp): p for p in primitives.values() for rule in p.rules if rule is not None
        }

    def listen(self, place: Place, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call `function`, and note it if it is NumPy's, or a function or a rule of ours."""
        if self._within is None and id(function) in self._rules:
            return self._made_of_others(BACKWARD, self._rules, function, args, kwargs)
        if self._within is None and id(function) in self._functions:
            return self._made_of_others(_phase(), self._functions, function, args, kwargs)
        if not _is_numpys(function) or not _on_arrays(function, args, kwargs):
            return function(*args, **kwargs)
        function, args = _unbound(function, args)
        result = function(*args, **kwargs)
        writes = _writes(function, args, kwargs)
        if writes or _holds_arrays(result):
            self._note(place, function, args, kwargs, result, writes)
        return result

    def _made_of_others(
        self, phase: str, known: dict[int, Primitive], function: Any, args: Any, kwargs: Any
    ) -> Any:
        """Call a function or a rule of ours. It is timed as a whole if it computes on arrays."""
        if _has_tensor(args) or _has_tensor(kwargs):
            return function(*args, **kwargs)
        name = known[id(function)].name
        call = Call(name, None, phase, PYTHON, function, args, kwargs)
        self.calls.append(call)
        self._within = call
        try:
            call.result = function(*args, **kwargs)
        finally:
            self._within = None
        call.shape = _shape(args[0] if phase == BACKWARD else call.result)
        return call.result

    def _note(
        self, place: Place, function: Any, args: Any, kwargs: Any, result: Any, writes: bool
    ) -> None:
        within = self._within
        kind = BLAS if _is_blas(function, result) else NUMPY
        shape, engine = _shape(result), False
        if within is not None:
            name, phase = within.operation, within.phase
            within.writes |= writes and not _memory(args).isdisjoint(_memory(within.args))
        else:
            name, phase, engine = _whose(place, function)
        self.calls.append(
            Call(name, shape, phase, kind, function, args, kwargs, result, within, writes, engine)
        )


# What is whose

_ARRAYS = (np.ndarray, np.generic)
_METHODS_OF = (np.ndarray, np.generic, np.ufunc, np.random.Generator)


def _is_numpys(function: Any) -> bool:
    if isinstance(function, type):
        return False
    if isinstance(function, np.ufunc) or isinstance(getattr(function, "__self__", 0), _METHODS_OF):
        return True
    module = getattr(function, "__module__", None) or ""
    return module.partition(".")[0] == "numpy" or module == "_operator" or function is getattr


def _on_arrays(function: Any, args: Any, kwargs: Any) -> bool:
    """Return whether a call computes on arrays, and does not come back to us for Tensors."""
    if function is getattr and args[1] not in VIEWS:
        return False
    if function in (getattr, operator.getitem, operator.setitem):  # dicts and lists are no arrays
        return isinstance(args[0], _ARRAYS) and not _has_tensor(args)
    if getattr(function, "__module__", "") == "_operator":
        return any(isinstance(arg, _ARRAYS) for arg in args) and not _has_tensor(args)
    return not _has_tensor(args) and not _has_tensor(kwargs)


def _has_tensor(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_has_tensor, value))
    if isinstance(value, dict):
        return any(map(_has_tensor, value.values()))
    return isinstance(value, ag.Tensor)


def _holds_arrays(result: Any) -> bool:
    parts = result if isinstance(result, tuple | list) and result else (result,)
    return all(isinstance(part, _ARRAYS) for part in parts)


def _unbound(function: Any, args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return the method of an array as a function, and the array among its arguments."""
    array = getattr(function, "__self__", None)
    if isinstance(array, _ARRAYS):
        return getattr(type(array), function.__name__), (array, *args)
    return function, args


def _writes(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Return whether a call writes to one of its arguments."""
    if kwargs.get("out") is not None:
        return True
    if isinstance(function, np.ufunc):
        return len(args) > function.nin
    name = getattr(function, "__name__", "")
    in_place = getattr(function, "__module__", "") == "_operator" and name in _IN_PLACE
    return (in_place and isinstance(args[0], np.ndarray)) or name in _WRITING


def _memory(args: tuple[Any, ...]) -> set[int]:
    return {id(owner(array)) for array in arrays_in(args)}


_IN_PLACE = {
    *("setitem", "iadd", "isub", "imul", "imatmul", "itruediv", "ifloordiv", "imod", "ipow"),
    *("ilshift", "irshift", "iand", "ior", "ixor"),
}
_WRITING = {
    *("copyto", "put", "place", "putmask", "put_along_axis", "fill_diagonal", "at"),
    *("fill", "sort", "partition", "resize", "setflags"),
}

_BLAS = {
    *(np.matmul, np.matvec, np.vecmat, np.vecdot, np.dot, np.vdot, np.inner, np.tensordot),
    *(np.ndarray.dot, operator.matmul, operator.imatmul),
}


def _is_blas(function: Any, result: Any) -> bool:
    """Return whether the time of a call is that of BLAS or LAPACK: integers have none."""
    part = result[0] if isinstance(result, tuple) else result
    if part is None or part.dtype.char not in "fdFD":
        return False
    module = getattr(function, "__module__", None) or ""
    return function in _BLAS or module.startswith("numpy.linalg")


_DOORS = ("door", "errors")
"""Where the package calls what the user has asked for; all else that calls NumPy is its own."""

_WALKS = ("graph", "backward")
"""Where it walks back."""


def _whose(place: Place, function: Any) -> tuple[str, str, bool]:
    """Return what a call by the engine belongs to, its phase, and if it is of its own accord."""
    file, within = Path(place[0]), place[1]
    if file.stem == "shortcuts":  # of a function of NumPy's, which it is called by
        ufunc: Any = getattr(function, "__self__", None)
        return name_of(REDUCE.get(ufunc, np.matmul)), _phase(), False
    if file.stem in _DOORS:
        return name_of(function), _phase(), False
    name = f"{within}: {name_of(function)}"
    if file.stem in _WALKS:
        return name, BACKWARD, True
    return name, APART if file.parent.name == "optim" else _phase(), True


def _phase() -> str:
    return FORWARD if ag.is_grad_enabled() else APART


def name_of(function: Any) -> str:
    """Return what a function of NumPy's, a method or an operator is called."""
    name: str = getattr(function, "__name__", "?")
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):
        return f"np.{ufunc.__name__}.{name}"
    if isinstance(function, np.ufunc):
        return f"np.{name}"
    module = getattr(function, "__module__", None) or ""
    if module.partition(".")[0] == "numpy":
        return f"{module.replace('numpy', 'np', 1)}.{name}"
    return _SIGNS.get(name, name)


_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "matmul": "@",
    "getitem": "[]",
    "iadd": "+=",
    "isub": "-=",
    "imul": "*=",
    "itruediv": "/=",
    "setitem": "[] =",
}


def _shape(value: Any) -> tuple[int, ...] | None:
    return value.shape if isinstance(value, _ARRAYS) else None
