"""The page."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from benchmarks.reports import page as pages
from benchmarks.reports.page import page

from . import samples

VOID = {"meta", "br", "link", "img"}


class Reader(HTMLParser):
    """Reads elements and texts, and checks that what is opened is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.counts: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(source)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.fixture(scope="module")
def whole() -> str:
    return page(samples.results())


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_PLOTS", False)


def test_it_fetches_nothing(whole):
    for name, value in Reader(whole).attributes:
        if name in ("src", "href", "xlink:href"):
            assert value.startswith("#")
    assert not re.search(r"https?://|@import|<script", whole)
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", whole))


def test_no_id_is_there_twice_and_all_that_are_referred_to_are_there(whole):
    ids = Counter(value for name, value in Reader(whole).attributes if name == "id")
    assert max(ids.values()) == 1
    assert set(re.findall(r'(?:href="|url\()#([\w.-]+)', whole)) <= set(ids)


def test_the_figures_are_in_it(whole):
    texts = Reader(whole).texts
    assert "0.451" in texts
    assert "0.634 (0.629 to 0.640)" in texts
    assert "Time: ours / theirs. Below 1, ours is faster" in texts
    assert "tinygrad: disagrees: gradient 2 is off by 0.31, where 1e-05 is allowed" in texts


def test_each_workload_has_its_plots(whole):
    pytest.importorskip("matplotlib")
    assert Reader(whole).counts["svg"] == 1 + 5 + 11  # the overview, growth, and a case each
    assert "Network over samples: vectorised, 256 samples" in Reader(whole).texts


def test_plots_are_in_the_page_s_own_colours(whole):
    body = whole[whole.index("</style>") :]
    assert not re.search(r"#[0-9a-f]{6}\b", body)


@pytest.mark.usefixtures("without_matplotlib")
def test_without_matplotlib_it_has_tables_and_says_how_to_get_plots():
    read = Reader(page(samples.results()))
    assert "need matplotlib: pip install matplotlib" in read.texts
    assert read.counts["svg"] == 0
    assert read.counts["table"] > 10


@pytest.mark.parametrize("run", [samples.interrupted, samples.empty])
def test_an_interrupted_run_says_so(run):
    assert any(text.startswith("the run was ended after") for text in Reader(page(run())).texts)


def test_names_are_text():
    results = samples.interrupted()
    results.command = "<script>alert(1)</script>"
    results.races[0].title = '<img src="x">'
    results.races[0].workload = '"><b>'
    read = Reader(page(results))
    assert read.counts["script"] == read.counts["b"] == read.counts["img"] == 0
    assert "<script>alert(1)</script>" in read.texts
