"""What all optimizers share: groups of parameters, and the state that is kept for each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from .. import writes
from ..graph import Array
from ..inplace import overwrite
from ..modes import enable_grad, no_grad
from ..nn.module import Module, as_array, clear_gradient
from ..tensor import Tensor

_MANY = 4096
"""From how many elements on new memory takes longer than finding the old."""


class Optimizer:
    """Updates parameters by their gradients.

    An optimizer of your own writes `update`.

    Attributes:
        param_groups: dicts, each with a list "params" and the options for these.
        state: for each parameter, a dict of what is kept from one step to the next.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Module):
            raise TypeError("an optimizer takes parameters: write model.parameters()")
        if isinstance(params, Tensor):
            raise TypeError("an optimizer takes a list of parameters: write [t] for a single one")
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Tensor, dict[str, Any]] = {}
        self._scratch: dict[Any, Array] = {}
        groups = list(params)
        if not groups:
            raise ValueError("an optimizer got no parameters: is a generator used up already?")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own.

        Args:
            param_group: a dict with "params", a Tensor or several, and options; what is left away
                is as for the others.
        """
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(p) for group in self.param_groups for p in group["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"an optimizer updates Tensors, not {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(
                    f"an optimizer updates leaves, and a Tensor of shape {p.shape} is the result "
                    "of an operation: it has no gradient to follow"
                )
            if id(p) in known:
                raise ValueError(f"a parameter of shape {p.shape} is given twice")
            known.add(id(p))
        group = {**self.defaults, **param_group, "params": params}
        unknown = group.keys() - self.defaults.keys() - {"params", "name"}
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {', '.join(sorted(unknown))}")
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: dict[str, Any]) -> None:
        """Raise `ValueError` unless the options of `group` make sense."""

    def update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> Array:
        """Return what is subtracted from the parameter `p` with the gradient `g`.

        Args:
            p: the array of the parameter, to read.
            g: that of its gradient, to read.
            state: what is kept for this parameter, to read and write.
            group: the options.
        """
        raise NotImplementedError

    def scratch(self, like: Array) -> Array | None:
        """Return an array of the shape and dtype of `like`, to compute an update in.

        Its memory is the same each time: no step waits for the system to hand out more. None for
        few elements, or for what is no plain array; NumPy's functions take both as their `out`.
        """
        if type(like) is not np.ndarray or like.size < _MANY:
            return None
        memory = self._scratch.get(like.dtype)
        if memory is None or memory.size < like.size:
            memory = self._scratch[like.dtype] = np.empty(like.size, like.dtype)
        return memory[: like.size].reshape(like.shape)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update each parameter that has a gradient.

        Args:
            closure: clears the gradients, computes the loss and its gradients, and returns it.

        Returns:
            What `closure` returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        by = f"optim.{type(self).__name__}"
        written: list[Array] = []
        try:
            for group in self.param_groups:
                for p in group["params"]:
                    grad = p.grad
                    if grad is None:
                        continue
                    state = self.state.get(p)
                    if state is None:
                        state = self.state[p] = {}
                    data = p._array
                    update = self.update(data, grad._array, state, group)
                    if p._view is None and isinstance(data, np.ndarray):
                        written.append(data)
                        np.subtract(data, update, data)
                    else:
                        with no_grad():
                            overwrite(p, ..., data - update, by)
        finally:
            writes.stamp_all(written, by, recorded=False)
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters, or set them to zero."""
        for group in self.param_groups:
            for p in group["params"]:
                clear_gradient(p, set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the options, with numbers for the parameters, in their order.

        The arrays share memory with the optimizer's, as in `Module.state_dict`.
        """
        numbers: dict[int, int] = {}
        for group in self.param_groups:
            for p in group["params"]:
                numbers[id(p)] = len(numbers)
        return {
            "state": {numbers[id(p)]: dict(state) for p, state in self.state.items() if state},
            "param_groups": [
                {**group, "params": [numbers[id(p)] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, with the same parameters in the same order.

        Raises:
            ValueError: the numbers of groups or parameters differ, or the shape of an array.
        """
        groups = state_dict["param_groups"]
        sizes = [len(group["params"]) for group in groups]
        expected = [len(group["params"]) for group in self.param_groups]
        if sizes != expected:
            raise ValueError(
                f"the state is of groups of {sizes} parameters, and this optimizer's are {expected}"
            )
        numbers = [number for group in groups for number in group["params"]]
        params = [p for group in self.param_groups for p in group["params"]]
        loaded = {
            p: {key: _loaded(key, value, p) for key, value in state_dict["state"][number].items()}
            for number, p in zip(numbers, params, strict=True)
            if number in state_dict["state"]
        }
        self.state = loaded
        for own, group in zip(self.param_groups, groups, strict=True):
            options = {key: copy.deepcopy(v) for key, v in group.items() if key in self.defaults}
            own.update(options)

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            options = sorted(group.items())
            lines += [f"    {key}: {value}" for key, value in options if key != "params"]
        return f"{type(self).__name__} (\n" + "\n".join(lines) + "\n)"


def _loaded(key: str, value: Any, p: Tensor) -> Any:
    """Return a part of the state of `p` as it is kept here: arrays copied to its dtype."""
    if value is None or isinstance(value, bool | int | float):
        return value
    array = as_array(value)
    if array.shape not in ((), p.shape):
        raise ValueError(
            f"{key} of a parameter of shape {p.shape} has shape {array.shape} in the state"
        )
    return np.array(array, dtype=p.dtype if array.shape == p.shape else None)
