"""From one loss to the entries of all contestants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..contestants import CONTESTANTS
from ..dialects import Loss, load
from ..workload import Array, Entry

Data = Callable[[int], tuple[list[Array], list[Array]]]
"""data(size): the constants, and the parameters to differentiate by."""

Make = Callable[[int, str], Entry]


def entries(
    ask: str,
    data: Data,
    loss: Loss,
    by_hand: Loss,
    otherwise: Mapping[str, Callable[[], Loss]] | None = None,
    *,
    without: Iterable[str] = (),
    forward: bool = False,
    size_as: str = "",
    **options: Any,
) -> dict[str, Make]:
    """Return what makes the entry of each contestant.

    Args:
        ask: which function of a dialect: "gradients", "descent", "hessian_product" or "hessian".
        data: what it is about.
        loss: what is differentiated, in the words that NumPy and most libraries share.
        by_hand: what NumPy does for it.
        otherwise: for contestants that say it in other words, what imports these and returns the
            loss.
        without: the contestants that have none.
        forward: whether the forward run is told apart.
        size_as: the keyword by which losses are told the size, where arrays do not.
        options: what else the dialect is given.
    """
    words = {"numpy": lambda: by_hand, **(otherwise or {})}

    def maker(contestant: str) -> Make:
        def make(size: int, variant: str) -> Entry:
            constants, parameters = data(size)
            dialect = load(contestant)
            said = words[contestant]() if contestant in words else loss
            if size_as:
                said = _told(said, {size_as: size})
            entry: Entry = getattr(dialect, ask)(said, constants, parameters, **options)
            return entry if forward else replace(entry, forward=None)

        return make

    return {key: maker(key) for key in CONTESTANTS if key not in without}


def _told(loss: Loss, keywords: dict[str, int]) -> Loss:
    return lambda *arrays: loss(*arrays, **keywords)
