"""Learn OR: the network of a tutorial, without the derivatives that it writes by hand.

"Ligera introducción a Deep Learning" trains a 2-3-1 network on the truth table of OR, in plain
NumPy, with each derivative worked out on paper. Here are the same numbers without them.
"""

from collections.abc import Iterator

import numpy as np
from support import parser, positive

import autograd_mini as ag
from autograd_mini.nn.functional import relu, sigmoid
from autograd_mini.optim import SGD

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [1]])
RATE = 0.1
EPOCHS = 10_000


def initial_parameters() -> list[ag.Tensor]:
    """Return W1, b1, W2, b2 as the tutorial draws them."""
    random = np.random.RandomState(42)
    arrays = random.randn(2, 3), np.zeros((1, 3)), random.randn(3, 1), np.zeros((1, 1))
    return [ag.Tensor(array, requires_grad=True) for array in arrays]


def train(parameters: list[ag.Tensor], epochs: int = EPOCHS) -> Iterator[tuple[float, np.ndarray]]:
    """Train in place, and yield the loss and the predictions of each epoch."""
    W1, b1, W2, b2 = parameters
    optimizer = SGD(parameters, lr=RATE)
    for _ in range(epochs):
        hidden = relu(X @ W1 + b1)
        predictions = sigmoid(hidden @ W2 + b2)
        errors = 0.5 * (Y - predictions) ** 2
        optimizer.zero_grad()
        errors.sum().backward()
        optimizer.step()
        yield errors.mean().item(), predictions.detach().numpy()


def main() -> None:
    arguments = parser(__doc__.splitlines()[0], pictures=False)
    arguments.add_argument(
        "--epochs", type=positive, default=EPOCHS, metavar="N", help="steps (default: 10000)"
    )
    epochs = arguments.parse_args().epochs

    print("OR, learned by a network of 2 inputs, 3 hidden neurons (ReLU) and 1 output (sigmoid).\n")
    print(
        "The tutorial prints the mean of 0.5 (y - a)^2 over the four rows of the truth table, but"
    )
    print(
        "the gradient it writes by hand, a - y, is that of their sum: four times as large. So the"
    )
    print(
        "sum takes the step here, and the mean is printed; then every number is the tutorial's.\n"
    )

    parameters = initial_parameters()
    for epoch, (loss, predictions) in enumerate(train(parameters, epochs)):  # noqa: B007
        if epoch % 1000 == 0:
            print(f"Epoch {epoch}, Loss: {loss:.4f}   ({loss:.17g})")

    print("\nx1 x2   y   prediction")
    for x, y, a in zip(X, Y, predictions, strict=True):
        print(f" {x[0]}  {x[1]}   {y[0]}   {a[0]:.8f}")
    right = int(((predictions > 0.5) == Y).sum())
    print(f"\n{right} of 4 are right. What the network has learned:\n")
    for name, parameter in zip(["W1", "b1", "W2", "b2"], parameters, strict=True):
        rows = np.array2string(parameter.detach().numpy(), precision=4, suppress_small=True)
        print(f"{name} = {rows.replace(chr(10), chr(10) + ' ' * 5)}")
    print("\nNo derivative was written: errors.sum().backward() found all four gradients.")


if __name__ == "__main__":
    main()
