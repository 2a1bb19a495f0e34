"""Read handwritten digits: a 784-128-64-10 network, trained on MNIST from its pixels.

Without arguments it trains on the 6,000 digits of this repository. --path takes the folder of the
four files of the full set, plain or as .gz.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):  # the products are small: a second thread costs more
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from support import FAINT, GREEN, GREY, RED, parser, positive, pyplot, save

import autograd_mini as ag
from autograd_mini import nn, optim
from autograd_mini.data import MNIST, DataLoader, IDXError, TensorDataset, load_mnist

HERE = Path(__file__).resolve().parent


class Normalize(nn.Module):
    """Shift and scale pixels to mean 0 and deviation 1: those of the images that it is made of."""

    def __init__(self, images: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("mean", ag.Tensor(images.mean(dtype=np.float32)))
        self.register_buffer("deviation", ag.Tensor(images.std(dtype=np.float32)))

    def forward(self, images: Any) -> Any:
        """Return normalised pixels, as float32."""
        return (images.astype(np.float32) - self.mean) / self.deviation


def network(images: np.ndarray) -> nn.Sequential:
    """Return the untrained network, for images like these."""
    layers = [
        Normalize(images),
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    ]
    return nn.Sequential(*layers)


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return each image moved by at most a pixel: another way to write the same digit."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:], axis=(1, 2))
    down, right = rng.integers(0, 3, (2, len(images)))
    return windows[np.arange(len(images)), down, right]


def train(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    rate: float,
    rng: np.random.Generator,
) -> Iterator[tuple[int, float]]:
    """Train in place, and yield the number and the loss of each batch."""
    loader = DataLoader(
        TensorDataset(images, labels), batch_size=batch_size, shuffle=True, generator=rng
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=rate, momentum=0.9, nesterov=True)
    batches = epochs * len(loader)
    done = 0
    for _ in range(epochs):
        for x, y in loader:
            optimizer.param_groups[0]["lr"] = rate * (1 - done / batches)
            loss = criterion(model(shifted(x, rng)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
            yield done, loss.item()


@ag.no_grad()
def probabilities(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return what the network makes of each image: a probability for each of the ten digits."""
    model.eval()
    parts = [
        nn.functional.softmax(model(x), dim=1).numpy()
        for (x,) in DataLoader(TensorDataset(images), batch_size=1000)
    ]
    model.train()
    return np.concatenate(parts)


def confusion(labels: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Return how often each digit (row) was read as each (column)."""
    return np.bincount(10 * labels.astype(int) + read, minlength=100).reshape(10, 10)


def load(folder: Path) -> MNIST:
    """Return the digits in a folder, or raise an error that says what is wrong with them."""
    mnist = load_mnist(folder)
    if mnist.train_images.shape[1:] != (28, 28):
        raise IDXError(f"{folder}: images of {mnist.train_images.shape[1:]} are not (28, 28)")
    for labels in (mnist.train_labels, mnist.test_labels):
        if len(labels) == 0 or labels.max() > 9:
            raise IDXError(f"{folder}: there are no digits, or labels beyond 9")
    return mnist


def main() -> None:
    arguments = parser(__doc__.splitlines()[0])
    add = arguments.add_argument
    where = "the folder of the four MNIST files, plain or .gz (default: this repository's digits)"
    add("--path", type=Path, default=HERE / "data", metavar="FOLDER", help=where)
    often = "times through the digits (default: 40; for 30,000 digits or more, 15)"
    add("--epochs", type=positive, metavar="N", help=often)
    add("--batch-size", type=positive, default=64, metavar="N", help="digits a step (default: 64)")
    add("--lr", type=float, default=0.05, help="learning rate, falling to 0 (default: 0.05)")
    add("--seed", type=int, default=0, metavar="N", help="same seed, same run (default: 0)")
    add("--save", type=Path, metavar="FILE.npz", help="write the trained weights here")
    start = "start from these weights; without --epochs, only test them"
    add("--load", type=Path, metavar="FILE.npz", help=start)
    args = arguments.parse_args()
    try:
        mnist = load(args.path)
    except (FileNotFoundError, IDXError) as error:
        arguments.error(str(error))

    rng = ag.manual_seed(args.seed)
    model = network(mnist.train_images)
    count = sum(parameter.size for parameter in model.parameters())
    print(f"{len(mnist.train_labels):,} digits to learn from, {len(mnist.test_labels):,} to test.")
    print(f"The network: 784 pixels, 128 and 64 hidden neurons, 10 digits; {count:,} weights.\n")
    if args.save:
        args.save.parent.mkdir(parents=True, exist_ok=True)  # now, not after the training
    if args.load:
        try:
            model.load_state_dict(nn.load_state(args.load))
        except (FileNotFoundError, ValueError, RuntimeError) as error:
            arguments.error(str(error))
        print(f"Its weights are those of {args.load}.\n")
    epochs = args.epochs or (0 if args.load else 40 if len(mnist.train_labels) < 30_000 else 15)
    if epochs:
        learn(model, mnist, epochs, args, rng)
    if args.save:
        nn.save_state(args.save, model.state_dict())
        print(f"\nThe weights are in {args.save}.")
    report(probabilities(model, mnist.test_images), mnist, args.out)


def learn(model: nn.Module, mnist: MNIST, epochs: int, args: Any, rng: np.random.Generator) -> None:
    """Train, and show how it goes: a bar within each epoch, a line after it."""
    batches = -(-len(mnist.train_labels) // args.batch_size)
    steps = train(
        model,
        mnist.train_images,
        mnist.train_labels,
        epochs=epochs,
        batch_size=args.batch_size,
        rate=args.lr,
        rng=rng,
    )
    start = time.perf_counter()
    print("epoch     loss   right on test digits    time")
    with progress(epochs * batches) as (advance, write):
        losses = []
        for done, loss in steps:
            losses.append(loss)
            advance(f"epoch {-(-done // batches)} of {epochs}   loss {loss:.3f}")
            if done % batches == 0:
                read = probabilities(model, mnist.test_images).argmax(axis=1)
                right = np.mean(read == mnist.test_labels)
                seconds = time.perf_counter() - start
                write(
                    f"{done // batches:5}   {np.mean(losses):.4f}   {right:20.2%}  {seconds:5.1f} s"
                )
                losses.clear()


@contextmanager
def progress(total: int) -> Iterator[tuple[Callable[[str], None], Callable[[str], None]]]:
    """Yield a function that moves a bar one on and one that prints a line above it."""
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    except ModuleNotFoundError:
        print('(No bar: pip install "autograd_mini[examples]" brings rich, which draws it.)')
        yield (lambda _: None), (lambda line: print(line, flush=True))
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    console = Console()
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=total)

        def advance(text: str) -> None:
            bar.update(task, advance=1, description=text)

        yield advance, lambda line: console.print(line, highlight=False)


def report(chances: np.ndarray, mnist: MNIST, folder: Path) -> None:
    """Print the accuracy and the confusion matrix, and draw the worst mistakes."""
    labels = mnist.test_labels
    read = chances.argmax(axis=1)
    table = confusion(labels, read)
    right, count = np.trace(table), len(labels)
    print(f"\n{right / count:.2%} of {count:,} test digits are read right, {count - right} wrong.")
    print("\nEach row is a digit, each column what it was read as:\n")
    print_table(table)
    if right < count:
        pairs = table - np.diag(np.diag(table))
        digit, taken = np.unravel_index(pairs.argmax(), pairs.shape)
        times = f"{pairs.max()} of {table[digit].sum()} times"
        print(f"\nMost often, {digit} is taken for {taken}: {times}.")
        draw(chances, mnist, folder)


def print_table(table: np.ndarray) -> None:
    """Print a confusion matrix, dots for zeros."""
    print("        " + "".join(f"{digit:6}" for digit in range(10)) + "    right")
    for digit, row in enumerate(table):
        cells = "".join(f"{n or '.':>6}" for n in row.tolist())
        print(f"    {digit:4}{cells}{row[digit] / max(1, row.sum()):9.1%}")


def draw(chances: np.ndarray, mnist: MNIST, folder: Path) -> None:
    """Draw the digits that the network was surest about, and wrong, with what it thought."""
    plt = pyplot()
    if plt is None:
        return
    labels = mnist.test_labels
    read = chances.argmax(axis=1)
    wrong = np.flatnonzero(read != labels)
    worst = wrong[np.argsort(chances[wrong, labels[wrong]], kind="stable")][:24]
    rows = -(-len(worst) // 8)
    height = 2.2 * rows + 0.9
    figure = plt.figure(figsize=(13, height))
    figure.text(0.05, 1 - 0.3 / height, f"The worst mistakes, of {len(wrong)}", fontsize=17)
    legend = "The network's probabilities:  green, the digit that it is;  red, what it was read as"
    figure.text(0.05, 1 - 0.6 / height, legend, fontsize=12, color=GREY)
    edges = {"left": 0.05, "right": 0.95, "top": 1 - 0.85 / height, "bottom": 0.05 / height}
    grid = figure.add_gridspec(rows, 8, hspace=0.22, wspace=0.22, **edges)
    for place, i in enumerate(worst):
        parts = grid[place // 8, place % 8].subgridspec(2, 1, height_ratios=[1, 0.3], hspace=0.06)
        draw_image(figure.add_subplot(parts[0]), mnist.test_images[i])
        draw_chances(figure.add_subplot(parts[1]), chances[i], int(labels[i]), int(read[i]))
    save(figure, folder, "digits_worst.png")


def draw_image(axis: Any, image: np.ndarray) -> None:
    """Draw a digit as ink on paper, in a thin frame."""
    axis.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    for side in axis.spines.values():
        side.set(visible=True, color=FAINT)


def draw_chances(axis: Any, chances: np.ndarray, label: int, read: int) -> None:
    """Draw a bar for each digit: green for what it is, red for what it was read as."""
    colors = {label: GREEN, read: RED}
    axis.bar(range(10), chances, color=[colors.get(digit, GREY) for digit in range(10)])
    axis.set(xlim=(-0.6, 9.6), ylim=(0, 1), yticks=[])
    axis.set_xticks(range(10), [str(digit) for digit in range(10)], fontsize=8)
    for digit, text in enumerate(axis.get_xticklabels()):
        text.set(color=colors.get(digit, GREY), weight="bold" if digit in colors else "normal")
    axis.tick_params(pad=1)
    axis.grid(False)
    axis.spines["left"].set_visible(False)


if __name__ == "__main__":
    main()
