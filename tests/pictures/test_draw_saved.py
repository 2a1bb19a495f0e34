"""Pictures saved, refused and shown; and what importing and threads have to do with it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn

from .graphs import GRAPHS, Owner, vector


def loss() -> ag.Tensor:
    return GRAPHS["or_loss"]()


# What is refused


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.ones(3),), {}, r"not ndarray.*draw\(loss\)"),
        (("text",), {}, "not str"),
        (([],), {}, "a sequence of Tensors"),
        (([1, 2],), {}, "a sequence of Tensors"),
        ((vector(), vector()), {}, r"Tensor and 1 arguments.*draw\(\[a, b\]\)"),
        ((lambda x: 3, 1.0), {}, "gave int, not a Tensor"),
        ((lambda x: x.detach().numpy(), np.ones(2)), {}, "gave ndarray, not a Tensor"),
        ((vector(),), {"direction": "left"}, "direction is 'down' or 'right', not 'left'"),
        ((vector(),), {"style": "tree"}, "style is 'graph' or 'layers', not 'tree'"),
        ((vector(),), {"limit": 0}, "limit is 1 at least"),
        ((vector(),), {"depth": -1}, "depth 0, not 120 and -1"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_says_what_can(
    arguments: Any, options: Any, message: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        ag.draw(*arguments, **options)


def test_an_error_of_the_function_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        ag.draw(lambda x: 1 / 0, 1.0)
    with pytest.raises(TypeError, match=r"draw\(model, x\): missing a required argument: 'input'"):
        ag.draw(nn.Linear(3, 2))


# To be looked at and saved


def test_a_notebook_is_given_an_svg() -> None:
    bundle = ag.draw(loss())._repr_mimebundle_(include=None, exclude=None)
    assert bundle["image/svg+xml"].startswith("<svg")
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert "Picture" in bundle["text/plain"]


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        *(("svg", b"<svg"), ("png", b"\x89PNG"), ("dot", b"digraph"), ("html", b"<!DOCTYPE html>")),
        *(("SVG", b"<svg"), ("Png", b"\x89PNG"), ("DOT", b"digraph"), ("HTML", b"<!DOCTYPE html>")),
    ],
)
def test_a_picture_is_saved_by_its_suffix(tmp_path: Path, suffix: str, start: bytes) -> None:
    picture = ag.draw(loss())
    for path in (tmp_path / f"a.{suffix}", str(tmp_path / f"b.c.{suffix}")):
        saved = picture.save(path)
        assert saved == Path(path)
        assert saved.read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["picture", "picture.bmp", "picture.svg.gz", ".svg"])
def test_another_suffix_is_refused_and_nothing_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot or \.html"):
        ag.draw(loss()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        ag.draw(loss()).save(tmp_path / "nowhere" / "graph.svg")


# Imports and threads


def test_importing_the_package_imports_nothing_of_pictures() -> None:
    code = (
        "import sys, autograd_mini as ag\n"
        "ag.Tensor([1.0], requires_grad=True).sum().backward()\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('graphviz', 'matplotlib', 'rich')"
        " or n.startswith('autograd_mini.pictures')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_graphs_are_drawn_in_several_threads_at_once() -> None:
    model = Owner(nn.Linear(3, 3), nn.Tanh(), nn.Dropout(0.5))
    x = np.ones((2, 3), np.float32)
    alone = ag.draw(model, x, depth=99, backward=True)

    def one(_: int) -> str:
        return ag.draw(model, x, depth=99, backward=True).dot

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, range(16))) == {alone.dot}


def test_a_function_without_derivative_is_drawn_of_tensors_that_need_none() -> None:
    def spectrum(x: Any) -> Any:
        return np.abs(np.fft.fft(x)).sum()

    with pytest.raises(NotImplementedError) as refusal:
        ag.draw(spectrum, np.arange(4.0))
    assert "ag.Tensor(x)" in refusal.value.__notes__[0]
    assert "fft" in ag.draw(spectrum, ag.Tensor(np.arange(4.0))).dot
