from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.nn import functional
from autograd_mini.pictures.chain import chain


class Net(nn.Module):
    def __init__(self, compute: Callable[..., Any], **parts: Any) -> None:
        self.compute = compute
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *args: Any) -> Any:
        return self.compute(self, *args)


def net(compute: Callable[..., Any], names: str = "ab", **parts: Any) -> Net:
    """Return a model of square layers, and of other parts."""
    return Net(compute, **{name: nn.Linear(4, 4) for name in names}, **parts)


def order(model: nn.Module, *inputs: Any) -> list[str]:
    """Return the names of the layers and functions."""
    names = {module: name for name, module in model.named_modules()}
    return [s if isinstance(s, str) else names[s] for s in chain(model, inputs)]


# What is on one line


def test_a_sequential_says_itself_what_it_does_and_is_not_run() -> None:
    class Refuses(nn.Module):
        def forward(self, x: Any) -> Any:
            raise AssertionError

    inner = nn.Sequential(nn.Linear(2, 2), Refuses(), nn.Identity())
    assert order(nn.Sequential(inner, nn.Dropout(), nn.Linear(2, 1))) == [
        *("0.0", "Refuses", "Dropout", "2"),
    ]


def test_layers_that_are_defined_in_another_order_are_taken_as_they_run() -> None:
    model = Net(
        lambda m, x: m.second(np.tanh(m.first(x))), second=nn.Linear(3, 1), first=nn.Linear(2, 3)
    )
    assert order(model) == ["first", "tanh", "second"]


@given(st.permutations("abcd"))
def test_any_order_is_found(names: list[str]) -> None:
    def compute(m: Net, x: Any) -> Any:
        for name in names:
            x = getattr(m, name)(x)
        return x

    assert order(net(compute, "abcd")) == names


def test_functions_between_are_named_as_they_are_called() -> None:
    model = net(
        lambda m, x: functional.softmax(
            m.b(2 * functional.sigmoid(functional.relu(m.a(x)))), dim=1
        ),
    )
    assert order(model) == ["a", "relu", "sigmoid", "2 *", "b", "softmax"]


def test_modules_without_layers_are_named_by_their_class_whatever_they_do_inside() -> None:
    class Swish(nn.Module):
        def forward(self, x: Any) -> Any:
            return x * functional.sigmoid(x)

    acts = {"flat": nn.Flatten(), "acts": nn.Sequential(Swish(), nn.Softplus(2.0))}
    model = net(lambda m, x: m.b(m.acts(m.a(m.flat(x)))), **acts)
    assert order(model, np.zeros((3, 2, 2))) == ["Flatten", "a", "Swish", "Softplus", "b"]


def test_dropout_is_left_out_of_what_is_run() -> None:
    model = net(
        lambda m, x: m.b(functional.dropout(m.drop(m.a(x)), training=m.training)), drop=nn.Dropout()
    )
    assert order(model) == ["a", "b"]


def test_blocks_in_a_sequential_are_looked_into() -> None:
    block = net(lambda m, x: functional.relu(m.a(x)), "a")
    assert order(nn.Sequential(block, nn.Tanh(), nn.Linear(4, 1))) == ["0.a", "relu", "Tanh", "2"]


def test_a_layer_with_a_forward_of_its_own_is_run() -> None:
    class Rectified(nn.Linear):
        def forward(self, x: Any) -> Any:
            return functional.relu(super().forward(x))

    assert order(nn.Sequential(Rectified(2, 2), nn.Linear(2, 1))) == ["0", "relu", "1"]


def test_layers_that_are_not_trained_or_tied_or_write_in_place_are_followed() -> None:
    def in_place(m: Net, x: Any) -> Any:
        x -= 1
        h = m.a(x)
        h *= 2
        return m.b(h)

    assert order(net(in_place)) == ["- 1", "a", "* 2", "b"]
    assert order(net(lambda m, x: m.b(m.a(x))).requires_grad_(False)) == ["a", "b"]
    a, b = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    b.weight = a.weight
    assert order(Net(lambda m, x: m.b(m.a(x)), a=a, b=b)) == ["a", "b"]


# What is not


def gated(m: Net, x: Any) -> Any:
    return m.c(np.tanh(m.a(x)) * functional.sigmoid(m.b(x)))


def attention(m: Net, x: Any) -> Any:
    q, k, v = m.q(x), m.k(x), m.v(x)
    return x + m.o(functional.softmax(q @ k.mT, dim=-1) @ v)


def added_in_place(m: Net, x: Any) -> Any:
    h = m.a(x)
    h += m.b(h)
    return h


def added_unseen(m: Net, x: Any) -> Any:
    with ag.no_grad():
        return added_in_place(m, x)


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (net(gated, "abcd"), r"'\*' takes 2 arrays, so that a, b and d are not on one line"),
        (net(attention, "qkvo"), r"'\+' takes 2 arrays, so that q, k, v and o are not on one"),
        (net(lambda m, x: x + m.b(m.a(x))), "a and b are not on one line"),
        (net(added_in_place), "a and b are not on one line"),
        (net(added_in_place).requires_grad_(False), "a and b are not on one line"),
        (net(added_unseen), r"np.add wrote to a result unseen, as within no_grad\(\)"),
        (net(lambda m, x: m.b(m.a(x)), "acb"), "c is not used on the way"),
        (net(lambda m, x: [m.c(x), m.b(m.a(x))][1], "acb"), "c is not used on the way"),
        (net(lambda m, x: m.a(m.b(m.a(x)))), "a is used twice"),
        (net(lambda m, x: (m.a(x), m.b(x))), "its result is not one Tensor"),
        (net(lambda m, x: m.b(m.a(x) @ m.w), w=nn.Parameter(np.eye(4))), r"'@' uses .* \(4, 4\)"),
        (
            net(lambda m, x: functional.linear(x, m.a.weight, m.b.bias)),
            r"'linear' uses an array of shape",
        ),
        (
            net(lambda m, x: functional.linear(x, m.a.weight)),
            r"'linear' uses an array of shape \(4, 4\)",
        ),
        (net(lambda m, x: m.b(np.tanh(m.a(x).detach().numpy()))), "'linear' does not start from"),
        (net(lambda m, x: m.a.weight), "its result does not come from its input"),
        (nn.Sequential(nn.Linear(4, 4), net(lambda m, x: x + m.a(x), "a")), "0 and 1.a are not"),
    ],
)
def test_layers_that_are_not_on_one_line_are_refused(model: nn.Module, found: str) -> None:
    with pytest.raises(ValueError, match=found + r".*; draw .* instead: ag.draw\(model, x\)"):
        chain(model)


def test_models_of_two_inputs_are_refused_with_advice() -> None:
    model = net(lambda m, x: m.b(m.a(x)) + x)
    both = net(lambda m, x, y: m.b(m.a(x)) + y)
    advice = (
        r"\(1, 4\) it raised TypeError: .*'y'; pass an input: ag.draw\(model, x, style='layers'"
    )
    with pytest.raises(ValueError, match=advice):
        chain(both)
    x = np.zeros((2, 4), np.float32)
    with pytest.raises(ValueError, match=r"takes 2 arrays, so that a and b"):
        chain(both, (x, x))
    with pytest.raises(ValueError, match=r"takes 2 arrays; draw"):
        chain(net(lambda m, x, y: m.b(m.a(x + y))), (x, x))
    with pytest.raises(ValueError, match=r"takes 2 arrays, so that a and b"):
        chain(model, (x,))


def test_an_error_of_a_model_on_what_it_was_given_is_its_own() -> None:
    with pytest.raises(ValueError, match=r"the input of shape \(1, 3\)"):
        chain(net(lambda m, x: m.b(m.a(x))), (np.zeros((1, 3)),))


# Looking changes nothing


def test_the_model_its_input_and_random_numbers_are_as_before() -> None:
    def compute(m: Net, x: Any) -> Any:
        m.calls += 1
        with ag.no_grad():
            m.a.weight *= 2
        x += ag.random.default_generator().random()
        return m.b(m.a(x))

    ag.manual_seed(0)
    model = net(compute, calls=0)
    model.b.eval()
    x = np.ones((1, 4), np.float32)
    before = {name: tensor.copy() for name, tensor in model.state_dict().items()}
    state = ag.random.default_generator().bit_generator.state
    chain(model)
    chain(model, (x,))
    chain(model, (ag.Tensor(x),))
    assert (model.calls, model.training, model.a.training, model.b.training) == (0, 1, 1, 0)
    assert (x == 1).all()
    assert all((before[name] == t).numpy().all() for name, t in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert ag.random.default_generator().bit_generator.state == state


def test_zeros_may_make_what_warns() -> None:
    assert order(net(lambda m, x: m.b(m.a(np.log(x))))) == ["log", "a", "b"]
