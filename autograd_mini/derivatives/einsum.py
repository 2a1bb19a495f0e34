"""Einstein's sums.

The cotangent of an operand is such a sum itself: of `g` and the other operands, conjugated, with
the operand's own labels for its output.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Array
from ..primitive import constant, derivative, each
from .products import as_arrays

Labels = list[int]


def uncontracted(g: Array, operands: tuple[Any, ...], optimize: Any) -> Callable[[int], Array]:
    """Return the function from the place of an array among `operands` to its cotangent."""
    places, labels, output, count = parsed(operands)
    arrays = as_arrays(operands[place] for place in places)

    def cotangent(place: int) -> Array:
        index = places.index(place)
        shape = np.shape(arrays[index])
        factors = [g, output]
        for i, x in enumerate(arrays):
            if i != index:
                factors += [x.conjugate(), labels[i]]
        own, ties = distinct(labels[index], shape, g, count)
        factors += ties
        known = {label for part in factors[1::2] for label in part}
        spread = [i for i, n in enumerate(shape) if n == 1 or own[i] not in known]
        wanted = [label for i, label in enumerate(own) if i not in spread]
        product = np.einsum(*factors, wanted, optimize=bool(optimize))
        if product.shape == shape:
            return product
        return np.broadcast_to(np.expand_dims(product, tuple(spread)), shape)

    return cotangent


def distinct(
    labels: Labels, shape: tuple[int, ...], g: Array, new: int
) -> tuple[Labels, list[Any]]:
    """Return labels of which none repeats, those from `new` on for repetitions, and what ties them.

    What is summed over or along a diagonal has its cotangent on the diagonal: a new label for each
    repetition, tied to the first by an identity matrix.
    """
    own: Labels = []
    ties: list[Any] = []
    for label, n in zip(labels, shape, strict=True):
        if label in own and n != 1:
            ties += [np.diag(np.ones_like(g, shape=(n,))), [label, new]]
            label, new = new, new + 1
        own.append(label)
    return own, ties


def parsed(operands: tuple[Any, ...]) -> tuple[list[int], list[Labels], Labels, int]:
    """Return where the arrays are among `operands`, their labels, the result's, and how many.

    Labels are numbers from 0 on, one for each axis of each array, also for those of an ellipsis.
    """
    terms: list[list[Any]]
    output: list[Any] | None
    if isinstance(operands[0], str | bytes):
        subscripts = operands[0] if isinstance(operands[0], str) else operands[0].decode()
        inputs, arrow, result = subscripts.replace(" ", "").partition("->")
        places = list(range(1, len(operands)))
        terms = [_symbols(term) for term in inputs.split(",")]
        output = _symbols(result) if arrow else None
    else:
        places = list(range(0, len(operands) - 1, 2))
        terms = [list(operands[place + 1]) for place in places]
        output = list(operands[-1]) if len(operands) % 2 else None
    if output is None:
        every = [label for term in terms for label in term if label is not ...]
        output = [..., *sorted(label for label in every if every.count(label) == 1)]
    dots = [
        np.ndim(operands[place]) - len(term) + 1 if ... in term else 0
        for place, term in zip(places, terms, strict=True)
    ]
    widest = max(dots)
    numbers: dict[Any, int] = {}

    def numbered(term: list[Any], count: int) -> Labels:
        axes = [(..., i) for i in range(widest - count, widest)]  # matched from the last on
        expanded = [x for label in term for x in (axes if label is ... else [label])]
        return [numbers.setdefault(label, len(numbers)) for label in expanded]

    labels = [numbered(term, count) for term, count in zip(terms, dots, strict=True)]
    return places, labels, numbered(output, widest), len(numbers)


def _symbols(term: str) -> list[Any]:
    return [... if symbol == "." else symbol for symbol in term.replace("...", ".")]


derivative(np.einsum, operands=each(uncontracted))
constant(np.einsum_path)
