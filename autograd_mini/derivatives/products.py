"""Products."""

from __future__ import annotations

import numpy as np

from ..primitive import derivative

derivative(np.matmul, x1=lambda g, x2: g @ x2.mT, x2=lambda g, x1: x1.mT @ g)
derivative(np.matrix_transpose, x=lambda g: g.mT)
