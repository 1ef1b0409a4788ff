"""Powers of two."""

import numpy as np
from numba import njit

from pixelmill_kernels.simd import LANES, exp2, load, store


@njit
def powers(values, out):
    for i in range(0, values.size, LANES):
        store(out, i, exp2(load(values, i)))


def test_a_power_of_two_is_off_by_four_millionths_at_most():
    values = np.linspace(-120, 0, 1 << 20).astype(np.float32)
    out = np.empty_like(values)
    powers(values, out)
    exact = np.exp2(values.astype(np.float64))
    assert np.abs(out / exact - 1).max() < 4e-6  # the polynomial's error, see _powers
    assert (np.diff(out) >= 0).all()


def test_whole_powers_of_two_are_exact_and_what_is_far_below_is_next_to_nothing():
    values = np.append(-np.arange(126.0), [-1e9, -np.inf]).astype(np.float32)
    out = np.empty_like(values)
    powers(values, out)
    np.testing.assert_array_equal(out[:126], np.exp2(values[:126]))
    assert (out[126:] < 1e-37).all()
    assert (out[126:] >= 0).all()
