"""The neuron example: its numbers, and its picture."""

import neuron
import numpy as np
import pytest

from .run import run_example


def test_the_numbers():
    values, slopes = neuron.value_and_slope(neuron.sigmoid, np.array([-2.0, 0.0, 2.0]))
    assert values.round(3).tolist() == [0.119, 0.5, 0.881]
    np.testing.assert_allclose(slopes, values * (1 - values), rtol=1e-14)
    values, slopes = neuron.value_and_slope(neuron.relu, np.array([-3.0, 2.0]))
    assert values.tolist() == [0, 2]
    assert slopes.tolist() == [0, 1]
    z = np.linspace(4, 6, 5)
    values, slopes = neuron.value_and_slope(neuron.sharp, z)
    np.testing.assert_allclose(values, 1 / (1 + np.exp(-3 * (z - 5))), rtol=1e-15)
    np.testing.assert_allclose(slopes, 3 * values * (1 - values), rtol=1e-14)
    values, slopes = neuron.value_and_slope(np.tanh, z)
    np.testing.assert_allclose(slopes, 1 - np.tanh(z) ** 2, rtol=1e-11)


def test_it_prints_and_draws(tmp_path):
    pytest.importorskip("matplotlib")
    output = run_example("neuron.py", "--out", tmp_path / "pictures")
    assert "[0.119, 0.5  , 0.881]" in output
    assert "a = f(Wx + b)" in output
    assert (tmp_path / "pictures" / "neuron.png").read_bytes().startswith(b"\x89PNG")


def test_pictures_go_to_out_by_default(tmp_path):
    pytest.importorskip("matplotlib")
    run_example("neuron.py", cwd=tmp_path)
    assert (tmp_path / "out" / "neuron.png").is_file()


def test_without_matplotlib_the_numbers_still_print(tmp_path):
    output = run_example("neuron.py", "--out", tmp_path, hidden=["matplotlib"])
    assert "[0.119, 0.5  , 0.881]" in output
    assert 'pip install "autograd_mini[examples]"' in output
    assert not list(tmp_path.iterdir())
