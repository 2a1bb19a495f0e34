"""NumPy's calls in all their spellings, sent to the door.

`__array_ufunc__` and `__array_function__` end here, and so do a Tensor's methods.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from . import errors
from .door import all_plain, apply, asks, of_one, raw, rebuilt, unary, watched, wrap
from .inplace import overwrite, write_result
from .modes import current_mode
from .primitive import Vjp, compositions, constants, each, mutations, primitives, register
from .views import Handle, handles, share
from .writes import read_only

F = TypeVar("F", bound=Callable[..., Any])

REDUCE: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
ACCUMULATE: dict[np.ufunc, Callable[..., Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a NumPy function, or one of our own, with Tensors among its arguments."""
    primitive = primitives.get(function)
    if primitive is not None and of_one(primitive, args, kwargs):
        return unary(primitive, args[0], args[1:], kwargs)
    if len(args) > 2:
        args, kwargs = _with_keyword_out(function, args, kwargs)
    if kwargs:
        out = kwargs.get("out")
        if any(part is not None for part in (out if isinstance(out, tuple) else (out,))):
            return _into(function, args, kwargs)
        if isinstance(function, np.ufunc) and asks(args):
            _refuse_keywords(function, kwargs)
    if primitive is not None:
        return apply(primitive, args, kwargs)
    if function in mutations:
        return mutations[function](*args, **kwargs)
    if function in constants or not asks((args, kwargs)):
        if current_mode().watchers:
            return watched(function, _unrecorded, (function, args, kwargs), args, kwargs)
        return _unrecorded(function, args, kwargs)
    if function in compositions:
        return compositions[function](*args, **kwargs)
    errors.refuse_function(function, args)


def _unrecorded(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    results = wrapped(errors.run(function, _readable(args), _readable(kwargs)))
    if function not in constants:
        share(results, (args, kwargs))
    return results


def _with_keyword_out(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments with `out`, if it was passed by position, among the keywords."""
    names = _positional(function)
    if "out" not in names[: len(args)]:
        return args, kwargs
    position = names.index("out")
    return args[:position], {**dict(zip(names[position:], args[position:], strict=False)), **kwargs}


@functools.cache
def _positional(function: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments that can be passed by position."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return []
    return [
        p.name if p.name != "out" or p.default is not p.empty else ""  # not an output, but a result
        for p in parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]


def _refuse_keywords(ufunc: np.ufunc, kwargs: dict[str, Any]) -> None:
    if kwargs.get("where", True) is not True:
        raise NotImplementedError(
            f"{errors.name_of(ufunc)} with where= but without out= leaves elements undefined: pass "
            "out=, or write np.where(mask, ..., ...)"
        )
    if "axes" in kwargs:
        raise NotImplementedError(
            f"{errors.name_of(ufunc)} with axes= has no derivative here: move the axes with "
            "np.moveaxis instead"
        )


def call_ufunc(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a ufunc, or a method of it: `reduce`, `accumulate`, `outer`, `reduceat`."""
    if method == "__call__":
        return call(ufunc, inputs, kwargs)
    if method == "reduce" and ufunc in REDUCE:
        return call(REDUCE[ufunc], inputs, {"axis": 0, **kwargs})
    if method == "accumulate" and ufunc in ACCUMULATE:
        return call(ACCUMULATE[ufunc], inputs, {"axis": 0, **kwargs})
    if method == "outer":
        a, b = inputs
        return call(ufunc, (np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b), kwargs)
    return call(getattr(ufunc, method), inputs, kwargs)


def _into(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `function` and write its results to the arrays or Tensors given as `out`."""
    given = kwargs["out"]
    outs = given if isinstance(given, tuple) else (given,)
    rest = {key: value for key, value in kwargs.items() if key != "out"}
    name = errors.name_of(function)
    plain = [out for out in outs if out is not None and not isinstance(out, Handle)]
    if plain and asks((args, rest)):
        raise TypeError(
            f"{name} into a plain array would lose the graph of its arguments: make `out` a "
            "Tensor, or leave it away (a = a + t instead of a += t)"
        )
    if not any(isinstance(out, Handle) for out in outs):
        return function(*raw(args), **raw(kwargs))
    if isinstance(function, np.ufunc) and rest.get("where", True) is not True:
        if plain or len(outs) > 1:
            raise NotImplementedError(f"{name} with where= and several outputs: use np.where")
        return _into_part(function, args, rest, outs[0], raw(rest.pop("where")))
    results = call(function, args, rest)
    parts = results if isinstance(results, tuple) else (results,)
    for out, part in zip(outs, parts, strict=True):
        if isinstance(out, Handle):
            write_result(out, part, f"{name} with out=", rest.get("casting", "same_kind"))
        elif out is not None:
            np.copyto(out, raw(part))
    written = [part if out is None else out for out, part in zip(outs, parts, strict=True)]
    return rebuilt(results, written) if isinstance(results, tuple) else written[0]


def _into_part(
    ufunc: np.ufunc, args: tuple[Any, ...], rest: dict[str, Any], out: Any, where: Any
) -> Any:
    """Call `ufunc` for the elements where `where` is true, and write these to `out`."""
    mask = np.broadcast_to(where, out.shape)
    parts = [np.broadcast_to(x, out.shape)[mask] for x in args]
    overwrite(out, mask, ufunc(*parts, **rest), f"{errors.name_of(ufunc)} with out=")
    return out


def _readable(value: Any) -> Any:
    """Return `value` with read-only arrays for the Tensors in it."""
    if isinstance(value, Handle):
        return read_only(value._array)
    if isinstance(value, list | tuple):
        return rebuilt(value, [_readable(part) for part in value])
    if isinstance(value, dict):
        return {key: _readable(part) for key, part in value.items()}
    return value


def wrapped(value: Any) -> Any:
    """Return `value` with constant Tensors for the arrays in it."""
    if isinstance(value, np.ndarray | np.generic):
        return wrap(value, None) if value.dtype.kind in "biufc" else value
    if isinstance(value, list | tuple):
        return rebuilt(value, [wrapped(part) for part in value])
    return value


def primitive(*function: Any, **rules: Vjp | each) -> Callable[[F], F]:
    """Make a function of arrays an operation with derivatives of its own.

    Args:
        function: nothing: the decorator is called with its rules.
        rules: the vector-Jacobian product for each argument that it is differentiated by, as for
            `derivative`: a function of `g`, the cotangent of the result, and of whatever it names:
            `out`, the arguments, their shapes (`x_shape`).

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> @ag.primitive(x=lambda g, x: g * 2 * x * np.cos(x * x))
    ... def sine_of_square(x):
    ...     return np.sin(x * x)
    >>> t = ag.Tensor([0.0, 1.0], requires_grad=True)
    >>> sine_of_square(t).sum().backward()
    >>> t.grad
    Tensor([0.        , 1.08060461])
    """
    if function:
        raise TypeError("a primitive needs its rules: write @ag.primitive(x=lambda g, x: ...)")

    def decorate(function: F) -> F:
        registered = register(function, rules)

        @functools.wraps(function)
        def through_the_door(*args: Any, **kwargs: Any) -> Any:
            if of_one(registered, args, kwargs):
                return unary(registered, args[0], args[1:], kwargs)
            if (kwargs or not all_plain(args)) and any(True for _ in handles((args, kwargs))):
                return call(function, args, kwargs)
            return function(*args, **kwargs)

        return through_the_door  # type: ignore[return-value]

    return decorate
