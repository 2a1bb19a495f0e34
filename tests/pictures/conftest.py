from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd_mini.pictures.page import page

from . import stories
from .stories import Story

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]
QUIET = "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run --disable-sync"
QUIET += " --disable-background-networking --disable-component-update"


Open = Callable[..., Any]


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    found = os.environ.get("AUTOGRAD_MINI_BROWSER") or next(
        filter(None, map(shutil.which, BROWSERS)), None
    )
    if found is None:
        pytest.skip("needs a browser: install Chromium, or set AUTOGRAD_MINI_BROWSER to its path")
    with api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=QUIET.split())


@pytest.fixture(scope="package")
def tab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return one tab for all tests; what goes wrong in it is noted in its `troubles`."""
    tab = browser.new_page()
    tab.troubles = []
    tab.file = tmp_path_factory.mktemp("page") / "page.html"
    tab.set_default_timeout(5000)
    tab.on("console", lambda message: tab.troubles.append(message.text))
    tab.on("pageerror", lambda error: tab.troubles.append(str(error)))
    tab.on("request", lambda request: tab.troubles.append(request.url))
    tab.on("dialog", lambda dialog: (tab.troubles.append("dialog"), dialog.dismiss()))
    return tab


@pytest.fixture
def show(tab: Any) -> Iterator[Open]:
    """Open the page of a story; it may fetch nothing, complain of nothing and ask nothing."""

    def open_page(story: Story, width: int = 1400, height: int = 900, **media: str) -> Any:
        tab.file.write_text(page(story), encoding="utf-8")
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(**{"color_scheme": "light", "reduced_motion": "reduce"} | media)
        tab.goto(tab.file.as_uri())
        tab.wait_for_selector("#panel h2")
        return tab

    tab.troubles.clear()
    yield open_page
    own = tab.file.as_uri()
    assert [trouble for trouble in tab.troubles if trouble not in (own, "data:,")] == []


@pytest.fixture(scope="package")
def network() -> Story:
    return stories.or_network()
