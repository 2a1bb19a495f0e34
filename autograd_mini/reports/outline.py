"""What a program was, without the arrays: what profiles and summaries are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import writes
from ..graph import Node
from ..program import Recorder, Step, Value
from ..views import Handle


class Outline(Recorder):
    """Notes a program without its elements, which it does not keep alive."""

    def __init__(self) -> None:
        super().__init__(keep=False)
        self.values: dict[int, Value] = {}  # by the numbers of their nodes, filled by `let_go`

    def _read(self, root: Node) -> None:
        """Read the graph behind a node, but for what an earlier use has noted."""
        if root.number in self.values:
            self._of_nodes[root] = self.values[root.number]
        super()._read(root)

    def let_go(self) -> None:
        """Keep names and numbers only: no node, no array, and nothing that may hold one."""
        for node, value in self._of_nodes.items():
            self.values.setdefault(node.number, value)
        steps: dict[int, Step] = {}
        for step in self.steps:
            steps.setdefault(step.number, step)
            step.node = None
            step.settings = {k: v for k, v in step.settings.items() if _is_inert(v)}
        self.steps = list(steps.values())
        used = [use.value for step in self.steps for use in step.uses]
        made = [value for step in self.steps for value in step.outputs]
        for value in (*self.values.values(), *used, *made):
            value.node = None
            if not (value.kind == "constant" and value.shape == ()):
                value.array = None
        for notes in (self._of_nodes, self._of_arrays, self._of_tensors, self._several):
            notes.clear()


def _is_inert(value: Any) -> bool:
    """Return whether a setting is made of numbers and words alone."""
    if isinstance(value, list | tuple):
        return all(map(_is_inert, value))
    return isinstance(value, bool | int | float | complex | str | np.dtype | slice | None)


def new_bytes(result: Any, old: Any) -> int:
    """Return how much memory the arrays in `result` show that is none of `old`, by its id."""
    return sum(size for memory, size in memories(result).items() if memory not in old)


def memories(value: Any) -> dict[int, int]:
    """Return the ids and sizes in bytes of the memory that the arrays in `value` show."""
    if isinstance(value, Handle):
        value = value._array
    if hasattr(value, "nbytes"):
        memory = writes.owner(value)
        return {id(memory): memory.nbytes}
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return {}
    return {memory: size for part in value for memory, size in memories(part).items()}
