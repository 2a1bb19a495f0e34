"""What is raced, a file for each.

By hand means: the chain rule written out, the operations of the loss one after another and then
back, in place where nothing else needs the memory; no memory is kept from one step to the next.
"""

from __future__ import annotations

from ..workload import Workload
from .broadcast import BROADCAST
from .chain import CHAIN
from .deep import DEEP
from .digits_step import DIGITS_STEP
from .gp import GP
from .imports import IMPORT
from .logistic import LOGISTIC
from .ode import ODE
from .or_step import OR_STEP
from .reductions import REDUCTIONS
from .samples import SAMPLES
from .second_order import HESSIAN, HVP
from .tiny import TINY
from .wide import WIDE

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        IMPORT,
        OR_STEP,
        DIGITS_STEP,
        LOGISTIC,
        CHAIN,
        BROADCAST,
        REDUCTIONS,
        TINY,
        DEEP,
        WIDE,
        HVP,
        HESSIAN,
        GP,
        ODE,
        SAMPLES,
    )
}
