"""The figures."""

from __future__ import annotations

import itertools
import sys
import xml.etree.ElementTree as ET

import pytest

pytest.importorskip("matplotlib")

from matplotlib.text import Text

from benchmarks.reports import figures, plots
from benchmarks.reports.figures import Case

from . import samples


def names(ax):
    return [text.get_text() for text in ax.texts]


def test_a_file_for_each_workload_with_a_sweep_and_one_for_all(tmp_path):
    written = plots.plots(samples.results(), tmp_path / "new")
    assert [path.name for path in written] == [
        *("overview.svg", "digits-step.svg", "chain.svg", "tiny.svg", "gp.svg", "samples.svg")
    ]  # a single size, of the import, has no growth
    for path in written:
        ET.parse(path)


def test_the_same_results_give_the_same_files(tmp_path):
    first, second = (
        [path.read_text() for path in plots.plots(samples.interrupted(), tmp_path / folder)]
        for folder in "ab"
    )
    assert first == second != []


def test_a_run_without_races_has_no_files(tmp_path):
    assert plots.plots(samples.empty(), tmp_path) == []


def test_growth_has_a_named_line_for_each_contestant_of_two_sizes():
    (ax,) = plots.growth(figures.sweeps(samples.results())["tiny"]).axes
    lines = {line.get_label(): line for line in ax.lines}
    assert "torch.compile" not in lines  # which has but one
    assert set(names(ax)) == set(lines)
    assert list(lines["PyTorch"].get_xdata()) == [300, 3_000, 30_000]
    assert list(lines["tinygrad"].get_xdata()) == [300, 3_000]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_names_at_the_ends_of_lines_do_not_overlap():
    for sweep in figures.sweeps(samples.results()).values():
        figure = plots.growth(sweep)
        if figure is None:
            continue
        figure.draw_without_rendering()
        for ax in figure.axes:
            boxes = [Text.get_window_extent(name) for name in ax.texts]  # less the leaders
            for low, high in itertools.pairwise(sorted(boxes, key=lambda box: box.y0)):
                assert low.y1 <= high.y0 + 1
            assert max(box.x1 for box in boxes) <= figure.bbox.x1


def test_variants_are_side_by_side_on_one_scale():
    first, second = plots.growth(figures.sweeps(samples.results())["samples"]).axes
    assert first.get_ylim() == second.get_ylim()
    assert [ax.get_title(loc="left") for ax in (first, second)] == ["vectorised", "a loop"]


def test_ratios_are_drawn_where_they_are():
    race = samples.samples_race(256, True)
    (ax,) = plots.ratios(Case(race, "vectorised")).axes
    expected = [
        figures.ours_over(Case(race, "vectorised"), key).middle for key in ("numpy", "torch")
    ]
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() in "sD^"]
    assert dots[:2] == expected
    assert names(ax)[:3] == ["1.40", "0.451", "0.700"]


def test_the_overview_has_a_row_for_each_case_with_ratios():
    results = samples.results()
    (ax,) = plots.overview(results).axes
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows[0] == "Import"
    assert rows[-1] == "Network over samples: a loop, 256 samples"
    assert len(rows) == len(figures.cases(figures.main_races(results)))


def test_a_case_without_ratios_has_no_figure():
    race = samples.samples_race(256, True)
    assert plots.ratios(Case(race, "another")) is None


def test_without_matplotlib_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match="pip install matplotlib"):
        plots.plots(samples.results(), tmp_path)
