"""What is in sight, and readable: on large graphs, in narrow panels, in grey, on paper."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from . import stories
from .conftest import Open
from .reading import go, panel, press
from .stories import Story, display, edge, empty_story, group, node


def scale(view: Any) -> float:
    found = "new DOMMatrix(getComputedStyle(document.getElementById('scene')).transform).a"
    return float(view.evaluate(found))


def in_sight(view: Any, name: str) -> bool:
    graph, box = (view.locator(each).bounding_box() for each in ("#graph", f"#box-{name}"))
    return all(
        graph[start] <= box[start] and box[start] + box[size] <= graph[start] + graph[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


@pytest.fixture(scope="module")
def fan() -> Story:
    """Return a graph of 60 operations on one input, as wide as it is long: a loop, unrolled."""
    nodes = [node("x", "input", "x", needs_grad=False)]
    nodes += [node(f"n{i}", "op", "add", name=f"n{i}") for i in range(60)]
    edges = [edge("x", f"n{i}", "x1") for i in range(60)]
    edges += [edge(f"n{i}", f"n{j}", "x2") for i, j in pairwise(range(60))]
    forward = [{"node": f"n{i}", "call": f"x + n{i}"} for i in range(60)]
    return empty_story(nodes=nodes, edges=edges, forward=forward)


# Large graphs


def test_a_large_graph_opens_where_it_begins(show: Open, fan: Story) -> None:
    view = show(fan)
    assert scale(view) == 0.75
    assert in_sight(view, "n0")


def test_a_small_graph_opens_as_a_whole(show: Open, network: Story) -> None:
    view = show(network)
    assert all(in_sight(view, entry["id"]) for entry in network["nodes"])


def test_each_step_is_readable(show: Open, fan: Story) -> None:
    view = show(fan)
    press(view, "f")
    assert scale(view) < 0.75
    for number in (1, 30, 60):
        go(view, number)
        assert scale(view) == 0.75
        assert in_sight(view, f"n{number - 1}")


def test_a_step_keeps_a_larger_scale(show: Open, fan: Story) -> None:
    view = show(fan)
    press(view, "+", 4)
    before = scale(view)
    go(view, 40)
    assert scale(view) == before > 1
    assert in_sight(view, "n39")


def test_what_is_searched_is_readable(show: Open, fan: Story) -> None:
    view = show(fan)
    press(view, "f")
    press(view, "/")
    view.keyboard.type("n57")
    press(view, "Enter")
    assert scale(view) == 0.75
    assert in_sight(view, "n57")


def test_what_a_link_leads_to_is_readable(show: Open, fan: Story) -> None:
    view = show(fan)
    go(view, 50)
    press(view, "f")
    view.locator("#panel").get_by_role("button", name="n48").click()
    assert scale(view) == 0.75
    assert in_sight(view, "n48")


def test_a_click_in_the_graph_moves_nothing(show: Open, fan: Story) -> None:
    view = show(fan)
    press(view, "f")
    before = scale(view)
    view.locator("#box-n30").click()
    assert scale(view) == before


def test_unfolding_a_large_graph_leads_to_the_current_step(show: Open) -> None:
    view = show(stories.long_chain(size=2))
    go(view, 70)
    view.locator("#unfold").click()
    assert scale(view) >= 0.75
    assert in_sight(view, "n70")


# Numbers


@pytest.mark.parametrize("width", [1240, 1400, 390])
def test_a_matrix_of_eight_columns_is_not_cut_off(show: Open, width: int) -> None:
    tape = stories.Tape()
    values = np.random.default_rng(0).uniform(-9, -1, (8, 8)).round(3)
    tape.leaf("x", "leaf", values, name="x")
    rule = stories.Rule("x", "x", "g * np.cos(x)", lambda g: g * np.cos(values), {"x": values})
    tape.op("y", "np.sin(x)", np.sin(values), rule)
    view = show(tape.walk_back("y"), width=width, height=844)
    cut = """() => [...document.querySelectorAll("#panel .scroll")]
        .filter(it => it.scrollWidth > it.clientWidth + 1).length"""
    for number in range(4):
        go(view, number)
        assert view.evaluate(cut) == 0
        assert view.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_wider_matrix_scrolls_on_its_own(show: Open) -> None:
    shown = display(np.ones((1, 8)))
    shown["numbers"] = [["-1.234e-117"] * 8]
    view = show(empty_story(nodes=[node("a", "leaf", "a") | {"values": [shown]}]), width=390)
    view.locator("#box-a").click()
    room = view.locator("#panel .scroll")
    assert room.evaluate("it => it.scrollWidth > it.clientWidth")
    assert view.evaluate("() => document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_below_and_above_zero_differ_in_grey(show: Open, network: Story, theme: str) -> None:
    view = show(network, color_scheme=theme)
    read = "name => getComputedStyle(document.documentElement).getPropertyValue('--heat-' + name)"
    low, high = (grey(view.evaluate(read, name)) for name in ("low", "high"))
    assert low + 60 < high


def grey(colour: str) -> float:
    """Return the grey of a colour as a printer makes it: its luma, of 255, as in Rec. 601."""
    parts = [int(colour.strip()[at : at + 2], 16) for at in (1, 3, 5)]
    return sum(w * part for w, part in zip((0.299, 0.587, 0.114), parts, strict=True))


def test_a_box_with_a_number_is_as_wide_as_its_text(show: Open, network: Story) -> None:
    view = show(network)
    press(view, "End")
    measure = """box => [box.querySelector(".shape").getBBox().width,
        ...[...box.querySelectorAll("text")].map(text => text.getBBox().width)]"""
    for name in ("b2", "loss"):
        width, *texts = view.locator(f"#box-{name}").evaluate(measure)
        assert max(texts) < width <= max(48, max(texts) + 30)


# Facts and words


def test_a_node_says_its_operation_its_settings_and_its_cost(show: Open) -> None:
    settings = {"operation": "np.max", "detail": "axis=-1", "cost": "12.3% of the time, 4.00 KiB"}
    view = show(empty_story(nodes=[node("a", "op", "max", **settings), node("b", "leaf", "w")]))
    view.locator("#box-a").click()
    facts = view.locator("#panel .facts")
    told = dict(
        zip(
            facts.locator("dt").all_inner_texts(),
            facts.locator("dd").all_inner_texts(),
            strict=True,
        )
    )
    assert told["operation"] == "np.max"
    assert told["settings"] == "axis=-1"
    assert told["cost"] == "12.3% of the time, 4.00 KiB"
    view.locator("#box-b").click()
    assert facts.locator("dt").all_inner_texts() == ["kind", "shape", "dtype", "gradient"]


def test_the_legend_speaks_as_the_drawing_does(show: Open) -> None:
    kinds = ["op", "parameter", "leaf", "input", "constant", "unknown"]
    nodes = [node(kind, kind, kind, group="g") for kind in kinds]
    nodes += [node("last", "op", "f", output=True, needs_grad=False, count=3)]
    view = show(empty_story(nodes=nodes, groups=[group("g", None)]))
    assert view.locator("#legend li").all_inner_texts() == [
        "operation",
        "parameter",
        "leaf: has a gradient",
        "input",
        "constant",
        "constant, not kept",
        "several operations",
        "module, folded",
        "result",
        "needs no gradient",
    ]
    tags = "them => them.map(it => it.querySelector('.shape').tagName)"
    assert view.locator("#scene .node").evaluate_all(tags) == [
        *("rect", "rect", "rect", "path", "ellipse", "ellipse", "rect")
    ]


def test_without_a_walk_back_the_page_says_how_to_get_it(show: Open, network: Story) -> None:
    view = show(network | {"backward": []})
    assert "ag.draw(..., backward=True)" in panel(view)
    assert "ag.draw" not in panel(show(network))


# On paper


def test_paper_shows_the_whole_graph_and_then_the_panel(show: Open, fan: Story) -> None:
    view = show(fan, color_scheme="dark")
    go(view, 3)
    before = scale(view)
    view.emulate_media(media="print")
    view.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert view.evaluate("() => document.documentElement.dataset.theme") == "light"
    assert all(in_sight(view, name) for name in ("x", "n0", "n30", "n59"))
    graph, text = (view.locator(name).bounding_box() for name in ("#graph", "#panel"))
    assert text["y"] >= graph["y"] + graph["height"]
    for control in (".tools", ".transport", "#legend summary"):
        assert not view.locator(control).is_visible()
    view.evaluate("() => dispatchEvent(new Event('afterprint'))")
    view.emulate_media(media="screen")
    assert view.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert scale(view) == before
    assert in_sight(view, "n2")


def test_no_sheet_of_paper_is_empty(show: Open, network: Story) -> None:
    view = show(network)
    for number in (0, 5, 22):
        go(view, number)
        sheets = view.pdf().count(b"/Type /Page\n")
        assert sheets == 1
