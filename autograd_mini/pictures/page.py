"""The page: a walk through a training step, as one HTML file that fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

Story = dict[str, Any]

_STYLES = ["page.css", "graph.css"]
_CHAPTERS = [
    *("dom.js", "story.js", "display.js", "shapes.js", "layout.js", "graph.js", "view.js"),
    *("panel.js", "controls.js", "page.js"),
]


def page(story: Story) -> str:
    """Return a page that steps forward through a graph, and back through the chain rule.

    The text is the whole of it: written to a file, as UTF-8, it opens in any browser, from disk
    and without a network. Names from the story are shown as text, whatever is in them, and the
    page's own policy lets no other script run.

    Args:
        story: what there is to tell, of dicts, lists, strings, numbers and None alone. The keys
            are `title`, `direction` ("down" or "right"), `notes`, `nodes`, `groups`, `edges`,
            `forward` and `backward`.

    Raises:
        TypeError: if something in the story is no plain data.
        ValueError: if a number in the story is not finite. (Arrays are in it as text.)

    Example:
        >>> story = {"title": "nothing yet", "direction": "down", "notes": []}
        >>> story |= {"nodes": [], "groups": [], "edges": [], "forward": [], "backward": []}
        >>> text = page(story)
        >>> text.startswith("<!DOCTYPE html>"), "nothing yet" in text
        (True, True)
    """
    template, style, program = _assets()
    return template.substitute(
        policy=_policy(style, program), style=style, program=program, story=_embedded(story)
    )


@cache
def _assets() -> tuple[Template, str, str]:
    """Return the template, the style sheet and the program; no name of it is global."""
    styles = [_asset(name) for name in _STYLES]
    library = f"/*\n{_asset('dagre.LICENSE.txt')}*/\n{_asset('dagre.min.js')}"
    chapters = [_asset(name) for name in _CHAPTERS]
    program = "\n".join(['(() => {\n"use strict";', library, *chapters, "})();"])
    return Template(_asset("page.html")), "\n".join(styles), program


def _asset(name: str) -> str:
    return files(__package__).joinpath(f"assets/{name}").read_text("utf-8")


def _policy(style: str, program: str) -> str:
    """Allow this style sheet and this program, each known by its hash, and nothing else."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(program)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _embedded(story: Story) -> str:
    """Return the story as JSON that HTML does not read into: ASCII, without <, > and &.

    Equal displays, of which a story has many, are written once and referred to by number.
    """
    pool: dict[str, int] = {}
    told = _pooled(story, pool)
    displays = [json.loads(text) for text in pool]
    text = _json({**told, "displays": displays})
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def _pooled(value: Any, pool: dict[str, int]) -> Any:
    """Return the value with each display in it replaced by its number in the pool."""
    if isinstance(value, dict):
        if "numbers" in value and "heat" in value:
            return pool.setdefault(_json(_packed(value)), len(pool))
        return {key: _pooled(item, pool) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_pooled(item, pool) for item in value]
    return value


def _packed(display: dict[str, Any]) -> dict[str, Any]:
    """Return the display with the cells of its heat map, -127 to 127 or None, a byte each."""
    heat = display["heat"]
    if heat is None:
        return display
    cells = bytes(0 if cell is None else cell + 128 for cell in heat["cells"])
    return {**display, "heat": {**heat, "cells": base64.b64encode(cells).decode()}}
