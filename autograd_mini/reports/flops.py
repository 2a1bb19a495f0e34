"""How many floating point operations a step takes.

The convention is that of G. H. Golub and C. F. Van Loan, "Matrix Computations": an addition and a
multiplication count as one each, so that a multiply-add counts as 2, and of algorithms of linear
algebra only the leading term is counted. An elementary function, as exp or tanh, counts as one too,
whatever the hardware makes of it; so does a comparison, and an operation on integers or complex
numbers.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import graph, inplace, tensor
from ..derivatives import activations, indexing, joining, losses, padding, shape, special
from ..derivatives.einsum import parsed
from ..program import Step, Value

Count = Callable[[Step], int]


def flops(step: Step) -> int | None:
    """Return the number of floating point operations of a step, None where it is not known.

    - products (`matmul`, `dot`, `einsum`, ...): 2 m n k, for m n results that are sums of k
      products; `linear` adds its bias, one for each result. `einsum` counts as NumPy's
      `einsum_path` does, in one loop over all indices, though `optimize=True` may do with less.
    - elementwise functions, activation functions and elementwise losses: one for each element of
      the result
    - reductions and cumulative ones: one for each element of the input; `var` and `std` four, as
      they subtract, square and add up twice; norms two, but for those of singular values
    - softmax, log-softmax, cross entropy: five for each score (the maximum, its subtraction, exp,
      the sum, and a division or subtraction); `logsumexp` four
    - `inv` 2 n^3, `solve` 2/3 n^3 + 2 n^2 for each right-hand side, `det` 2/3 n^3, `cholesky`
      1/3 n^3
    - what only moves, picks or copies elements: none

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> from autograd_mini.program import Reader
    >>> w = ag.Tensor(np.ones((4, 2)), requires_grad=True)
    >>> (product,) = Reader().program([np.ones((3, 4)) @ w]).steps
    >>> flops(product)
    48
    """
    count = _COUNTS.get(step.what.function)
    if count is None and _is_elementwise(step.what.function):
        count = _results
    try:
        return None if count is None else count(step)
    except _UnknownError:
        return None


class _UnknownError(Exception):
    pass


def _is_elementwise(function: Any) -> bool:
    return isinstance(function, np.ufunc) and function.signature is None


def _shape(value: Value) -> tuple[int, ...]:
    if value.shape is None:
        raise _UnknownError
    return value.shape


def _argument(step: Step, place: int) -> tuple[int, ...]:
    """Return the shape of one of the arrays that a step was given."""
    if place >= len(step.uses):
        raise _UnknownError
    return _shape(step.uses[place].value)


def _nothing(step: Step) -> int:
    return 0


def _results(step: Step) -> int:
    return sum(math.prod(_shape(value)) for value in step.outputs)


def _per_input(times: int) -> Count:
    return lambda step: times * math.prod(_argument(step, 0))


# Products


def _product(contracted: Callable[[Step], int]) -> Count:
    """Return the count of sums of `contracted` products, one for each result."""
    return lambda step: 2 * _results(step) * contracted(step)


def _along(place: int, axis: int) -> Callable[[Step], int]:
    """Return how to find the size of an axis of an argument: 1 where that is a number."""

    def size(step: Step) -> int:
        shape = _argument(step, place)
        return shape[axis] if shape else 1

    return size


def _dot(step: Step) -> int:
    scaled = not (_argument(step, 0) and _argument(step, 1))
    return _results(step) if scaled else _product(_along(0, -1))(step)


def _vecdot(step: Step) -> int:
    """Count by sizes alone: which axis is summed over makes no difference."""
    try:
        products = np.broadcast_shapes(_argument(step, 0), _argument(step, 1))
    except ValueError:
        raise _UnknownError from None
    return 2 * math.prod(products)


def _linear(step: Step) -> int:
    biased = any(use.argument == "bias" for use in step.uses)
    return _product(_along(0, -1))(step) + (_results(step) if biased else 0)


def _tensordot(step: Step) -> int:
    """Count by sizes alone: of m k and k n numbers m n are made."""
    results = _results(step)
    given = math.prod(_argument(step, 0)) * math.prod(_argument(step, 1))
    return 2 * results * math.isqrt(given // results) if results else 0


def _einsum(step: Step) -> int:
    given = {use.argument: np.broadcast_to(0, _shape(use.value)) for use in step.uses}
    parts = step.settings | given
    operands: list[Any] = []
    while (part := parts.get(f"operands[{len(operands)}]")) is not None:
        operands.append(part)
    if len(operands) == len(given):  # without the subscripts
        raise _UnknownError
    places, labels, output, _ = parsed(tuple(operands))
    sizes: dict[int, int] = {}
    for place, axes in zip(places, labels, strict=True):
        for label, n in zip(axes, np.shape(operands[place]), strict=True):
            sizes[label] = n if n != 1 else sizes.get(label, 1)
    summed = set(sizes) - set(output)
    return math.prod(sizes.values()) * (len(places) - 1 + bool(summed))


# Linear algebra


def _of_matrices(count: Callable[[int], int]) -> Count:
    """Return `count` of n, for each of the n by n matrices that a step was given."""

    def counted(step: Step) -> int:
        *stack, _, n = _argument(step, 0)
        return math.prod(stack) * count(n)

    return counted


def _solve(step: Step) -> int:
    n = _argument(step, 0)[-1]
    results = _results(step)
    factors = max(math.prod(_argument(step, 0)[:-2]), 1) * (2 * n**3 // 3)
    return factors + 2 * n * results


def _norm(step: Step) -> int:
    if step.settings.get("ord") is not None:
        raise _UnknownError
    return _per_input(2)(step)


# The table

_TABLE: list[tuple[Count, list[Callable[..., Any]]]] = [
    (_linear, [losses.linear]),
    (_dot, [np.dot]),
    (_vecdot, [np.vecdot, np.linalg.vecdot]),
    (_tensordot, [np.tensordot, np.linalg.tensordot]),
    (_einsum, [np.einsum]),
    (_product(_along(0, -1)), [np.matmul, np.linalg.matmul, np.inner, np.matvec, np.vecmat]),
    (_per_input(2), [np.vdot, np.linalg.vector_norm]),
    (_norm, [np.linalg.norm, np.linalg.matrix_norm]),
    (_of_matrices(lambda n: 2 * n**3), [np.linalg.inv]),
    (_of_matrices(lambda n: 2 * n**3 // 3), [np.linalg.det, np.linalg.slogdet]),
    (_of_matrices(lambda n: n**3 // 3), [np.linalg.cholesky]),
    (_solve, [np.linalg.solve]),
    (lambda step: 3 * _results(step), [np.cross, np.linalg.cross]),
    (
        _results,
        [
            *(np.clip, np.round, np.around, np.fix, np.nan_to_num, np.sinc),
            *(np.outer, np.linalg.outer, np.kron),
            *(special.erf, special.erfc),
            *(activations.relu, activations.leaky_relu, activations.elu, activations.gelu),
            *(activations.silu, activations.sigmoid, activations.log_sigmoid, activations.softplus),
            *(losses.huber, losses.binary_cross_entropy, losses.logistic_loss, losses.xlogx),
        ],
    ),
    (
        _per_input(1),
        [
            *(np.sum, np.prod, np.mean, np.max, np.min, np.amax, np.amin, np.any, np.all),
            *(np.nansum, np.nanprod, np.nanmean, np.nanmax, np.nanmin, np.argmax, np.argmin),
            *(np.cumsum, np.cumprod, np.cumulative_sum, np.cumulative_prod),
            *(np.nancumsum, np.nancumprod, np.count_nonzero),
        ],
    ),
    (_per_input(4), [np.var, np.std, np.nanvar, np.nanstd, activations.logsumexp]),
    (
        _per_input(5),
        [activations.softmax, activations.log_softmax, losses.cross_entropy],
    ),
    (lambda step: math.prod(_argument(step, 1)), [losses.nll_loss]),
    (
        _nothing,
        [
            *(np.reshape, np.ravel, np.squeeze, np.expand_dims, np.broadcast_to, np.copy),
            *(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose),
            *(np.linalg.matrix_transpose, np.linalg.diagonal, np.diagonal, np.diag, np.diagflat),
            *(np.flip, np.fliplr, np.flipud, np.rot90, np.roll, np.tril, np.triu),
            *(np.repeat, np.tile, np.pad, np.astype, np.real, np.imag),
            *(np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack),
            *(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, np.unstack),
            *(np.atleast_1d, np.atleast_2d, np.atleast_3d, np.broadcast_arrays),
            *(np.take, np.take_along_axis, np.where, np.compress, np.extract, np.nonzero),
            *(np.zeros_like, np.ones_like, np.empty_like, np.full_like),
            *(operator.getitem, tensor.detach, indexing.scattered, shape.placed_on_diagonal),
            *(joining.divided, padding.framed, graph.item.function, graph.pack.function),
            *(inplace.assigned, inplace.filled, inplace.viewed),
        ],
    ),
]


def _called(function: Any) -> Any:
    """Return what is at the door when `function` is called: our own are wrapped on the way."""
    ours = (getattr(function, "__module__", None) or "").startswith("autograd_mini.")
    return getattr(function, "__wrapped__", function) if ours else function


_COUNTS = {_called(function): count for count, functions in _TABLE for function in functions}
"""How to count the operations of a function, by the function itself."""
