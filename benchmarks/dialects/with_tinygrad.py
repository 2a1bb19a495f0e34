"""tinygrad on its CPU device, which compiles with clang; each step runs from its JIT."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("DEV", "CPU")
os.environ.setdefault("NUM_CPU_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))

from tinygrad import Device, Tensor, TinyJit

from ..workload import Array, Entry
from . import Loss

if os.environ["DEV"] == "CPU" and not shutil.which(os.environ.get("CC", "clang")):
    raise RuntimeError("tinygrad compiles with clang, which is not there: apt install clang")

NAMES = SimpleNamespace(
    exp=Tensor.exp,
    log=Tensor.log,
    max=lambda x, axis: x.max(axis),
    maximum=Tensor.maximum,
    mean=Tensor.mean,
    sin=Tensor.sin,
    square=Tensor.square,
    stack=lambda tensors: Tensor.stack(*tensors),
    sum=Tensor.sum,
    tanh=Tensor.tanh,
    var=lambda x, axis: x.var(axis, correction=0),
)
"""NumPy's names for its methods."""


def gradients(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    given, tensors = _tensors(constants), _tensors(parameters)

    def both() -> tuple[Any, ...]:
        value = loss(NAMES, *given, *tensors)
        return _realized(value, *value.gradient(*tensors))

    def alone() -> tuple[Any, ...]:
        return _realized(loss(NAMES, *given, *tensors))

    return Entry(_jitted(both), lambda: [a.numpy() for a in both()], _jitted(alone))


def descent(
    loss: Loss, constants: Sequence[Array], parameters: Sequence[Array], rate: float
) -> Entry:
    """See `Dialect`."""
    given = _tensors(constants)

    def update(tensors: list[Any]) -> tuple[Any, ...]:
        value = loss(NAMES, *given, *tensors)
        found = value.gradient(*tensors)
        moved = [t.assign(t - rate * g) for t, g in zip(tensors, found, strict=True)]
        return _realized(value, *moved)

    def answer() -> list[Array]:
        tensors = _tensors(parameters)
        found = loss(NAMES, *given, *tensors).gradient(*tensors)
        gradients = [g.numpy() for g in found]
        value, *moved = update(tensors)
        return [value.numpy(), *gradients, *(t.numpy() for t in moved)]

    tensors = _tensors(parameters)
    alone = _jitted(lambda: _realized(loss(NAMES, *given, *tensors)))
    return Entry(_jitted(lambda: update(tensors)), answer, alone)


def hessian_product(loss: Loss, constants: Sequence[Array], parameters: Sequence[Array]) -> Entry:
    """See `Dialect`."""
    given, (at, direction) = _tensors(constants), _tensors(parameters)

    def product() -> tuple[Any, ...]:
        (slope,) = loss(NAMES, *given, at).gradient(at)
        return _realized(*(slope * direction).sum().gradient(at))

    return Entry(_jitted(product), lambda: [a.numpy() for a in product()])


def _jitted(action: Callable[[], Any]) -> Callable[[], Any]:
    """Return `action`, compiled, as a step that waits for its results."""
    compiled = TinyJit(action)
    device = Device[Device.DEFAULT]

    def step() -> Any:
        results = compiled()
        device.synchronize()
        return results

    return step


def _realized(*tensors: Any) -> tuple[Any, ...]:
    Tensor.realize(*tensors)
    return tensors


def _tensors(arrays: Sequence[Array]) -> list[Any]:
    return [Tensor(a).realize() for a in arrays]
