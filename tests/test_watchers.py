"""Watchers are told of each operation and rule, of their own context; scopes name its parts."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.graph import item, pack
from autograd_mini.modes import Watcher, current_mode, watched_by
from autograd_mini.nn.functional import relu
from autograd_mini.views import handles


class Notes(Watcher):
    """Notes all that it is told."""

    def __init__(self) -> None:
        self.began = 0
        self.ended: list[int] = []
        self.names: list[str] = []
        self.scopes: list[Any] = []
        self.arrived: list[str] = []
        self.rules: list[str] = []

    def begins(self) -> Any:
        self.began += 1
        return self.began

    def ran(self, began: Any, what: Any, args: Any, kwargs: Any, result: Any) -> None:
        self.ended.append(began)
        if not any(True for _ in handles(result)):
            return  # a shape, for instance
        self.names.append(getattr(what, "name", None) or what.__name__)
        self.scopes.append(path())

    def arrives(self, node: Any, g: Any) -> None:
        assert node.shape is None or g.shape == node.shape
        if node.primitive not in (pack, item):
            self.arrived.append(str(node.primitive or "leaf"))

    def pulled(self, began: Any, node: Any, parent: Any, rule: Any, cotangent: Any) -> None:
        self.ended.append(began)
        if parent.shape is not None:
            assert (cotangent.shape, cotangent.dtype) == (parent.shape, parent.dtype)
        if node.primitive not in (pack, item):
            self.rules.append(f"{node.primitive} by {node.primitive.argument(rule.position)}")


def path() -> list[str]:
    """Return the names of the scopes that we are in, from the outside in."""
    names, scope = [], current_mode().scope
    while scope is not None:
        names.append(scope.name)
        scope = scope.outer
    return names[::-1]


def leaf(*data: float) -> ag.Tensor:
    return ag.Tensor(data, requires_grad=True)


def watched(f: Any, *args: Any) -> Notes:
    notes = Notes()
    before = current_mode()
    with watched_by(notes):
        f(*args)
    assert current_mode() is before
    assert sorted(notes.ended) == list(range(1, notes.began + 1))
    return notes


# Operations


@pytest.mark.parametrize(
    ("f", "names"),
    [
        (lambda x: -x, ["np.negative"]),
        (lambda x: x + 1, ["np.add"]),
        (lambda x: 1 - x, ["np.subtract"]),
        (lambda x: x @ x, ["np.matmul"]),
        (lambda x: x > 0, ["np.greater"]),
        (lambda x: x[0], ["getitem"]),
        (lambda x: x.sum(), ["np.sum"]),
        (lambda x: x.reshape(2, 1), ["np.reshape"]),
        (lambda x: x.argmax(), ["argmax"]),
        (lambda x: np.tanh(x), ["np.tanh"]),
        (lambda x: np.add.reduce(x), ["np.sum"]),
        (lambda x: np.add.outer(x, x), ["np.reshape", "np.add"]),
        (lambda x: np.concatenate([x, x]), ["np.concatenate"]),
        (lambda x: np.isfinite(x), ["isfinite"]),
        (lambda x: np.shape(x), []),
        (lambda x: relu(x), ["relu"]),
    ],
)
@pytest.mark.parametrize("requires_grad", [True, False])
def test_each_operation_is_told_once(f: Any, names: Any, requires_grad: bool) -> None:
    found = watched(f, ag.Tensor([0.5, 2.0], requires_grad=requires_grad)).names
    assert [name.removeprefix("np.") for name in found] == [
        name.removeprefix("np.") for name in names
    ]


def test_writes_in_place_are_told() -> None:
    x = ag.Tensor([1.0, 2.0])

    def write() -> None:
        y = x * leaf(1.0, 1.0)
        y += 1
        y[0] = y[1]

    assert watched(write).names[:2] == ["np.multiply", "np.add"]


def test_operations_inside_functions_are_told() -> None:
    x = np.array([0.5, 2.0])
    for f in (
        lambda: ag.grad(lambda t: np.sin(t).sum())(x),
        lambda: ag.value_and_grad(lambda t: np.sin(t).sum())(x),
        lambda: ag.vjp(np.sin, x)[1](x),
        lambda: ag.jacobian(np.sin)(x),
        lambda: ag.checkpoint(np.sin, leaf(1.0)).backward(),
    ):
        notes = watched(f)
        assert "np.sin" in notes.names
        assert "np.sin by x" in notes.rules


def test_a_checkpoint_is_run_twice() -> None:
    notes = watched(lambda: ag.checkpoint(np.sin, leaf(1.0)).backward())
    assert notes.names.count("np.sin") == 2


def test_no_operation_on_plain_arrays_is_told() -> None:
    assert watched(lambda: np.sin(np.ones(3)) + 1).names == []


def test_no_grad_does_not_keep_a_watcher_from_looking() -> None:
    def f() -> None:
        with ag.no_grad():
            np.sin(leaf(1.0))

    assert watched(f).names == ["np.sin"]


# Walks back


def test_a_walk_back_tells_of_nodes_and_rules_in_order() -> None:
    x = leaf(1.0, 2.0)
    loss = (np.sin(x) * x).sum()
    notes = watched(loss.backward)
    assert notes.names == []
    assert notes.arrived == ["np.sum", "np.multiply", "np.sin", "leaf"]
    assert notes.rules == ["np.sum by a", "np.multiply by x1", "np.multiply by x2", "np.sin by x"]


def test_operations_of_recorded_rules_are_told() -> None:
    y = np.sin(leaf(1.0)).sum()
    notes = watched(lambda: y.backward(create_graph=True))
    assert notes.rules == ["np.sum by a", "np.sin by x"]
    assert {"np.cos", "np.multiply"} <= set(notes.names)


def test_only_those_who_watch_when_it_begins_are_told() -> None:
    notes = Notes()
    x = leaf(1.0)
    with watched_by(notes):
        y = np.sin(x)
    y.backward()
    assert (notes.names, notes.rules) == (["np.sin"], [])


# Several watchers


def test_watchers_are_told_side_by_side() -> None:
    outer, inner = Notes(), Notes()
    with watched_by(outer):
        np.sin(leaf(1.0))
        with watched_by(inner):
            np.cos(leaf(1.0))
        np.exp(leaf(1.0))
    assert outer.names == ["np.sin", "np.cos", "np.exp"]
    assert inner.names == ["np.cos"]


def test_a_watcher_can_decorate_a_function() -> None:
    notes = Notes()
    f = watched_by(notes)(lambda: np.sin(leaf(1.0)))
    f()
    np.cos(leaf(1.0))
    f()
    assert notes.names == ["np.sin", "np.sin"]


def test_each_thread_is_watched_by_its_own() -> None:
    notes = [Notes() for _ in range(4)]
    barrier = threading.Barrier(4)

    def run(i: int) -> None:
        with watched_by(notes[i]):
            barrier.wait()
            for _ in range(20):
                [np.sin, np.cos, np.exp, np.tanh][i](leaf(1.0))
            barrier.wait()

    outside = Notes()
    with watched_by(outside):
        threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [note.names for note in notes] == [
        [name] * 20 for name in ("np.sin", "np.cos", "np.exp", "np.tanh")
    ]
    assert outside.names == []


# Errors


def test_an_operation_that_fails_leaves_the_mode() -> None:
    notes, before = Notes(), current_mode()
    with pytest.raises(ValueError), watched_by(notes):
        leaf(1.0, 2.0) + leaf(1.0, 2.0, 3.0)
    assert current_mode() is before
    assert notes.names == []
    with watched_by(notes):
        np.sin(leaf(1.0))
    assert notes.names == ["np.sin"]


@pytest.mark.parametrize("method", ["begins", "ran", "arrives", "pulled"])
def test_a_watcher_that_fails_leaves_the_mode(method: str) -> None:
    class Failing(Watcher):
        pass

    def fail(*_: Any) -> None:
        raise KeyError(method)

    setattr(Failing, method, fail)
    before = current_mode()
    with pytest.raises(KeyError, match=method), watched_by(Failing()):
        np.sin(leaf(1.0)).backward()
    assert current_mode() is before
    x = leaf(1.0)
    np.sin(x).backward()
    assert x.grad is not None


def test_a_rule_that_fails_leaves_the_mode() -> None:
    @ag.primitive(x=lambda g, x: 1 / 0)
    def same(x: Any) -> Any:
        return x + 0

    notes, before = Notes(), current_mode()
    with pytest.raises(ZeroDivisionError), watched_by(notes):
        same(leaf(1.0)).backward()
    assert current_mode() is before
    assert notes.rules == []


# Anomalies


def nan(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.log(x)


def test_anomalies_are_found_inside_transforms() -> None:
    with ag.detect_anomaly(), np.errstate(all="ignore"):
        for f in (
            lambda: ag.grad(lambda t: np.log(t).sum())(np.array([-1.0])),
            lambda: ag.jacobian(np.log)(np.array([0.0])),
            lambda: ag.checkpoint(np.log, leaf(-1.0)),
        ):
            with pytest.raises(FloatingPointError, match=r"np\.log gave .*test_watchers\.py:\d+"):
                f()
        with pytest.raises(FloatingPointError, match=r"np\.sqrt gave an infinity in the gradient"):
            ag.grad(lambda t: np.sqrt(t).sum())(np.array([0.0]))


def test_anomaly_detection_within_itself_looks_once() -> None:
    with ag.detect_anomaly():
        mode = current_mode()
        with ag.detect_anomaly():
            assert current_mode() is mode
            with ag.no_grad(), ag.detect_anomaly():
                assert len(current_mode().watchers) == 1
        assert current_mode() is mode
        with pytest.raises(FloatingPointError):
            nan(leaf(-1.0))
    nan(leaf(-1.0))


def test_anomaly_detection_goes_on_within_no_grad_and_beside_others() -> None:
    notes = Notes()
    with ag.detect_anomaly(), watched_by(notes), ag.no_grad():
        np.sin(leaf(1.0))
        with pytest.raises(FloatingPointError, match="np.log gave a NaN in its result"):
            nan(leaf(-1.0))
    assert notes.names[0] == "np.sin"


def test_anomaly_detection_decorates() -> None:
    @ag.detect_anomaly()
    def checked(x: Any) -> Any:
        return nan(x)

    @ag.detect_anomaly
    def also(x: Any) -> Any:
        return nan(x)

    for f in (checked, also):
        assert float(f(leaf(1.0)).data[0]) == 0
        with pytest.raises(FloatingPointError):
            f(leaf(0.0))
    nan(leaf(0.0))


def test_several_results_are_all_looked_at() -> None:
    with (
        ag.detect_anomaly(),
        pytest.raises(FloatingPointError, match="split gave a NaN|divided gave a NaN"),
    ):
        np.split(leaf(1.0, float("nan")), 2)


def test_a_constant_that_was_changed_is_found() -> None:
    x, data = leaf(1.0, 2.0), np.ones(2)
    with ag.detect_anomaly():
        y = (x * data).sum()
        data[0] = 5
        with pytest.raises(RuntimeError, match=r"np\.multiply.*test_watchers.*was changed|changed"):
            y.backward()


def test_the_line_of_the_forward_run_is_remembered_by_the_walk_back() -> None:
    x = leaf(0.0)
    with ag.detect_anomaly():
        y = np.sqrt(x)
    with (
        ag.detect_anomaly(),
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"recorded at .*test_watchers\.py:\d+ in test_the"),
    ):
        y.backward()
