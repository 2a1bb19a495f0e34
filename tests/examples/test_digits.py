"""The digits example: it learns, saves and loads, draws, and says what is wrong with its files."""

import os
import re
import shutil
from pathlib import Path

import digits
import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.data import load_mnist, write_idx

from .run import ROOT, run_example

DATA = ROOT / "examples" / "data"
FULL = os.environ.get("AUTOGRAD_MINI_MNIST")


def accuracy(output):
    return float(re.search(r"([\d.]+)% of [\d,]+ test digits are read right", output)[1])


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Return a folder with 300 digits to learn from, and 100 to test."""
    folder = tmp_path_factory.mktemp("few")
    mnist = load_mnist(DATA)
    for part, count in (("train", 300), ("t10k", 100)):
        for what in ("images-idx3", "labels-idx1"):
            array = getattr(mnist, f"{'test' if part == 't10k' else part}_{what.split('-')[0]}")
            write_idx(folder / f"{part}-{what}-ubyte", array[:count])
    return folder


def test_one_epoch_learns_most_digits(tmp_path):
    pytest.importorskip("matplotlib")
    output = run_example("digits.py", "--epochs", 1, "--out", tmp_path)
    assert "5,000 digits to learn from, 1,000 to test." in output
    assert "109,386 weights" in output
    assert accuracy(output) > 80
    assert (tmp_path / "digits_worst.png").read_bytes().startswith(b"\x89PNG")
    table = np.array(re.findall(r"^ +\d((?: +(?:\d+|\.)){10}) +[\d.]+%$", output, re.MULTILINE))
    assert len(table) == 10
    rows = [[int(cell) if cell != "." else 0 for cell in row.split()] for row in table]
    assert np.sum(rows) == 1000
    assert np.trace(rows) == round(accuracy(output) * 10)


def test_weights_are_saved_and_loaded(tmp_path, few):
    args = ["--path", few, "--out", tmp_path]
    first = run_example("digits.py", *args, "--epochs", 2, "--save", tmp_path / "w.npz")
    again = run_example("digits.py", *args, "--load", tmp_path / "w.npz")
    assert first.split("test digits")[-1] == again.split("test digits")[-1]
    assert accuracy(first) == accuracy(again)
    with np.load(tmp_path / "w.npz", allow_pickle=False) as file:
        assert sorted(array.shape for array in file.values() if array.ndim == 2) == [
            (10, 64), (64, 128), (128, 784)
        ]  # fmt: skip
        assert {array.dtype for array in file.values()} == {np.dtype(np.float32)}


def test_weights_that_do_not_fit_are_refused(tmp_path, few):
    (tmp_path / "text.npz").write_text("not weights")
    ag.nn.save_state(tmp_path / "other.npz", ag.nn.Linear(2, 3).state_dict())
    for name, message in (("no", "No such file"), ("text", "is damaged"), ("other", "2.weight")):
        args = ["--path", few, "--load", tmp_path / f"{name}.npz"]
        assert message in run_example("digits.py", *args, fails=True)


def test_the_same_seed_gives_the_same_run(tmp_path, few):
    args = ["--path", few, "--out", tmp_path, "--epochs", 1]
    hidden = ["matplotlib"]  # a picture takes time
    runs = [run_example("digits.py", *args, "--seed", seed, hidden=hidden) for seed in (1, 1, 2)]
    first, again, other = [re.sub(r" +[\d.]+ s", "", run) for run in runs]
    assert first == again != other


def test_without_matplotlib_and_rich_it_still_learns(tmp_path, few):
    args = ["--path", few, "--out", tmp_path, "--epochs", 1]
    output = run_example("digits.py", *args, hidden=["matplotlib", "rich"])
    assert "matplotlib is not installed" in output
    assert "brings rich" in output
    assert accuracy(output) > 10


def test_damaged_files_are_refused_with_what_is_wrong(tmp_path, few):
    assert "is not a folder" in run_example("digits.py", "--path", tmp_path / "no", fails=True)
    folder = shutil.copytree(few, tmp_path / "copy")
    images = folder / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1])
    assert "is truncated: shape" in run_example("digits.py", "--path", folder, fails=True)
    write_idx(images, np.zeros((300, 8, 8), np.uint8))
    write_idx(folder / "t10k-images-idx3-ubyte", np.zeros((100, 8, 8), np.uint8))
    assert "(8, 8) are not (28, 28)" in run_example("digits.py", "--path", folder, fails=True)


def test_shifting_moves_by_a_pixel_at_most():
    rng = np.random.default_rng(0)
    image = np.zeros((200, 28, 28), np.uint8)
    image[:, 10, 20] = 1
    places = np.argwhere(digits.shifted(image, rng))[:, 1:]
    assert len(places) == 200
    assert {tuple(place) for place in places.tolist()} == {
        (row, column) for row in (9, 10, 11) for column in (19, 20, 21)
    }


def test_the_confusion_matrix():
    labels, read = np.array([0, 0, 9, 3], np.uint8), np.array([0, 1, 9, 9])
    table = digits.confusion(labels, read)
    assert table.sum() == 4
    assert [table[0, 0], table[0, 1], table[9, 9], table[3, 9]] == [1, 1, 1, 1]


def test_the_network_is_float32_throughout():
    mnist = load_mnist(DATA)
    model = digits.network(mnist.train_images)
    out = model(mnist.train_images[:5])
    assert out.shape == (5, 10)
    assert out.dtype == np.float32
    ag.nn.CrossEntropyLoss()(out, mnist.train_labels[:5]).backward()
    assert {parameter.grad.dtype for parameter in model.parameters()} == {np.dtype(np.float32)}


@pytest.mark.skipif(not FULL, reason="AUTOGRAD_MINI_MNIST does not name the full set's folder")
def test_the_full_set_is_read_right_by_98_percent(tmp_path):
    output = run_example("digits.py", "--path", Path(FULL), "--out", tmp_path)
    assert "60,000 digits to learn from, 10,000 to test." in output
    assert accuracy(output) >= 98
