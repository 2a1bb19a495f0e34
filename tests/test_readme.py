"""The README: every Python block runs, in order, and every result it shows is what comes out.

A comment after an expression, on the same line or on those below it, is its `repr`, what it
prints, or the error it raises; an ellipsis stands for anything. Comments elsewhere are comments.
"""

import ast
import contextlib
import doctest
import io
import re
import tokenize
from pathlib import Path

import pytest

from autograd_mini.primitive import primitives

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ERROR = re.compile(r"\w+Error: ")


def blocks(language: str) -> list[tuple[int, str]]:
    """Return each fenced block of a language, with the number of its first line."""
    found = re.finditer(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [(README[: match.start(1)].count("\n") + 1, match[1]) for match in found]


def comments(source: str) -> dict[int, str]:
    """Return the text of each comment, by line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.removeprefix("#") for t in tokens if t.type == tokenize.COMMENT}


def shown(statement: ast.stmt, source: str) -> str:
    """Return what a block says that comes of `statement`: the comment that ends it or follows."""
    lines, known = source.splitlines(), comments(source)
    line = statement.end_lineno or 0
    parts = [known[line]] if line in known else []
    while (line := line + 1) in known and lines[line - 1].startswith("#"):
        parts.append(known[line])
    return "\n".join(part.removeprefix(" ") for part in parts)


def outcome(statement: ast.stmt, names: dict[str, object]) -> str:
    """Run `statement`, and return what it prints, its value, or its error."""
    printed = io.StringIO()
    value = None
    try:
        with contextlib.redirect_stdout(printed):
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "README.md", "eval"), names)
            else:
                exec(compile(ast.Module([statement], []), "README.md", "exec"), names)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return printed.getvalue() + ("" if value is None else repr(value))


def agrees(got: str, want: str) -> bool:
    return doctest.OutputChecker().check_output(want + "\n", got + "\n", FLAGS)


@pytest.fixture
def registry():
    """Take back the rules that the README adds."""
    before = {function: (known, list(known.rules)) for function, known in primitives.items()}
    yield
    primitives.clear()
    for function, (known, rules) in before.items():
        known.rules[:] = rules
        primitives[function] = known


@pytest.mark.usefixtures("registry")
def test_every_block_of_the_readme_runs_and_shows_what_comes_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    wrong, checked = [], 0
    for first, source in blocks("python"):
        for statement in ast.parse(source).body:
            want = shown(statement, source)
            got = outcome(statement, names)
            shows = isinstance(statement, ast.Expr) or ERROR.match(want) or got
            checked += bool(want and shows)
            if (ERROR.match(got) or (want and shows)) and not agrees(got, want):
                wrong.append(
                    f"line {first + statement.lineno - 1}: got\n{got}\nbut shown is\n{want}"
                )
    assert not wrong, "\n\n".join(wrong)
    assert checked > 25


def test_a_wrong_result_would_be_noticed():
    (statement,) = ast.parse("1 + 1  # 3").body
    assert shown(statement, "1 + 1  # 3") == "3"
    assert not agrees(outcome(statement, {}), "3")
    assert agrees(outcome(statement, {}), "2")


def test_the_two_commands_are_one_line_each():
    commands = [source for _, source in blocks("sh")]
    assert [source.count("\n") for source in commands] == [1, 1]
    digits, tests = commands
    assert "examples/digits.py" in digits
    assert "pytest" in tests
    for script in re.findall(r"[\w/]+\.py\b", digits):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_what_the_readme_links_to_exists(target):
    assert target.startswith("https://") or (ROOT / target).is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w[\w.]*/)+[\w.]*)`", README))))
def test_the_paths_that_the_readme_names_exist(path):
    assert (ROOT / path).exists()


def test_figures_of_speed_are_those_that_were_measured():
    heading, first, *rest = _tables(
        (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    )["Time"]
    measured = {
        key: dict(zip(heading[2:], cells, strict=True))
        for workload, size, *cells in (first, *rest)
        for key in (workload, f"{workload}, {size}")
    }
    (_, *contestants), *rows = _tables(README)["How fast"]
    assert len(rows) > 5
    for label, *cells in rows:
        assert cells == [measured[label][contestant] for contestant in contestants]


def _tables(markdown: str) -> dict[str, list[list[str]]]:
    """Return the rows of the table below each heading, the heading's first words as its key."""
    found: dict[str, list[list[str]]] = {}
    key = ""
    for line in markdown.splitlines():
        if line.startswith("## "):
            key = line[3:].partition(":")[0]
        if line.startswith("| ") and not line.startswith("| ---"):
            cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
            found.setdefault(key, []).append(cells)
    return found
