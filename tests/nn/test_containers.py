from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from autograd_mini import nn


def build(lib: Any) -> list[Any]:
    class Net(lib.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = lib.Linear(2, 3, bias=False)
            self.act = lib.Sequential(lib.ReLU(), lib.Identity())
            self.empty = lib.Sequential()

    class Extra(lib.Module):
        def __init__(self) -> None:
            super().__init__()
            self.act = lib.Tanh()

        def extra_repr(self) -> str:
            return "size=3"

    same = [lib.Linear(2, 2) for _ in range(3)]
    return [
        Net(),
        Extra(),
        lib.Sequential(lib.Linear(2, 3), Net(), lib.Flatten()),
        lib.Sequential(OrderedDict(one=lib.SiLU(), two=lib.GELU(approximate="tanh"))),
        lib.ModuleList([*same, lib.ReLU(), lib.Sequential(lib.ELU()), lib.Sequential(lib.ELU())]),
        lib.ModuleList(),
        lib.ModuleDict({"x": lib.Sigmoid(), "y": lib.ModuleDict()}),
        *(lib.LeakyReLU(), lib.LeakyReLU(0.2), lib.ELU(), lib.GELU(), lib.LogSigmoid()),
        *(lib.Softmax(dim=1), lib.LogSoftmax(dim=-1), lib.Flatten(0, 2), lib.Identity(3, a=4)),
        *(lib.MSELoss(), lib.CrossEntropyLoss(reduction="sum"), lib.KLDivLoss()),
        *(lib.BCEWithLogitsLoss(), lib.BCELoss(), lib.NLLLoss(), lib.HuberLoss(), lib.L1Loss()),
    ]


def test_repr_as_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for ours, theirs in zip(build(nn), build(torch.nn), strict=True):
        assert repr(ours) == repr(theirs)


def test_sequential_is_a_row() -> None:
    a, b, c, d = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Tanh()
    model = nn.Sequential(a, b, c)
    assert len(model) == 3
    assert list(model) == [a, b, c]
    assert model[0] is a
    assert model[-1] is c
    assert model[np.int64(1)] is b
    assert list(model[1:]) == [b, c]
    assert type(model[::2]) is nn.Sequential
    assert model.append(d) is model
    assert list(model._modules) == ["0", "1", "2", "3"]
    model[1] = nn.Identity()
    assert isinstance(model[1], nn.Identity)
    del model[1]
    assert list(model) == [a, c, d]
    assert list(model._modules) == ["0", "1", "2"]
    model.insert(1, b).extend([nn.ReLU()])
    assert list(model)[:4] == [a, b, c, d]
    x = np.ones((5, 2), np.float32)
    expected = model[4](d(c(b(a(x)))))
    np.testing.assert_array_equal(model(x).detach(), expected.detach())
    with pytest.raises(IndexError, match="index 7 into 5 modules"):
        model[7]


def test_appending_to_a_part_replaces_nothing() -> None:
    model = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid())[1:]
    model.append(nn.ELU())
    assert [type(m).__name__ for m in model] == ["Tanh", "Sigmoid", "ELU"]


def test_sequential_with_names() -> None:
    model = nn.Sequential(OrderedDict(first=nn.Linear(2, 2), act=nn.ReLU()))
    assert model.first is model[0]
    assert list(model[:1].state_dict()) == ["first.weight", "first.bias"]
    with pytest.raises(AttributeError, match="Sequential has no attribute second"):
        _ = model.second
    assert nn.Sequential()(3) == 3
    with pytest.raises(TypeError, match="holds Modules, not function"):
        nn.Sequential(lambda x: x)


def test_module_list() -> None:
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    assert type(layers[1:]) is nn.ModuleList
    assert [name for name, _ in layers[1:].named_modules()] == ["", "0", "1"]
    layers += [nn.ReLU()]
    assert len(layers) == 4
    assert len(layers + [nn.ReLU()]) == 5  # noqa: RUF005
    assert len(list(layers.parameters())) == 6
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        layers(1)


def test_module_dict() -> None:
    heads = nn.ModuleDict({"a": nn.Linear(2, 1)})
    heads["b"] = nn.ReLU()
    heads.update([("c", nn.Tanh())])
    assert list(heads) == list(heads.keys()) == ["a", "b", "c"]
    assert "b" in heads
    assert len(heads) == 3
    assert heads.a is heads["a"]
    del heads["b"]
    assert [type(m).__name__ for m in heads.values()] == ["Linear", "Tanh"]
    assert [k for k, _ in heads.items()] == ["a", "c"]
    assert list(heads.state_dict()) == ["a.weight", "a.bias"]
