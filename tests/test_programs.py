"""Random programs of views and writes: the right values and gradients, or a clear error."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag

from .programs import Dual, Program, plain


def along(program: Program, which: int) -> float:
    """Return the sum of the gradients times the directions of that number."""
    return sum(
        float(np.sum(rates[which] * t.grad._array))
        for t, rates in program.leaves
        if t.grad is not None
    )


def walked_back(loss: ag.Tensor, **keywords: Any) -> bool:
    """Return whether `backward` ran, and was not refused because of a write."""
    try:
        loss.backward(**keywords)
    except RuntimeError as refusal:
        if "overwrote in place" not in str(refusal):
            raise
        return False
    return True


SEEDS = st.integers(0, 2**32 - 1)


@given(seed=SEEDS, steps=st.integers(3, 25))
@settings(max_examples=150, deadline=None)
def test_random_programs_have_the_right_values_and_gradients(seed: int, steps: int) -> None:
    program = Program(seed)
    program.run(steps)
    loss, expected = program.loss()
    if not loss.requires_grad:
        assert plain(expected.rate) == 0
        return
    if not walked_back(loss):
        return
    message = "\n".join(program.log)
    np.testing.assert_allclose(along(program, 0), plain(expected.rate), 1e-8, 1e-8, err_msg=message)


@given(seed=SEEDS, steps=st.integers(3, 15))
@settings(max_examples=50, deadline=None)
def test_random_programs_have_the_right_second_derivatives(seed: int, steps: int) -> None:
    program = Program(seed, order=2)
    program.run(steps)
    loss, expected = program.loss()
    if not loss.requires_grad:
        return
    if not walked_back(loss, create_graph=True):
        return
    slopes = [np.sum(rates[0] * t.grad) for t, rates in program.leaves if t.grad is not None]
    slope = sum(slopes, ag.Tensor(0.0))
    for t, _ in program.leaves:
        t.grad = None
    if slope.requires_grad:
        slope.backward()
    second = expected.rate.rate if isinstance(expected.rate, Dual) else 0.0
    message = "\n".join(program.log)
    np.testing.assert_allclose(along(program, 1), plain(second), 1e-7, 1e-7, err_msg=message)


def test_random_programs_are_seldom_refused() -> None:
    losses = []
    for seed in range(30):
        program = Program(seed)
        program.run(8)
        losses.append(program.loss()[0])
    assert sum(map(walked_back, losses)) > 20
