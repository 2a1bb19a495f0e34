"""Write NumPy, get exact derivatives of any order."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import derivatives as derivatives
from .anomaly import detect_anomaly
from .dispatch import primitive
from .modes import enable_grad, is_grad_enabled, no_grad, scope, set_grad_enabled
from .primitive import derivative, each
from .random import manual_seed
from .recompute import checkpoint
from .tensor import Tensor
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from . import data as data
    from . import nn as nn
    from . import optim as optim
    from . import plot as plot
    from . import testing as testing
    from .pictures.draw import draw as draw
    from .reports.profile import profile as profile
    from .reports.summary import summary as summary

__version__ = "0.1.0"

__all__ = [
    "Tensor",
    "checkpoint",
    "data",
    "derivative",
    "detect_anomaly",
    "draw",
    "each",
    "enable_grad",
    "grad",
    "hessian",
    "hvp",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "manual_seed",
    "nn",
    "no_grad",
    "optim",
    "plot",
    "primitive",
    "profile",
    "scope",
    "set_grad_enabled",
    "summary",
    "testing",
    "value_and_grad",
    "vjp",
]


_LATER = {  # what is imported when it is asked for, and where it is
    "data": ".data",
    "draw": ".pictures.draw",
    "nn": ".nn",
    "optim": ".optim",
    "plot": ".plot",
    "profile": ".reports.profile",
    "summary": ".reports.summary",
    "testing": ".testing",
}


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_LATER[name], __name__)
    return getattr(module, name, module)
