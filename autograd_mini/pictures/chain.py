"""The Linear layers of a model on one line, as its input passes through them: `chain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from inspect import unwrap
from typing import Any

import numpy as np

from .. import nn
from ..derivatives.losses import linear
from ..door import wrap
from ..graph import Node
from ..modes import Scope, enable_grad, watched_by
from ..nn.restored import restored
from ..nn.scopes import outwards
from ..program import Recorder, Step, Value
from ..tensor import Tensor
from ..text import shortened
from ..trace import watch
from ..tree import tree_fill, tree_leaves
from . import label


def chain(model: nn.Module, inputs: tuple[Any, ...] = ()) -> list[nn.Linear | str]:
    """Return the Linear layers of a model in their order, and the names of what is between them.

    Of Sequentials of layers and functions the order is certain. Any other model is run, in
    evaluation mode, and left as it was.

    Args:
        model: that has such layers.
        inputs: what it is run on, by default zeros: one row.

    Raises:
        ValueError: there is no Linear layer; or they are not all on one line, from input to result,
            each used once; or the model does not run on zeros.

    >>> from autograd_mini import nn
    >>> chain(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    [Linear(in_features=2, out_features=3, bias=True), 'ReLU']
    """
    if not _has_linear(model):
        kinds = sorted({type(module).__name__ for module in model.modules()})
        raise _refused(f"there is no nn.Linear in this model, of {', '.join(kinds)}")
    if _is_row(model):
        return list(_row(model))
    return _line(model, _run(model, inputs))


def _refused(found: str) -> ValueError:
    return ValueError(
        "style='layers' draws Linear layers on one line, from the input to the result: "
        f"{shortened(found, 300)}; draw what is computed instead: ag.draw(model, x)"
    )


def _has_linear(module: nn.Module) -> bool:
    return any(isinstance(part, nn.Linear) for part in module.modules())


# Rows of modules


def _is_row(module: nn.Module) -> bool:
    """Return whether a module is made of Sequentials, Linear layers and functions alone."""
    if not _has_linear(module):
        return True
    forward = getattr(module.forward, "__func__", None)
    if isinstance(module, nn.Sequential):
        return forward is nn.Sequential.forward and all(map(_is_row, module))
    return forward is nn.Linear.forward


def _row(module: nn.Module) -> Iterator[nn.Linear | str]:
    if isinstance(module, nn.Sequential):
        for child in module:
            yield from _row(child)
    elif isinstance(module, nn.Linear):
        yield module
    elif not isinstance(module, nn.Identity):
        yield type(module).__name__


# Lines of operations


@dataclass(frozen=True)
class _Run:
    """What a model did: its inputs, its result if that is one Tensor, and its steps in parts."""

    inputs: set[Value]
    output: Value | None
    parts: dict[Step, Step | Scope]

    def uses(self, part: Step | Scope) -> list[Value]:
        """Return what a part uses of what it has not made itself, each once."""
        steps = [step for step, around in self.parts.items() if around is part]
        values = dict.fromkeys(use.value for step in steps for use in step.uses)
        return [v for v in values if v.step is None or self.parts[v.step] is not part]


def _line(model: nn.Module, run: _Run) -> list[nn.Linear | str]:
    """Return what is on the line, walking back from the result."""
    names = {module: name or type(module).__name__ for name, module in model.named_modules()}
    unmet = [module for module in names if isinstance(module, nn.Linear)]
    met: list[nn.Linear] = []
    line: list[nn.Linear | str] = []
    value = run.output
    if value is None:
        raise _refused("its result is not one Tensor")
    while value not in run.inputs:
        step = _made_by(value)
        part = run.parts[step]
        layer = next((layer for layer in (*reversed(unmet), *met) if _applies(step, layer)), None)
        if layer is None or part is not step:
            line.append(_name(part))
        elif layer in met:
            raise _refused(f"{names[layer]} is used twice")
        else:
            line.append(layer)
            met.append(layer)
            unmet.remove(layer)
        value = _only(run, part, line[-1], [names[layer] for layer in unmet])
    if unmet:
        raise _refused(f"{_listed(names[layer] for layer in unmet)} not used on the way")
    return line[::-1]


def _made_by(value: Value) -> Step:
    if value.step is None:
        raise _refused("its result does not come from its input, as far as can be seen")
    if value.node is None and value.written:
        raise _refused(f"{value.written} wrote to a result unseen, as within no_grad()")
    return value.step


def _applies(step: Step, layer: nn.Linear) -> bool:
    """Return whether a step is that of a layer, with its own weight and bias."""
    given = {use.argument: use.value.array for use in step.uses if use.argument != "x"}
    own = {"weight": layer.weight._array}
    if layer.bias is not None:
        own["bias"] = layer.bias._array
    same = given.keys() == own.keys() and all(given[key] is own[key] for key in own)
    return same and step.what.function is unwrap(linear)


def _only(run: _Run, part: Step | Scope, what: nn.Linear | str, unmet: list[str]) -> Value:
    """Return the one value that a part computes with, beside numbers and what it owns."""
    uses = run.uses(part)
    arriving = [v for v in uses if v.step is not None or v in run.inputs]
    others = [v for v in uses if v not in arriving and not label.is_number(v)]
    if len(arriving) > 1:
        apart = f", so that {_listed(unmet)} not on one line" if unmet else ""
        raise _refused(f"{_name(part)!r} takes {len(arriving)} arrays{apart}")
    if isinstance(part, Step) and isinstance(what, str) and others:
        raise _refused(
            f"{_name(part)!r} uses an array of shape {others[0].shape}, which would not be shown"
        )
    if not arriving:
        raise _refused(f"{_name(part)!r} does not start from the input")
    return arriving[0]


def _listed(names: Iterable[str]) -> str:
    """Return names as the subject of a sentence, with its verb."""
    *more, last = names
    return f"{', '.join(more)} and {last} are" if more else f"{last} is"


# Parts of a run: a step, or the call of a module that has no layers


def _part(step: Step) -> Step | Scope:
    """Return the outermost call of a function that a step belongs to, or the step itself."""
    return next((s for s in reversed(list(outwards(step.scope))) if _is_function(s)), step)


def _is_function(scope: Scope) -> bool:
    """Return whether this is the call of a module that a Sequential would show by its name."""
    owner = scope.owner()
    return (
        isinstance(owner, nn.Module)
        and not isinstance(owner, nn.Sequential)
        and not _has_linear(owner)
    )


def _name(part: Step | Scope) -> str:
    return part.name if isinstance(part, Scope) else label.title(part)


# Running a model


def _run(model: nn.Module, inputs: tuple[Any, ...]) -> _Run:
    """Run a model on `inputs`, or on a row of zeros, of the first width that it takes."""
    if inputs:
        return _watched(model, inputs)
    weights = [part.weight for part in model.modules() if isinstance(part, nn.Linear)]
    failures = []
    for width, dtype in dict.fromkeys((weight.shape[1], weight.dtype) for weight in weights):
        try:
            return _watched(model, (np.zeros((1, width), dtype),))
        except Exception as error:
            failures.append((width, error))
    width, cause = failures[0]
    raise ValueError(
        f"only a run shows how {shortened(type(model).__name__)} uses its layers, and on zeros of "
        f"shape (1, {width}) it raised {type(cause).__name__}: {shortened(str(cause), 300)}; pass "
        "an input: ag.draw(model, x, style='layers')"
    ) from cause


def _watched(model: nn.Module, inputs: tuple[Any, ...]) -> _Run:
    recorder = Recorder()
    leaves = [_followed(leaf) for leaf in tree_leaves(inputs)]
    given = {recorder.value(leaf) for leaf in leaves if isinstance(leaf, Tensor)}
    with restored(model), enable_grad(), watched_by(recorder), np.errstate(all="ignore"):
        model.eval()
        result = model(*tree_fill(inputs, leaves))
    output = recorder.value(result) if isinstance(result, Tensor) else None
    return _Run(given, output, {step: _part(step) for step in recorder.steps})


def _followed(leaf: Any) -> Any:
    """Return a copy of an array as a Tensor that is recorded, so that writes to it are seen too."""
    if not isinstance(leaf, Tensor | np.ndarray):
        return leaf
    array = np.array(leaf._array if isinstance(leaf, Tensor) else leaf)
    node = Node(watch, (), array.shape, array.dtype) if array.dtype.kind in "fc" else None
    return wrap(array, node)
