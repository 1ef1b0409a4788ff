"""Every number has one bin, whose edges are exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as numbers

from pixelmill.statistics.bins import share_bin, whole_bin


@pytest.mark.parametrize(
    ("number", "edge"),
    [(0, "0"), (1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "4"), (6, "6"), (7, "6"), (8, "8"),
     (255, "192"), (256, "256"), (383, "256"), (384, "384")],
)  # fmt: skip
def test_sizes_fall_into_bins_of_powers_of_two_and_halves_between(number, edge):
    assert whole_bin(number) == edge


@pytest.mark.parametrize(
    ("number", "edge"),
    [(1.0, "1"), (0.75, "0.75"), (0.7499999, "0.5"), (0.5, "0.5"), (3.0, "3"), (2.9, "2"),
     (0.0, "0"), (1e-9, "0"), (-1.0, "0"), (float("nan"), "0"), (float("inf"), "1048576")],
)  # fmt: skip
def test_shares_fall_into_the_same_bins_below_one(number, edge):
    assert share_bin(number) == edge


@given(numbers.integers(1, 1 << 40))
def test_a_bin_holds_its_number_and_the_next_one_does_not(number):
    low = int(whole_bin(number))
    assert low <= number < low * 3 / 2 + 0.5


@given(numbers.floats(2.0**-20, 2.0**20))
def test_a_share_is_at_most_half_above_its_bin(number):
    low = float(share_bin(number))
    assert low * (1 - 1e-6) <= number < low * 1.5 * (1 + 1e-6)
