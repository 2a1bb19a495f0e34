"""Shapes."""

from __future__ import annotations

import numpy as np

from ..primitive import derivative, each

derivative(np.reshape, a=lambda g, a_shape: np.reshape(g, a_shape))
derivative(np.transpose, a=lambda g, axes: np.transpose(g, None if axes is None else np.argsort(axes)))
derivative(np.expand_dims, a=lambda g, a_shape: np.reshape(g, a_shape))
derivative(np.broadcast_to, array=lambda g: g)
derivative(np.stack, arrays=each(lambda g, axis: np.unstack(g, axis=axis)))
derivative(np.copy, a=lambda g: g)
derivative(np.astype, x=lambda g: g)
