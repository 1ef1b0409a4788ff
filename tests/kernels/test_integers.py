"""Whole numbers: sums of products, the sum of the lanes, and bytes as words."""

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels.simd import add_levels, add_squares, splat, sum_lanes, weigh_levels, word


@njit
def weighed(levels, weights):
    return sum_lanes(weigh_levels(levels, 1, weights, 2, splat(np.int32(3))))


def test_levels_are_weighed_and_added_up_exactly(rng):
    levels = rng.integers(0, 256, 17, np.uint8)
    weights = rng.integers(-(1 << 22), 1 << 22, 18).astype(np.int32)
    exact = int(levels[1:].astype(np.int64) @ weights[2:]) + 16 * 3
    assert weighed(levels, weights) == (exact + 2**31) % 2**32 - 2**31  # it wraps


@pytest.mark.parametrize(("add", "power"), [(add_levels, 1), (add_squares, 2)])
def test_levels_and_their_squares_are_added_up_exactly(rng, add, power):
    added = njit(lambda levels: sum_lanes(add(levels, 1, splat(np.int32(3)))))
    levels = rng.integers(0, 256, 17, np.uint8)
    levels[1] = 255  # no sign
    assert added(levels) == int((levels[1:].astype(np.int64) ** power).sum()) + 16 * 3


def test_eight_bytes_anywhere_are_a_word_of_which_the_first_is_the_lowest(rng):
    data = rng.integers(0, 256, 20, np.uint8)
    read = njit(lambda data, at: word(data, at))
    for at in (0, 1, 7, 12):
        assert read(data, at) == int.from_bytes(data[at : at + 8].tobytes(), "little")
