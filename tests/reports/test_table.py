"""Tables, and the numbers in them."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini.reports.table import (
    WIDTH,
    Table,
    readable_bytes,
    readable_count,
    readable_seconds,
)


class Reader(HTMLParser):
    """Reads the texts of cells, and how deep elements are left open."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_text_is_aligned_left_and_numbers_right() -> None:
    table = Table(["<a", ">b"], [["x", "100"], ["  yyy", "1"]], title="T", note="N")
    assert str(table) == "T\na        b\n----------\nx      100\n  yyy    1\nN"


def test_a_footer_stands_below_a_line() -> None:
    table = Table(["<a"], [["x"]], footer=[["y"]])
    assert str(table) == "a\n-\nx\n-\ny"


def test_a_table_without_rows_has_its_columns() -> None:
    assert str(Table(["<a", ">b"], [])) == "a  b\n----"


def test_long_names_are_cut_in_the_middle_and_their_indentation_stays() -> None:
    name = "first" + "x" * 10_000 + "last"
    table = Table(["<name", "<other", ">n"], [["    " + name, name, "1"]])
    *_, row = str(table).splitlines()
    assert len(row) <= WIDTH
    assert row.startswith("    firstx")
    assert row.count("…") == 2
    assert row.endswith("last  1")


def test_wide_characters_take_two_columns() -> None:
    lines = str(Table(["<a", ">b"], [["日本", "1"], ["abcd", "2"]])).splitlines()
    assert lines[2:] == ["日本  1", "abcd  2"]


@given(st.lists(st.tuples(st.text(), st.text(), st.text("0123456789", max_size=8)), max_size=4))
def test_any_text_stays_in_its_row_and_cell(rows: list[tuple[str, str, str]]) -> None:
    table = Table(["<a", "<b", ">c"], rows, footer=rows)
    assert len(str(table).split("\n")) == 2 + len(rows) + (1 + len(rows) if rows else 0)
    reader = Reader(table._repr_html_())
    assert reader.open == []


def test_html_is_escaped() -> None:
    evil = "<script>alert('&')</script>"
    table = Table(["<" + evil], [[evil]], footer=[[evil]], title=evil, note=evil)
    source = table._repr_html_()
    assert "<script" not in source
    assert "".join(Reader(source).texts).count(evil) == 5


def test_titles_and_notes_are_of_bounded_length_too() -> None:
    long = "many words " * 1000
    lines = str(Table(["<a"], [], title="two\nlines " + long, note=long)).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) <= 3 + 6


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 texts in a table of 1 columns"):
        Table(["<a"], [["x", "y"]])


def test_times_are_in_the_unit_that_suits_them() -> None:
    seconds = [0.0, 1.234e-6, 12.34e-6, 999.4e-6, 999.6e-6, 0.01234, 1.0, 9.996, 123.4, 4321.0]
    assert list(map(readable_seconds, seconds)) == [
        *("0.00 us", "1.23 us", "12.3 us", "999 us", "1.00 ms"),
        *("12.3 ms", "1.00 s", "10.0 s", "123 s", "4321 s"),
    ]


def test_memory_is_in_powers_of_1024() -> None:
    assert list(map(readable_bytes, [0, 1023, 1024, 437_544, 1024**2 - 1, 1024**3])) == [
        *("0 B", "1023 B", "1.00 KiB", "427 KiB", "1.00 MiB", "1.00 GiB"),
    ]


def test_counts_are_exact_up_to_ten_millions() -> None:
    assert list(map(readable_count, [0, 109_386, 9_999_999, 10_000_000, 4_089_000_000])) == [
        *("0", "109,386", "9,999,999", "10.0 M", "4.09 G"),
    ]
