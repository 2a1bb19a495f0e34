"""Writing: NumPy's functions that change their first argument, on Tensors.

NumPy's own function, run on the numbers of the values, says which of them go where.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..door import asks, raw
from ..errors import name_of
from ..inplace import overwrite
from ..primitive import mutation
from ..views import Handle


def _write(
    function: Callable[..., Any], target: Any, values: Any, call: Callable[[Any, Any], Any]
) -> None:
    """Write to `target` those of `values` that `call`, which runs `function`, writes to it."""
    name = name_of(function)
    if not isinstance(target, Handle):
        if asks(values):
            raise TypeError(f"{name} into a plain array would lose the graph: make it a Tensor")
        call(target, raw(values))
        return
    if not isinstance(values, Handle):
        values = np.stack(values) if asks(values) else np.asarray(raw(values))
    order = np.full(target._array.shape, -1)
    call(order, np.arange(values.size).reshape(values.shape))
    chosen = order >= 0
    overwrite(target, chosen, np.take(values, order[chosen]), name)


@mutation(np.copyto)
def _copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    if not isinstance(dst, Handle):
        if asks(src):
            raise TypeError(
                "np.copyto into a plain array (np.full_like does it too) would lose the "
                "graph: make it a Tensor, or use np.broadcast_to"
            )
        np.copyto(dst, raw(src), casting, raw(where))
        return
    np.copyto(
        np.empty(np.shape(src), dst._array.dtype), raw(src), casting, where=False
    )  # may refuse the cast
    if where is True:
        overwrite(dst, ..., src, "np.copyto")
        return
    chosen = np.broadcast_to(np.array(raw(where)), dst._array.shape)
    overwrite(dst, chosen, np.broadcast_to(src, dst._array.shape)[chosen], "np.copyto")


@mutation(np.put)
def _put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    _write(np.put, a, v, lambda to, values: np.put(to, raw(ind), values, mode))


@mutation(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> None:
    np.place(np.empty(1, arr.dtype), [False], raw(vals))  # may refuse the cast
    _write(np.place, arr, vals, lambda to, values: np.place(to, raw(mask), values))


@mutation(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> None:
    np.putmask(np.empty(1, a.dtype), [False], raw(values))  # may refuse the cast
    _write(np.putmask, a, values, lambda to, numbers: np.putmask(to, raw(mask), numbers))


@mutation(np.put_along_axis)
def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    _write(
        np.put_along_axis,
        arr,
        values,
        lambda to, numbers: np.put_along_axis(to, raw(indices), numbers, axis),
    )


@mutation(np.fill_diagonal)
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    _write(np.fill_diagonal, a, val, lambda to, values: np.fill_diagonal(to, values, wrap))
