"""Make this folder's digits: a stratified sample of MNIST, the same at each run.

    python examples/data/make_subset.py FOLDER

FOLDER has the four IDX files of MNIST, plain or as .gz. Each digit keeps its share: the sample of
5,000 has as many sevens for each one as the 60,000 do, up to rounding.
"""

import argparse
from pathlib import Path

import numpy as np

from autograd_mini.data import load_mnist, write_idx

HERE = Path(__file__).resolve().parent
SEED = 1998  # the year of LeCun, Bottou, Bengio and Haffner's paper
SIZES = {"train": 5_000, "t10k": 1_000}


def shares(labels: np.ndarray, size: int) -> np.ndarray:
    """Return how many of each label to take, `size` in all: largest remainders are rounded up."""
    exact = np.bincount(labels) * size / len(labels)
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: size - counts.sum()]] += 1
    return counts


def sample(labels: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of a stratified sample, in ascending order."""
    chosen = [
        rng.choice(np.flatnonzero(labels == label), count, replace=False)
        for label, count in enumerate(shares(labels, size))
    ]
    return np.sort(np.concatenate(chosen))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder with the four IDX files of MNIST")
    parser.add_argument("--out", type=Path, default=HERE, help="where to write (default: here)")
    args = parser.parse_args()

    mnist = load_mnist(args.folder)
    parts = {
        "train": (mnist.train_images, mnist.train_labels),
        "t10k": (mnist.test_images, mnist.test_labels),
    }
    rng = np.random.default_rng(SEED)
    args.out.mkdir(parents=True, exist_ok=True)
    for part, (images, labels) in parts.items():
        index = sample(labels, SIZES[part], rng)
        for what, array in ((f"{part}-images-idx3", images), (f"{part}-labels-idx1", labels)):
            path = args.out / f"{what}-ubyte.gz"
            write_idx(path, array[index])
            print(f"{path}: {array[index].shape}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
