import numpy as np

from autograd_mini.derivatives import activations as act
from autograd_mini.derivatives import special

from ..case import Case

x = np.array([[-1.7, 0.3, 2.1], [0.9, -0.4, -3.2]])
tall = np.array([[[0.5, -1.0], [2.0, 0.1]], [[-0.6, 1.4], [0.2, -2.2]]])

CASES: list[Case] = [
    *(
        Case(f, (argument,), id=f"{f.__name__}-{argument.shape}")
        for f in (
            act.relu,
            act.leaky_relu,
            act.elu,
            act.sigmoid,
            act.softplus,
            act.log_sigmoid,
            act.silu,
            act.gelu,
            special.erf,
            special.erfc,
            act.logsumexp,
        )
        for argument in (x, np.array(0.7), np.zeros((0, 3)) + 0.5, x.T[::-1])
        if argument.size or f is not act.logsumexp
    ),
    Case(act.leaky_relu, (x,), {"negative_slope": -0.3}),
    Case(act.elu, (x,), {"alpha": 0.4}),
    Case(act.gated, (x, x > 0)),
    Case(act.gelu, (x,), {"approximate": "tanh"}),
    *(
        Case(f, (tall,), {"axis": axis})
        for f in (act.softmax, act.log_softmax)
        for axis in (-1, 0, 1, (0, 2), None)
    ),
    Case(act.softmax, (np.zeros((0, 3)),)),
    Case(act.log_softmax, (np.zeros((3, 0)),)),
    *(
        Case(act.logsumexp, (tall,), {"axis": axis, "keepdims": keepdims})
        for axis in (None, 0, -1, (0, -1))
        for keepdims in (False, True)
    ),
]
