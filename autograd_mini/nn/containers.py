"""Modules that hold others."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, groupby
from typing import Any

from .module import Module, indented


class _Container(Module):
    """A module with modules by name, which its attributes show too."""

    def __init__(self) -> None:
        self._modules: dict[str, Module] = {}

    def _fields(self) -> Iterator[tuple[str, Any]]:
        yield from self._modules.items()
        yield from ((name, value) for name, value in vars(self).items() if name != "_modules")

    def __getattr__(self, name: str) -> Any:
        modules = self.__dict__.get("_modules", {})
        if name not in modules:
            raise AttributeError(f"{type(self).__name__} has no attribute {name}")
        return modules[name]

    def _put(self, name: str, module: Any) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__} holds Modules, not {type(module).__name__}")
        self._modules[name] = module

    def __len__(self) -> int:
        return len(self._modules)


class _Row(_Container):
    """A container whose modules are numbered, or named in an order."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def _name(self, number: Any) -> str:
        index = operator.index(number)
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} into {len(self)} modules")
        return list(self._modules)[index]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            names = list(self._modules)[index]
            return self._part({name: self._modules[name] for name in names})
        return self._modules[self._name(index)]

    def _part(self, modules: dict[str, Module]) -> Any:
        raise NotImplementedError

    def __setitem__(self, index: int, module: Module) -> None:
        self._put(self._name(index), module)

    def __delitem__(self, index: int | slice) -> None:
        chosen = list(self._modules)[index] if isinstance(index, slice) else [self._name(index)]
        kept = {name: module for name, module in self._modules.items() if name not in chosen}
        numbered = all(name.isdecimal() for name in kept)
        self._modules = _numbered(kept.values()) if numbered else kept

    def append(self, module: Module) -> Any:
        """Add `module` at the end, and return this container."""
        self._put(
            next(name for name in map(str, count(len(self))) if name not in self._modules), module
        )
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add `modules` at the end, and return this container."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Insert `module` before the one at `index`, and return this container."""
        modules = list(self.append(module))
        modules.insert(index, modules.pop())
        self._modules = _numbered(modules)
        return self


def _numbered(modules: Iterable[Module]) -> dict[str, Module]:
    return {str(i): module for i, module in enumerate(modules)}


class Sequential(_Row):
    """Modules that are called one after the other.

    Args:
        args: modules, or one dict of them with their names.

    >>> import numpy as np
    >>> from autograd_mini import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    >>> model(np.zeros((5, 2), np.float32)).shape
    (5, 1)
    >>> model[:2]
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = len(args) == 1 and isinstance(args[0], Mapping)
        for name, module in (args[0] if named else _numbered(args)).items():
            self._put(name, module)

    def _part(self, modules: dict[str, Module]) -> Sequential:
        return type(self)(modules)

    def forward(self, input: Any) -> Any:
        """Return what the last module makes of what those before it made of `input`."""
        for module in self._modules.values():
            input = module(input)
        return input


class ModuleList(_Row):
    """A list of modules.

    >>> from autograd_mini import nn
    >>> nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
    ModuleList(
      (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
    )
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def _part(self, modules: dict[str, Module]) -> ModuleList:
        return type(self)(modules.values())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return type(self)([*self, *other])

    def __iadd__(self, other: Iterable[Module]) -> ModuleList:
        return self.extend(other)

    def __repr__(self) -> str:
        if not self._modules:
            return f"{type(self).__name__}()"
        lines, start = [], 0
        for text, same in groupby(map(repr, self)):
            end = start + len(list(same)) - 1
            name = f"({start})" if start == end else f"({start}-{end})"
            times = "" if start == end else f"{end - start + 1} x "
            lines.append(f"\n  {name}: {times}{indented(text)}")
            start = end + 1
        return f"{type(self).__name__}({''.join(lines)}\n)"


class ModuleDict(_Container):
    """A dict of modules.

    >>> from autograd_mini import nn
    >>> heads = nn.ModuleDict({"mean": nn.Linear(4, 1), "spread": nn.Softplus()})
    >>> heads["mean"].in_features
    4
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        super().__init__()
        self.update(modules)

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self._put(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """Return the modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """Return the names and modules."""
        return self._modules.items()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, by their names."""
        for key, module in dict(modules).items():
            self._put(key, module)
