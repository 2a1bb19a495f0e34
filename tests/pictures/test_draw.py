"""What a drawing says is so: each operation, source and arrow, once, with its names and shapes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.nn.functional import relu
from autograd_mini.pictures.diagram import SOURCES

from .dots import nodes, read
from .graphs import GRAPHS, census, matrix, vector

BIG = 10**6


def neuron() -> ag.Tensor:
    x = ag.Tensor(np.ones((4, 2)), name="x")
    w = ag.Tensor([0.5, 2.0], requires_grad=True, name="w")
    return ((relu(x @ w) - np.zeros(4)) ** 2).mean()


# Everything, once


def test_a_graph_is_drawn_with_its_names_shapes_and_operators() -> None:
    loss = neuron()
    drawing = read(ag.draw(loss))
    assert drawing.texts() == [
        *("x | (4, 2)", "w | (2,)", "@ | (4,)", "relu | (4,)", "not kept"),
        *("- | (4,)", "square | (4,)", "mean | ()"),
    ]
    assert drawing.links() == [
        *(("x", "@", "x1"), ("w", "@", "x2"), ("@", "relu", "")),
        *(
            ("relu", "-", "x1"),
            ("not kept", "-", "x2"),
            ("-", "square", ""),
            ("square", "mean", ""),
        ),
    ]


@pytest.mark.parametrize("name", GRAPHS)
def test_each_operation_leaf_and_edge_of_a_graph_is_drawn_once(name: str) -> None:
    outputs = GRAPHS[name]()
    operations, leaves, edges = census(outputs)
    picture = ag.draw(outputs, limit=BIG)
    assert picture._story is not None
    told = picture._story["nodes"]
    by_id = {node["id"]: node for node in told}
    words = {id: _word(node) for id, node in by_id.items()}
    assert Counter(words[n["id"]] for n in told if n["kind"] not in SOURCES) == operations
    kinds = [node["kind"] for node in told]
    assert kinds.count("leaf") + kinds.count("parameter") + kinds.count("input") == leaves
    assert edges == Counter(
        (words[e["from"]], words[e["to"]])
        for e in picture._story["edges"]
        if by_id[e["from"]]["kind"] not in ("constant", "unknown")
    )
    drawing = read(picture)
    assert list(drawing.boxes) == _in_frames(picture, told)
    assert Counter((tail, head) for tail, head, _ in drawing.arrows) == Counter(
        (e["from"], e["to"]) for e in picture._story["edges"]
    )
    order = list(by_id)
    assert all(order.index(e["from"]) < order.index(e["to"]) for e in picture._story["edges"])


def _word(node: dict[str, Any]) -> str:
    """Return the operation that a box stands for, by the name that its line of code has."""
    symbols = {"+": "add", "-": "subtract", "*": "multiply", "**": "power", "@": "matmul"}
    if node["kind"] in SOURCES:
        return "leaf"
    label = node["label"]
    if label.startswith("["):
        return "assigned" if "] =" in label else "getitem"
    words = {"write through a view": "viewed", "split": "divided"}
    if label in words:
        return words[label]
    parts = label.split()
    return next((symbols[part] for part in parts if part in symbols), parts[0])


def _in_frames(picture: Any, told: list[dict[str, Any]]) -> list[str]:
    """Return the ids of all boxes as frames have them: those of a frame before those within."""
    ids = re.findall(r"^\s*(n\w+|g\w+) \[label", picture.dot, re.M)
    assert sorted(ids) == sorted(node["id"] for node in told)
    return ids


@pytest.mark.parametrize("name", GRAPHS)
def test_every_graph_is_drawn_whatever_is_asked_for(name: str) -> None:
    for options in (
        {"backward": True},
        {"backward": True, "values": True, "gradients": True, "dtypes": True, "lines": True},
        {"elementwise": True, "direction": "right", "legend": False, "depth": 1},
        *({"limit": limit, "backward": True} for limit in (1, 2, 10)),
    ):
        picture = ag.draw(GRAPHS[name](), **options)
        picture.html()
        read(picture)


@pytest.mark.parametrize("name", sorted(GRAPHS.keys() - {"fifty_modules", "plain_loop"}))
def test_graphviz_and_xml_accept_every_graph(name: str) -> None:
    options = {"backward": True, "values": True, "gradients": True, "limit": 60}
    svg = ag.draw(GRAPHS[name](), **options).svg()
    drawn = ElementTree.fromstring(svg)
    assert drawn.tag.endswith("svg")


def test_what_a_function_does_is_drawn_with_the_names_of_its_arguments() -> None:
    class Weights(NamedTuple):
        w: Any
        b: Any

    def f(p: Any, x: Any, *rest: Any, scale: float = 2.0) -> Any:
        return (x["data"] @ p.w + p.b) * rest[0] * scale

    weights = Weights(np.ones(3), [np.array(0.5)][0])
    drawing = read(ag.draw(f, weights, {"data": np.ones((2, 3))}, np.ones(2)))
    assert [seen.lines[0] for seen in drawing.boxes.values()] == [
        *("x['data']", "p[0]", "@", "p[1]", "+", "rest[0]", "*", "* 2")
    ]


def test_what_needs_no_gradient_is_drawn_of_functions_and_dashed() -> None:
    w = vector()
    drawing = read(ag.draw(lambda x: ((x - x.mean()) * w).sum(), np.ones(3)))
    assert [(seen.lines[0], "dashed" in seen.look["style"]) for seen in drawing.boxes.values()] == [
        *(("x", False), ("mean", True), ("-", True), ("w", False), ("*", False), ("sum", False))
    ]
    assert "needs no gradient" in drawing.legend


def test_several_outputs_are_marked_and_so_are_repeated_ones_once() -> None:
    w = vector()
    y = np.sin(w)
    drawing = read(ag.draw([y, w, y]))
    assert drawing.texts() == ["w | (3,)", "sin | (3,)"]
    assert [seen.look["peripheries"] for seen in drawing.boxes.values()] == ["2", "2"]


def test_a_number_that_is_the_result_has_a_box_of_its_own() -> None:
    assert read(ag.draw(ag.Tensor(3.0))).texts() == ["()"]
    assert len(read(ag.draw([ag.Tensor(3.0), ag.Tensor(4.0)])).boxes) == 2


# Names


def test_parameters_have_the_names_that_their_module_gives_them() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x = np.ones((4, 2), np.float32)
    names = ["0.weight", "0.bias", "2.weight", "2.bias"]
    for picture in (ag.draw(model, x, depth=99), ag.draw(model(x).sum(), depth=99)):
        told = nodes(picture).values()
        assert [n["name"] for n in told if n["kind"] == "parameter"] == names
        assert "0 · Linear" in read(picture).groups


def test_a_name_that_the_user_gave_comes_before_that_of_the_module() -> None:
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.name = "gain"
    told = nodes(ag.draw(layer, np.ones((1, 2), np.float32), depth=99))
    assert [n["name"] for n in told.values() if n["kind"] == "parameter"] == ["gain"]


def test_names_of_results_stand_above_their_operations() -> None:
    w = vector()
    y = w * 2
    y.name = "doubled"
    assert read(ag.draw(y.sum())).texts() == ["w | (3,)", "doubled | * 2 | (3,)", "sum | ()"]


def test_no_name_is_invented() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    c = np.ones(2)
    y = (w * c + ag.Tensor([1.0, 2.0])).sum()
    assert [node["name"] for node in nodes(ag.draw(y)).values()] == [None] * 6
    assert all(seen.text != "constant" for seen in read(ag.draw(y)).boxes.values())


def test_a_name_is_forgotten_with_its_array() -> None:
    w = vector()
    for _ in range(20):
        ag.Tensor(np.ones(2), name="gone")
        c = np.ones(3)
        assert "gone" not in ag.draw(w * c).dot


def test_the_scopes_of_a_program_are_frames() -> None:
    drawing = read(ag.draw(GRAPHS["scopes_and_modules"](), depth=99))
    assert drawing.groups == [
        *("loss", "Model", "attention", "inner · Linear", "heads", "outer · Linear")
    ]


# Shapes, dtypes, numbers, kinds


def test_only_dtypes_that_differ_from_the_most_common_are_said() -> None:
    w = ag.Tensor(np.ones(3, np.float32), requires_grad=True, name="w")
    y = (w * 2).astype(np.float64).sum()
    assert read(ag.draw(y)).texts() == [
        *("w | (3,)", "* 2 | (3,)", "astype | (3,) float64", "sum | () float64")
    ]
    assert read(ag.draw(y, dtypes=True)).texts()[0] == "w | (3,) float32"


def test_numbers_are_written_in_the_label_of_their_operator_on_the_right_side() -> None:
    w = vector()
    for make, label in [
        (lambda: 2 * w, "2 *"),
        (lambda: w * 2, "* 2"),
        (lambda: 1 - w, "1 -"),
        (lambda: w - 0.125, "- 0.125"),
        (lambda: w**3, "** 3"),
        (lambda: 2**w, "2 **"),
        (lambda: w / np.float32(4), "/ 4"),
        (lambda: w * True, "* True"),
        (lambda: w * -1e-20, "* -1e-20"),
        (lambda: np.maximum(w, 0), "maximum 0"),
        (lambda: np.clip(w, -1, None), "clip -1"),
        (lambda: w * np.float64(np.inf), "* inf"),
    ]:
        texts = read(ag.draw(make())).texts()
        assert texts == ["w | (3,)", f"{label} | (3,)"]


def test_the_settings_that_matter_are_said() -> None:
    W = matrix()
    assert read(ag.draw(W.sum(axis=1, keepdims=True))).texts()[1] == "sum | axis=1 (3, 1)"
    assert read(ag.draw(np.var(W, ddof=1))).texts()[1] == "var | ddof=1 ()"
    assert read(ag.draw(W[:2, None, 0])).texts()[1] == "[:2, None, 0] | (2, 1)"


def test_multi_output_operations_say_which_result_goes_where() -> None:
    a, _, c = np.split(vector(), 3)
    links = read(ag.draw(a - c)).links()
    assert links == [("w", "split", ""), ("split", "-", "[0] x1"), ("split", "-", "[2] x2")]


def test_an_operation_that_uses_a_tensor_twice_has_two_arrows() -> None:
    w = vector()
    assert read(ag.draw(w * w)).links() == [("w", "*", "")] * 2
    assert read(ag.draw(w - w)).links() == [("w", "-", "x1"), ("w", "-", "x2")]


def test_kinds_are_told_apart_by_shape_and_colour_and_explained() -> None:
    layer = nn.Linear(3, 3)
    constant = np.zeros(3, np.float32)
    y = layer(np.ones(3, np.float32)) + vector(dtype=np.float32) + constant
    looks = {}
    for picture in (ag.draw(y), ag.draw(layer, np.ones(3, np.float32))):
        told, drawing = nodes(picture), read(picture)
        for id, seen in drawing.boxes.items():
            look = (seen.look["shape"], seen.look.get("fillcolor"), seen.look["color"])
            kind = told[id]["kind"] if told[id]["kind"] in SOURCES else "op"
            looks.setdefault(kind, set()).add(look[:2])
    assert looks.keys() >= {"parameter", "leaf", "constant", "op"}
    for kind, own in looks.items():
        assert not any(own & others for other, others in looks.items() if other != kind)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_legend_lists_the_kinds_that_are_there_and_no_other(name: str) -> None:
    picture = ag.draw(GRAPHS[name](), depth=1, limit=BIG)
    drawing = read(picture)
    looks = {(b.look["shape"], b.look.get("fillcolor")) for b in drawing.boxes.values()}
    legend = re.findall(r'legend\d+ \[label="([^"]*)", tooltip=" ", (.*)\];', picture.dot)
    found = {
        (re.search(r"shape=(\w+)", look)[1], (re.search('fillcolor="?([^",]+)', look) or "  ")[1])
        for meaning, look in legend
        if meaning not in ("result", "needs no gradient")
    }
    assert {shape for shape, _ in found} == {shape for shape, _ in looks}
    assert len(found) <= len(drawing.legend) <= len(found) + 2
    assert ("result" in drawing.legend) == any(
        "peripheries" in b.look for b in drawing.boxes.values()
    )
    assert read(ag.draw(GRAPHS[name](), legend=False)).legend == []


# The same graph, the same picture

SCRIPT = """
import sys
import numpy as np
import autograd_mini as ag
from tests.pictures.graphs import GRAPHS
for _ in range(int(sys.argv[1])):
    np.exp(ag.Tensor(1.0, requires_grad=True)).backward()
for name in ("or_loss", "scopes_and_modules", "concatenate", "cross_entropy", "checkpointed"):
    ag.manual_seed(0)
    picture = ag.draw(GRAPHS[name](), backward=True, values=True, gradients=True)
    print(picture.dot, picture.html())
"""


def test_the_same_graph_gives_the_same_bytes_in_any_process() -> None:
    root = Path(__file__).parents[2]
    results = []
    for seed, before in (("0", "0"), ("1", "100"), ("12345", "7")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", SCRIPT, before]
        done = subprocess.run(command, capture_output=True, env=environment, check=True, cwd=root)
        results.append(done.stdout)
    assert len(set(results)) == 1


@pytest.mark.parametrize("name", GRAPHS)
def test_drawing_twice_gives_the_same(name: str) -> None:
    outputs = GRAPHS[name]()
    first, second = (ag.draw(outputs, backward=True, values=True) for _ in range(2))
    assert first.dot == second.dot
    assert first._story == second._story
