"""Draws are part of the output's bytes: these values may never change."""

import numpy as np
import pytest

from pixelmill.random import Randomness

GOLDEN_UNIFORM = [0.6116515794070951, 0.2455409226671179]
GOLDEN_INTEGERS = [951, 872, 173]
GOLDEN_GENERATOR = [8, 70, 109, 99]


def test_the_draws_of_a_key_are_the_same_for_ever():
    random = Randomness(7, "n01440764_10026")
    random.step("transforms[1] flip")
    assert [random.uniform() for _ in range(2)] == pytest.approx(GOLDEN_UNIFORM, abs=0)
    assert [random.integer(0, 1000) for _ in range(3)] == GOLDEN_INTEGERS
    np.testing.assert_array_equal(random.generator().integers(0, 256, 4), GOLDEN_GENERATOR)


def test_seed_key_step_and_copy_draw_apart():
    def first(seed=0, key="a", copy=0, step="s"):
        random = Randomness(seed, key, copy)
        random.step(step)
        return random.uniform()

    draws = [first(), first(seed=1), first(key="b"), first(copy=1), first(step="t")]
    assert len(set(draws)) == len(draws)


def test_a_step_draws_the_same_whatever_was_drawn_before():
    lazy, busy = Randomness(0, "k"), Randomness(0, "k")
    busy.step("first")
    for _ in range(5):
        busy.uniform()
    for random in (lazy, busy):
        random.step("second")
    assert lazy.uniform() == busy.uniform()


def test_draws_are_uniform():
    draws = np.array([Randomness(0, str(key)).uniform() for key in range(4000)])
    counts, _ = np.histogram(draws, 10, (0, 1))
    # chi-squared with 9 degrees of freedom: above 27.9 once in a thousand seeds; this seed is fixed
    assert ((counts - 400) ** 2 / 400).sum() < 27.9
