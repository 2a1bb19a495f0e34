"""The cases notice a wrong rule: with its sign flipped, each of twenty picked at random fails.

So does a rule that gives 0, with 1.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from autograd_mini.primitive import Cotangents, Lazy, Primitive
from autograd_mini.testing import check_grads

from .case import Case
from .test_every_rule import CASES, INTERNAL, rules_of


def _cases_by_rule() -> dict[tuple[Primitive, int], list[Case]]:
    found: dict[tuple[Primitive, int], list[Case]] = {}
    for case in CASES:
        for key in rules_of(case):
            found.setdefault(key, []).append(case)
    return found


def _negated(cotangent: Any) -> Any:
    if isinstance(cotangent, Lazy):
        return Lazy(lambda index: _negated(cotangent[index]))
    if isinstance(cotangent, Cotangents):
        return Cotangents(_negated(c) for c in cotangent)
    return np.where(cotangent == 0, 1, -cotangent)


def test_flipped_signs_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    by_rule = {
        (primitive, position): cases
        for (primitive, position), cases in _cases_by_rule().items()
        if primitive.function.__name__ not in INTERNAL
    }
    picked = random.Random(0).sample(sorted(by_rule, key=lambda key: (key[0].name, key[1])), 20)
    unnoticed = [key for key in picked if not _noticed(*key, by_rule[key], monkeypatch)]
    assert not unnoticed


def _noticed(
    primitive: Primitive, position: int, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> bool:
    rule = primitive.rules[position]
    assert rule is not None
    right = rule.vjp
    with monkeypatch.context() as patch, np.errstate(all="ignore"):
        patch.setattr(rule, "vjp", lambda g, *saved: _negated(right(g, *saved)))
        for case in cases:
            try:
                check_grads(case, *case.args, order=case.order)
            except AssertionError:
                return True
    return False
