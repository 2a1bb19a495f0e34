"""What the call of a module is called: its name in the module around it, and its class."""

from __future__ import annotations

from collections.abc import Iterator

from ..modes import Scope
from .module import Module


def outwards(scope: Scope | None) -> Iterator[Scope]:
    """Yield a scope, the one around it, and so on."""
    while scope is not None:
        yield scope
        scope = scope.outer


def called(scope: Scope) -> str:
    """Return the name of a scope: `0 · Linear`, `Sequential` for a model, `attention`."""
    owner = scope.owner()
    if isinstance(owner, Module):
        for around in outwards(scope.outer):
            module = around.owner()
            if isinstance(module, Module):
                for name, member in module.named_modules():
                    if member is owner and name:
                        return f"{name} · {scope.name}"
    return scope.name
