from __future__ import annotations

import math
import re
import shlex
import shutil
import subprocess
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.pictures.circles import rounded, width
from autograd_mini.pictures.layers import layers

NODE = re.compile(r'^  "(?P<name>[^"]*)" \[pos="(?P<x>[^,]*),(?P<y>[^!]*)!", (?P<rest>.*)\]$', re.M)
LINE = re.compile(
    r'^  "(?P<tail>\d+\.\d+)" -> "(?P<head>\d+\.\d+)" \[(?P<style>.*), '
    r'tooltip="weight\[(?P<index>[^]]*)\] = (?P<value>[^"]*)"\]$',
    re.M,
)


def written(source: str) -> list[str]:
    """Return all labels, in order."""
    return re.findall(r'label="((?:[^"\\]|\\.)+)"', source)


def lines(source: str) -> dict[tuple[str, str], dict[str, str]]:
    """Return the weights that are drawn, by the names of their two circles."""
    return {(match["tail"], match["head"]): match.groupdict() for match in LINE.finditer(source)}


def circles(source: str) -> list[str]:
    return [m["name"] for m in NODE.finditer(source) if re.fullmatch(r"\d+\.\d+", m["name"])]


def minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def linear(weight: Any, bias: Any = None) -> nn.Linear:
    weight = np.asarray(weight)
    layer = nn.Linear(*weight.shape[::-1], bias=bias is not None, dtype=weight.dtype)
    with ag.no_grad():
        layer.weight[...] = weight
        if layer.bias is not None:
            layer.bias[...] = bias
    return layer


def or_network() -> nn.Sequential:
    first = linear([[1.0, 2.0], [-0.5, 0.25], [0.0, -4.0]], [0.5, 0.0, -1.0])
    return nn.Sequential(first, nn.ReLU(), linear([[3.0, -2.0, 1.5]], [0.75]), nn.Sigmoid())


# What is drawn


def test_each_unit_is_a_circle_and_each_weight_a_line_with_its_value() -> None:
    source = layers(or_network())
    assert circles(source) == ["0.0", "0.1", "1.0", "1.1", "1.2", "2.0"]
    drawn = lines(source)
    assert len(drawn) == 9
    assert drawn["0.1", "1.2"]["index"] == "2, 1"
    assert float(drawn["0.1", "1.2"]["value"]) == -4.0
    assert float(drawn["1.1", "2.0"]["value"]) == -2.0
    assert {"input", "hidden", "output", "2", "3 · ReLU", "1 · Sigmoid"} <= set(written(source))
    assert {"x₁", "x₂", "1.00", minus("-4.00"), minus("-1.00"), "0.75"} <= set(written(source))


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6))
def test_lines_are_dashed_where_weights_are_negative_and_thicker_where_larger(
    weights: list[float],
) -> None:
    drawn = lines(layers(linear(np.reshape(weights, (2, 3)))))
    styles = [drawn[f"0.{tail}", f"1.{head}"]["style"] for head in range(2) for tail in range(3)]
    thickness = [float(re.findall(r"penwidth=([\d.]+)", style)[0]) for style in styles]
    for weight, style in zip(weights, styles, strict=True):
        assert ("dashed" in style) == (weight < 0)
        assert ("#c8443a" in style) == (weight < 0)
        assert ("#2563a8" in style) == (weight > 0)
    for (w1, t1), (w2, t2) in combinations(zip(weights, thickness, strict=True), 2):
        if w1 != 0 != w2 and abs(w1) <= abs(w2):
            assert t1 <= t2
    if any(weights):
        assert max(thickness) == 2.4


def test_thickness_is_relative_to_all_weights_of_the_layer_also_those_not_shown() -> None:
    weight = np.ones((2, 50))
    weight[0, 20] = 4
    assert "penwidth=0.97," in layers(linear(weight))


def test_wide_layers_are_shortened_and_their_true_size_is_stated() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    source = layers(model)
    shown = circles(source)
    assert shown[:10] == [f"0.{i}" for i in (0, 1, 2, 3, 4, 5, 6, 782, 783)] + ["1.0"]
    assert len(shown) == 9 + 9 + 10
    assert {"784 · Flatten", "128 · ReLU", "10", "x₇", "x₇₈₃", "x₇₈₄"} <= set(written(source))
    assert source.count('"dot ') == 6
    assert len(lines(source)) == 9 * 9 + 9 * 10


@pytest.mark.parametrize("units", [3, 4, 5, 6, 12])
@pytest.mark.parametrize("size", [1, 3, 4, 13, 1000])
def test_a_column_has_at_most_so_many_circles(size: int, units: int) -> None:
    shown = [name for name in circles(layers(nn.Linear(size, 2), units=units)) if name[0] == "0"]
    assert len(shown) == (size if size <= units else units - 1)
    assert shown[-1] == f"0.{size - 1}"


def test_values_are_written_where_they_are_few_or_asked_for() -> None:
    few, many = nn.Linear(10, 4), nn.Linear(10, 5)
    assert "in circles: bias" in layers(few)
    assert len(written(layers(few))) == 10 + 40 + 4 + 4 + 3
    for source in (layers(many), layers(few, values=False)):
        assert len(written(source)) == 10 + 4 + 3
        assert "bias" not in source
    assert len(written(layers(many, values=True, biases=False))) == 10 + 50 + 4 + 3
    assert len(written(layers(many, biases=True))) == 10 + 5 + 4 + 3


def test_a_layer_without_bias_shows_none() -> None:
    assert "bias" not in layers(nn.Linear(3, 2, bias=False), biases=True)


def test_captions_can_be_given() -> None:
    source = layers(or_network(), captions=["Entrada", "Oculta", "Salida"])
    assert {"Entrada", "Oculta", "Salida"} <= set(written(source))
    assert "input" not in written(source)


def test_columns_are_counted_where_there_are_more_hidden_ones() -> None:
    source = layers(nn.Sequential(*[nn.Linear(2, 2) for _ in range(4)]))
    names = ["input", "hidden 1", "hidden 2", "hidden 3", "output"]
    assert [text for text in written(source) if text in names] == names


def test_the_source_is_the_same_each_time() -> None:
    model = nn.Sequential(nn.Linear(20, 8), nn.Tanh(), nn.Linear(8, 3))
    assert layers(model, values=True) == layers(model, values=True)


# One neuron


def test_a_neuron_is_drawn_from_the_inside() -> None:
    source = layers(nn.Sequential(linear([[0.5, -0.25]], [2.0]), nn.Sigmoid()))
    texts = {
        "x₁",
        "x₂",
        "w₁ = 0.50",
        minus("w₂ = -0.25"),
        "b = 2.00",
        "Σ",
        "z",
        "f",
        "a",
        "Sigmoid",
    }
    assert texts | {"z = Σ wᵢxᵢ + b", "a = f(z)", "input", "output"} <= set(written(source))
    assert len(lines(source)) == 2


def test_a_neuron_without_bias_and_function_has_neither_b_nor_f() -> None:
    texts = set(written(layers(nn.Linear(2, 1, bias=False))))
    assert "z = Σ wᵢxᵢ" in texts
    assert not {"b", "f", "a"} & texts


def test_a_neuron_names_its_numbers_where_it_does_not_show_them() -> None:
    texts = set(written(layers(linear([[0.5, -0.25]], [2.0]), values=False)))
    assert {"w₁", "w₂", "b"} <= texts


def test_two_neurons_in_a_row_are_layers() -> None:
    assert "Σ" not in layers(nn.Sequential(nn.Linear(2, 1), nn.Linear(1, 1)))


# Which models


def test_sequentials_within_each_other_are_one_row() -> None:
    act = nn.ReLU()
    inner = nn.Sequential(nn.Linear(2, 4), act)
    model = nn.Sequential(inner, nn.Identity(), nn.Sequential(nn.Linear(4, 3), act, nn.Dropout()))
    assert {"2", "4 · ReLU", "3 · ReLU", "Dropout"} <= set(written(layers(model)))


def test_a_layer_used_twice_in_a_sequential_is_drawn_twice() -> None:
    same = nn.Linear(2, 2)
    assert len(lines(layers(nn.Sequential(same, nn.Tanh(), same)))) == 8


class Attributes(nn.Module):
    def __init__(self) -> None:
        self.last = nn.Linear(3, 1)
        self.first = nn.Linear(2, 4)
        self.rest = nn.ModuleList([nn.Linear(4, 3), nn.Sequential(nn.Tanh())])

    def forward(self, x: Any) -> Any:
        inner, act = self.rest
        return self.last(act(inner(np.tanh(self.first(x)))))


def test_layers_are_in_the_order_in_which_they_run_with_the_functions_between() -> None:
    model = Attributes()
    source = layers(model)
    assert {"2", "4 · tanh", "3 · Tanh", "1"} <= set(written(source))
    drawn = lines(source)
    assert len(drawn) == 2 * 4 + 4 * 3 + 3
    assert float(drawn["0.1", "1.3"]["value"]) == float(f"{model.first.weight[3, 1].item():.6g}")
    assert layers(model, (np.ones((5, 2), np.float32),)) == source


def test_a_module_without_linear_layers_in_a_sequential_is_named_by_its_class() -> None:
    class Swish(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Sigmoid()

    source = layers(nn.Sequential(nn.Linear(2, 2), Swish(), nn.Linear(2, 2)))
    assert "2 · Swish" in written(source)
    assert "Sigmoid" not in source


def test_models_that_are_no_row_of_layers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no nn.Linear .* ReLU, Sequential; .* ag.draw\(model, x"):
        layers(nn.Sequential(nn.ReLU()))
    with pytest.raises(ValueError, match=r"Linear\(2, 3\) is followed by Linear\(4, 1\), which"):
        layers(nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)))
    heads = nn.ModuleDict({"mean": nn.Linear(4, 2), "spread": nn.Linear(4, 2)})
    with pytest.raises(ValueError, match=r"ModuleDict has no forward"):
        layers(heads)
    with pytest.raises(TypeError, match=r"nn.Module, not of a Tensor"):
        layers(ag.Tensor(1.0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="complex64"):
        layers(nn.Linear(2, 2, dtype=np.complex64))


def test_arguments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="units=2"):
        layers(nn.Linear(2, 2), units=2)
    for captions in (["one"], "ab"):
        with pytest.raises(ValueError, match="2 texts, one for each column"):
            layers(nn.Linear(2, 2), captions=captions)


# Numbers and names of all kinds


def test_numbers_that_are_none_are_told_apart() -> None:
    source = layers(linear([[math.nan, math.inf], [-math.inf, 0.0]], [math.nan, -0.0]))
    assert {"nan", "inf", minus("-inf"), "0", "NaN"} <= set(written(source))
    drawn = lines(source)
    assert "dotted" in drawn["0.0", "1.0"]["style"]
    assert "#2563a8ff" in drawn["0.1", "1.0"]["style"]
    assert "dashed" in drawn["0.0", "1.1"]["style"]
    assert "NaN" not in layers(nn.Linear(2, 2))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_any_real_dtype_is_drawn(dtype: Any) -> None:
    source = layers(linear(np.array([[0.5, -0.25], [1, 2]], dtype)))
    assert float(lines(source)["0.1", "1.0"]["value"]) == -0.25


@pytest.mark.parametrize("sizes", [(0, 2), (2, 0), (0, 1)])
def test_a_layer_of_nothing_is_drawn(sizes: tuple[int, int]) -> None:
    source = layers(nn.Linear(*sizes))
    assert lines(source) == {}
    assert "0" in written(source)


@given(st.floats(-1.7e308, 1.7e308))
def test_numbers_are_rounded_to_two_digits_or_better(value: float) -> None:
    text = rounded(value)
    assert len(text) <= 9
    shown = float(text.replace("\N{MINUS SIGN}", "-"))
    assert (shown > 0) == (value > 0)
    assert (shown < 0) == (value < 0)
    assert shown == value or abs(shown - value) <= max(0.0050001, 0.0501 * abs(value))


def test_hostile_names_are_shown_as_they_are_and_on_one_line() -> None:
    name = 'x"];<script>alert(1)</script>\\N&lt;\n' + "a" * 10_000
    kind = type(name, (nn.Module,), {})
    network = nn.Sequential(nn.Linear(2, 2), kind(), nn.Linear(2, 2))
    neuron = nn.Sequential(kind(), nn.Linear(2, 1), kind())
    for model, columns in ((network, 3), (neuron, 2)):
        source = layers(model, captions=[name] * columns)
        assert len(source) < 20_000
        for line in source.splitlines()[4:-1]:
            rest = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
            assert re.fullmatch(r"[\w\s\[\]=.,>-]*", rest), line


# Where texts lie


def boxes(source: str) -> tuple[list[Any], list[Any]]:
    """Return the boxes of the values on lines, and the circles, as (x, y, half width)."""
    texts, rounds = [], []
    for match in NODE.finditer(source):
        x, y = float(match["x"]), float(match["y"])
        if "fillcolor=white]" in match[0]:
            (text,) = written(match[0])
            texts.append((x, y, width(text, 9) / 2))
        elif "shape=circle, fixedsize" in match["rest"]:
            rounds.append((x, y, 18 * float(re.findall(r"width=([\d.]+)", match["rest"])[0]) * 2))
    return texts, rounds


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=4), st.integers(0, 9))
def test_values_lie_neither_on_circles_nor_on_each_other(sizes: list[int], seed: int) -> None:
    ag.manual_seed(seed)
    model = nn.Sequential(*[nn.Linear(a, b) for a, b in pairwise(sizes)])
    texts, rounds = boxes(layers(model, values=True))
    assert len(texts) == sum(a * b for a, b in pairwise(sizes))
    for (x1, y1, half), (x2, y2, radius) in ((text, round_) for text in texts for round_ in rounds):
        assert math.hypot(max(abs(x1 - x2) - half, 0), max(abs(y1 - y2) - 5, 0)) > radius
    for (x1, y1, half1), (x2, y2, half2) in combinations(texts, 2):
        assert abs(x1 - x2) > half1 + half2 or abs(y1 - y2) > 9


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
@pytest.mark.parametrize("command", [["dot"], ["neato"], ["neato", "-n"], ["neato", "-n2"]])
def test_graphviz_leaves_circles_where_they_are_and_has_no_complaints(command: list[str]) -> None:
    for model in (or_network(), nn.Linear(30, 1), nn.Linear(30, 20)):
        source = layers(model)
        result = subprocess.run([*command, "-Tplain"], input=source, capture_output=True, text=True)
        assert (result.returncode, result.stderr) == (0, "")
        wanted = {
            m["name"]: (float(m["x"]) / 72, float(m["y"]) / 72) for m in NODE.finditer(source)
        }
        rows = [shlex.split(row) for row in result.stdout.splitlines() if row.startswith("node ")]
        placed = {row[1]: (float(row[2]), float(row[3])) for row in rows}
        for name in circles(source):
            np.testing.assert_allclose(
                np.subtract(placed[name], placed["0.0"]),
                np.subtract(wanted[name], wanted["0.0"]),
                atol=0.01,
            )
