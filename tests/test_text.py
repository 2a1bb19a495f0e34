"""Names and numbers as a picture can show them, and as the DOT language writes them."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini.text import MOST, quoted, shortened

INERT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

any_text = st.text(st.characters(), max_size=200) | st.text("ab \n\u202e\u200d", max_size=2000)


@given(any_text, st.integers(3, 100))
def test_shortened_text_is_a_line_of_bounded_length(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert not INERT & set(map(unicodedata.category, short))
    assert len(short.splitlines()) <= 1
    assert shortened(short, most) == short


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=MOST))
def test_short_text_is_left_as_it_is(text: str) -> None:
    assert shortened(text) == text


@given(st.text("abc", min_size=MOST + 1, max_size=2000), st.integers(3, 60))
def test_long_text_is_cut_in_the_middle(text: str, most: int) -> None:
    head, tail = shortened(text, most).split("…")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + len(tail) == most - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("two\nlines", "two lines"),
        ("tab\tand\r\nmore", "tab and more"),
        ("turned \u202e round", "turned \ufffd round"),
        ("nul\0", "nul"),
        ("\ud800", "\ufffd"),
        ("Größe ∂L/∂w 重み", "Größe ∂L/∂w 重み"),
        ("a\u2028b", "a b"),
    ],
)
def test_what_could_break_a_line_is_taken_out(text: str, expected: str) -> None:
    assert shortened(text) == expected


def test_of_endless_text_just_the_ends_are_read() -> None:
    assert shortened("a" * 10**7 + "b", 9) == "aaaa…aaab"


def drawn(texts: list[str]) -> list[str]:
    """Return what Graphviz draws for each text, as the label of a node."""
    dot = shutil.which("dot")
    if dot is None:
        pytest.skip("needs dot")
    nodes = "\n".join(f"n{i} [label={quoted(text)}]" for i, text in enumerate(texts))
    run = subprocess.run(
        [dot, "-Tjson"], input=f"digraph {{\n{nodes}\n}}".encode(), capture_output=True, check=True
    )
    objects = {o["name"]: o for o in json.loads(run.stdout)["objects"]}
    return [
        "".join(d["text"] for d in objects[f"n{i}"].get("_ldraw_", ()) if d["op"] == "T")
        for i in range(len(texts))
    ]


def test_a_quoted_text_is_drawn_as_it_is() -> None:
    texts = [
        *("a & b", "&amp;", "&lt;b&gt;", 'say "hi"', "\\N", "\\n \\l \\r", "back\\", "{x|y}"),
        *("<b>", "<<i>x</i>>", "&#65;", "//", "/* */", "# c", ";", "}", "Größe ∂", "100%", "\\\\"),
        *("\\E\\G\\L\\T\\H", "&unknown;", "&", "&;", "'", '\\"', "a -> b", "node", "$x$"),
    ]
    assert drawn(texts) == texts


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(categories=["L", "N", "P", "S"], max_codepoint=0x2FFF)
            | st.sampled_from('&\\"<>;#{}|'),
            min_size=1,
            max_size=30,
        ),
        min_size=20,
        max_size=60,
    )
)
def test_any_quoted_text_is_drawn_as_it_is(texts: list[str]) -> None:
    assert drawn(texts) == texts
