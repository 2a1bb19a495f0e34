"""What the examples share: their pictures' style, and what they say where an extra is missing."""

import argparse
from pathlib import Path
from typing import Any

INK, GREY, FAINT = "#22272e", "#7a828c", "#e3e6ea"
BLUE, RED, GREEN, GOLD = "#2563a8", "#c8443a", "#2f855a", "#b7791f"

STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 160,
    "font.size": 11,
    "font.family": "serif",
    "font.serif": ["STIXGeneral", "DejaVu Serif"],  # both come with matplotlib
    "mathtext.fontset": "stix",
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
}


def parser(description: str, *, pictures: bool = True) -> argparse.ArgumentParser:
    """Return a parser of the command line, with the folder that pictures go to."""
    result = argparse.ArgumentParser(description=description)
    if pictures:
        result.add_argument(
            "--out",
            type=Path,
            default=Path("out"),
            metavar="FOLDER",
            help="where pictures go (default: out)",
        )
    return result


def positive(text: str) -> int:
    """Return the positive integer that an argument of the command line states."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not positive")
    return value


def pyplot() -> Any:
    """Return matplotlib's pyplot, drawing to files alone, or None where it is not installed."""
    try:
        import matplotlib
    except ModuleNotFoundError:
        print(
            "\n(No picture: matplotlib is not installed. To have one: "
            'pip install "autograd_mini[examples]")'
        )
        return None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(STYLE)
    return plt


def save(figure: Any, folder: Path, name: str) -> Path:
    """Write a figure to a file in `folder`, which is made where missing, and say so."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    figure.savefig(path, bbox_inches="tight", facecolor="white")
    print(f"\nThe picture is {path}.")
    return path
