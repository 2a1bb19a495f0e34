"""Derivatives of functions: `grad`, `vjp`, `jvp`, `jacobian`, `hessian`, `hvp`.

Each runs the function on inputs of its own, recorded anew, and walks back to these alone; so they
nest, and what one differentiates by is never confused with what another does. Arrays in give
arrays out; Tensors in give Tensors out. Where the function uses a Tensor from outside that
requires grad, the result is a Tensor that depends on it too: its graph is never silently lost.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .door import asks, raw
from .graph import Array, owned
from .tensor import Tensor
from .trace import Trace
from .tree import Tree, tree_fill, tree_leaves, tree_map

Function = Callable[..., Any]
Argnums = int | str | Sequence[int | str]


def _matching(what: str, tree: Tree, like: Tree) -> list[Any]:
    """Return the leaves of `tree`, of the shapes and dtypes of those of `like`."""

    def match(leaf: Any, value: Any) -> Any:
        array = raw(leaf) if isinstance(leaf, Tensor) else np.asarray(leaf)
        if np.shape(raw(value)) != array.shape:
            raise ValueError(
                f"a {what} must have the shape of what it belongs to: {np.shape(raw(value))} given "
                f"for {array.shape}"
            )
        if isinstance(value, Tensor):
            return value if value.dtype == array.dtype else value.astype(array.dtype)
        return (
            np.asarray(value, array.dtype)
            if not hasattr(value, "astype")
            else value.astype(array.dtype)
        )

    return tree_leaves(tree_map(match, like, tree))


def vjp(f: Function, *primals: Tree, has_aux: bool = False) -> tuple[Any, ...]:
    """Return `f(*primals)` and the function from its cotangent to those of the primals.

    Args:
        f: a function of arrays, or of trees of them, which returns the same.
        primals: where to differentiate.
        has_aux: `f` returns a pair, and its second part is handed through as a third result.

    Returns:
        (out, vjp_fn); `vjp_fn(cotangent)` gives a tuple, one cotangent for each primal, and may be
        called many times.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> out, vjp_fn = ag.vjp(np.multiply, 3.0, 4.0)
    >>> [float(g) for g in vjp_fn(1.0)]
    [4.0, 3.0]
    """
    return _vjp(f, primals, has_aux, copy=True)  # the caller may change them before the last call


def _vjp(f: Function, primals: tuple[Tree, ...], has_aux: bool, copy: bool) -> tuple[Any, ...]:
    aux = None

    def run(args: Tree) -> Tree:
        nonlocal aux
        if not has_aux:
            return f(*args)
        out, aux = f(*args)
        return out

    trace = Trace(run, primals, copy)

    def vjp_fn(cotangent: Tree) -> Any:
        cotangents = _matching("cotangent", cotangent, trace.out)
        connected = trace.outer or asks(cotangents)
        taken = {id(raw(c)) for c in cotangents}
        results = [owned(g, taken) for g in trace.pull(cotangents, connected)]
        return tree_fill(trace.primals, [trace.emerge(g, connected) for g in results])

    out = tree_map(lambda leaf: trace.emerge(leaf, trace.outer), trace.out)
    if has_aux:
        return out, vjp_fn, tree_map(lambda leaf: trace.emerge(leaf, trace.outer), aux)
    return out, vjp_fn


def jvp(f: Function, primals: Sequence[Tree], tangents: Sequence[Tree]) -> tuple[Any, Any]:
    """Return `f(*primals)` and its derivative in the direction of `tangents`.

    Args:
        f: a function of arrays, or of trees of them, which returns the same.
        primals: where to differentiate, a tuple with one for each argument.
        tangents: the direction, of the same structure and shapes.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> out, tangent = ag.jvp(np.sin, (0.0,), (2.0,))
    >>> float(out), float(tangent)
    (0.0, 2.0)
    """
    primals, tangents = _as_tuple("primals", primals), _as_tuple("tangents", tangents)
    trace = Trace(lambda args: f(*args), primals)
    directions = _matching("tangent", tangents, primals)
    connected = trace.outer or asks(directions)
    taken = {id(raw(t)) for t in directions}
    results = [owned(t, taken) for t in trace.push(connected)(directions)]
    out = tree_map(lambda leaf: trace.emerge(leaf, trace.outer), trace.out)
    return out, tree_fill(trace.out, [trace.emerge(t, connected) for t in results])


def _as_tuple(what: str, values: Any) -> tuple[Any, ...]:
    if not isinstance(values, list | tuple):
        raise TypeError(f"{what} is a tuple with one for each argument of the function: ({what},)")
    return tuple(values)


def grad(f: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Return the function that computes the gradient of `f`, a function with one real result.

    Args:
        f: returns one real number.
        argnums: which arguments to differentiate by: a position, a name, or a tuple of them, which
            gives a tuple of gradients.
        has_aux: `f` returns a pair (number, anything); the gradient comes with the latter.

    Raises:
        TypeError: the result of `f` is not one real number, or an argument not floating point.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> float(ag.grad(np.sin)(0.0)), float(ag.grad(ag.grad(ag.grad(np.sin)))(0.0))
    (1.0, -1.0)
    >>> ag.grad(lambda w, x: np.sum(w * x), argnums=("w", "x"))(np.ones(2), np.arange(2.0))
    (array([0., 1.]), array([1., 1.]))
    """
    both = value_and_grad(f, argnums, has_aux=has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return _named(gradient, f, "grad")


def value_and_grad(f: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Return the function that computes `f` and its gradient; see `grad`.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> value, g = ag.value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(value), g
    (5.0, array([2., 4.]))
    """

    def both(*args: Any, **kwargs: Any) -> Any:
        reduced, chosen, single = _select(f, argnums, args, kwargs)
        out, vjp_fn, *aux = _vjp(reduced, chosen, has_aux, copy=False)
        if np.shape(raw(out)) != () or np.asarray(raw(out)).dtype.kind != "f":
            raise TypeError(
                f"grad needs a function with one real result, and this one gave shape "
                f"{np.shape(raw(out))} and dtype {np.asarray(raw(out)).dtype}: reduce it to one "
                "real number (sum, mean), or use vjp or jacobian"
            )
        gradients = vjp_fn(np.ones_like(raw(out)))
        return ((out, aux[0]) if has_aux else out), (gradients[0] if single else gradients)

    return _named(both, f, "value_and_grad")


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """Return the function that computes all derivatives of all results of `f`.

    The result has the shape of the result of `f` followed by that of the argument; trees of
    results and arguments give trees of trees. It is computed a row at a time, walking back, or,
    where the argument has fewer elements than the result, or the result is complex, a column at
    a time, forwards.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> ag.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        reduced, chosen, single = _select(f, argnums, args, kwargs)
        trace = Trace(lambda primals: reduced(*primals), chosen)
        outs = [np.zeros_like(raw(leaf)) for leaf in map(_as_array, tree_leaves(trace.out))]
        ins = [np.zeros_like(x._array) for x in trace.inputs]
        if any(x.dtype.kind == "c" for x in ins):
            raise NotImplementedError(
                "the Jacobian by complex numbers: use jvp or vjp, or differentiate by the real and "
                "imaginary parts"
            )
        forward = sum(x.size for x in ins) < sum(out.size for out in outs)
        forward = forward or any(out.dtype.kind == "c" for out in outs)
        if forward:
            push = trace.push(trace.outer)
            columns = [push(units) for units in _units(ins)]
            blocks = _blocks(columns, ins, outs)
        else:
            rows = [trace.pull(units, trace.outer) for units in _units(outs)]
            blocks = [list(column) for column in zip(*_blocks(rows, outs, ins), strict=True)]
        filled = []
        for out, row in zip(outs, blocks, strict=True):
            parts = [
                _jacobian_block(block, x, out, forward) for x, block in zip(ins, row, strict=True)
            ]
            parts = [trace.emerge(part, trace.outer) for part in parts]
            tree = tree_fill(trace.primals, parts)
            filled.append(tree[0] if single else tree)
        return tree_fill(trace.out, filled)

    return _named(jacobian_of_f, f, "jacobian")


def _units(leaves: list[Array]) -> Iterable[list[Array]]:
    """Yield the unit vectors of the space of `leaves`."""
    for i, leaf in enumerate(leaves):
        for j in range(leaf.size):
            unit = np.zeros_like(leaf)
            unit.flat[j] = 1  # in any memory order
            yield [unit if k == i else other for k, other in enumerate(leaves)]


def _blocks(lines: list[list[Any]], by: list[Array], of: list[Array]) -> list[list[list[Any]]]:
    """Return the lines of a Jacobian, one for each unit of `by`, grouped by leaf: [of][by]."""
    bounds = np.cumsum([0, *(leaf.size for leaf in by)])
    return [
        [[line[k] for line in lines[start:stop]] for start, stop in pairwise(bounds)]
        for k in range(len(of))
    ]


def _jacobian_block(lines: list[Any], x: Array, out: Array, forward: bool) -> Any:
    """Return one result's derivative by one argument, of the shape of both together."""
    if not lines:
        return np.zeros_like(out, shape=out.shape + x.shape)
    block = np.stack(lines, axis=-1 if forward else 0)
    return np.reshape(block, out.shape + x.shape)


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """Return the function that computes all second derivatives of `f`, which has one real result.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> ag.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return _named(jacobian(grad(f, argnums), argnums), f, "hessian")


def hvp(f: Function, primals: Sequence[Tree], tangents: Sequence[Tree]) -> Any:
    """Return the Hessian of `f` at `primals` times `tangents`, without forming the Hessian.

    The Hessian is symmetric, so this is the vjp of the gradient: about the cost of two gradients.
    One primal gives one product, several a tuple.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> x, v = np.array([1.0, 2.0]), np.array([1.0, 0.0])
    >>> ag.hvp(lambda x: x[0] ** 2 * x[1], (x,), (v,))
    array([4., 2.])
    """
    primals, tangents = _as_tuple("primals", primals), _as_tuple("tangents", tangents)
    _, vjp_fn = vjp(grad(f, tuple(range(len(primals)))), *primals)
    product = vjp_fn(tangents)
    return product[0] if len(primals) == 1 else product


def _select(
    f: Function, argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Function, tuple[Any, ...], bool]:
    """Return `f` as a function of the chosen arguments, these, and whether it is only one."""
    wrong = [
        k
        for k in ([argnums] if not isinstance(argnums, list | tuple) else argnums)
        if not isinstance(k, int | str)
    ]
    if wrong or not callable(f):
        raise TypeError(
            f"grad takes a function, and positions or names of its arguments: not "
            f"{wrong[0] if wrong else f!r}; grad(f) is itself a function, to be called: grad(f)(x)"
        )
    single = isinstance(argnums, int | str)
    wanted = [argnums] if isinstance(argnums, int | str) else list(argnums)
    keys = [_key(f, one, args, kwargs) for one in wanted]
    if len(set(keys)) < len(keys):
        raise ValueError(f"argnums={argnums!r} names an argument twice")

    def reduced(*chosen: Any) -> Any:
        new_args, new_kwargs = list(args), dict(kwargs)
        for key, value in zip(keys, chosen, strict=True):
            if isinstance(key, int):
                new_args[key] = value
            else:
                new_kwargs[key] = value
        return f(*new_args, **new_kwargs)

    return reduced, tuple(args[k] if isinstance(k, int) else kwargs[k] for k in keys), single


def _key(
    f: Function, wanted: int | str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> int | str:
    """Return where the argument that `argnums` names was passed: its position, or its keyword."""
    if isinstance(wanted, int):
        if not -len(args) <= wanted < len(args):
            raise ValueError(
                f"argnums={wanted}, but {len(args)} positional arguments were passed: give the "
                "name of one that is passed by keyword"
            )
        return wanted % len(args)
    if wanted in kwargs:
        return wanted
    names = list(inspect.signature(f).parameters)
    if wanted in names and names.index(wanted) < len(args):
        return names.index(wanted)
    raise ValueError(f"argnums={wanted!r}, but no argument of that name was passed: {names}")


def _as_array(leaf: Any) -> Any:
    return leaf if isinstance(leaf, Tensor) else np.asarray(leaf)


def _named(function: Function, f: Function, transform: str) -> Function:
    """Let `function` present itself as a transform of `f`, with its signature and documentation."""
    function.__name__ = f"{transform}_{getattr(f, '__name__', 'function')}"
    function.__doc__ = getattr(f, "__doc__", None)
    try:
        function.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        pass
    return function
