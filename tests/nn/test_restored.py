"""What is looked at with `restored` is afterwards as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.nn.restored import restored


class Noisy(nn.Module):
    """Has all that a module can have."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(np.array([1.0, 2.0]))
        self.register_buffer("mean", np.zeros(2))
        self.generator = np.random.default_rng(1)
        self.inner = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        self.last = x
        self.mean = self.mean * 0.9 + 1
        self.generator.random()
        return self.inner(x * self.weight)


def state(model: Noisy) -> Any:
    tensors = [*model.parameters(), *model.buffers()]
    return (
        [t._array.tobytes() for t in tensors],
        [id(t) for t in tensors],
        [id(t._array) for t in tensors],
        [None if t.grad is None else (id(t.grad), t.grad.data.tobytes()) for t in tensors],
        [t.requires_grad for t in tensors],
        [dict(vars(module)) for module in model.modules() if module is not model],
        list(vars(model)),
        model.calls,
        model.generator.bit_generator.state,
        ag.random.get_state(),
        ag.is_grad_enabled(),
    )


def model_with_gradients() -> Noisy:
    model = Noisy()
    model.weight.grad = ag.Tensor([0.5, 0.25])
    return model


def test_a_forward_and_a_backward_run_leave_no_trace() -> None:
    model = model_with_gradients()
    before = state(model)
    with restored(model):
        model(np.ones((3, 2))).sum().backward()
        assert model.calls == 1
        assert model.inner[0].weight.grad is not None
    assert state(model) == before


def test_an_error_leaves_no_trace() -> None:
    model = model_with_gradients()
    before = state(model)
    with pytest.raises(ValueError), restored(model):
        model(np.ones((3, 7)))
    assert model.calls == 0
    assert state(model) == before


def test_attributes_that_are_new_changed_or_deleted_are_as_before() -> None:
    model = Noisy()
    before = state(model)
    weight = model.weight
    with restored(model):
        model.extra = 1
        model.calls = 7
        model.weight = nn.Parameter([5.0, 5.0])
        model.inner[0].bias = None
        model.eval()
        del model.generator
    assert state(model) == before
    assert model.weight is weight
    assert model.training


def test_an_optimizer_step_is_undone_bit_for_bit() -> None:
    model = Noisy()
    with ag.no_grad():
        model.weight[...] = np.array([-0.0, np.nan])
    before = state(model)
    with restored(model):
        model.inner(np.ones((3, 2))).sum().backward()
        ag.optim.SGD(model.parameters(), lr=1.0).step()
        with ag.no_grad():
            model.weight[...] = 3
    assert state(model) == before


def test_draws_inside_are_from_where_draws_outside_go_on() -> None:
    model = nn.Dropout(0.5)
    ag.manual_seed(0)
    with restored(model):
        inside = model(ag.Tensor(np.ones(100)))
        again = model(ag.Tensor(np.ones(100)))
    after = model(ag.Tensor(np.ones(100)))
    np.testing.assert_array_equal(inside.data, after.data)
    assert (inside.data != again.data).any()


def test_it_nests() -> None:
    model = model_with_gradients()
    before = state(model)
    with restored(model):
        model.calls = 1
        with restored(model):
            model.calls = 2
        assert model.calls == 1
    assert state(model) == before


def test_gradients_written_in_place_and_forgotten_come_back() -> None:
    model = model_with_gradients()
    before = state(model)
    with restored(model):
        model.weight.grad[...] = 9
        model.zero_grad()
    assert state(model) == before


def test_of_a_frozen_model_it_stays_frozen() -> None:
    model = Noisy().requires_grad_(False)
    before = state(model)
    with restored(model):
        model(np.ones((3, 2)))
    assert state(model) == before


def test_tensors_in_a_dict_are_restored() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    with restored({"w": w}):
        (w * w).sum().backward()
        with ag.no_grad():
            w += 1
    np.testing.assert_array_equal(w.data, [1, 2])
    assert w.grad is None


def test_of_a_function_only_draws_are_restored() -> None:
    before = ag.random.get_state()
    with restored(np.sin):
        ag.random.default_generator().random()
    assert ag.random.get_state() == before
