"""Summaries: what each layer of a model gives, holds and computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.nn import functional
from autograd_mini.reports.summary import Row, Summary, summary


def mlp() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU()),
        nn.Linear(64, 10),
    )


DIGITS = np.zeros((32, 28, 28), np.float32)


def row(found: Summary, label: str) -> Row:
    (row,) = (row for row in found.rows if row.label == label)
    return row


def test_a_network_for_digits_is_as_counted_by_hand() -> None:
    found = summary(mlp(), DIGITS)
    assert [(r.label, r.output, r.parameters) for r in found.rows] == [
        ("Sequential", ((32, 10),), 0),
        ("0 · Flatten", ((32, 784),), 0),
        ("1 · Linear", ((32, 128),), 784 * 128 + 128),
        ("2 · ReLU", ((32, 128),), 0),
        ("3 · Linear", ((32, 64),), 128 * 64 + 64),
        ("4 · ReLU", ((32, 64),), 0),
        ("5 · Linear", ((32, 10),), 64 * 10 + 10),
    ]
    assert found.parameters == found.trainable == 109_386
    assert [r.flops for r in found.rows] == [
        *(0, 0, 32 * (2 * 784 * 128 + 128), 32 * 128),
        *(32 * (2 * 128 * 64 + 64), 32 * 64, 32 * (2 * 64 * 10 + 10)),
    ]
    assert found.flops == sum(r.flops for r in found.rows)
    assert found.activation_bytes == 4 * 32 * (128 + 128 + 64 + 64 + 10)


def test_the_table_shows_the_totals() -> None:
    *_, total, note = repr(summary(mlp(), DIGITS)).splitlines()
    assert total.split() == ["total", "109,386", "427", "KiB", "49.2", "KiB", "7,000,384"]
    assert note == "109,386 parameters are trainable. A multiply-add counts as 2 FLOPs."


def test_a_notebook_is_shown_the_same_table() -> None:
    source = summary(mlp(), DIGITS)._repr_html_()
    assert source.startswith("<table")
    assert "109,386" in source


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 3)
        self.b.weight = self.a.weight

    def forward(self, x: Any) -> Any:
        return self.b(self.a(x))


def test_shared_parameters_are_counted_once_and_marked() -> None:
    found = summary(Tied(), np.ones((1, 3), np.float32))
    assert [(r.parameters, r.shared) for r in found.rows] == [(0, False), (12, False), (3, True)]
    assert found.parameters == 15 == sum(p.size for p in Tied().parameters())
    assert "3 + shared" in repr(found)


def test_a_module_with_two_names_and_many_calls_has_one_row_of_numbers() -> None:
    relu = nn.ReLU()
    found = summary(nn.Sequential(relu, nn.Linear(3, 3), relu), np.ones((2, 3), np.float32))
    _, first, _, second = found.rows
    assert (first.calls, first.flops, first.same_as) == (2, 12, None)
    assert (second.calls, second.flops, second.same_as) == (0, 0, "0")
    lines = repr(found).splitlines()
    assert "0 · ReLU x 2" in lines[3]
    assert "is 0" in lines[5]


class Part(nn.Module):
    """Computes by itself, in a scope, in a layer, and in a layer made on the way."""

    def __init__(self) -> None:
        self.inner = nn.Linear(4, 4, bias=False)
        self.unused = nn.Linear(4, 1)
        self.scale = nn.Parameter(np.ones(4, np.float32))

    def forward(self, x: Any) -> Any:
        with ag.scope("scores"):
            s = functional.softmax(x, dim=-1)
        return nn.Tanh()(self.inner(s)) * self.scale + 1.0


def test_what_is_computed_outside_of_layers_has_rows_of_its_own() -> None:
    found = summary(nn.Sequential(Part(), Part()), np.ones((2, 4), np.float32))
    part = found.rows[1:7]
    assert [(r.label, r.depth, r.flops, r.parameters) for r in part] == [
        ("0 · Part", 1, 0, 4),
        ("inner · Linear", 2, 2 * 2 * 16, 16),
        ("unused · Linear", 2, 0, 5),
        ("scores", 2, 5 * 8, 0),
        ("Tanh", 2, 8, 0),
        ("functions", 2, 8 + 8, 0),
    ]
    assert found.flops == 2 * (64 + 40 + 8 + 16)
    assert found.activation_bytes == 2 * 4 * 5 * 8


def test_modules_that_are_never_called_say_so_and_lists_of_called_ones_do_not() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            self.layers = nn.ModuleList([nn.Linear(2, 2)])
            self.spare = nn.ModuleList([nn.Linear(2, 2)])

        def forward(self, x: Any) -> Any:
            return self.layers[0](x)

    lines = repr(summary(Model(), np.ones((1, 2), np.float32))).splitlines()
    assert ["not called" in line for line in lines[2:7]] == [False, False, False, True, True]


def test_unknown_flops_are_said_to_be_unknown() -> None:
    class Model(nn.Module):
        def forward(self, x: Any) -> Any:
            return np.linalg.eigvalsh(ag.Tensor(x)) + 1.0

    found = summary(Model(), np.eye(3))
    assert found.flops == 3
    text = repr(found)
    assert "3 + ?" in text
    assert "at least 3" in text
    assert text.endswith("Not known (?): np.linalg.eigvalsh.")


def test_several_results_have_all_their_shapes() -> None:
    class Model(nn.Module):
        def forward(self, x: Any) -> Any:
            return {"a": x * 2, "b": (x.sum(), x[:1])}

    assert summary(Model(), ag.Tensor(np.ones((2, 3)))).rows[0].output == ((2, 3), (), (1, 3))


class Stateful(nn.Module):
    """Changes whatever a call can change."""

    def __init__(self) -> None:
        self.drop = nn.Dropout(0.5, generator=np.random.default_rng(0))
        self.weight = nn.Parameter(np.ones(3))
        self.calls = 0
        self.last: Any = None
        self.register_buffer("mean", np.zeros(3))

    def forward(self, x: Any) -> Any:
        self.calls += 1
        with ag.no_grad():
            self.mean += 1.0
        self.last = self.drop(functional.dropout(x * self.weight, 0.5))
        self.last.sum().backward(retain_graph=True)
        self.train(False)
        return self.last


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_about_the_model_changes(fails: bool) -> None:
    model = Stateful()
    model(np.ones(3))
    model.train()
    before = dict(vars(model))
    ag.manual_seed(1)
    state, own = ag.random.get_state(), model.drop.generator.bit_generator.state
    grad = model.weight.grad
    if fails:
        with pytest.raises(ValueError, match="shapes"):
            summary(model, np.ones(4))
    else:
        summary(model, np.ones(3))
    assert dict(vars(model)) == before
    assert "forward" not in vars(model.drop)
    assert (model.calls, model.training, model.drop.training) == (1, True, True)
    np.testing.assert_array_equal(model.mean, 1.0)
    assert model.weight.grad is grad
    assert ag.random.get_state() == state
    assert model.drop.generator.bit_generator.state == own


def test_the_model_runs_in_the_mode_it_is_in() -> None:
    model = nn.Sequential(nn.Dropout(0.5))
    x = np.ones((2, 3))
    assert summary(model, x).flops == 6
    assert summary(model.eval(), x).flops == 0
    assert not model.training


def test_it_is_the_same_under_no_grad_and_within_a_scope() -> None:
    expected = repr(summary(mlp(), DIGITS))
    with ag.no_grad(), ag.scope("outside"):
        assert repr(summary(mlp(), DIGITS)) == expected


def test_frozen_parameters_are_not_trainable() -> None:
    model = mlp()
    model[1].requires_grad_(False)
    found = summary(model, DIGITS)
    assert (found.parameters, found.trainable) == (109_386, 109_386 - 100_480)


def test_a_summary_keeps_nothing_of_the_model() -> None:
    import gc
    import weakref

    model = mlp()
    found = summary(model, DIGITS)
    reference = weakref.ref(model[1].weight)
    del model
    gc.collect()
    assert reference() is None
    assert found.parameters == 109_386


def test_a_function_is_refused() -> None:
    with pytest.raises(TypeError, match=r"nn\.Module, not of a ufunc"):
        summary(np.tanh, np.ones(3))  # type: ignore[arg-type]


def test_parameters_and_the_order_of_modules_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(
        torch.nn.Linear(4, 8),
        torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Linear(8, 3, bias=False)),
    )
    ours = nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.ReLU(), nn.Linear(8, 3, bias=False)))
    found = summary(ours, np.ones((2, 4), np.float32))
    assert [r.name for r in found.rows] == [name for name, _ in theirs.named_modules()]
    assert [r.parameters for r in found.rows] == [
        sum(p.numel() for p in module.parameters(recurse=False)) for module in theirs.modules()
    ]
