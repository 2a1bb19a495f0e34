"""Draw everything: a neuron, a layer, an architecture, networks, their training and its cost.

Each picture is a line or two of code, and a file in the folder that is named by --out. Those of
training need matplotlib, the others nothing but the library.
"""

from functools import partial
from pathlib import Path
from typing import Any

from digits import HERE, MNIST, load, network, probabilities, progress, train

# isort: split
# NumPy comes after digits, which sets how many threads it uses.
import numpy as np
import or_gate
from support import parser, positive, pyplot

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.nn.functional import sigmoid

OR_STEPS = 2000
BATCH = 64


def say(path: Path, what: str) -> None:
    print(f"{path.name:24}{what}")


def save(plot: Any, path: Path, what: str) -> None:
    """Save the figure of a plot, and say what it shows."""
    plot.figure.savefig(path, dpi=160, bbox_inches="tight", facecolor="white")
    say(path, what)


# What textbooks draw


def draw_neuron(folder: Path) -> None:
    neuron = nn.Sequential(nn.Linear(3, 1), nn.Sigmoid())
    neuron.load_state_dict({"0.weight": np.array([[0.5, -0.3, 0.8]]), "0.bias": np.array([0.5])})
    path = ag.draw(neuron, style="layers").save(folder / "neuron.svg")
    say(path, "a neuron: weighted inputs, a bias, and a function of their sum")


def draw_layer(folder: Path) -> None:
    W = ag.Tensor([[0.5, -0.3, 0.8], [0.2, 0.7, -0.1]], requires_grad=True, name="W[l]")
    b = ag.Tensor([0.5, 0.5], requires_grad=True, name="b[l]")
    z = W @ ag.Tensor([0.2, 0.8, 0.3], name="a[l-1]") + b
    a = sigmoid(z)
    z.name, a.name = "z[l]", "a[l]"
    path = ag.draw(a, backward=True, direction="right", legend=False).save(folder / "layer.svg")
    say(path, "the formula of a layer, a[l] = f(W[l] a[l-1] + b[l]), and its rules backwards")


def draw_architecture(folder: Path) -> None:
    hidden = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
    output = nn.Linear(64, 10)

    def read(image: ag.Tensor) -> ag.Tensor:
        with ag.scope("28 x 28 pixels"), ag.scope("input layer (784)"):
            pixels = image.reshape(1, 784)
        with ag.scope("extraction of features"), ag.scope("hidden layers (128, 64)"):
            features = hidden(pixels)
        with ag.scope("classification, 0 to 9"), ag.scope("output layer (10)"):
            return output(features)

    image = np.zeros((1, 28, 28), np.float32)
    picture = ag.draw(read, image, depth=1, direction="right", legend=False)
    say(picture.save(folder / "architecture.svg"), "784-128-64-10 as three boxes, by ag.scope")


# The OR network


def or_network() -> nn.Sequential:
    """Return the OR network, with what it has learned."""
    parameters = or_gate.initial_parameters()
    for _ in or_gate.train(parameters, OR_STEPS):
        pass
    W1, b1, W2, b2 = (parameter.detach().numpy() for parameter in parameters)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid())
    learned = {"0.weight": W1.T, "0.bias": b1[0], "2.weight": W2.T, "2.bias": b2[0]}
    model.load_state_dict(learned)
    return model


def draw_or(model: nn.Sequential, folder: Path) -> None:
    path = ag.draw(model, style="layers").save(folder / "or_network.svg")
    say(path, f"the OR network after {OR_STEPS:,} steps: weights on lines, biases in circles")


def plot_or(model: nn.Sequential, folder: Path) -> None:
    x, y = or_gate.X.astype(float), or_gate.Y
    plot = ag.plot.decision_boundary(model, x, y.ravel(), threshold=0.5)
    save(plot, folder / "or_boundary.png", "where its answer changes from 0 to 1")
    plot = ag.plot.loss_surface(model, lambda: np.mean(0.5 * (y - model(x)) ** 2))
    save(plot, folder / "or_surface.png", "its loss around what it has learned")
    save(ag.plot.activations(), folder / "activations.png", "the functions, and their slopes")


# The digits


def learn(model: nn.Module, mnist: MNIST, epochs: int) -> list[dict[str, float]]:
    """Train the network, and return the loss and the accuracy of every 20 steps."""
    count = epochs * -(-len(mnist.train_labels) // BATCH)
    rng = np.random.default_rng(0)
    settings = {"epochs": epochs, "batch_size": BATCH, "rate": 0.05, "rng": rng}
    losses, notes = [], []
    with progress(count) as (advance, _):
        for done, loss in train(model, mnist.train_images, mnist.train_labels, **settings):
            losses.append(loss)
            if done % 20 == 0:
                read = probabilities(model, mnist.test_images).argmax(axis=1)
                right = np.mean(read == mnist.test_labels)
                notes.append({"step": done, "loss": np.mean(losses), "test accuracy": right})
                losses.clear()
            advance(f"training on digits   loss {loss:.3f}")
    return notes


def draw_digits(model: nn.Module, mnist: MNIST, folder: Path) -> None:
    x = ag.Tensor(mnist.train_images[:BATCH], name="images")
    y = ag.Tensor(mnist.train_labels[:BATCH], name="labels")
    say(ag.draw(model, x).save(folder / "digits.svg"), "the network, a box for each module")
    path = ag.draw(model, style="layers").save(folder / "digits_layers.svg")
    say(path, "the same as circles and weights")

    step = partial(training_step, model, x, y)
    step()  # the first is slower
    with ag.profile() as profile:
        loss = step()
    path = ag.draw(loss, profile=profile).save(folder / "digits_profile.svg")
    say(path, "where a step of training spends its time: the redder, the longer")
    loss = nn.CrossEntropyLoss()(model(x), y)
    picture = ag.draw(loss, backward=True, depth=1, title="A step of training on digits")
    path = picture.save(folder / "digits.html")
    say(path, "a page that walks through a step of training")
    print(f"\nWhat the network is: ag.summary(model, x)\n\n{ag.summary(model, x)}")
    print(f"\nWhat a step of training costs: ag.profile()\n\n{profile}\n")


def training_step(model: nn.Module, x: ag.Tensor, y: ag.Tensor) -> ag.Tensor:
    """Compute the loss and its gradients, and return the loss."""
    loss = nn.CrossEntropyLoss()(model(x), y)
    model.zero_grad()
    loss.backward()
    return loss


def plot_digits(model: nn.Module, notes: list[dict[str, float]], folder: Path) -> None:
    path = folder / "digits_history.png"
    save(ag.plot.history(notes), path, "the loss and the accuracy as it was trained")
    path = folder / "digits_gradients.png"
    save(ag.plot.gradients(model), path, "how large the gradients of its parameters are")


def main() -> None:
    arguments = parser(__doc__.splitlines()[0])
    often = "times through the digits (default: 2)"
    arguments.add_argument("--epochs", type=positive, default=2, metavar="N", help=often)
    args = arguments.parse_args()
    folder = args.out
    folder.mkdir(parents=True, exist_ok=True)
    ag.manual_seed(0)

    print(f"The pictures are in the folder {folder}.\n")
    draw_neuron(folder)
    draw_layer(folder)
    draw_architecture(folder)
    learned = or_network()
    draw_or(learned, folder)
    mnist = load(HERE / "data")
    model = network(mnist.train_images)
    notes = learn(model, mnist, args.epochs)
    draw_digits(model, mnist, folder)
    if pyplot() is not None:
        plot_or(learned, folder)
        plot_digits(model, notes, folder)


if __name__ == "__main__":
    main()
