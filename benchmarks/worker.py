"""A process that holds one contestant, and what the parent asks of it.

The parent sends the name of one of `_Host`'s methods and its arguments, and receives whether it
went well, and what it returned or what went wrong.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import machine
from .contestants import Contestant

if TYPE_CHECKING:  # what imports NumPy is imported within, once threads are limited
    from .lane import Turn
    from .workload import Array, Workload


class ContestantError(Exception):
    """A contestant did not do what it was asked: the message says why."""


@dataclass(frozen=True)
class Setting:
    """What is the same for all workers of a run.

    Attributes:
        threads: how many each may use.
        turn: how many seconds a turn should take.
        limit: the seconds within which they must answer.
        log: the file that what they print is added to.
        workloads: the module that has WORKLOADS.
        dialects: the module that loads how a contestant is asked.
    """

    threads: int
    turn: float
    limit: float
    log: Path
    workloads: str = "benchmarks.workloads"
    dialects: str = "benchmarks.dialects"


class Worker:
    """The parent's end. The process starts at once, and `ready` waits until it has."""

    def __init__(self, contestant: Contestant, setting: Setting) -> None:
        self.contestant = contestant
        self._limit = setting.limit
        self._scratch = tempfile.TemporaryDirectory(prefix="benchmarks-")
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=_serve,
            args=(theirs, contestant, setting, self._scratch.name),
            daemon=True,
        )
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        self._base: int | None = None
        self._awaited = True
        self._failure: ContestantError | None = None

    def ready(self) -> int | None:
        """Wait until its library is imported. Return the most memory that it had by then."""
        if self._awaited:
            self._awaited = False
            self._base = self._receive()
        if self._failure:
            raise self._failure
        return self._base

    def ask(self, method: str, *args: Any) -> Any:
        """Have it call a method.

        Raises:
            ContestantError: if it raised, ended, or did not answer in time, which ends it. Once it
                has failed, it fails always.
        """
        self.ready()
        with suppress(OSError):  # where it has ended, which `_receive` finds
            self._connection.send((method, args))
        return self._receive()

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self._connection.close()
        self._scratch.cleanup()

    def _receive(self) -> Any:
        try:
            if not self._connection.poll(self._limit):
                self._process.kill()
                raise ContestantError(f"no answer in {self._limit:g} s")
            well, what = self._connection.recv()
            if not well:
                raise ContestantError(what)
            return what
        except ContestantError as failure:
            self._failure = failure
            raise
        except (EOFError, OSError):
            self._failure = ContestantError(self._how_it_ended())
            raise self._failure from None

    def _how_it_ended(self) -> str:
        self._process.join(timeout=self._limit)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended with code {code}"


def _serve(
    connection: Connection[Any, Any], contestant: Contestant, setting: Setting, scratch: str
) -> None:
    """Answer what the parent asks, until it goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends us
    _print_to(setting.log)
    machine.limit(setting.threads)
    machine.forget_compiled(scratch)
    try:
        host = _Host(contestant.key, setting)
        connection.send((True, machine.peak_memory()))
        while True:
            method, args = connection.recv()
            connection.send(_attempt(getattr(host, method), args))
    except (EOFError, BrokenPipeError):
        pass
    except Exception as error:
        connection.send((False, _in_a_line(error)))


def _attempt(method: Any, args: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, method(*args)
    except Exception as error:
        traceback.print_exc()
        return False, _in_a_line(error)


def _in_a_line(error: Exception) -> str:
    return traceback.format_exception_only(error)[-1].strip().partition("\n")[0]


def _print_to(log: Path) -> None:
    """Send what this process prints to a file, as the terminal shows how the run goes on."""
    log.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os.close(file)


class _Host:
    """The worker's end: it has one lane at a time."""

    def __init__(self, key: str, setting: Setting) -> None:
        import_module(setting.dialects).load(key)
        self._key = key
        self._turn = setting.turn
        self._workloads: Mapping[str, Workload] = import_module(setting.workloads).WORKLOADS
        self._lane: Any = None  # a Lane, between open and close

    def open(self, workload: str, size: int, variant: str) -> tuple[float, int | None]:
        """Make a lane, and do its first steps. Return the seconds of one, and the peak memory."""
        from .lane import Lane

        make = self._workloads[workload].entries[self._key]
        self._lane = Lane(lambda: make(size, variant), self._turn)
        first = self._lane.open()
        return first, machine.peak_memory()

    def answer(self) -> list[Array]:
        return self._lane.answer()

    def warm_up(self, budget: float) -> float:
        return self._lane.warm_up(budget)

    def turn(self) -> Turn:
        return self._lane.turn()

    def close(self) -> None:
        if self._lane:
            self._lane.close()
        self._lane = None
