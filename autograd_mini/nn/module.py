"""Module: parameters, and what is computed with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..graph import Array
from ..inplace import overwrite
from ..modes import enter_call, leave_call, no_grad
from ..tensor import Tensor

M = TypeVar("M", bound="Module")


class Parameter(Tensor):
    """A Tensor that a Module finds among its attributes, and an optimizer updates.

    Args:
        data: numbers, nested lists of them, an array, or a Tensor; copied.
        dtype: the dtype, by default that of `data`.
        requires_grad: whether it is trained.
        name: what pictures of the graph call it.

    Operations on it give plain Tensors.

    >>> from autograd_mini.nn import Parameter
    >>> Parameter([1.0, 2.0])
    Parameter([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        *,
        dtype: Any = None,
        requires_grad: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(data, dtype=dtype, requires_grad=requires_grad, name=name)

    def __repr__(self) -> str:
        return "Parameter" + super().__repr__().removeprefix("Tensor").replace("\n", "\n   ")


class Incompatible(NamedTuple):
    """The names that `load_state_dict` did not find, and those that it had no place for."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """A layer, or a model made of layers.

    Write `__init__` to make the parameters and layers, as attributes, or in lists, tuples and dicts
    that are attributes; write `forward` to compute with them.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> class Line(ag.nn.Module):
    ...     def __init__(self):
    ...         self.slope = ag.nn.Parameter(2.0)
    ...         self.offset = ag.nn.Parameter(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(np.array([0.0, 1.0]))
    Tensor([1., 3.], op=np.add)
    >>> [name for name, _ in line.named_parameters()]
    ['slope', 'offset']
    """

    training: bool = True
    _persistent: Mapping[str, bool] = {}  # the names of the buffers: whether state_dict has them

    def __setattr__(self, name: str, value: Any) -> None:
        known = self.__dict__.get(name)
        if isinstance(known, Parameter) and not isinstance(value, Parameter) and value is not None:
            raise TypeError(
                f"{name} is a parameter, and would no longer be trained: assign nn.Parameter(...), "
                f"or write to it, with ag.no_grad(): module.{name}[...] = values"
            )
        super().__setattr__(name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return `self.forward(*args, **kwargs)`."""
        token = enter_call(self)
        try:
            return self.forward(*args, **kwargs)
        finally:
            leave_call(token)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what this module computes. Each module writes its own; call it as `module(x)`."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: define `def forward(self, x): ...` in its class"
        )

    # What it is made of

    def _fields(self) -> Iterator[tuple[str, Any]]:
        """Yield what parameters and modules are looked for in, with the names it has."""
        yield from vars(self).items()

    def _members(self, kind: type[Any]) -> Iterator[tuple[str, Any]]:
        """Yield the parameters or modules of this module itself, with their names."""
        for name, value in self._fields():
            if name not in self._persistent:
                yield from _found(value, kind, name)

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module, and all within it, each with its name: "" for this one."""
        yield from self._walk(prefix, set(), remove_duplicate)

    def _walk(
        self, prefix: str, seen: set[int], remove_duplicate: bool
    ) -> Iterator[tuple[str, Module]]:
        if id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, child in self._members(Module):
            yield from child._walk(_joined(prefix, name), seen, remove_duplicate)
        if not remove_duplicate:
            seen.remove(id(self))

    def modules(self) -> Iterator[Module]:
        """Yield this module, and all within it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules that are directly in this one, each once, with its name."""
        seen: set[int] = set()
        for name, child in self._members(Module):
            if id(child) not in seen:
                seen.add(id(child))
                yield name, child

    def children(self) -> Iterator[Module]:
        """Yield the modules that are directly in this one, each once."""
        return (child for _, child in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters, each with its name; a shared one once, by its first name."""
        members = self._named(prefix, recurse, remove_duplicate, lambda m: m._members(Parameter))
        return ((name, parameter) for name, parameter, _ in members)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, each once, for an optimizer.

        >>> from autograd_mini import nn
        >>> [p.shape for p in nn.Linear(2, 3).parameters()]
        [(3, 2), (3,)]
        """
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers, each with its name."""
        members = self._named(prefix, recurse, remove_duplicate, Module._own_buffers)
        return ((name, buffer) for name, buffer, _ in members)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _own_buffers(self) -> Iterator[tuple[str, Tensor]]:
        values = ((name, getattr(self, name)) for name in self._persistent)
        return ((name, value) for name, value in values if value is not None)

    def _named(
        self,
        prefix: str,
        recurse: bool,
        remove_duplicate: bool,
        members: Callable[[Module], Iterator[tuple[str, Any]]],
    ) -> Iterator[tuple[str, Any, Module]]:
        """Yield the `members` of each module, with its name and the module that has it."""
        modules = self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]
        seen: set[int] = set()
        for path, module in modules:
            for name, member in members(module):
                if remove_duplicate:
                    if id(member) in seen:
                        continue
                    seen.add(id(member))
                yield _joined(path, name), member, module

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Make `tensor` an attribute that is part of the state, but is not trained.

        Args:
            name: of the attribute.
            tensor: an array or a Tensor, or None.
            persistent: whether `state_dict` has it.
        """
        if tensor is not None and not isinstance(tensor, Tensor):
            tensor = Tensor(tensor)
        setattr(self, name, tensor)
        self._persistent = {**self._persistent, name: persistent}

    # State

    def state_dict(self) -> dict[str, Tensor]:
        """Return the parameters and persistent buffers by name: constants that share memory.

        To keep the state as it is now while training goes on, copy it with `copy.deepcopy`.

        >>> from autograd_mini import nn
        >>> list(nn.Sequential(nn.Linear(2, 3), nn.ReLU()).state_dict())
        ['0.weight', '0.bias']
        """
        return {name: tensor.detach() for name, tensor in self._state().items()}

    def _state(self) -> dict[str, Tensor]:
        def members(module: Module) -> Iterator[tuple[str, Any]]:
            yield from module._members(Parameter)
            for name, buffer in module._own_buffers():
                if module._persistent[name]:
                    yield name, buffer

        return {name: member for name, member, _ in self._named("", True, False, members)}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Incompatible:
        """Copy values into the parameters and buffers, by name: all of them, or none.

        Args:
            state_dict: Tensors, arrays, or PyTorch's tensors. They are cast to the dtypes here.
            strict: whether the names must be the same as those of `state_dict()`.

        Returns:
            The names that are missing in `state_dict`, and those that are unexpected.

        Raises:
            RuntimeError: names differ (if `strict`) or shapes do; the message lists all of them.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"load_state_dict takes a dict of arrays by name, not {type(state_dict).__name__}: "
                "of a file, nn.load_state(path)"
            )
        own = self._state()
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        problems = []
        if strict and missing:
            problems.append(f"missing: {', '.join(missing)}")
        if strict and unexpected:
            problems.append(f"unexpected: {', '.join(unexpected)}")
        values = {name: as_array(state_dict[name]) for name in own if name in state_dict}
        for name, value in values.items():
            if value.shape != own[name].shape:
                problems.append(f"{name}: shape {value.shape}, and here {own[name].shape}")
            elif not np.can_cast(value.dtype, own[name].dtype, "same_kind"):
                problems.append(f"{name}: dtype {value.dtype}, and here {own[name].dtype}")
        if problems:
            raise RuntimeError(
                f"the state does not fit this {type(self).__name__}, so nothing was loaded:"
                + "".join(f"\n    {problem}" for problem in problems)
            )
        with no_grad():
            for name, value in values.items():
                overwrite(own[name], ..., value, "load_state_dict")
        return Incompatible(missing, unexpected)

    # Modes and dtypes

    def train(self: M, mode: bool = True) -> M:
        """Set training mode, or evaluation mode, here and in all modules within."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Set evaluation mode: dropout drops nothing."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Set whether the parameters are trained."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters, or set them to zero."""
        for parameter in self.parameters():
            clear_gradient(parameter, set_to_none)

    def apply(self: M, function: Callable[[Module], Any]) -> M:
        """Call `function` with each module within, and with this one last."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def to(self: M, dtype: Any) -> M:
        """Cast the floating point parameters and buffers to `dtype`, in place."""
        if np.dtype(dtype).kind not in "fc":
            raise TypeError(f"parameters are floating point or complex numbers, not {dtype}")
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.dtype.kind in "fc":
                _cast(tensor, dtype)
        return self

    def float(self: M) -> M:
        """Cast the parameters and buffers to float32, in place."""
        return self.to(np.float32)

    def double(self: M) -> M:
        """Cast the parameters and buffers to float64, in place."""
        return self.to(np.float64)

    # Printing

    def extra_repr(self) -> str:
        """Return what `repr` shows between the parentheses: the arguments, in most layers."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = [f"({name}): {indented(repr(child))}" for name, child in self._members(Module)]
        if not lines:
            return f"{type(self).__name__}({extra})"
        body = "\n  ".join([*extra.splitlines(), *lines])
        return f"{type(self).__name__}(\n  {body}\n)"


def _found(
    value: Any, kind: type[Any], name: str, within: tuple[Any, ...] = ()
) -> Iterator[tuple[str, Any]]:
    """Yield each `kind` in `value`, and in the lists, tuples and dicts in it, with its name.

    A list that is `within` itself, at whatever depth, is passed over there.
    """
    if isinstance(value, kind):
        yield name, value
    elif isinstance(value, dict | list | tuple) and not any(value is outer for outer in within):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _found(part, kind, f"{name}.{key}", (*within, value))


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def indented(text: str) -> str:
    """Return `text` as it stands within the repr of another module."""
    return text.replace("\n", "\n  ")


def as_array(value: Any) -> Array:
    """Return the array of a Tensor, of PyTorch's tensor, or of whatever NumPy makes one of."""
    if hasattr(value, "detach"):
        value = value.detach()
        value = value.cpu() if hasattr(value, "cpu") else value
        return value.numpy()
    return np.asarray(value)


def clear_gradient(tensor: Tensor, set_to_none: bool) -> None:
    """Forget the gradient of `tensor`, or set it to zero."""
    leaf = tensor._leaf()  # also of a parameter that is not trained for now
    if leaf is not None and leaf.about.grad is not None:
        leaf.noted().grad = None if set_to_none else np.zeros_like(tensor.detach())


def _cast(tensor: Tensor, dtype: Any) -> None:
    """Give `tensor` another dtype, and its gradient."""
    grad, asks = tensor.grad, tensor.requires_grad
    tensor.requires_grad = False
    tensor._array = tensor._array.astype(dtype)
    tensor._view = None
    tensor.requires_grad = asks
    if grad is not None:
        tensor.grad = grad.detach().astype(dtype)
