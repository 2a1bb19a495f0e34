"""The command line: its errors, and small runs from end to end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import command
from benchmarks.__main__ import main
from benchmarks.results import Race, Results, Timing, load, save

SMALL = ["--quick", "--only", "or-step", "--against", "ours"]


def result(seconds: float = 1.0) -> Results:
    timings = [Timing("numpy", seconds=[1.0] * 5), Timing("ours", seconds=[seconds] * 5)]
    race = Race("or-step", "OR step", "rows", 4, "float64", True, timings)
    return Results("2026-01-01", "python -m benchmarks", {}, {}, {}, 1, True, [race])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "orstep"], r"no workload is called 'orstep'. There are .*or-step"),
        (["--profile", "orstep"], r"no workload is called 'orstep'. There are .*or-step"),
        (["--against", "tensorflow"], r"no contestant is called 'tensorflow'. There are numpy"),
        (["--size", "3"], r"--size goes with --profile"),
        (["--rounds", "0"], r"must be 1 or more, not 0"),
        (["--threads", "0"], r"invalid choice: 0"),
        (["--threads", "100000"], r"invalid choice: 100000"),
        (["--list", "--profile", "tiny"], r"not allowed with"),
        (["--from", "no such file"], r"No such file"),
        (["--compare", "no such file"], r"No such file"),
    ],
)
def test_errors_say_what_is_there(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.machine.limit", lambda threads: None)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert re.search(said, " ".join(capsys.readouterr().err.split()))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"races": [], "what": 1}'])
def test_files_of_something_else_are_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(SystemExit):
        main(["--from", str(path)])
    assert "holds no results of this program" in capsys.readouterr().err


def test_what_is_missing_is_asked_for_before_anything_runs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.__main__.find_spec", lambda module: None)
    with pytest.raises(SystemExit):
        main([])
    assert "pip install rich" in capsys.readouterr().err


def test_the_list_has_workloads_and_contestants(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    out = capsys.readouterr().out
    for name in ("or-step", "digits-step", "16,384", "numpy", "ours", "torch"):
        assert name in out


def test_reports_are_made_of_saved_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(result(), tmp_path / "old.json")
    save(result(3.0), tmp_path / "new.json")
    arguments = ["--from", str(tmp_path / "new.json"), "--compare", str(tmp_path / "old.json")]
    reports = ["--markdown", str(tmp_path / "a" / "r.md"), "--html", str(tmp_path / "r.html")]
    assert main([*arguments, *reports]) == 0
    assert "or-step" in capsys.readouterr().out
    assert "autograd_mini" in (tmp_path / "a" / "r.md").read_text()
    assert "<html" in (tmp_path / "r.html").read_text()


def test_a_small_run_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "results.json"
    assert main([*SMALL, "--json", str(path)]) == 0
    results = load(path)
    assert results.complete
    assert list(results.versions) == ["numpy", "ours"]
    assert "--only or-step" in results.command
    (race,) = results.races
    assert [(t.contestant, t.problem) for t in race.timings] == [("numpy", ""), ("ours", "")]
    assert all(t.seconds and t.first for t in race.timings)
    assert "results.json" in capsys.readouterr().out.replace("\n", "")


def test_an_interrupted_run_is_reported_and_has_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(heats: Any, crew: Any, pace: Any, results: Any, keep: Any, told: Any) -> None:
        results.races += result().races
        keep(results)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", interrupted)
    path = tmp_path / "results.json"
    assert main([*SMALL, "--json", str(path)]) == 130
    assert "Interrupted" in capsys.readouterr().out
    assert not load(path).complete
    assert load(path).races == result().races
