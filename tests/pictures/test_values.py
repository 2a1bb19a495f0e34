"""Arrays as they are shown: numbers, heat maps and histograms, of every dtype and size."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from autograd_mini.pictures.values import (
    MOST_CELLS,
    MOST_NUMBERS,
    brief,
    display,
    line,
    sparkline,
)

DTYPES = [
    *("bool", "int8", "uint8", "int32", "int64", "uint64"),
    *("float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"),
]
KEYS = {
    *("shape", "dtype", "numbers", "heat", "mean", "std", "min", "max", "bad", "histogram"),
    "edges",
}


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@st.composite
def any_array(draw: Any) -> Any:
    """Draw an array of any dtype, shape and layout, with all that floats can hold."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=60))
    while math.prod(shape) > 20_000:
        shape = shape[1:]
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if dtype.kind in "biu":
        low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        data = generator.integers(low, high, shape, dtype if dtype.kind != "b" else int, True)
        return data.astype(dtype)
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        scale = draw(st.sampled_from([1.0, 1e-3, info.max, info.tiny, info.smallest_subnormal]))
        data = np.asarray(generator.normal(size=shape)).clip(-1, 1).astype(dtype) * scale
        special = draw(st.sampled_from([0.0, 0.1, 1.0]))
        places = generator.random(shape) < special
        specials = generator.choice([np.nan, np.inf, -np.inf], shape).astype(dtype)
        data = np.where(places, specials, data).astype(dtype)
    if draw(st.booleans()) and data.ndim:
        data = data[::-1].T
    data.flags.writeable = False
    return data


@settings(max_examples=300, deadline=None)
@given(any_array())
def test_any_array_can_be_shown_as_plain_data(array: Any) -> None:
    before = array.tobytes()
    shown = display(array)
    assert array.tobytes() == before
    assert set(shown) == KEYS
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert shown["shape"] == str(array.shape)
    assert shown["dtype"] == str(array.dtype)
    assert (shown["numbers"] is None) != (shown["heat"] is None)
    good = int(np.isfinite(array).sum())
    assert shown["bad"] <= array.size
    if array.dtype.kind != "c" and array.dtype.itemsize <= 8:  # of others, some are too large
        assert shown["bad"] == array.size - good
    good = array.size - shown["bad"]
    assert sum(shown["histogram"] or ()) == (good if good > 1 else 0)
    assert len(shown["histogram"] or range(16)) == 16
    assert (shown["edges"] is None) == (good == 0) == (shown["mean"] == "")
    assert isinstance(line(shown), str)
    assert "\n" not in line(shown)
    if shown["heat"]:
        check_heat(shown["heat"])


def check_heat(heat: dict[str, Any]) -> None:
    assert 1 <= heat["rows"] <= MOST_CELLS
    assert 1 <= heat["cols"] <= MOST_CELLS
    assert len(heat["cells"]) == heat["rows"] * heat["cols"]
    assert all(cell is None or -127 <= cell <= 127 for cell in heat["cells"])


@pytest.mark.parametrize("dtype", DTYPES)
def test_small_arrays_are_shown_as_numbers(dtype: str) -> None:
    shown = display(np.array([[0, 1, 1], [1, 0, 1]], dtype))
    assert shown["heat"] is None
    (first, _) = shown["numbers"]
    assert first[:2] == {
        "b": ["False", "True"],
        "c": ["0+0j", "1+0j"],
    }.get(np.dtype(dtype).kind, ["0", "1"])
    if np.dtype(dtype).kind != "c":
        assert (shown["min"], shown["max"], shown["mean"]) in [
            ("0", "1", "0.6667"),
            ("False", "True", "0.6667"),
        ]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (True, "True"),
        (np.True_, "True"),
        (2**70, str(2**70)),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (1.0, "1"),
        (1 / 3, "0.3333"),
        (-0.0, "-0"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (float("nan"), "nan"),
        (np.float16(0.1), "0.09998"),
        (1 + 2j, "1+2j"),
        (np.complex64(0.5j), "0+0.5j"),
        ("text", "text"),
    ],
)
def test_numbers_have_four_digits(x: Any, expected: str) -> None:
    assert brief(x) == expected


def test_a_nan_is_shown_as_one() -> None:
    assert display(np.array([np.nan, 1.0]))["numbers"] == [["nan", "1"]]
    assert display(np.full((), math.nan))["numbers"] == [["nan"]]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.float64(2.5), [["2.5"]]),
        (np.array(2.5), [["2.5"]]),
        (np.array([1.0, 2.0]), [["1", "2"]]),
        (np.arange(8).reshape(2, 2, 2), [["0", "1"], ["2", "3"], ["4", "5"], ["6", "7"]]),
        (np.zeros((0,)), [[]]),
        (np.zeros((0, 3)), []),
        (np.zeros((3, 0)), [[], [], []]),
        (np.zeros((0, 1000)), []),
        (np.zeros((1000, 0)), [[]] * MOST_NUMBERS),
    ],
)
def test_rows_are_those_along_the_last_axis(array: Any, expected: Any) -> None:
    assert display(array)["numbers"] == expected


def test_many_numbers_are_a_heat_map() -> None:
    assert display(np.zeros((MOST_NUMBERS, MOST_NUMBERS)))["heat"] is None
    assert display(np.zeros((MOST_NUMBERS + 1, 2)))["numbers"] is None
    assert display(np.zeros((2, MOST_NUMBERS + 1)))["heat"]["cells"] == [0] * 18
    assert display(np.zeros((3, 3, 2, 5)))["heat"]["rows"] == 18


def test_what_an_array_has_on_the_whole() -> None:
    array = np.random.default_rng(0).normal(size=(20, 30))
    shown = display(array)
    for name in ("mean", "std", "min", "max"):
        assert shown[name] == f"{getattr(array, name)():.4g}"
    expected, _ = np.histogram(array, 16)
    assert shown["histogram"] == expected.tolist()
    assert shown["edges"] == [shown["min"], shown["max"]]


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    shown = display(np.array([1.0, np.nan, np.inf, 3.0, -np.inf]))
    assert (shown["bad"], shown["mean"], shown["min"], shown["max"]) == (3, "2", "1", "3")
    assert sum(shown["histogram"]) == 2


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("shape", [(), (3,), (40, 40)])
def test_nothing_finite(bad: float, shape: tuple[int, ...]) -> None:
    shown = display(np.full(shape, bad))
    assert (shown["mean"], shown["std"], shown["min"], shown["max"]) == ("", "", "", "")
    assert shown["histogram"] is shown["edges"] is None
    assert shown["bad"] == math.prod(shape)
    if shape == (40, 40):
        assert shown["heat"]["cells"] == [None] * 1600
    assert line(shown) == ("no finite elements" if shape else brief(bad))


def test_complex_numbers_count_by_their_size() -> None:
    shown = display(np.array([3 + 4j, 0, -5j]))
    assert shown["numbers"] == [["3+4j", "0+0j", "-0-5j"]]
    assert (shown["min"], shown["max"]) == ("0", "5")


# Heat maps


def blocks(table: Any) -> Any:
    """Return the means of the blocks that a heat map shows, one by one."""
    cells = table.astype(np.float64)
    edges = [
        np.linspace(0, n, MOST_CELLS + 1).astype(int) if n > MOST_CELLS else np.arange(n + 1)
        for n in table.shape
    ]
    return np.array(
        [
            [
                cells[edges[0][i] : edges[0][i + 1], edges[1][j] : edges[1][j + 1]].mean()
                for j in range(len(edges[1]) - 1)
            ]
            for i in range(len(edges[0]) - 1)
        ]
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.integers(9, 200), st.integers(0, 2**32 - 1))
def test_cells_are_means_of_blocks_with_zero_in_the_middle(rows: int, cols: int, seed: int) -> None:
    if rows == 1:
        rows = 2
    table = np.random.default_rng(seed).normal(size=(rows, cols))
    heat = display(table)["heat"]
    means = blocks(table)
    assert (heat["rows"], heat["cols"]) == means.shape
    expected = means / np.abs(means).max() * 127
    assert np.abs(np.array(heat["cells"]).reshape(means.shape) - expected).max() <= 0.5 + 1e-9
    assert (heat["low"], heat["high"]) == (brief(means.min()), brief(means.max()))
    assert heat["reduced"] == (means.shape != table.shape)


def test_of_one_sign_the_heat_is_on_one_side() -> None:
    heat = display(np.linspace(1, 2, 100).reshape(10, 10))["heat"]
    assert min(heat["cells"]) == 64
    assert max(heat["cells"]) == 127
    assert (heat["low"], heat["high"]) == ("1", "2")
    heat = display(-np.linspace(1, 2, 100).reshape(10, 10))["heat"]
    assert (heat["low"], heat["high"]) == ("-2", "-1")


def test_a_cell_with_something_that_is_not_finite_is_empty() -> None:
    table = np.ones((10, 10))
    table[2, 3] = np.nan
    table[4, 5] = np.inf
    cells = display(table)["heat"]["cells"]
    assert [i for i, cell in enumerate(cells) if cell is None] == [23, 45]


@pytest.mark.parametrize("size", [9, 48, 49, 50, 100, 2304, 2305, 5000])
def test_a_vector_is_shown_in_rows_of_its_order(size: int) -> None:
    vector = np.arange(1.0, size + 1)
    heat = display(vector)["heat"]
    check_heat(heat)
    cells = [cell for cell in heat["cells"] if cell is not None]
    assert cells == sorted(cells)
    if size <= 2304:
        assert len(cells) == size
        assert (heat["low"], heat["high"]) == ("1", brief(float(size)))
    assert cells[-1] == 127


@pytest.mark.parametrize("size", [1e308, np.finfo(float).max, 1e-308, 5e-324])
def test_extreme_numbers_are_as_right_as_others(size: float) -> None:
    table = np.where(np.arange(400).reshape(20, 20) % 2, size, -size)
    shown = display(table)
    assert shown["heat"]["cells"] == [-127, 127] * 200
    assert shown["min"] == brief(-size)
    assert sum(shown["histogram"]) == 400
    if size > 1e-320:
        assert shown["histogram"][0] == shown["histogram"][15] == 200
    assert shown["bad"] == 0


def test_means_of_large_numbers_do_not_overflow() -> None:
    shown = display(np.full((100, 100), 1.5e308))
    assert shown["mean"] == "1.5e+308"
    assert shown["heat"]["cells"] == [127] * MOST_CELLS**2


# Histograms


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float32", "longdouble"])
def test_a_histogram_counts_each_element(dtype: str) -> None:
    array = np.repeat(np.arange(16), np.arange(1, 17)).astype(dtype)
    assert display(array)["histogram"] == list(range(1, 17))


def test_equal_elements_are_in_the_middle_bin() -> None:
    histogram = display(np.full(12, 3.0))["histogram"]
    assert sum(histogram) == histogram[7] == 12


def test_booleans_are_in_the_outer_bins() -> None:
    shown = display(np.array([True, False, True]))
    assert shown["histogram"] == [1] + [0] * 14 + [2]
    assert shown["edges"] == ["0", "1"]


# On a line


@given(st.lists(st.integers(0, 10**9), min_size=16, max_size=16).filter(any))
def test_a_sparkline_shows_all_counts(counts: list[int]) -> None:
    text = sparkline({"histogram": counts})
    assert len(text) == 8
    pairs = np.reshape(counts, (8, 2)).sum(axis=1)
    heights = [ord(block) - 0x2581 for block in text]
    assert max(heights) == 7
    for count, height in zip(pairs, heights, strict=True):
        assert (height == 0) == (count == 0)
    order = np.argsort(pairs, kind="stable")
    assert (np.diff(np.array(heights)[order]) >= 0).all()


def test_without_a_histogram_there_is_no_sparkline() -> None:
    assert sparkline({"histogram": None}) == ""


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array(0.25), "0.25"),
        (np.array([[7]]), "7"),
        (np.array(True), "True"),
        (np.zeros(0), "no elements"),
        (np.zeros((3, 0)), "no elements"),
        (np.zeros((0, 3)), "no elements"),
        (np.array([np.nan, np.nan]), "no finite elements"),
        (np.array([1.0, np.inf]), "1 ± 0    1 not finite"),
        (np.array([-1.0, 1.0]), "0 ± 1  █▁▁▁▁▁▁█"),
        (np.array([1 + 1j]), "1+1j"),
    ],
)
def test_an_array_on_one_line(array: Any, expected: str) -> None:
    assert line(display(array)) == expected
