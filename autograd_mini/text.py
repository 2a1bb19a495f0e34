"""Names and numbers as a picture can show them: on one line, of bounded length, and inert."""

from __future__ import annotations

import unicodedata

MOST = 60
"""How many characters of a name are shown."""


def shortened(text: str, most: int = MOST) -> str:
    r"""Return `text` on one line, at most `most` characters: cut in the middle where it is longer.

    Control characters, which could break a line or turn its direction, become spaces or `\ufffd`.

    >>> shortened("a very long name indeed", 9)
    'a ve…deed'
    """
    if len(text) <= most and text.isascii() and text.isprintable():
        return " ".join(text.split())
    line = " ".join("".join(map(_printable, text[: 10 * most] + text[10 * most :][-most:])).split())
    if len(line) <= most and len(text) <= 11 * most:
        return line
    head = most // 2
    return line[:head] + "…" + line[len(line) - (most - head - 1) :]


def _printable(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    return "\ufffd" if kind in ("Cf", "Cs", "Co", "Cn") else character


def quoted(text: str) -> str:
    r"""Return `text` as a string of the DOT language: what it says, with no escapes of Graphviz's.

    >>> print(quoted('say "hi" \\N'))
    "say \"hi\" \\N"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _entities(escaped) + '"'


def _entities(text: str) -> str:
    """Return `text` with `&` as an entity, since Graphviz reads entities in every label."""
    return text.replace("&", "&amp;")
