"""What `--profile` is made of: calls are found, told apart and timed, and their parts add up."""

from __future__ import annotations

import builtins
import importlib.util
import operator
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import graph
from autograd_mini.derivatives import activations
from benchmarks.profile import operations, profile, split
from benchmarks.profiling.noting import (
    APART,
    BACKWARD,
    BLAS,
    FORWARD,
    NUMPY,
    PYTHON,
    Call,
    name_of,
    noted,
)
from benchmarks.profiling.rewriting import listening
from benchmarks.profiling.timing import Timed, repeated, timed
from benchmarks.workload import Entry, Workload

INPUTS = np.arange(8.0).reshape(4, 2) / 10


def layer() -> tuple[list[ag.Tensor], Callable[[], Any]]:
    """A layer with its bias, and a step down its gradient."""
    w = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    b = ag.Tensor(np.zeros((1, 3)), requires_grad=True)
    optimizer = ag.optim.SGD([w, b], lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        np.sum(ag.nn.functional.sigmoid(INPUTS @ w + b)).backward()
        optimizer.step()

    return [w, b], step


# Finding the calls


def test_all_operations_are_found_in_their_order() -> None:
    calls = [c for c in noted(layer()[1]) if c.within is None and c.phase == FORWARD]
    assert [(c.operation, c.shape) for c in calls] == [
        ("np.matmul", (4, 3)),
        ("np.add", (4, 3)),
        ("sigmoid", (4, 3)),
        ("np.sum", ()),
    ]


def test_each_rule_is_found_with_the_calls_that_it_makes() -> None:
    calls = noted(layer()[1])
    rules = [c.operation for c in calls if c.kind == PYTHON and c.phase == BACKWARD]
    assert sorted(rules) == ["np.add", "np.add", "np.matmul", "np.sum", "sigmoid"]
    products = [c for c in calls if c.within and c.within.operation == "np.matmul"]
    assert [c.shape for c in products if c.kind == BLAS] == [(2, 3)]


def test_a_function_of_ours_is_made_of_numpys_calls() -> None:
    calls = noted(layer()[1])
    (sigmoid,) = [c for c in calls if c.kind == PYTHON and c.phase == FORWARD]
    assert sigmoid.function is activations.sigmoid.__wrapped__  # type: ignore[attr-defined]
    within = [c for c in calls if c.within is sigmoid]
    assert np.exp in [c.function for c in within]
    assert np.array_equal(within[-1].result, sigmoid.result)


def test_what_the_engine_computes_of_its_own_accord_is_found() -> None:
    calls = [c for c in noted(layer()[1]) if c.engine]
    assert [c.shape for c in calls if c.operation == "fit: np.add.reduce"] == [(1, 3)]
    written = [c.shape for c in calls if c.phase == APART and c.writes]
    assert written == [(2, 3), (1, 3)]


def test_what_is_not_recorded_is_apart() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)

    def step() -> None:
        nonlocal w
        with ag.no_grad():
            w -= 0.5

    (call,) = noted(step)
    assert (call.operation, call.phase, call.writes) == ("np.subtract", APART, True)


def test_a_second_derivative_is_a_walk_back_through_operations() -> None:
    calls = noted(lambda: ag.grad(ag.grad(np.tanh))(0.5))
    assert {c.operation for c in calls} >= {"np.tanh", "np.multiply", "np.subtract"}
    assert all(c.phase in (FORWARD, BACKWARD) for c in calls)


def test_dicts_and_lists_of_arrays_are_not_computed_with() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    calls = noted(lambda: (np.stack([w, w])[0] * 2).backward([1.0, 1.0]))
    indexed = [c for c in calls if c.function is operator.getitem]
    assert indexed
    assert all(isinstance(c.args[0], np.ndarray) for c in indexed)


def test_listening_changes_no_number() -> None:
    heard, step = layer()
    noted(step)
    plain, step = layer()
    step()
    for a, b in zip(heard, plain, strict=True):
        assert np.array_equal(a.data, b.data)


@pytest.mark.parametrize(
    ("function", "dtype", "kind"),
    [
        (np.matmul, float, BLAS),
        (np.matmul, int, NUMPY),
        (np.tensordot, np.float32, BLAS),
        (np.linalg.cholesky, float, BLAS),
        (np.linalg.eigh, float, BLAS),
        (np.add, float, NUMPY),
        (np.exp, float, NUMPY),
    ],
)
def test_blas_is_told_from_numpy(function: Any, dtype: Any, kind: str) -> None:
    x = ag.Tensor(np.eye(2), dtype=dtype)
    args = [x] * (1 if function in (np.linalg.cholesky, np.linalg.eigh, np.exp) else 2)
    name = name_of(function)
    (call,) = [c for c in noted(lambda: function(*args)) if c.operation == name]
    assert call.kind == kind


# Compiling again


SOURCE = """
import numpy as np

def f(a):
    b = a[1:, None] * 2
    b[0] = -b[0]
    b += 1
    c = b.T.sum(axis=0) < np.exp(a[:1])
    return [g(c) for g in (lambda x: x | x, lambda x: x & x)], len([*c]), not c.all()

def made():
    return lambda x: x * 2
"""


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    file = tmp_path / "written.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("written", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_call_operator_and_index_is_told(module: ModuleType) -> None:
    told = []

    def listener(place: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        assert place == (module.__file__, "f")
        told.append(function.__name__)
        return function(*args, **kwargs)

    assert module.__file__ is not None
    with listening(listener, [module.__file__]):
        heard = module.f(np.arange(3.0))
    plain = module.f(np.arange(3.0))
    assert repr(heard) == repr(plain)
    expected = ["getitem", "mul", "setitem", "neg", "iadd", "getattr", "sum", "lt", "exp"]
    assert set(expected) | {"or_", "and_", "<lambda>", "len", "all"} == set(told)


def test_functions_are_as_they_were_afterwards(module: ModuleType) -> None:
    before = graph.pull.__code__, module.f.__code__
    assert module.__file__ is not None

    def listen_and_fail() -> None:
        files = [graph.__file__, str(module.__file__)]
        with listening(lambda place, function, *args: function(*args), files):
            assert graph.pull.__code__ is not before[0]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        listen_and_fail()
    assert (graph.pull.__code__, module.f.__code__) == before
    assert not hasattr(builtins, "__listener__")


def test_so_are_those_that_were_made_meanwhile(module: ModuleType) -> None:
    assert module.__file__ is not None
    with listening(lambda place, function, *args: function(*args), [module.__file__]):
        twice = module.made()
    assert twice(2) == 4


# Timing


class Clock:
    """One that goes only when something takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def takes(self, seconds: float, result: Any = None) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            self.now += seconds
            return result

        return function


def measured() -> Timed:
    clock = Clock()
    rule = Call("f", (2,), BACKWARD, PYTHON, clock.takes(25), ())
    calls = [
        Call("np.matmul", (2,), FORWARD, BLAS, clock.takes(10), ()),
        rule,
        Call("f", (2,), BACKWARD, NUMPY, clock.takes(20), (), within=rule),
        Call("fit: +", (2,), BACKWARD, NUMPY, clock.takes(5), (), engine=True),
    ]
    entry = Entry(clock.takes(100), list, forward=clock.takes(40))
    return timed(entry, calls, clock, seconds=1000)


def test_the_parts_of_a_step_add_up() -> None:
    m = measured()
    assert (m.of(BLAS), m.of(NUMPY), m.of(PYTHON), m.ours) == (10, 25, 5, 60)
    assert m.total == 100
    assert m.floor == 35
    assert m.ours_forward == 30


def test_tables_tell_the_parts_of_each_operation() -> None:
    m = measured()
    parts = [[cell.text for cell in row] for row in split("f", m, [100.0]).rows]
    times = ["10.0 s", "25.0 s", "5.00 s", "30.0 s", "30.0 s", "100 s"]
    assert [row[1] for row in parts] == times
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in operations(m).rows}
    assert rows == {
        "f": ["(2,)", "", "1", "", "20.0 s", "", "5.00 s", "25.0 %"],
        "np.matmul": ["(2,)", "1", "", "10.0 s", "", "", "", "10.0 %"],
        "fit: +": ["(2,)", "1", "", "", "5.00 s", "", "", "5.0 %"],
    }


def test_bare_calls_take_no_longer_than_what_they_are_part_of() -> None:
    clock = Clock()
    whole = Call("f", (2,), BACKWARD, PYTHON, clock.takes(10), ())
    parts = [
        Call("f", (2,), BACKWARD, NUMPY, clock.takes(seconds), (), within=whole)
        for seconds in (5, 15)
    ]
    m = timed(Entry(clock.takes(30), list), [whole, *parts], clock, seconds=100)
    assert [m.calls[call] for call in (whole, *parts)] == [0, 2.5, 7.5]
    assert m.ours == 20


def test_what_disturbs_most_runs_is_not_in_the_figures() -> None:
    clock = Clock()
    disturbed = iter([False, *[True, True, False] * 1000])

    def step() -> None:
        clock.now += 1000 if next(disturbed) else 100

    entry = Entry(step, list)
    assert max(repeated(entry, clock, seconds=30_000)) == 1000
    assert timed(entry, [], clock, seconds=30_000).total == 100


def test_calls_that_write_are_made_again_on_copies() -> None:
    a = np.zeros(3)
    call = Call("np.add", (3,), APART, NUMPY, np.add, (a, 1.0, a), writes=True)
    (one, _, other), _ = call.arguments()
    assert one is other
    timed(Entry(lambda: None, list), [call], seconds=0)
    assert not a.any()


def test_results_are_kept_as_long_as_the_step_keeps_them() -> None:
    made: list[weakref.ref[Any]] = []
    alive: list[bool] = []

    def make() -> Any:
        array = np.zeros(3)
        made.append(weakref.ref(array))
        return array

    def look(_: Any) -> None:
        alive.append(made[-1]() is not None)

    first = make()
    calls = [
        Call("make", (3,), FORWARD, NUMPY, make, (), result=first),
        Call("view", (3,), FORWARD, NUMPY, look, (first[1:],)),
        Call("look", (3,), FORWARD, NUMPY, look, (None,)),
    ]
    timed(Entry(lambda: None, list), calls, seconds=0)
    assert set(zip(alive[::2], alive[1::2], strict=True)) == {(True, False)}


# The whole


def workload(entry: Callable[[int, str], Entry]) -> Workload:
    return Workload("layer", "A layer", "rows", (4,), (4,), "float64", {"ours": entry})


def printed(workload: Workload) -> str:
    console = pytest.importorskip("rich.console").Console(width=120)
    with console.capture() as captured:
        console.print(profile(workload, 4, seconds=0.01))
    text: str = captured.get()
    return text


def test_a_profile_says_where_the_time_of_a_step_goes() -> None:
    text = printed(workload(lambda size, variant: Entry(layer()[1], list)))
    assert "A layer, 4 rows" in text
    for part in (BLAS, NUMPY, PYTHON, "ours", "np.matmul", "SGD.update", "4 operations"):
        assert part in text


def test_what_computes_nothing_here_has_no_profile() -> None:
    text = printed(workload(lambda size, variant: Entry(lambda: None, list)))
    assert "makes no calls of NumPy" in text
