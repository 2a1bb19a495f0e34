"""A step of the network that reads digits: 784-128-64-10, cross entropy, in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dialects import Loss
from ..workload import Array, Workload
from .common import entries


def data(rows: int) -> tuple[list[Array], list[Array]]:
    """Return images, mostly of empty paper, and labels; and weights as PyTorch draws them first."""
    random = np.random.default_rng(0)
    images = random.uniform(size=(rows, 784)) * (random.uniform(size=(rows, 784)) < 0.2)
    weights = []
    for ins, outs in [(784, 128), (128, 64), (64, 10)]:
        bound = ins**-0.5
        weights += [random.uniform(-bound, bound, shape) for shape in [(outs, ins), (outs,)]]
    labels = random.integers(10, size=rows)
    return [images.astype(np.float32), labels], [w.astype(np.float32) for w in weights]


def loss(np: Any, x: Any, labels: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
    """Return the mean cross entropy."""
    x = np.maximum(0, x @ w1.T + b1)
    x = np.maximum(0, x @ w2.T + b2)
    scores = x @ w3.T + b3
    scores = scores - np.max(scores, axis=1, keepdims=True)
    rows = range(len(labels))
    return np.mean(np.log(np.sum(np.exp(scores), axis=1)) - scores[rows, labels])


def by_hand(
    x: Array, labels: Array, w1: Array, b1: Array, w2: Array, b2: Array, w3: Array, b3: Array
) -> tuple[float, list[Array]]:
    """Return the loss and its gradients."""
    first = _layer(x, w1, b1)
    np.maximum(first, 0, out=first)
    second = _layer(first, w2, b2)
    np.maximum(second, 0, out=second)
    scores = _layer(second, w3, b3)

    scores -= scores.max(axis=1, keepdims=True)
    rows = np.arange(len(x))
    right = scores[rows, labels]
    d = np.exp(scores, out=scores)
    sums = d.sum(axis=1, keepdims=True)
    value = (np.log(sums).sum() - right.sum()) / len(x)

    d /= sums
    d[rows, labels] -= 1
    d /= len(x)
    d_second = d @ w3
    d_second *= second > 0
    d_first = d_second @ w2
    d_first *= first > 0
    return value, [
        d_first.T @ x,
        d_first.sum(axis=0),
        d_second.T @ first,
        d_second.sum(axis=0),
        d.T @ second,
        d.sum(axis=0),
    ]


def _layer(x: Array, w: Array, b: Array) -> Array:
    y = x @ w.T
    y += b
    return y


def with_its_own(linear: Loss, relu: Loss, cross_entropy: Loss) -> Loss:
    """Return the loss in a library's own functions."""

    def loss(
        _: Any, x: Any, labels: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any
    ) -> Any:
        x = relu(linear(x, w1, b1))
        x = relu(linear(x, w2, b2))
        return cross_entropy(linear(x, w3, b3), labels)

    return loss


def in_ours() -> Loss:
    from autograd_mini.nn.functional import cross_entropy, linear, relu

    return with_its_own(linear, relu, cross_entropy)


def in_torch() -> Loss:
    from torch.nn.functional import cross_entropy, linear, relu

    return with_its_own(linear, relu, cross_entropy)


def in_jax() -> Loss:
    import jax.numpy as jnp
    from jax.nn import log_softmax, relu

    def cross_entropy(scores: Any, labels: Any) -> Any:
        return -jnp.take_along_axis(log_softmax(scores), labels[:, None], axis=1).mean()

    return with_its_own(lambda x, w, b: x @ w.T + b, relu, cross_entropy)


def in_mygrad() -> Loss:
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    return with_its_own(lambda x, w, b: x @ w.T + b, relu, softmax_crossentropy)


def in_tinygrad() -> Loss:
    from tinygrad import Tensor

    return with_its_own(
        lambda x, w, b: x.linear(w.T, b), Tensor.relu, Tensor.sparse_categorical_crossentropy
    )


WITHOUT = {"micrograd": "109,184 weights are too many to compute with number by number"}

DIGITS_STEP = Workload(
    name="digits-step",
    title="digits step, 784-128-64-10",
    unit="rows",
    sizes=(1, 32, 256, 2048),
    main=(32, 1, 256, 2048),
    dtype="float32",
    entries=entries(
        "descent",
        data,
        loss,
        by_hand,
        {
            "ours": in_ours,
            "torch": in_torch,
            "compile": in_torch,
            "jax": in_jax,
            "mygrad": in_mygrad,
            "tinygrad": in_tinygrad,
        },
        without=WITHOUT,
        forward=True,
        rate=0.1,
    ),
    sits_out=WITHOUT,
)
