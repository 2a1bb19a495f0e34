"""One example of a call, for the tests that are generated for every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """A call at a smooth point: differentiated by each floating point array among `args`."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    order: int = 2
    id: str | None = None

    def __call__(self, *args: Any) -> Any:
        return self.function(*args, **self.kwargs)

    def __str__(self) -> str:
        name = self.id or getattr(self.function, "__name__", repr(self.function))
        return name + "".join(f"-{key}={value}" for key, value in self.kwargs.items())
