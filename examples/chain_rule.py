"""Follow the chain rule through the OR network: each derivative by hand, and by the library.

"Ligera introducción a Deep Learning" derives the backpropagation of its network on paper. Here
are its variables under its names, its derivatives as it writes them, and beside them what one call
of `backward()` finds.
"""

import numpy as np
from or_gate import X, Y, initial_parameters
from support import parser

import autograd_mini as ag
from autograd_mini.nn.functional import relu, sigmoid

BY_HAND = {
    "dL_da2": "a2 - y",
    "dL_dz2": "dL_da2 * sigmoid_deriv(z2)",
    "dL_dW2": "a1.T @ dL_dz2",
    "dL_db2": "np.sum(dL_dz2, axis=0, keepdims=True)",
    "dL_da1": "dL_dz2 @ W2.T",
    "dL_dz1": "dL_da1 * relu_deriv(z1)",
    "dL_dW1": "X.T @ dL_dz1",
    "dL_db1": "np.sum(dL_dz1, axis=0, keepdims=True)",
}
"""The tutorial's derivatives, in its order. Each is computed from the text that is printed."""


def variables() -> dict[str, ag.Tensor]:
    """Return the variables of the forward run by name, and their loss L, the sum over the rows."""
    W1, b1, W2, b2 = initial_parameters()
    x, y = ag.Tensor(X, dtype=float), ag.Tensor(Y, dtype=float)
    z1 = x @ W1 + b1
    a1 = relu(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    L = np.sum(0.5 * (y - a2) ** 2)
    named = {"X": x, "y": y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    named |= {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "L": L}
    for name, variable in named.items():
        variable.name = name
    return named


def sigmoid_deriv(z: np.ndarray) -> np.ndarray:
    """Return the slope of the sigmoid, as the tutorial writes it."""
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)


def relu_deriv(z: np.ndarray) -> np.ndarray:
    """Return the slope of ReLU, as the tutorial writes it."""
    return np.where(z > 0, 1, 0)


def derivatives_by_hand(named: dict[str, ag.Tensor]) -> dict[str, np.ndarray]:
    """Return the derivatives in plain NumPy, without the library."""
    names = {name: variable.detach().numpy() for name, variable in named.items()}
    names |= {"np": np, "sigmoid_deriv": sigmoid_deriv, "relu_deriv": relu_deriv}
    for name, formula in BY_HAND.items():
        names[name] = eval(formula, names)
    return {name: names[name] for name in BY_HAND}


def derivatives_by_library(named: dict[str, ag.Tensor]) -> dict[str, np.ndarray]:
    """Return the same by one `backward()`, which leaves them in the variables' `grad`."""
    for name in ("z1", "a1", "z2", "a2"):
        named[name].retain_grad()  # of what is computed on the way, as of the parameters
    named["L"].backward()
    return {name: named[name.removeprefix("dL_d")].grad.numpy() for name in BY_HAND}


def print_beside(title: str, left: np.ndarray, right: np.ndarray) -> None:
    """Print two matrices of one shape, row by row beside each other."""
    print(f"\n{title}")
    for rows in zip(left, right, strict=True):
        one, other = (" ".join(f"{number + 0.0:11.8f}" for number in row) for row in rows)
        print(f"    {one:40}{other}")


def main() -> None:
    folder = parser(__doc__.splitlines()[0]).parse_args().out
    named = variables()
    total, rows = named["L"].item(), len(X)

    print("The OR network: 2 inputs, 3 hidden neurons (ReLU), 1 output (sigmoid), 4 examples.\n")
    print(f"    loss L = sum of 0.5 (y - a2)^2 = {total:.8f}\n")
    print(f"The tutorial prints the mean, L / {rows} = {total / rows:.4f}. But the derivative it")
    print("starts from, a2 - y, is that of the sum; those of the mean are all of these divided by")
    print(f"{rows}.")

    picture = ag.draw(named["L"], backward=True, title="The chain rule through the OR network")
    by_hand = derivatives_by_hand(named)
    by_library = derivatives_by_library(named)
    print(f"\n    {'by hand':40}by the library, after L.backward()")
    for name, formula in BY_HAND.items():
        print_beside(f"{name} = {formula}", by_hand[name], by_library[name])
    largest = max(np.abs(by_hand[name] - by_library[name]).max() for name in BY_HAND)
    print(f"\nThe largest difference between the two is {largest:.1e}.")

    folder.mkdir(parents=True, exist_ok=True)
    print("\nThe same, drawn:")
    path = picture.save(folder / "chain_rule.svg")
    print(f"{path}: black, how L is computed; red, the rule of each step on the way back")
    path = picture.save(folder / "chain_rule.html")
    print(f"{path}: a page; its arrow keys walk through every step, number by number")


if __name__ == "__main__":
    main()
