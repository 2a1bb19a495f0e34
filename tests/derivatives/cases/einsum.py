"""Cases of Einstein's sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..case import Case
from .products import complex_, real


def einsum(subscripts: str, *shapes: tuple[int, ...], **kwargs: Any) -> Case:
    operands = [real(*shape) for shape in shapes]
    return Case(np.einsum, (subscripts, *operands), kwargs, id=f"einsum-{subscripts}-{shapes}")


CASES: list[Case] = [
    einsum("ij,jk->ik", (2, 3), (3, 2)),
    einsum("ij,jk", (2, 3), (3, 2)),
    einsum("ba,cb", (2, 3), (2, 2)),  # implicit output in alphabetical order
    einsum(" i j , j -> i ", (2, 3), (3,)),
    einsum("ij->ji", (2, 3)),
    einsum("ij->", (2, 3)),
    einsum("ij->j", (2, 3)),
    einsum("ii", (3, 3)),
    einsum("ii->i", (3, 3)),
    einsum("iii->i", (2, 2, 2)),
    einsum("iij->j", (2, 2, 3)),
    einsum("iij,jkk->ik", (2, 2, 3), (3, 2, 2)),
    einsum("ii,i", (2, 2), (2,)),
    einsum("i,i,i->", (3,), (3,), (3,)),
    einsum("i,j,k,ijk", (2,), (2,), (2,), (2, 2, 2)),
    einsum("i,j,k,ij->k", (2,), (3,), (2,), (2, 3), optimize=True),
    einsum("ab,bc,cd->ad", (2, 3), (3, 1), (1, 2), optimize="greedy"),
    einsum("ab,bc,cd->ad", (2, 3), (3, 1), (1, 2), optimize=["einsum_path", (1, 2), (0, 1)]),
    einsum("bij,bjk->bik", (2, 1, 3), (2, 3, 2), optimize=True),
    einsum("i,j->i", (2,), (3,)),  # j summed over one operand alone
    einsum("ij,k->k", (2, 2), (2,)),
    einsum(",i->i", (), (3,)),
    einsum("...ij,...jk->...ik", (2, 1, 2), (2, 3)),
    einsum("...ij,...jk", (2, 1, 2, 1), (3, 1, 2)),
    einsum("...,...->...", (2, 1), (3,)),
    einsum("i...,i", (2, 3), (2,)),
    einsum("...i->...", (3,)),
    einsum("...i->i", (2, 3), optimize=True),  # the ellipsis is summed over
    einsum("ij,ij->ij", (1, 3), (2, 1)),
    einsum("ij,kj->ik", (2, 3), (2, 1)),
    einsum("ij,kj->i", (2, 1), (2, 3)),
    einsum("ij,ij", (2, 0), (2, 0)),
    einsum("i,j->i", (2,), (0,)),
    einsum("ii->i", (1, 1)),
    einsum("ii", (0, 0)),
    Case(np.einsum, (real(2, 3), [0, 1], real(3, 2), [1, 2], [2, 0]), id="einsum-sublists"),
    Case(np.einsum, (real(2, 3), [30, 2]), id="einsum-sublist-implicit"),
    Case(np.einsum, (real(2, 2, 3), [..., 1], real(3), (1,), [...]), id="einsum-sublist-ellipsis"),
    Case(np.einsum, ("ij,jk->ik", complex_(2, 3), complex_(3, 2)), id="einsum-complex"),
    Case(np.einsum, ("ii,j->ij", complex_(2, 2), real(2)), id="einsum-half-complex"),
]
