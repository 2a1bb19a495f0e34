"""A picture: what `draw` returns, to be looked at or saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .page import Story, page
from .render import FORMATS, render


class Picture:
    """A drawing, which shows itself in a notebook, and can be saved.

    It holds text alone: nothing that was drawn is kept alive.

    Attributes:
        dot: the source in Graphviz's language.
    """

    def __init__(self, dot: str, story: Story | None = None) -> None:
        self.dot = dot
        self._story = story

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, and return its path.

        Args:
            path: its suffix says what is written: .svg, .png or .pdf, pictures; .dot, the source;
                .html, a page to walk through. PDF needs Graphviz's own `dot`.

        Raises:
            ValueError: the suffix is none of these; or it is .html, and the picture has no page.

        >>> import tempfile
        >>> import autograd_mini as ag
        >>> x = ag.Tensor(2.0, requires_grad=True, name="x")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = ag.draw(x * x).save(f"{folder}/graph.svg")
        ...     path.read_text(encoding="utf-8")[:4]
        '<svg'
        """
        file = Path(path)
        format = file.suffix.lower().removeprefix(".")
        if format == "dot":
            data = self.dot.encode()
        elif format == "html":
            data = self.html().encode()
        elif format in FORMATS:
            data = render(self.dot, format)
        else:
            raise ValueError(
                f"{file.name!r}: a picture is saved as .svg, .png, .pdf, .dot or .html, by suffix"
            )
        file.write_bytes(data)
        return file

    def svg(self) -> str:
        """Return the picture as an SVG element."""
        return render(self.dot, "svg").decode()

    def html(self) -> str:
        """Return the page that walks through the graph, as the text of an HTML file."""
        if self._story is None:
            raise ValueError("this drawing has no page to walk through: save it as .svg or .png")
        return page(self._story)

    def __repr__(self) -> str:
        return f"<Picture of {self.dot.count(' [label=')} boxes and arrows: .save('graph.svg')>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}
