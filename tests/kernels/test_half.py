"""NumPy's astype is the oracle: every float16, what lies between, and what has no place in it."""

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels.simd import LANES, load
from pixelmill_kernels.simd import _half as half


def edges():
    every = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
    every = np.sort(every[np.isfinite(every)])
    between = (every[1:] + every[:-1]) / 2  # ties, exact in float32
    near = [np.nextafter(between, np.float32(way)) for way in (-np.inf, np.inf)]
    beyond = [65504, 65519.996, 65520, 1e9, np.inf, 1e-9, 2**-24, 2**-25, 2**-25 * 1.0001, 0.0]
    beyond = np.array([*beyond, *(-x for x in beyond)], np.float32)
    values = np.concatenate([every, between, *near, beyond])
    return np.concatenate([values, np.zeros(-len(values) % LANES, np.float32)])


def stored(values):
    @njit
    def store_all(values, out):
        for i in range(0, values.size, LANES):
            half.store_float(out, i, load(values, i))

    out = np.empty(values.size, np.uint16)
    store_all(values, out)
    return out


@pytest.mark.parametrize("instruction", [True, False], ids=["instruction", "in whole numbers"])
def test_rounds_to_nearest_even_as_numpy_does(instruction, monkeypatch):
    if instruction and not half._instruction():
        pytest.skip("this machine has no instruction for it")
    monkeypatch.setattr(half, "_instruction", lambda: instruction)
    values = edges()
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).view(np.uint16)
    np.testing.assert_array_equal(stored(values), expected)


@pytest.mark.parametrize("instruction", [True, False], ids=["instruction", "in whole numbers"])
def test_what_is_no_number_stays_none(instruction, monkeypatch):
    if instruction and not half._instruction():
        pytest.skip("this machine has no instruction for it")
    monkeypatch.setattr(half, "_instruction", lambda: instruction)
    values = np.full(LANES, np.nan, np.float32)
    assert np.isnan(stored(values).view(np.float16)).all()
