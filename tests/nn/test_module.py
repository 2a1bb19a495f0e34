from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn


class Scale(nn.Module):
    """A module that never calls super().__init__()."""

    def __init__(self, size: int = 2) -> None:
        self.factor = nn.Parameter(np.ones(size))
        self.offset = None
        self.register_buffer("calls", np.zeros(()))
        self.register_buffer("scratch", np.zeros(3), persistent=False)

    def forward(self, x: Any) -> Any:
        return x * self.factor


class Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(2, 2), nn.ReLU()]
        self.heads = {"a": nn.Linear(2, 1), "b": [Scale(1)]}
        self.free = (nn.Parameter([1.0]), {"x": nn.Parameter([2.0])})
        self.count = 3
        self.last = Scale()

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return self.heads["a"](x)


NAMES = [
    "free.0",
    "free.1.x",
    "layers.0.weight",
    "layers.0.bias",
    "heads.a.weight",
    "heads.a.bias",
    "heads.b.0.factor",
    "last.factor",
]


def test_parameters_are_found_everywhere() -> None:
    model = Deep()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert [id(p) for p in model.parameters()] == [id(p) for _, p in model.named_parameters()]
    assert [n for n, _ in model.named_parameters("net", recurse=False)] == [
        "net.free.0",
        "net.free.1.x",
    ]
    assert [name for name, _ in model.named_buffers()] == [
        "heads.b.0.calls",
        "heads.b.0.scratch",
        "last.calls",
        "last.scratch",
    ]
    assert len(list(model.buffers())) == 4


def test_modules_and_children() -> None:
    model = Deep()
    names = ["", "layers.0", "layers.1", "heads.a", "heads.b.0", "last"]
    assert [name for name, _ in model.named_modules()] == names
    assert [name for name, _ in model.named_children()] == names[1:]
    assert len(list(model.modules())) == 6
    assert next(iter(model.children())) is model.layers[0]


def test_what_is_shared_is_counted_once() -> None:
    line = nn.Linear(2, 2)
    model = nn.Sequential(line, nn.ReLU(), line)
    model.tied = nn.Linear(2, 2)
    model.tied.weight = line.weight
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "tied.bias"]
    assert len(list(model.named_parameters(remove_duplicate=False))) == 6
    assert len(model.state_dict()) == 6
    assert len(list(model.modules())) == 4
    assert len(list(model.children())) == 3


def test_a_module_may_know_its_parent() -> None:
    model = nn.Sequential(Scale())
    model[0].parent = model
    assert [name for name, _ in model.named_parameters()] == ["0.factor"]
    assert list(model.state_dict()) == ["0.factor", "0.calls"]


def test_names_and_order_as_pytorch() -> None:
    torch = pytest.importorskip("torch")

    def build(lib: Any) -> Any:
        return lib.Sequential(
            OrderedDict(
                first=lib.Linear(3, 4),
                act=lib.GELU(),
                more=lib.ModuleList([lib.Linear(4, 4), lib.Linear(4, 4, bias=False)]),
                named=lib.ModuleDict({"out": lib.Linear(4, 1)}),
            )
        )

    assert list(build(nn).state_dict()) == list(build(torch.nn).state_dict())


def test_a_pytorch_state_dict_loads() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    ours = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    ours.load_state_dict(theirs.state_dict())
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(x).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_state_dict_shares_and_loading_copies() -> None:
    model, other = Deep(), Deep()
    state = model.state_dict()
    assert list(state) == [
        *NAMES[:6],
        "heads.b.0.factor",
        "heads.b.0.calls",
        "last.factor",
        "last.calls",
    ]
    assert not any(value.requires_grad for value in state.values())
    assert other.load_state_dict(state) == ([], [])
    kept = copy.deepcopy(state)
    with ag.no_grad():
        model.free[0][...] = 7
        model.last.calls[...] = 5
    assert state["free.0"].item() == 7
    assert state["last.calls"].item() == 5
    assert other.free[0].item() == kept["free.0"].item() == 1


def test_loading_names_all_that_does_not_fit_and_changes_nothing() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = copy.deepcopy(model.state_dict())
    state = {
        "0.weight": np.zeros((3, 2)),
        "0.bias": np.zeros(4),
        "1.weight": np.zeros((1, 3), complex),
        "extra": np.zeros(1),
    }
    with pytest.raises(RuntimeError) as caught:
        model.load_state_dict(state)
    message = str(caught.value)
    for part in (
        "missing: 1.bias",
        "unexpected: extra",
        "0.bias: shape (4,), and here (3,)",
        "1.weight: dtype complex128, and here float32",
    ):
        assert part in message
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    with pytest.raises(RuntimeError, match="shape"):
        model.load_state_dict(state, strict=False)
    result = model.load_state_dict({"0.bias": np.ones(3), "extra": 1.0}, strict=False)
    assert result.missing_keys == ["0.weight", "1.weight", "1.bias"]
    assert result.unexpected_keys == ["extra"]
    np.testing.assert_array_equal(model[0].bias.detach(), np.ones(3))


def test_loading_is_a_write_that_old_graphs_notice() -> None:
    model = nn.Linear(2, 2)
    x = ag.Tensor(np.ones((1, 2), np.float32), requires_grad=True)
    loss = model(x).sum()
    model.load_state_dict(model.state_dict())
    with pytest.raises(RuntimeError, match="load_state_dict overwrote"):
        loss.backward()


def test_train_and_eval() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)))
    assert model.training
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    x = np.ones(10)
    np.testing.assert_array_equal(model(x), x)
    model.train()
    assert all(m.training for m in model.modules())


def test_requires_grad_and_zero_grad() -> None:
    model = nn.Linear(2, 1)
    model(np.ones((1, 2), np.float32)).sum().backward()
    model.zero_grad(set_to_none=False)
    assert model.weight.grad is not None
    np.testing.assert_array_equal(model.weight.grad, np.zeros((1, 2)))
    model.zero_grad()
    assert model.weight.grad is None
    assert model.requires_grad_(False) is model
    assert not model(np.ones((1, 2), np.float32)).requires_grad


def test_apply_visits_children_first() -> None:
    seen: list[str] = []
    Deep().apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "ReLU", "Linear", "Scale", "Scale", "Deep"]


def test_to_another_dtype() -> None:
    model = Deep()
    model.free[0].sum().backward()
    held = model.layers[0].weight
    assert model.double() is model
    assert held is model.layers[0].weight
    assert held.dtype == np.float64
    assert model.free[0].grad is not None
    assert model(np.ones((1, 2))).dtype == np.float64
    model.float()
    assert {t.dtype for t in (*model.parameters(), *model.buffers())} == {np.dtype(np.float32)}
    assert model.free[0].grad is not None
    assert model.free[0].grad.dtype == np.float32
    out = model(np.ones((1, 2), np.float32))
    out.sum().backward()
    assert held.grad is not None
    assert held.grad.dtype == np.float32
    with pytest.raises(TypeError, match="floating point"):
        model.to(int)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_whole_and_apart(copied: Any) -> None:
    model = nn.Sequential(
        OrderedDict(a=nn.Linear(2, 2), b=Scale(), c=nn.ModuleDict({"d": Scale()}))
    )
    model.shared = model.a.weight
    other = copied(model)
    assert repr(other) == repr(model)
    assert other.shared is other.a.weight
    assert list(other.state_dict()) == list(model.state_dict())
    other.a.weight.sum().backward()
    assert model.a.weight.grad is None
    with ag.no_grad():
        other.b.factor[...] = 5
    assert model.b.factor[0].item() == 1
    assert isinstance(other.a.weight, nn.Parameter)


def test_parameter() -> None:
    p = nn.Parameter([[1.0, 2.0], [3.0, 4.0]], name="w")
    assert p.requires_grad
    assert p.is_leaf
    assert p.name == "w"
    for result in (p * 2, p[0], p.T, p.detach(), p.copy(), np.exp(p), p.astype(np.float32)):
        assert type(result) is ag.Tensor
    assert type(copy.deepcopy(p)) is nn.Parameter
    assert repr(p) == "Parameter([[1., 2.],\n           [3., 4.]], requires_grad=True)"
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad


def test_no_forward() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        Empty()(1)
    with pytest.raises(AttributeError):
        _ = Empty().nothing


def test_buffers_may_be_replaced_or_none() -> None:
    model = Scale()
    model.calls = ag.Tensor(4.0)
    assert model.state_dict()["calls"].item() == 4
    model.register_buffer("absent", None)
    assert "absent" not in model.state_dict()
    model.load_state_dict(model.state_dict())


def test_gradients_reach_all_layers() -> None:
    model = Deep()
    model(np.ones((3, 2), np.float32)).sum().backward()
    assert model.layers[0].weight.grad.shape == (2, 2)
    assert model.heads["a"].bias.grad.item() == 3


def test_a_list_within_itself_is_searched_once() -> None:
    model = nn.Module()
    parts: list[Any] = [nn.Parameter(1.0), nn.ReLU()]
    parts.append(parts)
    model.parts = parts
    model.again = {"parts": parts}
    model.again["again"] = model.again
    assert [name for name, _ in model.named_parameters()] == ["parts.0"]
    assert list(model.state_dict()) == ["parts.0", "again.parts.0"]
    assert "(parts.1)" in repr(model)


def test_a_parameter_is_not_silently_replaced() -> None:
    layer = nn.Linear(2, 2)
    with pytest.raises(TypeError, match=r"nn\.Parameter"):
        layer.weight = np.ones((2, 2))
    layer.weight = nn.Parameter(np.ones((2, 2)))
    assert "weight" in dict(layer.named_parameters())


def test_a_state_is_a_dict() -> None:
    with pytest.raises(TypeError, match="load_state"):
        nn.Linear(2, 2).load_state_dict("weights.npz")
    with pytest.raises(TypeError, match="the path first"):
        nn.save_state(nn.Linear(2, 2).state_dict(), "weights.npz")


def test_the_gradient_of_a_frozen_parameter_can_be_set_to_zero() -> None:
    layer = nn.Linear(2, 1)
    layer(np.ones((1, 2), np.float32)).sum().backward()
    layer.weight.requires_grad = False
    layer.zero_grad(set_to_none=False)
    for parameter in layer.parameters():
        assert parameter.grad is not None
        np.testing.assert_array_equal(parameter.grad, np.zeros_like(parameter.detach()))
