"""Helpers to read and to work an open page."""

from __future__ import annotations

from itertools import chain
from typing import Any

from .stories import Story


def press(view: Any, key: str, times: int = 1) -> None:
    for _ in range(times):
        view.keyboard.press(key)


def step_of(story: Story, node: str) -> int:
    """Return the step that walks back through a node."""
    at = [step["node"] for step in story["backward"]].index(node)
    return len(story["forward"]) + at + 1


def go(view: Any, number: int) -> None:
    view.locator("#slider").fill(str(number))


def panel(view: Any) -> str:
    return view.locator("#panel").inner_text()


def ids(view: Any, selector: str) -> list[str]:
    found = view.locator(f"#scene {selector}").evaluate_all("all => all.map(one => one.id)")
    return sorted(name.removeprefix("box-") for name in found)


def flat(rows: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(rows))


def numbers(view: Any, selector: str) -> list[str]:
    return view.locator(f"{selector} .number").all_inner_texts()
