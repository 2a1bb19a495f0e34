import numpy as np

from autograd_mini.derivatives import losses

from ..case import Case

scores = np.array([[-1.7, 0.3, 2.1], [0.9, -0.4, -1.2]])
pixels = np.array([[[0.5, -1.0], [2.0, 0.1], [0.3, 0.4]], [[-0.6, 1.4], [0.2, -2.2], [1.0, 0.0]]])
shares = np.array([[0.2, 0.3, 0.5], [0.7, 0.1, 0.2]])
classes = np.array([2, 0])
classes_of_pixels = np.array([[2, 0], [1, -100]])
weight = np.array([0.5, 2.0, 1.5])
p = np.array([0.2, 0.6, 0.9])
y = np.array([0.0, 0.3, 1.0])
z = np.array([[0.4, -1.2, 3.0], [-0.3, 0.2, 1.7]])
reductions = ("mean", "sum", "none")

CASES: list[Case] = [
    *(
        Case(
            losses.linear,
            (x, np.array([[0.5, -1.0, 0.2], [1.5, 0.3, -0.7]]), bias),
            id=f"linear-{i}",
        )
        for i, (x, bias) in enumerate(
            (x, bias)
            for x in (scores, scores[0], scores.reshape(2, 1, 3)[::-1], np.zeros((0, 3)))
            for bias in (None, np.array([0.1, -0.2]))
        )
    ),
    Case(losses.linear, (np.zeros((2, 0)), np.zeros((3, 0)), np.ones(3)), id="linear-of-nothing"),
    Case(losses.linear, (np.ones((2, 3)), np.zeros((0, 3)), np.zeros(0)), id="linear-to-nothing"),
    Case(losses.huber, (z,)),
    Case(losses.huber, (z,), {"delta": 0.5}),
    Case(losses.binary_cross_entropy, (p, y)),
    Case(losses.logistic_loss, (z, shares)),
    Case(losses.logistic_loss, (z, shares, np.array([0.5, 2.0, 3.0]))),
    Case(losses.xlogx, (p,)),
    *(
        Case(
            lambda x, f=f, target=target, weight=w, reduction=reduction: f(
                x, target, weight, reduction=reduction
            ),
            (x,),
            id=f"{f.__name__}-{x.ndim}-{reduction}-{'weight' if w is not None else ''}",
        )
        for f in (losses.cross_entropy, losses.nll_loss)
        for x, target in ((scores, classes), (pixels, classes_of_pixels), (scores[0], np.array(1)))
        for w in (None, weight)
        for reduction in reductions
    ),
    *(
        Case(
            losses.cross_entropy,
            (scores, shares),
            {"weight": w, "reduction": reduction, "label_smoothing": smoothing},
        )
        for w in (None, weight)
        for reduction in reductions
        for smoothing in (0.0, 0.1)
    ),
    *(
        Case(
            lambda x, reduction=reduction: losses.cross_entropy(
                x, classes_of_pixels, weight, reduction=reduction, label_smoothing=0.2
            ),
            (pixels,),
            id=f"cross_entropy-smooth-{reduction}",
        )
        for reduction in reductions
    ),
]
