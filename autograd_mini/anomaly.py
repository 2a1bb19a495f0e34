"""`detect_anomaly`: the first NaN or infinity, and the line that it comes from."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from .door import origin
from .errors import name_of
from .graph import Edge, Node, arrays_in, at, users_line
from .modes import Change, Mode, Watcher, watched_by


class detect_anomaly(watched_by):
    """Raise `FloatingPointError` at the first NaN or infinity, forward or backward.

    The error names the operation and the line of yours that recorded it. A NumPy array that was
    changed between the forward run and `backward` raises `RuntimeError`. Slow: each result is
    looked at; each operation remembers its line.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> x = ag.Tensor([1.0, 0.0], requires_grad=True)
    >>> with ag.detect_anomaly(), np.errstate(all="ignore"):
    ...     np.log(x)
    Traceback (most recent call last):
    FloatingPointError: np.log gave an infinity in its result of shape (2,), ...
    """

    def __init__(self) -> None:
        super().__init__(_Anomalies())

    def _again(self) -> Change:
        return type(self)()

    def _change(self, mode: Mode) -> Mode:
        return mode if _Anomalies in map(type, mode.watchers) else super()._change(mode)


class _Anomalies(Watcher):
    """Looks at each result and each cotangent."""

    def ran(self, began: Any, what: Any, args: Any, kwargs: Any, result: Any) -> None:
        line = users_line()
        parts = result if isinstance(result, tuple) else (result,)
        for part in parts:
            _look(part, f"{name_of(what)} gave {{}} in its result", line)
        node = origin(result)
        if node is not None:
            notes = node.noted()
            notes.line, notes.prints = line, _fingerprints(node.edges or ())

    def arrives(self, node: Node, g: Any) -> None:
        prints = node.about.prints
        if prints is not None and _fingerprints(node.edges or ()) != prints:
            raise RuntimeError(
                f"{node.primitive}{at(node.about.line)} needs, for its gradient, a NumPy array "
                "that was changed afterwards: make it a Tensor, or change a copy"
            )

    def pulled(self, began: Any, node: Node, parent: Node, rule: Any, cotangent: Any) -> None:
        _look(cotangent, f"{node.primitive} gave {{}} in the gradient", node.about.line)


def _look(value: Any, message: str, line: str | None) -> None:
    """Raise `FloatingPointError` where `value` has a NaN or an infinity."""
    array = getattr(value, "_array", value)
    if getattr(getattr(array, "dtype", None), "kind", "") not in "fc" or np.all(np.isfinite(array)):
        return
    what = "a NaN" if np.any(np.isnan(array)) else "an infinity"
    raise FloatingPointError(f"{message.format(what)} of shape {np.shape(array)}{at(line)}")


def _fingerprints(edges: tuple[Edge, ...]) -> list[int]:
    """Return a checksum of each array that the rules of `edges` have saved."""
    arrays = arrays_in([saved for _, _, saved in edges])
    return [zlib.crc32(np.ascontiguousarray(array).data) for array in arrays]
