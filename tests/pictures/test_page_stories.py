"""Any story can be told: hostile names, none at all, large arrays, odd graphs."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from autograd_mini.pictures.page import page

from . import stories
from .conftest import Open
from .reading import go, ids, panel, press
from .stories import Story, display, edge, empty_story, hostile, node

ATTACKS = {
    "script": "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "comment": "<!--<script>",
    "quotes": "\"'`\\ ${alert(1)} $story {{x}} &lt;b&gt; &quot;",
    "lines": "a\nb\r\nc\td\0e\u2028f\u2029g",
    "bidi": "\u202egnitirw \u05e9\u05dc\u05d5\u05dd \U0001f600\u0301",
    "surrogate": "\ud800 alone",
    "long": "x" * 10_000,
    "many lines": "word \n" * 2_000,
    "empty": "",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_hostile_names_stay_inert(show: Open, attack: str) -> None:
    view = show(hostile(attack), width=390, height=844)
    for number in range(4):
        go(view, number)
        assert view.evaluate("() => document.documentElement.scrollWidth") <= 390
    view.locator("#box-b").click(force=True)
    view.locator("#search").fill(attack[:50] or "x")
    assert view.locator("script").count() == 2
    assert view.locator("img, iframe, object, embed, #scene b").count() == 0
    assert readable(view.locator("#title").text_content()) == readable(attack)


def readable(text: str) -> str:
    """Return the text with what HTML cannot hold, or a font cannot show, in one form."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_hostile_names_do_not_become_markup() -> None:
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attributes: Any) -> None:
            tags.append(tag)

    plain = page(hostile("name"))
    for attack in ATTACKS.values():
        tags.clear()
        Reader().feed(page(hostile(attack)))
        found = tags.copy()
        tags.clear()
        Reader().feed(plain)
        assert found == tags


@pytest.mark.parametrize(
    "story",
    [
        empty_story(),
        empty_story(nodes=[node("a", "leaf", "x", [[1.0]])]),
        empty_story(
            nodes=[
                node("a", "unknown", "x", why="freed"),
                node("b", "op", "f"),
                node("c", "op", "g"),
            ],
            edges=[edge("a", "b", "x1"), edge("a", "b", "x2"), edge("a", "c", "x")],
            forward=[{"node": "b", "call": "f(x, x)"}, {"node": "c", "call": "g(x)"}],
            direction="right",
        ),
    ],
    ids=["nothing", "one leaf", "two outputs, no walk back"],
)
def test_small_stories_are_told_too(show: Open, story: Story) -> None:
    view = show(story)
    assert len(ids(view, ".node")) == len(story["nodes"])
    assert view.locator(".transport").is_visible() is bool(story["forward"])
    press(view, "ArrowRight", len(story["forward"]) + 1)
    for entry in story["nodes"]:
        view.locator(f"#box-{entry['id']}").click()
        assert (entry["why"] or entry["label"]) in panel(view)


def test_large_arrays_are_heat_maps_and_a_hundred_nodes_stay_under_a_megabyte(show: Open) -> None:
    story = stories.long_chain()
    assert len(page(story).encode()) < 1_000_000
    view = show(story)
    go(view, 3)
    canvas = view.locator("#panel canvas.heat").first
    assert canvas.get_attribute("aria-label").startswith("heat map of an array of shape (40, 40)")
    cells = story["nodes"][2]["values"][0]["heat"]["cells"]
    corners, middles = pixels(canvas, 40, 0, 0.5)
    assert [b > r for r, _, b in corners] == [cell > 0 for cell in cells]
    # A cell well below zero has a light dash in its middle, and no other one has.
    assert all(
        middle == corner
        for corner, middle, cell in zip(corners, middles, cells, strict=True)
        if cell >= 0
    )
    assert all(
        middle > corner
        for corner, middle, cell in zip(corners, middles, cells, strict=True)
        if cell < -9
    )


def pixels(canvas: Any, rows: int, *places: float) -> list[list[list[int]]]:
    """Return the colour of each cell of a square heat map, at places from 0 to 1 within it."""
    read = """(it, [rows, places]) => {
        const { data } = it.getContext("2d").getImageData(0, 0, it.width, it.height);
        const at = (index, place) => Math.floor((index + place) * it.width / rows);
        const first = (index, place) =>
            4 * (at(Math.floor(index / rows), place) * it.width + at(index % rows, place));
        const cells = [...Array(rows * rows).keys()];
        return places.map(place => cells.map(
            index => [...data.slice(first(index, place), first(index, place) + 3)])); }"""
    return list(canvas.evaluate(read, [rows, places]))


def test_cells_that_are_not_finite_are_marked(show: Open) -> None:
    shown = display([[1.0]])
    cells = [127, -127, None] + [0] * 78
    heat = {"rows": 9, "cols": 9, "cells": cells, "low": "-1", "high": "1"}
    shown |= {"bad": 1, "numbers": None, "heat": heat | {"reduced": True}}
    view = show(empty_story(nodes=[node("a", "leaf", "x") | {"values": [shown]}]))
    view.locator("#box-a").click()
    [shown] = pixels(view.locator("#panel canvas.heat"), 9, 0)
    assert shown[:4] == [[91, 157, 220], [150, 32, 26], [183, 121, 31], [247, 247, 247]]
    assert "1 not finite" in panel(view)


def test_equal_displays_are_written_once() -> None:
    text = page(stories.or_network())
    assert text.count('[["0.4967","-0.1383","0.6477"],') == 1


def test_a_story_that_is_no_plain_data_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        page(empty_story(title=object()))
    with pytest.raises(ValueError, match="not JSON compliant"):
        page(empty_story(notes=[float("nan")]))
