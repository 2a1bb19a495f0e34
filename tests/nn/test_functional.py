"""Losses against PyTorch's: value and gradient, each argument and reduction."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn

torch = pytest.importorskip("torch")

F = nn.functional

REDUCTIONS = ("mean", "sum", "none")
rng = np.random.default_rng(0)


def same(ours: Any, theirs: Any, inputs: list[Any], dtype: str = "float64", count: int = 2) -> None:
    """Hold value and gradients, by the first `count` inputs, of a loss of ours to PyTorch's."""
    rtol, atol = (1e-10, 1e-13) if dtype == "float64" else (2e-5, 1e-6)
    arrays = [x.astype(dtype) if x.dtype.kind == "f" else x for x in inputs]
    tensors = [ag.Tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    references = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    out, expected = ours(*tensors), theirs(*references)
    np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), rtol, atol)
    assert out.dtype == dtype
    g = np.linspace(0.5, 1.5, out.size).reshape(out.shape).astype(dtype)
    out.backward(g)
    expected.backward(torch.tensor(g))
    for mine, reference in zip(tensors[:count], references, strict=False):
        if reference.requires_grad:
            np.testing.assert_allclose(mine.grad.numpy(), reference.grad.numpy(), rtol, atol)


def losses_of(name: str, **arguments: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a loss of ours and PyTorch's, with the same arguments."""
    reference = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in arguments.items()
    }
    return getattr(nn, name)(**arguments), getattr(torch.nn, name)(**reference)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MSELoss", {}),
        ("L1Loss", {}),
        ("HuberLoss", {}),
        ("HuberLoss", {"delta": 0.3}),
        ("SmoothL1Loss", {}),
        ("SmoothL1Loss", {"beta": 0.4}),
        ("SmoothL1Loss", {"beta": 0.0}),
    ],
)
@pytest.mark.parametrize("shape", [(), (4,), (3, 2, 2)])
def test_regression(name: str, arguments: Any, reduction: str, shape: tuple[int, ...]) -> None:
    inputs = [np.array(rng.normal(size=shape)), np.array(rng.normal(size=shape))]
    same(*losses_of(name, reduction=reduction, **arguments), inputs)
    same(*losses_of(name, reduction=reduction, **arguments), inputs, "float32")


def test_no_difference_has_no_slope() -> None:
    x = np.array([1.0, 2.0])
    for name in ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss"):
        same(*losses_of(name), [x, x])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [None, np.array([0.5, 2.0]), np.array([[0.5], [1.0], [2.0]])])
def test_binary_cross_entropy(reduction: str, weight: Any) -> None:
    y = rng.random((3, 2))
    p = np.array([[0.1, 0.9], [0.5, 1e-9], [0.3, 0.99]])
    same(*losses_of("BCELoss", reduction=reduction, weight=weight), [p, y])


def test_binary_cross_entropy_at_the_ends() -> None:
    ends, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    same(*losses_of("BCELoss", reduction="none"), [ends, y], "float32", count=1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [None, np.array([0.5, 2.0])])
@pytest.mark.parametrize("pos_weight", [None, np.array([3.0, 0.2])])
def test_binary_cross_entropy_with_logits(reduction: str, weight: Any, pos_weight: Any) -> None:
    arguments = {"reduction": reduction, "weight": weight, "pos_weight": pos_weight}
    x, y = rng.normal(size=(3, 2)) * 4, rng.random((3, 2))
    same(*losses_of("BCEWithLogitsLoss", **arguments), [x, y])


SHAPES = [((4, 3), (4,)), ((3,), ()), ((2, 3, 4), (2, 4)), ((2, 3, 2, 2), (2, 2, 2))]


@pytest.mark.parametrize(("shape", "of_target"), SHAPES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_cross_entropy_of_classes(
    shape: tuple[int, ...], of_target: tuple[int, ...], dtype: str
) -> None:
    x = rng.normal(size=shape) * 3
    target = np.array(rng.integers(0, 3, size=of_target))
    weight = np.array([0.5, 2.0, 1.5], dtype)
    for reduction, w, smoothing, ignored in product(
        REDUCTIONS, (None, weight), (0.0, 0.2), (-100, 1)
    ):
        arguments = {"weight": w, "label_smoothing": smoothing, "ignore_index": ignored}
        if not of_target and target == ignored:
            continue
        pair = losses_of("CrossEntropyLoss", reduction=reduction, **arguments)
        same(*pair, [x, target], dtype)


@pytest.mark.parametrize(("shape", "of_target"), SHAPES)
def test_nll_of_classes(shape: tuple[int, ...], of_target: tuple[int, ...]) -> None:
    x = rng.normal(size=shape) - 2
    target = np.array(rng.integers(0, 3, size=of_target))
    for reduction, w, ignored in product(
        REDUCTIONS, (None, np.array([0.5, 2.0, 1.5])), (-100, 1 if of_target else -100)
    ):
        pair = losses_of("NLLLoss", reduction=reduction, weight=w, ignore_index=ignored)
        same(*pair, [x, target])


@pytest.mark.parametrize("shape", [shape for shape, _ in SHAPES])
def test_cross_entropy_of_probabilities(shape: tuple[int, ...]) -> None:
    x = rng.normal(size=shape) * 3
    target = rng.random(shape)
    weight = np.array([0.5, 2.0, 1.5])
    for reduction, w, smoothing in product(REDUCTIONS, (None, weight), (0.0, 0.2)):
        arguments = {"weight": w, "label_smoothing": smoothing}
        same(*losses_of("CrossEntropyLoss", reduction=reduction, **arguments), [x, target])


@pytest.mark.parametrize("target", [[-100, -100, -100, -100], [2, -100, 0, 2]])
def test_ignored_targets(target: list[int]) -> None:
    x = rng.normal(size=(4, 3))
    for reduction, smoothing in product(REDUCTIONS, (0.0, 0.2)):
        pair = losses_of("CrossEntropyLoss", reduction=reduction, label_smoothing=smoothing)
        same(*pair, [x, np.array(target)])
        same(*losses_of("NLLLoss", reduction=reduction), [x, np.array(target)])


@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_kl_divergence(reduction: str, log_target: bool) -> None:
    log_p, q = np.log(rng.random((3, 4))), rng.random((3, 4))
    target = np.log(q) if log_target else q
    same(*losses_of("KLDivLoss", reduction=reduction, log_target=log_target), [log_p, target])


def test_kl_divergence_from_what_has_zeros() -> None:
    assert F.kl_div(np.log([0.5, 0.5]), [0.0, 1.0], "sum").item() == np.log(2)


def test_integers_and_lists_do_not_widen() -> None:
    x = ag.Tensor([0.25, 0.75], dtype=np.float32)
    labels = np.array([0, 1])
    for out in (
        F.mse_loss(x, labels),
        F.binary_cross_entropy(x, labels == 1, weight=[1.0, 2.0]),
        F.binary_cross_entropy_with_logits(x, [0, 1], pos_weight=[2.0]),
        F.kl_div(x, [0.5, 0.5]),
        F.cross_entropy(x, 1, weight=[1, 2]),
        F.dropout(x, 0.5),
        F.softplus(x, beta=2),
    ):
        assert out.dtype == np.float32


def test_shapes_that_would_broadcast_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"mse_loss: the input has shape \(3, 1\), the target \(3,\)"
    ):
        F.mse_loss(np.ones((3, 1)), np.ones(3))


def test_wrong_arguments() -> None:
    x = np.ones(3)
    with pytest.raises(ValueError, match="reduction is one of mean, sum, none, not 'avg'"):
        F.mse_loss(x, x, reduction="avg")
    with pytest.raises(ValueError, match="delta is positive"):
        F.huber_loss(x, x, delta=0.0)
    with pytest.raises(ValueError, match="beta is not negative"):
        F.smooth_l1_loss(x, x, beta=-1.0)
    with pytest.raises(ValueError, match="label_smoothing"):
        F.cross_entropy(x, 1, label_smoothing=1.5)
    with pytest.raises(ValueError, match="probability p"):
        F.dropout(x, 1.5)
    with pytest.raises(TypeError, match="scores"):
        F.cross_entropy(np.array([1, 2, 3]), 1)


def test_activations_by_pytorch_names() -> None:
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    t = torch.tensor(x)
    theirs = torch.nn.functional
    for ours, expected in [
        (F.tanh(x), torch.tanh(t)),
        (F.softplus(x, beta=2.0), theirs.softplus(t, beta=2.0)),
        (F.leaky_relu(x, 0.2), theirs.leaky_relu(t, 0.2)),
        (F.elu(x, 0.5), theirs.elu(t, 0.5)),
        (F.gelu(x, approximate="tanh"), theirs.gelu(t, approximate="tanh")),
        (F.softmax(x, dim=0), theirs.softmax(t, dim=0)),
        (F.log_softmax(x, dim=-1), theirs.log_softmax(t, dim=-1)),
        (F.logsumexp(x, dim=1, keepdim=True), torch.logsumexp(t, dim=1, keepdim=True)),
        (F.logsigmoid(x), theirs.logsigmoid(t)),
    ]:
        np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=1e-12)


def test_dropout_scales_what_it_keeps() -> None:
    x = ag.Tensor(np.ones(1000), requires_grad=True)
    out = F.dropout(x, 0.2, generator=np.random.default_rng(0))
    out.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), out.detach().numpy())
    assert set(np.unique(out.detach().numpy())) == {0, 1 / 0.8}
    assert 0.75 < (out.detach().numpy() > 0).mean() < 0.85
    assert (F.dropout(x, 1.0).detach().numpy() == 0).all()
    assert F.dropout(x, 0.5, training=False) is x


def test_dropout_that_drops_nothing_keeps_apart_from_an_array() -> None:
    for arguments in ({"training": False}, {"p": 0.0}):
        a = np.ones(3)
        out = F.dropout(a, **arguments)
        out *= 5
        np.testing.assert_array_equal(a, 1)


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
def test_classes_may_be_overwritten_before_the_walk_back(loss: Any) -> None:
    scores, classes = rng.normal(size=(3, 4)), np.array([0, 3, 1])
    x = ag.Tensor(scores, requires_grad=True)
    loss(x, classes).backward()
    again = ag.Tensor(scores, requires_grad=True)
    out = loss(again, classes)
    classes[:] = 2
    out.backward()
    np.testing.assert_array_equal(again.grad.numpy(), x.grad.numpy())
