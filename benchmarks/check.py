"""Whether contestants computed the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .workload import Array


def disagreement(answer: Sequence[Array], reference: Sequence[Array], dtype: str) -> str:
    """Tell where an answer differs from another, and how far: "" if it does not.

    An answer is the loss, then gradients, then what else there is. Arrays are compared as wholes:
    the largest difference, relative to the largest magnitude. It may be the square root of the
    dtype's epsilon, half of its digits (1.5e-8 in float64, 3.5e-4 in float32). Sums of a million
    terms in another order stay far below it; a wrong rule, or one computed in a lower precision,
    is far above. What is zero but for rounding is measured by the other arrays, less the loss.

    An answer that is not finite differs, from itself too.
    """
    if len(answer) != len(reference):
        return f"it computed {len(answer)} arrays, not {len(reference)}"
    if not reference:
        return ""
    tolerance = math.sqrt(np.finfo(dtype).eps)
    largest = max(map(_magnitude, reference[1:]), default=0.0)
    for i, (given, right) in enumerate(zip(answer, reference, strict=True), start=1):
        problem = _difference(np.asarray(given), np.asarray(right), dtype, tolerance, largest)
        if problem:
            return f"array {i} of {len(reference)} {problem}"
    return ""


def _difference(given: Array, right: Array, dtype: str, tolerance: float, largest: float) -> str:
    if given.size == right.size == 1:  # a loss: of shape () or (1, 1), a float where asked for one
        given, right = given.reshape(()), right.reshape(())
    elif given.dtype != dtype:
        return f"is {given.dtype}, not {dtype}"
    if given.shape != right.shape:
        return f"has shape {given.shape}, not {right.shape}"
    if not (np.isfinite(given).all() and np.isfinite(right).all()):
        return "is not finite"
    scale = max(_magnitude(right), tolerance * largest)
    far = _magnitude(given.astype(float) - right.astype(float))
    if far <= tolerance * scale:
        return ""
    return f"is off by {far / scale if scale else math.inf:.2g} of its largest magnitude"


def _magnitude(array: Array) -> float:
    return float(np.max(np.abs(array), initial=0.0))
