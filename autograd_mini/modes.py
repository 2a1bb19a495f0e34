"""How operations run now: whether they are recorded, in which scope, and who watches.

The mode lives in a context variable, so threads and async tasks each have their own.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import ContextVar, Token
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Mode:
    """How operations run: never changed, but replaced by another.

    `records` says whether they are recorded, `scope` in what part of the program they are, and
    `watchers` are told of each.
    """

    __slots__ = ("records", "scope", "watchers")

    def __init__(
        self, records: bool, scope: Scope | None = None, watchers: tuple[Watcher, ...] = ()
    ) -> None:
        self.records = records
        self.scope = scope
        self.watchers = watchers


class Scope:
    """A part of the program by its name, within another: a call of a module, for instance.

    `owner` gives the module that is called, as long as somebody else keeps it.
    """

    __slots__ = ("name", "outer", "owner")

    def __init__(
        self, name: str, outer: Scope | None, owner: Callable[[], Any] = lambda: None
    ) -> None:
        self.name = name
        self.outer = outer
        self.owner = owner


class Watcher:
    """What is told of each operation, and of each rule that a walk back calls."""

    def begins(self) -> Any:
        """Take note that something begins; what is returned is handed over at its end."""

    def ran(self, began: Any, what: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Take note of an operation: a primitive or a function, its arguments and its result."""

    def arrives(self, node: Any, g: Any) -> None:
        """Take note of a node that the walk back comes to, with the cotangent of its value."""

    def pulled(self, began: Any, node: Any, parent: Any, rule: Any, cotangent: Any) -> None:
        """Take note of a rule of `node`, and of the cotangent that it gave for `parent`."""


_recording = Mode(records=True)
_mode: ContextVar[Mode] = ContextVar("autograd_mini_mode", default=_recording)
current_mode = _mode.get


def is_grad_enabled() -> bool:
    """Return whether operations on Tensors that require grad are recorded now.

    >>> import autograd_mini as ag
    >>> ag.is_grad_enabled()
    True
    """
    return current_mode().records


class Change:
    """A change of mode: a context manager, and a decorator that enters it around each call."""

    def __new__(cls, *args: Any, **_: Any) -> Any:
        """Return a change of mode, or of a function that is given the function within it."""
        mode = super().__new__(cls)
        if args and callable(args[0]):  # a decorator without parentheses
            mode.__init__()  # type: ignore[misc]
            return mode(*args)
        return mode

    def __init__(self) -> None:
        self._tokens: list[Token[Mode]] = []

    def _change(self, mode: Mode) -> Mode:
        raise NotImplementedError

    def _again(self) -> Change:
        return type(self)()

    def __enter__(self) -> Change:
        self._tokens.append(_mode.set(self._change(_mode.get())))
        return self

    def __exit__(self, *_: object) -> None:
        _mode.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        """Return `function`, with the mode changed around each call."""
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
    mode: Callable[[], Change], generator: Generator[Any, Any, Any]
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
    mode: Callable[[], Change], generator: AsyncGenerator[Any, Any]
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


class no_grad(Change):
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

    def _change(self, mode: Mode) -> Mode:
        return Mode(False, mode.scope, mode.watchers)


class enable_grad(Change):
    """Record inside, also within `no_grad`.

    >>> import autograd_mini as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad(), ag.enable_grad():
    ...     y = w * w
    >>> y.requires_grad
    True
    """

    def _change(self, mode: Mode) -> Mode:
        return Mode(True, mode.scope, mode.watchers)


class set_grad_enabled(Change):
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

    def __enter__(self) -> Change:
        return self

    def __call__(self, function: F) -> F:
        """Return `function`, with the mode changed around each call only."""
        self.__exit__()
        return super().__call__(function)

    def _again(self) -> Change:
        return type(self)(self._enabled)

    def _change(self, mode: Mode) -> Mode:
        return Mode(self._enabled, mode.scope, mode.watchers)


class watched_by(Change):
    """Let `watcher` be told of each operation inside."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__()
        self._watcher = watcher

    def _again(self) -> Change:
        return type(self)(self._watcher)

    def _change(self, mode: Mode) -> Mode:
        return Mode(mode.records, mode.scope, (*mode.watchers, self._watcher))


class scope(Change):
    """Name the operations inside, so that pictures show them as one part.

    A context manager and a decorator. Calls of modules are scopes of themselves.

    Args:
        name: of the part.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> @ag.scope("attention")
    ... def attention(q, k, v):
    ...     return ag.nn.functional.softmax(q @ k.mT) @ v
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def _again(self) -> Change:
        return type(self)(self._name)

    def _change(self, mode: Mode) -> Mode:
        return Mode(mode.records, Scope(self._name, mode.scope), mode.watchers)


def enter_call(owner: Any) -> Token[Mode]:
    """Enter the scope of a call of `owner`, a module; `leave_call` takes what is returned."""
    mode = current_mode()
    inner = Scope(type(owner).__name__, mode.scope, weakref.ref(owner))
    return _mode.set(Mode(mode.records, inner, mode.watchers))


leave_call = _mode.reset
