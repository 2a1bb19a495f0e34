"""DOT source in, a picture out: Graphviz lays it out, the system's or the one pip installed."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

FORMATS = ("svg", "png", "pdf")
"""What `render` can make."""

FONT = "Arial"
"""The `fontname` to write in DOT: of this one, every Graphviz and browser has the same widths."""

_SHADES = str.maketrans("▁▂▃▄▅▆▇█", "░░▒▒▓▓██")
"""Bars of a small histogram, as shades: the port's own font has no bars, and PNG no other."""

_ILLEGAL = "[^\t\n\r\x20-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]"
"""A character that no XML document may hold, so no SVG; or U+FFFD, which stands for those."""


def render(source: str, format: str, engine: str = "dot") -> bytes:
    """Return the picture that Graphviz draws of `source`.

    The `dot` on PATH draws it; where there is none, the package graphviz-pure does, all but PDF.
    An SVG is the bare element, without XML prolog or doctype: a file that stands alone, and that
    can be put into HTML as it is. Characters that XML forbids, such as control characters, are
    drawn as U+FFFD. Labels are escaped by Graphviz; links are kept as `source` has them.

    Args:
        source: a graph in the DOT language, with `fontname` set to `FONT`.
        format: "svg", "png" or "pdf".
        engine: Graphviz's layout: "dot" in layers, "neato" by springs. To place nodes by hand, take
            "neato" and write `inputscale=72` for the graph and `pos="x,y!"`, in points (1/72
            inch), for each node.

    Raises:
        ValueError: `format` is none of the three.
        RuntimeError: Graphviz cannot read or draw `source`, says how; or there is no `dot` on PATH,
            and the format is PDF.
        ModuleNotFoundError: there is neither a `dot` on PATH nor graphviz-pure.

    Example:
        >>> picture = render("digraph { x -> y }", "svg")
        >>> picture[:4]
        b'<svg'
    """
    if format not in FORMATS:
        raise ValueError(f"format {format!r}: must be one of {', '.join(map(repr, FORMATS))}")
    from graphviz.backend.execute import run_check

    program = executable(format)
    if format == "png" and Path(program).stem == "graphviz-pure":
        source = source.translate(_SHADES)
    command = [program, f"-K{engine}", f"-T{format}"]
    try:
        done = run_check(command, input=_legal(source).encode(), capture_output=True, quiet=True)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise RuntimeError(
            f"Graphviz drew no {format}: {said or f'it ended with status {error.returncode}'}"
        ) from None
    if not done.stdout:
        raise RuntimeError(f"Graphviz drew no {format}: the source holds no graph")
    return _bare(done.stdout) if format == "svg" else done.stdout


def executable(format: str) -> str:
    """Return the path of the program that draws this format: `dot`, or else its port."""
    dot = shutil.which("dot")
    if dot is not None:
        return dot
    if format == "pdf":
        raise RuntimeError(
            "PDF is drawn by Graphviz's dot, which is not on PATH: install Graphviz "
            "(https://graphviz.org/download), or draw 'svg' or 'png', which need nothing more"
        )
    return _port()


def _port() -> str:
    try:
        files = distribution("graphviz-pure").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.stem == "graphviz-pure" and path.is_file():
            return str(path)
    raise ModuleNotFoundError(
        "no Graphviz to draw with: put its dot on PATH (https://graphviz.org/download), "
        "or pip install graphviz-pure",
        name="graphviz-pure",
    )


def _legal(source: str) -> str:
    """Replace what XML forbids, whether written as itself or as a numeric reference."""

    def legal(match: re.Match[str]) -> str:
        text = html.unescape(match[0])
        return "\ufffd" if not text or re.search(_ILLEGAL, text) else match[0]

    return re.sub(rf"&#\w{{1,9}};|{_ILLEGAL}", legal, source)


def _bare(svg: bytes) -> bytes:
    """Return the svg element alone, with fonts to take where there is no Arial."""
    family = f'font-family="{FONT}"'.encode()
    element = svg[svg.index(b"<svg") :]
    return element.replace(family, f'font-family="{FONT},Helvetica,sans-serif"'.encode())
