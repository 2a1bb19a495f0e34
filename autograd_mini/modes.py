"""What is recorded: `no_grad`, `enable_grad`, `set_grad_enabled` and `detect_anomaly`.

The mode lives in a context variable, so threads and async tasks each have their own.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import ContextVar, Token
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

RECORD = 1
ANOMALY = 2

_mode: ContextVar[int] = ContextVar("autograd_mini_mode", default=RECORD)
current_mode = _mode.get


def is_grad_enabled() -> bool:
    """Return whether operations on Tensors that require grad are recorded now.

    >>> import autograd_mini as ag
    >>> ag.is_grad_enabled()
    True
    """
    return bool(current_mode() & RECORD)


class _Mode:
    """A change of mode: a context manager, and a decorator that enters it around each call."""

    def __new__(cls, function: Any = None) -> Any:
        mode = super().__new__(cls)
        if callable(function):  # a decorator without parentheses
            mode.__init__()  # type: ignore[misc]
            return mode(function)
        return mode

    def __init__(self) -> None:
        self._tokens: list[Token[int]] = []

    def _change(self, mode: int) -> int:
        raise NotImplementedError

    def _again(self) -> _Mode:
        return type(self)()

    def __enter__(self) -> _Mode:
        self._tokens.append(_mode.set(self._change(_mode.get())))
        return self

    def __exit__(self, *_: object) -> None:
        _mode.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        again = self._again
        wrapper: Callable[..., Any]
        if inspect.isgeneratorfunction(function):

            def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
                return _resume_within(again, function(*args, **kwargs))

        elif inspect.isasyncgenfunction(function):

            def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
                return _resume_within_async(again, function(*args, **kwargs))

        elif inspect.iscoroutinefunction(function):

            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with again():
                    return await function(*args, **kwargs)

        else:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with again():
                    return function(*args, **kwargs)

        return functools.wraps(function)(wrapper)  # type: ignore[return-value]


def _resume_within(
    mode: Callable[[], _Mode], generator: Generator[Any, Any, Any]
) -> Generator[Any, Any, Any]:
    """Run each stretch of a generator within `mode`, and its caller's stretches without."""
    resume: Callable[[], Any] = functools.partial(next, generator)
    while True:
        try:
            with mode():
                value = resume()
        except StopIteration as stop:
            return stop.value
        try:
            sent = yield value
            resume = functools.partial(generator.send, sent)
        except GeneratorExit:
            with mode():
                generator.close()
            raise
        except BaseException as error:
            resume = functools.partial(generator.throw, error)


async def _resume_within_async(
    mode: Callable[[], _Mode], generator: AsyncGenerator[Any, Any]
) -> AsyncGenerator[Any, Any]:
    """Do for an async generator what `_resume_within` does for a plain one."""
    resume: Callable[[], Any] = generator.__anext__
    while True:
        try:
            with mode():
                value = await resume()
        except StopAsyncIteration:
            return
        try:
            sent = yield value
            resume = functools.partial(generator.asend, sent)
        except GeneratorExit:
            with mode():
                await generator.aclose()
            raise
        except BaseException as error:
            resume = functools.partial(generator.athrow, error)


class no_grad(_Mode):
    """Record nothing inside: results need no gradient, and parameters may be written in place.

    A context manager and a decorator; right in threads, async tasks and generators.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.no_grad():
    ...     w -= 0.5
    >>> w
    Tensor([0.5, 1.5], requires_grad=True)
    """

    def _change(self, mode: int) -> int:
        return mode & ~RECORD


class enable_grad(_Mode):
    """Record inside, also within `no_grad`.

    >>> import autograd_mini as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad(), ag.enable_grad():
    ...     y = w * w
    >>> y.requires_grad
    True
    """

    def _change(self, mode: int) -> int:
        return mode | RECORD


class set_grad_enabled(_Mode):
    """Record from here on if `enabled`, else record nothing; as a context manager, inside only.

    >>> import autograd_mini as ag
    >>> with ag.set_grad_enabled(False):
    ...     ag.is_grad_enabled()
    False
    """

    def __init__(self, enabled: bool) -> None:
        super().__init__()
        self._enabled = enabled
        self._tokens.append(_mode.set(self._change(_mode.get())))

    def __enter__(self) -> _Mode:
        return self

    def __call__(self, function: F) -> F:
        """Return `function`, with the mode changed around each call only."""
        self.__exit__()
        return super().__call__(function)

    def _again(self) -> _Mode:
        return type(self)(self._enabled)

    def _change(self, mode: int) -> int:
        return mode | RECORD if self._enabled else mode & ~RECORD


class detect_anomaly(_Mode):
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

    def _change(self, mode: int) -> int:
        return mode | ANOMALY
