"""Elementwise functions."""

from __future__ import annotations

import numpy as np

from ..primitive import derivative

derivative(np.positive, x=lambda g: g)
derivative(np.negative, x=lambda g: -g)
derivative(np.add, x1=lambda g: g, x2=lambda g: g)
derivative(np.subtract, x1=lambda g: g, x2=lambda g: -g)
derivative(np.multiply, x1=lambda g, x2: g * x2, x2=lambda g, x1: g * x1)
derivative(np.divide, x1=lambda g, x2: g / x2, x2=lambda g, out, x2: -g * out / x2)
derivative(np.square, x=lambda g, x: g * 2 * x)
derivative(np.exp, x=lambda g, out: g * out)
derivative(np.log, x=lambda g, x: g / x)
derivative(np.tanh, x=lambda g, out: g * (1 - out * out))
