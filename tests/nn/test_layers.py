from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn


def test_linear_starts_as_pytorch_does() -> None:
    ag.manual_seed(0)
    layer = nn.Linear(100, 50)
    bound = 0.1
    for p in (layer.weight, layer.bias):
        assert p is not None
        assert p.dtype == np.float32
        assert np.abs(p.detach().numpy()).max() <= bound * (1 + 1e-6)
    spread = layer.weight.detach().numpy().std()
    np.testing.assert_allclose(spread, bound / np.sqrt(3), rtol=0.05)


def test_linear_arguments() -> None:
    layer = nn.Linear(3, 2, bias=False, dtype=np.float64, generator=np.random.default_rng(5))
    again = nn.Linear(3, 2, bias=False, dtype=np.float64, generator=np.random.default_rng(5))
    assert layer.bias is None
    np.testing.assert_array_equal(layer.weight.detach(), again.weight.detach())
    assert layer(np.ones((4, 5, 3))).shape == (4, 5, 2)
    assert nn.Linear(0, 2)(np.ones((4, 0), np.float32)).shape == (4, 2)
    with pytest.raises(
        ValueError, match=r"weight is of shape \(2, 3\) and the input of shape \(4, 2\)"
    ):
        layer(np.ones((4, 2)))


@pytest.mark.parametrize("arguments", [{}, {"start_dim": 0}, {"end_dim": 2}, {"start_dim": -2}])
def test_flatten_as_pytorch(arguments: Any) -> None:
    torch = pytest.importorskip("torch")
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    expected = torch.nn.Flatten(**arguments)(torch.tensor(x)).numpy()
    np.testing.assert_array_equal(nn.Flatten(**arguments)(x), expected)
    t = ag.Tensor(x, requires_grad=True)
    nn.Flatten(**arguments)(t).sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), np.ones_like(x))


def test_flatten_of_nothing_and_of_too_little() -> None:
    assert nn.Flatten()(np.zeros((0, 3, 4))).shape == (0, 12)
    with pytest.raises(ValueError, match="start_dim=1"):
        nn.Flatten()(np.zeros(3))


def test_activation_layers_call_their_functions() -> None:
    x = np.linspace(-2, 2, 6).reshape(2, 3)
    F = nn.functional
    for layer, expected in [
        (nn.ReLU(), F.relu(x)),
        (nn.LeakyReLU(0.3), F.leaky_relu(x, 0.3)),
        (nn.ELU(0.3), F.elu(x, 0.3)),
        (nn.GELU("tanh"), F.gelu(x, "tanh")),
        (nn.SiLU(), F.silu(x)),
        (nn.Sigmoid(), F.sigmoid(x)),
        (nn.LogSigmoid(), F.logsigmoid(x)),
        (nn.Tanh(), F.tanh(x)),
        (nn.Softplus(2.0), F.softplus(x, 2.0)),
        (nn.Softmax(0), F.softmax(x, 0)),
        (nn.LogSoftmax(0), F.log_softmax(x, 0)),
        (nn.Identity(), x),
    ]:
        np.testing.assert_array_equal(layer(x), expected)


def test_dropout_draws_anew_and_can_be_replayed() -> None:
    layer = nn.Dropout(0.5)
    x = np.ones(50)
    state = ag.random.get_state()
    first, second = layer(x).numpy(), layer(x).numpy()
    assert (first != second).any()
    ag.random.set_state(state)
    np.testing.assert_array_equal(layer(x).numpy(), first)
    own = nn.Dropout(0.5, generator=np.random.default_rng(1))
    before = ag.random.get_state()
    own(x)
    assert ag.random.get_state() == before
    with pytest.raises(ValueError, match="probability"):
        nn.Dropout(2.0)


def test_a_model_learns() -> None:
    ag.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = ag.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    loss_of = nn.CrossEntropyLoss()
    for _ in range(150):
        optimizer.zero_grad()
        loss = loss_of(model(x), labels)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
