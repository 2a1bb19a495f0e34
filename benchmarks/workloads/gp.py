"""The log-likelihood of a Gaussian process, by the three parameters of its kernel.

C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, (2.30) and,
for the gradient, (5.9).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..workload import Array, Workload
from .common import entries


def data(n: int) -> tuple[list[Array], list[Array]]:
    """Return squared distances, the identity and observations; log amplitude, length and noise."""
    random = np.random.default_rng(0)
    x = np.sort(random.uniform(0, 10, n))
    y = np.sin(x) + 0.3 * random.normal(size=n)
    parameters = [np.array(p) for p in (0.1, -0.2, -1.0)]
    return [(x[:, None] - x) ** 2, np.eye(n), y], parameters


def loss(np: Any, distances: Any, eye: Any, y: Any, amplitude: Any, length: Any, noise: Any) -> Any:
    """Return the negative log-likelihood."""
    kernel = np.exp(2 * amplitude - 0.5 * distances * np.exp(-2 * length))
    covariance = kernel + np.exp(2 * noise) * eye
    white = np.linalg.solve(np.linalg.cholesky(covariance), y)
    _, log_determinant = np.linalg.slogdet(covariance)
    return 0.5 * (white @ white + log_determinant + len(y) * math.log(2 * math.pi))


def by_hand(
    distances: Array, eye: Array, y: Array, amplitude: Array, length: Array, noise: Array
) -> tuple[float, list[Array]]:
    """Return the negative log-likelihood and its gradients."""
    shrunk = distances * (-0.5 * np.exp(-2 * length))
    kernel = np.exp(2 * amplitude + shrunk)
    variance = np.exp(2 * noise)
    covariance = kernel + variance * eye
    inverse = np.linalg.inv(covariance)
    _, log_determinant = np.linalg.slogdet(covariance)
    weights = inverse @ y
    value = 0.5 * (y @ weights + log_determinant + len(y) * math.log(2 * math.pi))
    inverse -= np.outer(weights, weights)  # twice the gradient by the covariance
    by_noise = variance * inverse.trace()
    inverse *= kernel
    by_amplitude = inverse.sum()
    inverse *= shrunk
    return value, [np.asarray(d) for d in (by_amplitude, -inverse.sum(), by_noise)]


WITHOUT = {
    "mygrad": "it has no linear algebra beyond products",
    "tinygrad": "it has no linear algebra beyond products",
    "micrograd": "it has no linear algebra",
}

GP = Workload(
    name="gp",
    title="Gaussian-process log-likelihood",
    unit="observations",
    sizes=(25, 50, 100, 200, 400),
    main=(200,),
    dtype="float64",
    entries=entries("gradients", data, loss, by_hand, without=WITHOUT),
    sits_out=WITHOUT,
)
