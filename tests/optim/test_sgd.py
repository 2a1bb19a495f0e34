"""SGD against PyTorch's: the whole trajectory, for each option."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn, optim

OPTIONS: list[dict[str, Any]] = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.3},
    {"momentum": 0.9, "nesterov": True},
    {"weight_decay": 0.1},
    {"momentum": 0.5, "weight_decay": 0.1, "nesterov": True},
    {"maximize": True, "lr": 0.001},
    {"maximize": True, "weight_decay": 0.1, "momentum": 0.3, "lr": 0.001},
]
START = [np.array([[0.5, -1.0], [2.0, 0.3]]), np.array([0.1, -0.2]), np.array(0.7)]
DATA = np.random.default_rng(0).normal(size=(8, 2))


def our_loss(w: Any, b: Any, s: Any) -> Any:
    return (np.tanh(DATA @ w + b) * s).sum() + (w * w).mean()


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_hundred_steps_as_pytorch(options: dict[str, Any], dtype: str) -> None:
    torch = pytest.importorskip("torch")
    options = {"lr": 0.01, **options}
    ours = [nn.Parameter(x, dtype=dtype) for x in START]
    theirs = [torch.nn.Parameter(torch.tensor(x.astype(dtype))) for x in START]
    optimizer, reference = optim.SGD(ours, **options), torch.optim.SGD(theirs, **options)
    data = torch.tensor(DATA.astype(dtype))
    for _ in range(100):
        w, b, s = ours
        optimizer.zero_grad()
        (np.tanh(DATA.astype(dtype) @ w + b) * s).sum().backward()
        optimizer.step()
        w, b, s = theirs
        reference.zero_grad()
        (torch.tanh(data @ w + b) * s).sum().backward()
        reference.step()
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    for mine, its in zip(ours, theirs, strict=True):
        assert mine.dtype == dtype
        np.testing.assert_allclose(
            mine.detach().numpy(), its.detach().numpy(), tolerance, tolerance
        )


def test_groups_have_options_of_their_own() -> None:
    a, b = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = optim.SGD([{"params": a}, {"params": [b], "lr": 0.5}], lr=0.1)
    c = nn.Parameter([1.0])
    optimizer.add_param_group({"params": c, "weight_decay": 1.0, "lr": 1.0})
    (a + b + 0 * c).sum().backward()
    optimizer.step()
    assert [p.item() for p in (a, b, c)] == [0.9, 0.5, 0.0]


def test_a_step_keeps_the_memory_and_is_noticed() -> None:
    w = nn.Parameter([1.0, 2.0])
    memory = w._array
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optim.SGD([w], lr=0.5).step()
    assert w._array is memory
    np.testing.assert_array_equal(memory, [0, 0])
    with pytest.raises(RuntimeError, match=r"optim\.SGD overwrote"):
        loss.backward()


def test_a_view_of_another_tensor_is_updated_too() -> None:
    base = ag.Tensor([1.0, 2.0, 3.0])
    part = base[:2].detach().requires_grad_()
    part.sum().backward()
    optim.SGD([part], lr=1.0).step()
    np.testing.assert_array_equal(base.numpy(), [0, 1, 3])


def test_parameters_without_gradient_are_left_alone() -> None:
    w = nn.Parameter([1.0])
    optim.SGD([w], lr=1.0, weight_decay=1.0).step()
    assert w.item() == 1


def test_closure() -> None:
    w = nn.Parameter(3.0)
    optimizer = optim.SGD([w], lr=0.5)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = w * w
        loss.backward()
        return loss

    with ag.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 9
    assert w.item() == 0


def test_zero_grad() -> None:
    w = nn.Parameter([1.0])
    optimizer = optim.SGD([w])
    w.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert w.grad is not None
    assert w.grad.item() == 0
    optimizer.zero_grad()
    assert w.grad is None


def trained(optimizer: optim.SGD, steps: int) -> list[Any]:
    params = optimizer.param_groups[0]["params"]
    for _ in range(steps):
        optimizer.zero_grad()
        our_loss(*params).backward()
        optimizer.step()
    return [p.detach().numpy().copy() for p in params]


def test_state_can_be_saved_and_gone_on_from() -> None:
    options = {"lr": 0.01, "momentum": 0.9, "nesterov": True}
    whole = trained(optim.SGD([nn.Parameter(x) for x in START], **options), 20)
    first = optim.SGD([nn.Parameter(x) for x in START], **options)
    middle = trained(first, 10)
    state = pickle.loads(pickle.dumps(first.state_dict()))
    second = optim.SGD([nn.Parameter(x) for x in middle], lr=99.0)
    second.load_state_dict(state)
    for got, expected in zip(trained(second, 10), whole, strict=True):
        np.testing.assert_array_equal(got, expected)
    trained(first, 1)  # what was loaded is a copy
    assert second.param_groups[0]["lr"] == 0.01


def test_a_pytorch_state_loads() -> None:
    torch = pytest.importorskip("torch")
    theirs = [torch.nn.Parameter(torch.tensor(x)) for x in START]
    reference = torch.optim.SGD(theirs, lr=0.01, momentum=0.9)
    sum((p * p).sum() for p in theirs).backward()
    reference.step()
    ours = [nn.Parameter(x) for x in START]
    optimizer = optim.SGD(ours, lr=1.0)
    optimizer.load_state_dict(reference.state_dict())
    assert optimizer.param_groups[0]["momentum"] == 0.9
    np.testing.assert_array_equal(optimizer.state[ours[0]]["momentum_buffer"], 2 * START[0])


def test_a_state_of_other_parameters_is_refused() -> None:
    one = optim.SGD([nn.Parameter([1.0])], momentum=0.9)
    with pytest.raises(ValueError, match=r"\[1\] parameters, and this optimizer's are \[2\]"):
        optim.SGD([nn.Parameter([1.0]), nn.Parameter([1.0])]).load_state_dict(one.state_dict())
    one.param_groups[0]["params"][0].sum().backward()
    one.step()
    with pytest.raises(ValueError, match="momentum_buffer"):
        optim.SGD([nn.Parameter([1.0, 2.0])]).load_state_dict(one.state_dict())


def test_an_optimizer_can_be_copied() -> None:
    model = nn.Linear(2, 2)
    pair = copy.deepcopy((model, optim.SGD(model.parameters(), lr=1.0, momentum=0.9)))
    copied, optimizer = pair
    copied(np.ones((1, 2), np.float32)).sum().backward()
    before = copied.weight.detach().numpy().copy()
    optimizer.step()
    np.testing.assert_allclose(copied.weight.detach().numpy(), before - 1, rtol=1e-6)
    assert model.weight.grad is None


def test_wrong_arguments() -> None:
    w = nn.Parameter([1.0])
    for parameters, error, message in [
        (w, TypeError, r"write \[t\]"),
        ([], ValueError, "no parameters"),
        ([w, w], ValueError, "twice"),
        ([w * 2], ValueError, "leaves"),
        ([np.ones(2)], TypeError, "Tensors, not ndarray"),
        ([{"params": w, "rate": 1.0}], TypeError, "no option rate"),
    ]:
        with pytest.raises(error, match=message):
            optim.SGD(parameters)
    for options in ({"lr": -1}, {"momentum": -1}, {"weight_decay": -1}, {"nesterov": True}):
        with pytest.raises(ValueError, match="negative|momentum"):
            optim.SGD([w], **options)


def test_repr() -> None:
    assert repr(optim.SGD([nn.Parameter([1.0])], lr=0.1)).splitlines()[:3] == [
        "SGD (",
        "Parameter Group 0",
        "    dampening: 0.0",
    ]


def test_a_model_is_not_its_parameters() -> None:
    with pytest.raises(TypeError, match=r"model\.parameters\(\)"):
        ag.optim.SGD(ag.nn.Linear(2, 2), lr=0.1)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"weight_decay": 0.1}], ids=str)
def test_parameters_of_many_elements_are_updated_as_those_of_few(options: dict[str, Any]) -> None:
    start = np.random.default_rng(1).normal(size=(3, 50, 100))
    many = [nn.Parameter(a) for a in start]
    few = [nn.Parameter(row) for a in start for row in a]
    optimizers = [optim.SGD(ps, lr=0.1, **options) for ps in (many, few)]
    for _ in range(3):
        for parameters, optimizer in zip((many, few), optimizers, strict=True):
            optimizer.zero_grad()
            for p in parameters:
                np.sum(np.sin(p) * p).backward()
            grads = [p.grad.numpy().copy() for p in parameters]
            optimizer.step()
            for p, g in zip(parameters, grads, strict=True):
                np.testing.assert_array_equal(p.grad, g)
    np.testing.assert_array_equal(
        np.concatenate([p.detach().numpy() for p in many]),
        np.stack([p.detach().numpy() for p in few]),
    )


def test_an_update_that_raises_leaves_no_write_unnoticed() -> None:
    class Failing(optim.SGD):
        def update(self, p: Any, g: Any, state: Any, group: Any) -> Any:
            if p.shape == (3,):
                raise ZeroDivisionError
            return super().update(p, g, state, group)

    a, b = nn.Parameter(np.ones(2)), nn.Parameter(np.ones(3))
    loss = np.sum(a * a) + np.sum(b * b)
    loss.backward(retain_graph=True)
    with pytest.raises(ZeroDivisionError):
        Failing([a, b], lr=0.1).step()
    with pytest.raises(RuntimeError, match="overwrote in place"):
        loss.backward()


def test_an_update_of_memory_that_a_function_made_within_is_noticed() -> None:
    @ag.primitive(x=lambda g, x: g)
    def first_of_two(x: Any) -> Any:
        return np.stack([x, x])[0]

    w = first_of_two(ag.Tensor([1.0, 2.0])).requires_grad_()
    loss = np.sum(w * w)
    loss.backward(retain_graph=True)
    optim.SGD([w], lr=0.5).step()
    with pytest.raises(RuntimeError, match="overwrote in place"):
        loss.backward()
