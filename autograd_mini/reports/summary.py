"""`summary`: the layers of a model, what they give, hold and compute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..door import wrap
from ..modes import current_mode, watched_by
from ..nn import Module
from ..nn.restored import restored
from ..program import Step
from ..tree import tree_leaves, tree_map
from .flops import flops
from .outline import Outline, memories, new_bytes
from .table import Table, readable_bytes, readable_count

Shape = tuple[int, ...]


@dataclass
class Row:
    """A module, or what is computed in it outside of other modules.

    Attributes:
        name: by which the model has the module, "" for the model itself.
        label: the name in the module around it, and the class; or the name of a scope.
        depth: how many modules are around it.
        calls: how often it was called.
        used: whether it was called, or a module in it.
        output: the shapes of what its last call gave.
        parameters: how many numbers it has to train, without those of modules in it and those
            that a row above has counted.
        parameter_bytes: the size of these.
        shared: whether it has parameters that a row above has counted.
        same_as: the name by which a row above shows the same module, with all its numbers.
        activation_bytes: the size of the new arrays that its operations gave.
        flops: of its operations, those that are known.
        unknown: the operations whose FLOPs are not known.
    """

    name: str = ""
    label: str = ""
    depth: int = 0
    calls: int = 0
    used: bool = True
    output: tuple[Shape, ...] = ()
    parameters: int = 0
    parameter_bytes: int = 0
    shared: bool = False
    same_as: str | None = None
    activation_bytes: int = 0
    flops: int = 0
    unknown: list[str] = field(default_factory=list)

    def add(self, step: Step, count: int | None, size: int) -> None:
        """Add an operation: its FLOPs, and the size of its results."""
        self.activation_bytes += size
        self.flops += count or 0
        if count is None:
            self.unknown.append(step.what.name)


def _cells(row: Row) -> list[str]:
    """Return what the table shows of a row."""
    label = "  " * row.depth + row.label
    if row.same_as is not None:
        return [label, f"is {row.same_as or 'the model'}", *4 * ["-"]]
    output = ", ".join(map(str, row.output)) or ("-" if row.used else "not called")
    parameters = [readable_count(row.parameters)] * bool(row.parameters) + ["shared"] * row.shared
    operations = [readable_count(row.flops)] * bool(row.flops) + ["?"] * bool(row.unknown)
    return [
        label + (f" x {row.calls}" if row.calls > 1 else ""),
        output,
        " + ".join(parameters) or "-",
        readable_bytes(row.parameter_bytes) if row.parameter_bytes else "-",
        readable_bytes(row.activation_bytes) if row.activation_bytes else "-",
        " + ".join(operations) or "-",
    ]


class Summary:
    """The rows of a model and their totals; shows itself as a table.

    Attributes:
        rows: one Row for each module, in the order of the model's attributes, and for what a module
            computes outside of those in it.
        parameters: how many numbers the parameters have, shared ones counted once.
        trainable: how many of these require grad.
    """

    def __init__(self, rows: list[Row], trainable: int) -> None:
        self.rows = rows
        self.trainable = trainable
        self.parameters = sum(row.parameters for row in rows)

    @property
    def flops(self) -> int:
        """The floating point operations of the run, those that are known."""
        return sum(row.flops for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """The size of the arrays that the operations gave, in bytes."""
        return sum(row.activation_bytes for row in self.rows)

    def table(self) -> Table:
        """Return the table: a row for each module, and the totals."""
        unknown = list(dict.fromkeys(name for row in self.rows for name in row.unknown))
        total = [
            *("total", "", readable_count(self.parameters)),
            readable_bytes(sum(row.parameter_bytes for row in self.rows)),
            readable_bytes(self.activation_bytes),
            ("at least " if unknown else "") + readable_count(self.flops),
        ]
        sentences = [
            f"{readable_count(self.trainable)} parameters are trainable.",
            "A multiply-add counts as 2 FLOPs.",
            *([f"Not known (?): {', '.join(unknown)}."] if unknown else []),
        ]
        return Table(
            ["<layer", "<output", ">parameters", ">memory", ">activations", ">FLOPs"],
            [_cells(row) for row in self.rows],
            footer=[total],
            note=" ".join(sentences),
        )

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def summary(model: Module, *args: Any) -> Summary:
    """Return what the layers of a model are, give and cost, found by calling it once.

    The model is called in the mode that it is in, and is afterwards as it was: attributes, buffers,
    gradients, and the state of random generators. Only operations on Tensors are seen, as
    the arrays that are passed become, not those of NumPy on arrays that the model makes itself.

    Args:
        model: a Module.
        args: what it is called with, arrays of the shapes it is meant for.

    Returns:
        A Summary, which prints as a table: for each module its output's shape, its own parameters
        and their memory, the memory of its activations (the new arrays that its operations gave)
        and its FLOPs, as `autograd_mini.reports.flops` counts them. What a module computes outside
        of those in it has a row of its own, so that the columns add up.

    Raises:
        TypeError: `model` is not a Module.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> from autograd_mini import nn
    >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    >>> ag.summary(model, np.zeros((2, 4), np.float32))
    layer         output  parameters  memory  activations  FLOPs
    ------------------------------------------------------------
    Sequential    (2, 1)           -       -            -      -
      0 · Linear  (2, 3)          15    60 B         24 B     54
      1 · ReLU    (2, 3)           -       -         24 B      6
      2 · Linear  (2, 1)           4    16 B          8 B     14
    ------------------------------------------------------------
    total                         19    76 B         56 B     74
    19 parameters are trainable. A multiply-add counts as 2 FLOPs.
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary is of an nn.Module, not of a {type(model).__name__}")
    notes = _Notes(model)
    with restored(model), watched_by(notes):
        notes.listen(model)
        model(*tree_map(_seen, args))
    trainable = sum(p.size for p in model.parameters() if p.requires_grad)
    return Summary(list(_Listing(notes).rows(model)), trainable)


_Place = tuple[int, tuple[str, ...]]
"""The id of a module of the model, and the scopes within that are no modules of it."""


def _seen(leaf: Any) -> Any:
    """Return an array as a Tensor, so that operations on it are seen."""
    return wrap(leaf, None) if isinstance(leaf, np.ndarray) else leaf


class _Notes(Outline):
    """Notes what each module of a model gives, and each operation where it belongs."""

    def __init__(self, model: Module) -> None:
        super().__init__()
        self._ids = set(map(id, model.modules()))
        self.results: dict[int, list[tuple[Shape, ...]]] = {}  # of each call, by the module's id
        self.places: dict[_Place, Row] = {}

    def listen(self, model: Module) -> None:
        """Be told of each call of a module, until the attributes of the model are restored."""

        def telling(key: int, forward: Callable[..., Any]) -> Callable[..., Any]:
            def told_forward(*args: Any, **kwargs: Any) -> Any:
                result = forward(*args, **kwargs)
                if self in current_mode().watchers:  # not in another thread
                    shapes = tuple(x.shape for x in tree_leaves(result) if hasattr(x, "shape"))
                    self.results.setdefault(key, []).append(shapes)
                return result

            return told_forward

        for module in model.modules():
            vars(module)["forward"] = telling(id(module), module.forward)

    def ran(self, began: Any, what: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Note an operation where it belongs."""
        known = len(self.steps)
        super().ran(began, what, args, kwargs, result)
        if len(self.steps) == known:
            return
        step = self.steps[-1]
        place = self._place()
        row = self.places.setdefault(place, Row())
        row.output = tuple(value.shape for value in step.outputs if value.shape is not None)
        row.add(step, flops(step), new_bytes(result, memories((args, kwargs))))

    def _place(self) -> _Place:
        names: list[str] = []
        scope = current_mode().scope
        while scope is not None and id(scope.owner()) not in self._ids:
            names.insert(0, scope.name)
            scope = scope.outer
        assert scope is not None
        return id(scope.owner()), tuple(names)


class _Listing:
    """Makes rows of what was noted, in the order of the modules' attributes."""

    def __init__(self, notes: _Notes) -> None:
        self._notes = notes
        self._shown: dict[int, str] = {}  # the labels of modules
        self._counted: set[int] = set()  # parameters

    def rows(
        self, module: Module, label: str = "", path: str = "", depth: int = 0
    ) -> Iterator[Row]:
        """Yield the rows of a module: of itself, of the modules in it, and of the rest."""
        row = Row(path, f"{label} · {type(module).__name__}".removeprefix(" · "), depth)
        if id(module) in self._shown:
            row.same_as, row.used = self._shown[id(module)], False
            yield row
            return
        self._shown[id(module)] = path
        self._count_parameters(row, module)
        results = self._notes.results.get(id(module), [])
        row.calls, row.output = len(results), results[-1] if results else ()
        within = [
            child_row
            for name, child in module._members(Module)
            for child_row in self.rows(child, name, f"{path}.{name}".removeprefix("."), depth + 1)
        ]
        row.used = row.calls > 0 or any(child_row.used for child_row in within)
        yield from (row, *within, *self._rest(row, id(module), bool(within)))

    def _count_parameters(self, row: Row, module: Module) -> None:
        for parameter in module.parameters(recurse=False):
            if id(parameter) in self._counted:
                row.shared = True
                continue
            self._counted.add(id(parameter))
            row.parameters += parameter.size
            row.parameter_bytes += parameter._array.nbytes

    def _rest(self, row: Row, module: int, is_parent: bool) -> Iterator[Row]:
        """Yield rows of what a module has computed outside of modules in it.

        A module without others, and without scopes, has the numbers in its own row.
        """
        within = {names: r for (m, names), r in self._notes.places.items() if m == module}
        own = within.pop((), None)
        for names, part in within.items():
            part.label, part.depth = " / ".join(names), row.depth + 1
            yield part
        if own is None:
            return
        if within or is_parent:
            own.label, own.depth = "functions", row.depth + 1
            yield own
        else:
            row.activation_bytes = own.activation_bytes
            row.flops, row.unknown = own.flops, own.unknown
