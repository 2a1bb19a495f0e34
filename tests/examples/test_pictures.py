"""The example that draws everything, and the pictures of the README."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import or_gate
import pictures
import pytest

from .run import ROOT, run_example

DRAWN = {
    "neuron.svg": {"x₃", "w₂ = \N{MINUS SIGN}0.30", "b = 0.50", "Sigmoid"},
    "layer.svg": {"a[l-1]", "W[l]", "b[l]", "z[l]", "a[l]", "W[l].grad"},
    "architecture.svg": {"input layer (784)", "hidden layers (128, 64)", "output layer (10)"},
    "or_network.svg": {"x₂", "3 · ReLU", "1 · Sigmoid"},
    "digits.svg": {"images", "2 · Linear", "100,480 parameters"},
    "digits_layers.svg": {"128 · ReLU", "64 · ReLU", "10"},
    "digits_profile.svg": {"images", "labels", "2.weight", "cross_entropy"},
}
PLOTTED = [
    *("or_boundary.png", "or_surface.png", "activations.png"),
    *("digits_history.png", "digits_gradients.png"),
]


def texts(file):
    return {e.text.replace("\N{NO-BREAK SPACE}", " ") for e in ET.parse(file).iter() if e.text}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return what the example prints, and the folder of its pictures."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("pictures") / "made"
    return run_example("pictures.py", "--epochs", 1, "--out", folder), folder


def test_each_picture_is_made_and_named(ran):
    output, folder = ran
    files = sorted(file.name for file in folder.iterdir())
    assert files == sorted([*DRAWN, *PLOTTED, "digits.html"])
    for name in files:
        assert re.search(rf"^{name} +\w", output, re.MULTILINE)


@pytest.mark.parametrize("name", DRAWN)
def test_each_drawing_says_what_it_shows(ran, name):
    _, folder = ran
    assert texts(folder / name) >= DRAWN[name]


@pytest.mark.parametrize("name", PLOTTED)
def test_each_plot_is_a_picture(ran, name):
    _, folder = ran
    assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_the_page_is_of_a_step_of_training(ran):
    _, folder = ran
    page = (folder / "digits.html").read_text(encoding="utf-8")
    assert "A step of training on digits" in page
    assert '"name":"6.weight"' in page


def test_the_summary_and_the_profile_are_printed(ran):
    output, _ = ran
    assert re.search(r"^total +109,386 ", output, re.MULTILINE)
    assert "Python and the rest" in output


def test_the_network_that_is_drawn_is_the_one_that_was_trained():
    model = pictures.or_network()
    *_, (_, predictions) = or_gate.train(or_gate.initial_parameters(), pictures.OR_STEPS + 1)
    answers = model(or_gate.X.astype(float)).detach().numpy()
    np.testing.assert_allclose(answers, predictions, rtol=0, atol=1e-6)  # weights in float32


def test_without_matplotlib_it_draws_all_but_the_plots(tmp_path):
    output = run_example("pictures.py", "--epochs", 1, "--out", tmp_path, hidden=["matplotlib"])
    assert "matplotlib is not installed" in output
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([*DRAWN, "digits.html"])


def test_the_pictures_of_the_readme_are_what_is_drawn_today(ran, tmp_path, monkeypatch):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)[1], {})
    _, folder = ran
    for file in (tmp_path / "gradients.svg", folder / "or_network.svg"):
        assert texts(file) == texts(ROOT / "docs" / file.name)
