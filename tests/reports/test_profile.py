"""Profiles: the time and memory of each operation, with a clock that tests wind themselves."""

from __future__ import annotations

import contextlib
import gc
import itertools
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.program import Reader
from autograd_mini.reports import profile as profiling
from autograd_mini.reports.profile import Cost, profile
from autograd_mini.reports.table import Table


class Clock:
    """Stands still, but when told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(profiling, "_clock", clock)
    monkeypatch.setattr(profiling, "_watching", profiling._Watching())
    return clock


def slow(clock: Clock, forward: float, backward: float) -> Callable[[Any], Any]:
    """Return an operation, and its rule, that take a time."""

    def vjp(g: Any) -> Any:
        clock.passes(backward)
        return g * 2.0

    @ag.primitive(x=vjp)
    def slow(x: Any) -> Any:
        clock.passes(forward)
        return x * 2.0

    return slow


def by_name(p: profile) -> dict[str, Cost]:
    total: dict[str, Cost] = {}
    for cost in p.steps.values():
        total.setdefault(cost.name, Cost(cost.name, "", "")).add(cost)
    return total


def test_each_operation_and_each_rule_has_its_own_time(clock: Clock) -> None:
    operation = slow(clock, 3.0, 5.0)
    w = ag.Tensor(np.ones(4), requires_grad=True)
    with profile() as p:
        clock.passes(1.0)
        loss = operation(operation(w)).sum()
        clock.passes(1.0)
        loss.backward()
    assert p.wall_time == 18.0
    found = by_name(p)
    assert (found["slow"].calls, found["slow"].forward, found["slow"].backward) == (2, 6.0, 10.0)
    assert (found["np.sum"].calls, found["np.sum"].seconds) == (1, 0.0)


def test_the_time_of_a_rule_is_without_the_operations_that_it_records(clock: Clock) -> None:
    inner = slow(clock, 3.0, 5.0)

    @ag.primitive(x=lambda g, x: g * inner(x))
    def outer(x: Any) -> Any:
        return x * x

    w = ag.Tensor(np.ones(4), requires_grad=True)
    with profile() as p:
        outer(w).sum().backward(create_graph=True)
        assert w.grad is not None
        w.grad.sum().backward()
    found = by_name(p)
    assert (found["outer"].backward, found["slow"].forward, found["slow"].backward) == (0, 3, 5)
    assert p.wall_time == sum(cost.seconds for cost in p.steps.values()) == 8.0


def test_the_time_of_watching_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(profiling, "_clock", lambda: float(next(ticks)))
    monkeypatch.setattr(profiling, "_watching", profiling._Watching())
    x = ag.Tensor(np.ones(4))
    with profile() as p:  # looks at the clock at either end, and three times at an operation
        np.exp(x)
        np.sin(x)
    assert [cost.seconds for cost in p.steps.values()] == [1.0, 1.0]
    assert p.wall_time == 5.0
    with profile(), profile() as inner:  # the outer one looks twice at what the inner one measures
        np.exp(x)
    assert [cost.seconds for cost in inner.steps.values()] == [2.0]


def test_the_sum_is_the_wall_time_and_shares_add_up_to_one(clock: Clock) -> None:
    operation = slow(clock, 3.0, 5.0)
    w = ag.Tensor(np.ones(4), requires_grad=True)
    with profile() as p:
        operation(w).sum().backward()
        clock.passes(2.0)
    table = p.table()
    assert table.rows[0] == ["slow", "1", "3.00 s", "5.00 s", "8.00 s", "80.0 %", "64 B"]
    rest, total = table.footer
    assert rest == ["Python and the rest", "", "", "", "2.00 s", "20.0 %", ""]
    assert total == ["total", "2", "3.00 s", "5.00 s", "10.0 s", "100.0 %", "80 B"]
    shares = [float(row[5].removesuffix(" %")) for row in (*table.rows, rest)]
    assert sum(shares) == pytest.approx(100.0, abs=0.1 * len(shares))


def test_calls_and_bytes_are_exact() -> None:
    x = np.ones((10, 20))
    w = ag.Tensor(np.ones((20, 5)), requires_grad=True)
    with profile() as p:
        for _ in range(3):
            h = np.tanh(x @ w)
            h.reshape(-1).backward(np.ones(50))
    found = by_name(p)
    assert {name: (cost.calls, cost.bytes) for name, cost in found.items()} == {
        "np.matmul": (3, 3 * 8 * (50 + 100)),
        "np.tanh": (3, 3 * 8 * (50 + 50)),
        "np.reshape": (3, 0),  # views, there and back
    }


def test_views_and_cotangents_passed_on_make_no_memory() -> None:
    w = ag.Tensor(np.ones((20, 5)), requires_grad=True)
    with profile() as p:
        y = w.T[1:].reshape(-1) + np.ones(80)
        y.backward(np.ones(80))
    found = by_name(p)
    assert {name: cost.bytes for name, cost in found.items()} == {
        "np.transpose": 0,
        "getitem": 800,  # of its rule: zeros around the cotangent
        "np.reshape": 640,  # a copy, since its argument is transposed
        "np.add": 640,
    }


def test_what_is_computed_again_is_counted_when_it_is() -> None:
    w = ag.Tensor(np.ones(9), requires_grad=True)
    with profile() as p:
        ag.checkpoint(np.exp, w).sum().backward()
    assert (by_name(p)["np.exp"].calls, by_name(p)["np.exp"].bytes) == (2, 3 * 72)
    assert by_name(p)["checkpoint"].bytes == 0


def test_rules_of_sequences_belong_to_what_uses_them() -> None:
    w = ag.Tensor(np.ones((3, 3)), requires_grad=True)
    with profile() as p:
        a, b, _ = np.split(w, 3)
        np.einsum("ij,kj->", a, b).backward()
    assert {cost.name for cost in p.steps.values()} == {"np.shape", "divided", "np.einsum"}


def test_steps_are_found_by_the_number_of_the_node() -> None:
    w = ag.Tensor(np.ones(3), requires_grad=True)
    with profile() as p:
        y = np.exp(w)
        loss = y.sum()
        loss.backward()
    assert y._node is not None
    assert p.steps[y._node.number].name == "np.exp"
    value = p.value_of(loss._node.number)
    assert value is not None
    assert value is p.program.outputs[0]
    assert [step.what.name for step in p.program.behind([value]).steps] == ["np.exp", "np.sum"]
    assert [source.kind for source in p.program.sources] == ["leaf"]
    assert p.value_of(-1) is None


def test_the_program_is_the_one_that_is_read() -> None:
    w, row = ag.Tensor(np.ones((3, 3)), requires_grad=True), np.ones((1, 3))

    def f() -> ag.Tensor:
        a, b = np.split(np.concatenate([w, row]), 2)
        return (a * 2.0 + b[0]).sum()

    with profile() as p:
        y = f()
    read = Reader().program([y])
    assert [step.what for step in p.program.steps] == [step.what for step in read.steps]
    assert [[u.value.shape for u in step.uses] for step in p.program.steps] == [
        [u.value.shape for u in step.uses] for step in read.steps
    ]


def test_arrays_that_take_the_place_of_others_are_told_apart() -> None:
    with profile() as p:
        for n in range(3, 40):
            ag.Tensor(np.ones(n)) * 2.0
    assert [step.uses[0].value.shape for step in p.program.steps] == [(n,) for n in range(3, 40)]


def test_nothing_is_kept_alive() -> None:
    class Array(np.ndarray):
        pass

    held: list[weakref.ref[Any]] = []
    index = np.array([0, 1])
    p = profile()
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
    with p:
        x = np.ones((2, 3), np.float32)
        y = model(x)[index, :] * np.arange(3.0)
        z = ag.checkpoint(np.exp, y).sum()
        held += [weakref.ref(thing) for thing in (x, y, z, y._array, model, index)]
        held += [weakref.ref(p) for p in model.parameters()]
    del x, y, z, model, index
    gc.collect()
    assert [reference() for reference in held] == [None] * len(held)
    assert all(step.node is None for step in p.program.steps)
    assert "Linear" in str(p.table(by="scope"))


def test_a_graph_from_before_can_be_used_and_one_that_is_freed_too() -> None:
    w = ag.Tensor(np.ones(3), requires_grad=True)
    freed = np.exp(w).sum()
    freed.backward()
    whole = np.sin(w).sum()
    with profile() as p:
        freed + 1.0
        whole.backward()
    found = by_name(p)
    assert (found["np.add"].calls, found["np.sin"].calls) == (1, 0)
    assert found["np.sin"].bytes == 24 + 24 - 24


def test_uses_of_one_profile_add_up(clock: Clock) -> None:
    operation = slow(clock, 1.0, 2.0)
    w = ag.Tensor(np.ones(3), requires_grad=True, name="w")
    p = profile()
    for _ in range(3):
        with p:
            y = operation(w)
        clock.passes(100.0)
        with p:
            y.backward(np.ones(3))
    assert p.wall_time == 9.0
    assert [(c.calls, c.seconds) for c in p.steps.values()] == [(1, 3.0)] * 3
    assert [source.name for source in p.program.sources] == ["w"]


def test_a_profile_within_itself_counts_once() -> None:
    x = ag.Tensor(np.ones(3))
    with profile() as p:
        with p:
            np.exp(x)
        np.exp(x)
    np.exp(x)
    assert by_name(p)["np.exp"].calls == 2


def test_it_can_be_looked_at_from_inside(clock: Clock) -> None:
    operation = slow(clock, 3.0, 5.0)
    with profile() as p:
        operation(ag.Tensor(np.ones(3)))
        clock.passes(1.0)
        assert [row[5] for row in p.table().rows] == ["75.0 %"]
        assert len(p.program.steps) == 1


def test_profiles_nest() -> None:
    x = ag.Tensor(np.ones(3))
    with profile() as outer:
        np.exp(x)
        with profile() as inner:
            np.exp(x)
    assert (len(outer.steps), len(inner.steps)) == (2, 1)


def test_an_error_leaves_it_usable(clock: Clock) -> None:
    @ag.primitive(x=lambda g: g)
    def failing(x: Any) -> Any:
        clock.passes(4.0)
        raise KeyError("no")

    operation = slow(clock, 1.0, 2.0)
    x = ag.Tensor(np.ones(3))
    p = profile()
    with contextlib.suppress(KeyError), p:
        operation(x)
        with contextlib.suppress(KeyError):
            failing(x)
        operation(x)
        failing(x)
    with p:
        operation(x)
    assert {name: (c.calls, c.seconds) for name, c in by_name(p).items()} == {"slow": (3, 3.0)}
    assert p.wall_time == 11.0


def test_only_the_thread_that_enters_is_watched() -> None:
    import contextvars

    x = ag.Tensor(np.ones(3))
    refused: list[str] = []

    def other() -> None:
        np.sin(x)
        try:
            with p:
                pass
        except RuntimeError as error:
            refused.append(str(error))

    with profile() as p:
        np.exp(x)
        context = contextvars.copy_context()  # which has the mode of this thread
        for run in (other, lambda: context.run(other)):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
    assert [cost.name for cost in p.steps.values()] == ["np.exp"]
    assert len(refused) == 2
    assert "another thread" in refused[0]


def test_results_that_are_no_tensors_are_operations_too() -> None:
    x = ag.Tensor(np.ones(3))
    with profile() as p:
        np.allclose(x, 1.0)
    assert [(cost.name, cost.calls) for cost in p.steps.values()] == [("np.allclose", 1)]
    assert p.program.steps == []


@pytest.fixture
def step(clock: Clock) -> Iterator[profile]:
    fast, costly = slow(clock, 1.0, 0.0), slow(clock, 5.0, 0.0)
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    with profile() as p:
        y = model(np.ones((4, 3), np.float32))
        with ag.scope("loss"):
            fast(fast(y))
        costly(y[0])
    return p


def test_rows_can_be_scopes(step: profile) -> None:
    table = step.table(by="scope")
    assert [row[0] for row in table.rows] == [
        *("outside of all", "loss", "Sequential / 0 · Linear", "Sequential / 1 · Tanh"),
    ]
    assert [row[1] for row in table.rows] == ["2", "2", "1", "1"]


def test_rows_can_be_lines(step: profile) -> None:
    table = step.table(by="line")
    assert len(table.rows) == 3
    assert all("test_profile.py" in row[0] for row in table.rows)


def test_rows_can_be_sorted(step: profile) -> None:
    first = {sort: step.table(sort).rows[0][0] for sort in ("time", "calls", "memory")}
    assert first == {"time": "slow", "calls": "slow", "memory": "slow"}
    memory = [cost.bytes for cost in step.steps.values()]
    assert max(memory) == 32
    with pytest.raises(ValueError, match="sort is one of time, forward, .*not 'size'"):
        step.table("size")
    with pytest.raises(ValueError, match="by is one of operation, scope, line"):
        step.table(by="module")


def test_a_profile_shows_itself_as_its_table(step: profile) -> None:
    assert repr(step) == repr(step.table())
    assert step._repr_html_().startswith("<table")
    assert isinstance(step.table(), Table)
    assert "Python and the rest" in repr(profile())
