from __future__ import annotations

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import random


def test_a_seed_gives_the_same_numbers_to_whoever_holds_the_generator() -> None:
    held = random.default_generator()
    assert ag.manual_seed(7) is held
    first = held.random(3)
    ag.manual_seed(7)
    np.testing.assert_array_equal(random.default_generator().random(3), first)
    np.testing.assert_array_equal(first, np.random.default_rng(7).random(3))


def test_a_state_can_be_returned_to_more_than_once() -> None:
    state = random.get_state()
    first = random.default_generator().random(3)
    for _ in range(2):
        random.set_state(state)
        np.testing.assert_array_equal(random.default_generator().random(3), first)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        ag.manual_seed(-1)
