"""Scopes name the parts of a program: blocks, functions and calls of modules."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.modes import current_mode, watched_by

from .test_watchers import Notes, leaf, path, watched


def test_a_scope_is_a_context_manager_and_nests() -> None:
    with ag.scope("outer"):
        assert path() == ["outer"]
        with ag.scope(name="inner"):
            assert path() == ["outer", "inner"]
        assert path() == ["outer"]
    assert path() == []


def test_a_scope_is_noted_by_what_is_recorded() -> None:
    with ag.scope("part"):
        y = np.sin(leaf(1.0))
    assert y._node.scope.name == "part"
    assert np.sin(y)._node.scope is None


def test_a_scope_can_be_entered_again() -> None:
    part = ag.scope("part")
    with part, part:
        assert path() == ["part", "part"]
    with part:
        assert path() == ["part"]
    assert path() == []


@pytest.mark.parametrize("name", ["", " ", "a b", "重み", "a\nb", '"', "<b>", "x" * 1000, "None"])
def test_any_name_is_a_name(name: str) -> None:
    with ag.scope(name):
        assert path() == [name]


def test_an_error_leaves_a_scope() -> None:
    with pytest.raises(KeyError), ag.scope("part"):
        raise KeyError
    assert path() == []


def test_a_scope_decorates_functions_generators_and_coroutines() -> None:
    @ag.scope("part")
    def function() -> list[str]:
        return path()

    @ag.scope("part")
    def generator() -> Iterator[list[str]]:
        yield path()
        with ag.scope("inner"):
            inside = path()
        yield inside

    @ag.scope("part")
    async def coroutine() -> list[str]:
        await asyncio.sleep(0)
        return path()

    @ag.scope("part")
    async def agenerator() -> AsyncIterator[list[str]]:
        yield path()

    async def run() -> list[Any]:
        return [await coroutine(), *[p async for p in agenerator()], path()]

    assert function() == ["part"]
    assert function.__name__ == "function"
    run_through = generator()
    assert next(run_through) == ["part"]
    assert path() == []
    assert next(run_through) == ["part", "inner"]
    assert asyncio.run(run()) == [["part"], ["part"], []]
    assert path() == []


def test_a_decorated_function_may_call_itself() -> None:
    @ag.scope("part")
    def down(n: int) -> list[str]:
        return down(n - 1) if n else path()

    assert down(3) == ["part"] * 4


def test_each_thread_and_task_has_its_own_scope() -> None:
    seen = []
    with ag.scope("here"):
        thread = threading.Thread(target=lambda: seen.append(path()))
        thread.start()
        thread.join()
    assert seen == [[]]

    async def task(name: str) -> list[str]:
        with ag.scope(name):
            await asyncio.sleep(0)
            return path()

    async def both() -> list[list[str]]:
        return await asyncio.gather(task("a"), task("b"))

    assert asyncio.run(both()) == [["a"], ["b"]]


def test_scopes_watchers_and_recording_do_not_disturb_each_other() -> None:
    notes = Notes()
    with ag.scope("a"), watched_by(notes), ag.no_grad(), ag.scope("b"), ag.enable_grad():
        assert ag.is_grad_enabled()
        np.sin(leaf(1.0))
    assert notes.scopes == [["a", "b"]]


# Calls of modules


class Layer(nn.Module):
    def __init__(self, fails: bool = False) -> None:
        self.weight = nn.Parameter([2.0])
        self.fails = fails

    def forward(self, x: Any, depth: int = 0) -> Any:
        if self.fails:
            raise KeyError("failed")
        return self(x, depth - 1) if depth else x * self.weight


def test_a_call_of_a_module_is_a_scope_with_its_owner() -> None:
    layer = Layer()
    with ag.scope("model"):
        scope = layer(np.ones(1))._node.scope
    assert (scope.name, scope.owner(), scope.outer.name) == ("Layer", layer, "model")
    assert path() == []


def test_a_scope_keeps_no_module_alive() -> None:
    y = Layer()(leaf(1.0))
    assert y._node.scope.owner() is None


def test_a_module_that_fails_leaves_its_scope() -> None:
    before = current_mode()
    with pytest.raises(KeyError):
        nn.Sequential(Layer(), Layer(fails=True))(leaf(1.0))
    assert current_mode() is before


def test_a_module_may_call_itself() -> None:
    notes = watched(Layer(), leaf(1.0), 2)
    assert notes.scopes == [["Layer"] * 3]


def test_modules_within_modules_are_scopes_within_scopes() -> None:
    notes = watched(nn.Sequential(Layer(), nn.Sequential(Layer())), leaf(1.0))
    assert notes.scopes == [["Sequential", "Layer"], ["Sequential", "Sequential", "Layer"]]
