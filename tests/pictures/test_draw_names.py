"""Whatever a thing is called, it is shown as text: it breaks no picture, and runs nothing."""

from __future__ import annotations

import os
import shutil
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn
from autograd_mini.pictures.picture import Picture

from .dots import read

NAMES = {
    "quotes": "\"double\" 'single' `back`",
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "lines": "one\ntwo\r\nthree\u2028four\u2029five",
    "backslash": "\\",
    "ends in a backslash": "name\\",
    "backslash and quote": '\\"',
    "escapes": r"\N \G \E \T \H \L \n \l \r",
    "entity": "&amp; &lt;b&gt; &#60; &#x3c; &nbsp; &",
    "illegal entity": "&#0; &#1; &#xFFFF; &#55296;",
    "cdata": "]]>",
    "comment": "--> <!-- -->",
    "control": "a\x00b\x01c\x1b[31md\x7f\x85",
    "direction": "\u202eevil\u202c \u2066a\u2069 \u200f",
    "surrogate": "\ud800 \udfff",
    "noncharacters": "\ufffe \uffff \U0001ffff",
    "long": "x" * 10_000,
    "long with breaks": "<b>\n" * 5_000,
    "port": "a:b:c",
    "compass": "a:n",
    "html-like": "<b>bold</b>",
    "unclosed": "<b",
    "table": "<TABLE><TR><TD PORT='x'></TD></TR></TABLE>",
    "attribute": '"]; evil [label="x"',
    "graph": "}; digraph { a -> b",
    "link": 'javascript:alert(1)" href="javascript:alert(1)',
    "template": "${story} $policy {{x}} %s %d {0}",
    "spaces": "   ",
    "empty": "",
    "emoji": "w\u0302 \U0001f600 \u4e2d\u6587",
}


def check(picture: Picture, names: int = 1) -> None:
    svg = picture.svg()
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        tag = element.tag.rsplit("}", 1)[-1]
        assert tag in {"svg", "g", "title", "text", "polygon", "path", "ellipse", "polyline", "a"}
        for name, value in element.attrib.items():
            assert not name.rsplit("}", 1)[-1].lower().startswith("on")
            if name.endswith("href"):
                assert "script" not in value
        assert len(element.text or "") < 400
    drawing = read(picture)
    for box in drawing.boxes.values():
        assert all(len(line) <= 210 for line in box.lines)
    page = picture.html()
    assert page.count("<script") == picture_of_nothing().count("<script")
    assert page.count("</script") == picture_of_nothing().count("</script")
    picture.dot.encode()
    longest = max(map(len, picture.dot.splitlines()))
    assert longest < 4_000


def picture_of_nothing() -> str:
    return ag.draw(ag.Tensor(1.0)).html()


@pytest.fixture(params=["dot", "graphviz-pure"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "dot":
        if shutil.which("dot") is None:
            pytest.skip("needs Graphviz")
    else:
        monkeypatch.setenv("PATH", "")
    return str(request.param)


def everywhere(name: str) -> Any:
    """Return what to draw of a program in which everything is called so."""
    model = nn.ModuleDict({name.replace(".", "") or "x": nn.Linear(2, 2)})
    setattr(model, "attribute " + name, nn.Linear(2, 2))
    x = ag.Tensor(np.ones((1, 2), np.float32), name=name)
    w = ag.Tensor(np.ones(2, np.float32), requires_grad=True, name=name)
    layers = list(model.children())

    def run(x: Any, p: Any) -> Any:
        with ag.scope(name):
            for layer in layers:
                x = layer(x)
            y = x * w * p[name]
            y.name = name
            return y.sum()

    run.__name__ = name
    return run, x, {name: np.ones(2, np.float32)}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_hostile_names_are_text(name: str, engine: str) -> None:
    check(ag.draw(*everywhere(name), backward=True, values=True, title=name))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_modules_may_have_any_name(name: str) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            vars(self)[name] = nn.Linear(2, 2)
            self.layers = nn.ModuleDict({name.replace(".", "") or "x": nn.Linear(2, 2)})

        def forward(self, x: Any) -> Any:
            for layer in self.children():
                x = next(layer.children())(x) if isinstance(layer, nn.ModuleDict) else layer(x)
            return x

    Model.__name__ = name.replace("\0", "").encode("utf-8", "replace").decode() or "M"
    model = Model()
    x = np.ones((1, 2), np.float32)
    for depth in (0, 1, 99):
        check(ag.draw(model, x, depth=depth))
    check(ag.draw(model(x), depth=99))


@pytest.mark.parametrize("name", ["w", "a:b", "<b>", '"', "&amp;", "\\N", "x -> y", "{", "50%"])
def test_a_printable_name_is_shown_as_it_is(name: str) -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name=name)
    picture = ag.draw(w * 2)
    assert read(picture).texts()[0] == f"{name} | (2,)"
    texts = [e.text for e in ElementTree.fromstring(picture.svg()).iter() if e.text]
    assert name in texts


def test_the_own_primitive_of_a_user_may_have_any_name() -> None:
    for name in NAMES.values():
        function = lambda x: x * 2
        function.__name__ = name
        operation = ag.primitive(x=lambda g: g * 2)(function)
        w = ag.Tensor([1.0, 2.0], requires_grad=True)
        check(ag.draw(operation(w), backward=True))


def test_a_file_of_a_hostile_name_is_written(tmp_path: Any) -> None:
    picture = ag.draw(*everywhere(NAMES["surrogate"]), backward=True, title=NAMES["surrogate"])
    for suffix in ("svg", "png", "dot", "html"):
        path = picture.save(tmp_path / f'a picture & "more".{suffix}'.replace(os.sep, ""))
        assert path.stat().st_size > 0
