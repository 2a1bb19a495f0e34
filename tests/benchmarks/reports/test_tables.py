"""The tables that all reports show."""

from __future__ import annotations

import pytest

from benchmarks.reports import tables
from benchmarks.reports.tables import BLANK, Table
from benchmarks.results import Race, Timing

from . import samples


def column(table: Table, name: str) -> list[str]:
    """Return the texts below a heading."""
    headings = [cell.full or cell.text for cell in table.columns]
    return [row[headings.index(name)].text for row in table.rows]


def row(table: Table, *labels: str) -> dict[str, str]:
    """Return the texts of the row that begins with these, by their headings."""
    headings = [cell.full or cell.text for cell in table.columns]
    found = [
        texts
        for texts in ([cell.text for cell in cells] for cells in table.rows)
        if texts[: len(labels)] == list(labels)
    ]
    assert len(found) == 1
    return dict(zip(headings, found[0], strict=True))


def two(ours: list[float], torch: list[float]) -> Race:
    timings = [Timing("ours", seconds=ours), Timing("torch", seconds=torch)]
    return Race("w", "W", "rows", 8, "float32", True, timings)


def test_a_race_shows_the_median_time_and_the_paired_ratio():
    table = tables.race(two([1e-3, 2e-3, 6e-3], [2e-3, 8e-3, 8e-3]))
    shown = row(table, "PyTorch")
    assert shown["time"] == "8.00 ms"
    assert shown["ours / time (middle half of rounds)"] == "0.500 (0.375 to 0.625)"
    assert table.title == "W, 8 rows, float32, 3 rounds"


def test_a_figure_that_was_not_measured_is_blank():
    shown = row(tables.race(two([1.0], [2.0])), "autograd_mini")
    assert shown["time / by hand"] == "-"
    assert shown["ours / time (middle half of rounds)"] == "-"


def test_a_column_that_nobody_has_a_figure_for_is_left_out():
    headings = [cell.text for cell in tables.race(two([1.0], [2.0])).columns]
    assert headings[1:] == ["time", "time /\nby hand", "ours / time"]


def test_the_ratio_to_numpy_by_hand_is_theirs_over_its():
    table = tables.race(samples.samples_race(16, True))
    assert row(table, "PyTorch, a loop")["time / by hand"] == "3.10"
    assert row(table, "NumPy by hand, a loop")["time / by hand"] == "-"


def test_forward_and_backward_are_told_apart_where_they_were_timed():
    (race,) = samples.forward_told_apart(
        samples.sweep("tiny", "Tiny", "operations", (300,), (300,), start=1e-6, law=1.0)
    )
    table = tables.race(race)
    assert table.notes[0].startswith("Backward: a step less its forward run")
    names = column(table, "contestant")
    after = names.index("PyTorch")
    assert names[after : after + 3] == ["PyTorch", "  forward", "  backward"]
    assert names[names.index("HIPS autograd") + 1] == "MyGrad"  # it has no forward run
    ours = 300e-6 * 1.4**0.4
    theirs = 300e-6 * 3.1**0.4
    forward, backward = (float(table.rows[after + i][3].text.split()[0]) for i in (1, 2))
    assert forward == pytest.approx(0.25 * ours / (0.4 * theirs), rel=0.02)
    assert backward == pytest.approx(0.75 * ours / (0.6 * theirs), rel=0.02)


def test_memory_is_shown_with_what_is_above_the_import():
    shown = row(tables.race(samples.samples_race(16, True)), "PyTorch, a loop")
    assert shown["peak memory, MiB"] == "210"
    assert shown["above the import, MiB"] == "20.0"


def test_who_has_no_times_is_not_a_row_but_a_note():
    race = two([1.0], [2.0])
    race.timings[1] = Timing("torch", problem="disagrees in gradient 1")
    table = tables.race(race)
    assert column(table, "contestant") == ["autograd_mini"]
    assert table.notes == ["PyTorch: disagrees in gradient 1"]


def test_the_summary_has_a_row_for_each_main_size_and_variant():
    table = tables.summary(samples.results())
    labels = [(cells[0].text, cells[1].text) for cells in table.rows]
    assert labels[:3] == [("import", ""), ("digits-step", "1"), ("digits-step", "32")]
    assert labels[-3:] == [
        ("samples: vectorised", "256"),
        ("samples: a loop", "256"),
        ("geometric mean", ""),
    ]
    assert ("gp", "50") not in labels
    assert "autograd_mini" not in [cell.full for cell in table.columns]


def test_the_summary_has_our_time_over_theirs():
    shown = row(tables.summary(samples.results()), "samples: a loop", "256")
    assert shown["NumPy by hand"] == "1.40"
    assert shown["PyTorch"] == "0.451"
    assert shown["JAX jit"] == "-"


def test_a_ratio_stands_out_where_the_middle_half_of_rounds_agree():
    def tone(ours):
        return tables.race(two(ours, [1.0, 1.0, 1.0, 1.0])).rows[1][3].tone

    assert tone([0.8, 0.9, 0.9, 0.9]) == "faster"
    assert tone([0.8, 0.9, 1.1, 1.2]) == ""
    assert tone([1.1, 1.2, 1.1, 0.9]) == "slower"


def test_the_last_row_is_the_geometric_mean_of_what_is_above():
    table = tables.summary(samples.results())
    ratios = [float(text) for text in column(table, "PyTorch")]
    product = 1.0
    for ratio in ratios[:-1]:
        product *= ratio
    assert ratios[-1] == pytest.approx(product ** (1 / (len(ratios) - 1)), rel=5e-3)


def test_growth_says_over_which_sizes_it_was_fitted():
    table = tables.growth(samples.results())
    shown = row(table, "gp", "100 to 400")
    assert shown["NumPy by hand"] == "2.50"
    assert shown["MyGrad"] == "-"
    assert "tinygrad, Tiny operations: fitted over 300 to 3,000." in table.notes


def test_memory_has_our_peak_over_pytorch_s():
    shown = row(tables.memory(samples.results()), "gp", "200")
    assert shown["autograd_mini"] == "53.0"
    assert float(shown["ours / PyTorch"]) == pytest.approx(53 / 210, rel=5e-3)
    assert shown["ours / PyTorch, above the import"] == "1.00"


def test_variants_have_the_factor_between_them():
    shown = row(tables.variants(samples.results()), "samples: a loop / vectorised", "256")
    assert shown["autograd_mini"] == "64.0"
    assert "JAX jit" not in shown


def test_problems_of_the_same_kind_are_one_row():
    table = tables.all_problems(samples.results())
    assert row(table, "Gaussian-process log-likelihood", "MyGrad")["sizes"] == "50; 100; 200; 400"
    assert row(table, "Network over samples", "JAX jit, a loop")["why"] == "no answer in 180 s"


def test_tables_without_rows_are_left_out():
    assert tables.overall(samples.empty()) == []
    titles = [table.title.split(":")[0] for table in tables.overall(samples.interrupted())]
    assert titles == ["Time", "Growth", "Not timed"]


def test_every_row_is_as_long_as_the_headings():
    results = samples.results()
    for table in [*tables.overall(results), *map(tables.race, results.races)]:
        assert {len(cells) for cells in table.rows} == {len(table.columns)}
        assert all(cell == BLANK for cells in table.rows for cell in cells if cell.text == "-")
