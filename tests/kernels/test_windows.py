"""Sums over a few vectors in a row, and over a few lanes in a row."""

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels.simd import LANES, load, pushed, splat_all, store, sum_all, sum_along


@njit
def windows(values, out, zeros):
    window = splat_all(zeros)
    for n in range(len(zeros)):
        window = pushed(window, load(values, n * LANES))
    store(out, 0, sum_all(window))
    store(out, LANES, sum_along(load(values, 0), load(values, LANES), window))


@pytest.mark.parametrize("length", [1, 2, 3, 7, 15])
def test_windows_are_sums_of_vectors_and_of_lanes(rng, length):
    values = rng.integers(0, 99, (max(length, 2), LANES)).astype(np.float32)
    out = np.empty((2, LANES), np.float32)
    windows(values.reshape(-1), out.reshape(-1), (np.float32(0),) * length)
    np.testing.assert_array_equal(out[0], values[:length].sum(axis=0))
    lanes = np.lib.stride_tricks.sliding_window_view(values[:2].reshape(-1), length)
    np.testing.assert_array_equal(out[1], lanes[:LANES].sum(axis=1))
