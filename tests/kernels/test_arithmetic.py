"""Arithmetic on vectors is NumPy's on float32, rounded at every step."""

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels import simd

X = np.linspace(-4.5, 5.25, 16).astype(np.float32)
Y = np.array([3, -2, 0.5, 7] * 4, np.float32)


@njit
def mixed(x, y, out):
    a, b = simd.load(x, 0), simd.load(y, 0)
    simd.store(out, 0, (a + b) * 0.1 - b / a)
    simd.store(out, 16, 2 * a + np.float32(3) - 1 / b)
    a += b
    a *= 3
    simd.store(out, 32, a)


def test_a_formula_is_numpys_float32_rounded_at_every_step():
    out = np.empty(48, np.float32)
    mixed(X, Y, out)
    tenth = np.float32(0.1)
    assert out[:16].tobytes() == ((X + Y) * tenth - Y / X).tobytes()
    assert out[16:32].tobytes() == (np.float32(2) * X + np.float32(3) - np.float32(1) / Y).tobytes()
    assert out[32:].tobytes() == ((X + Y) * np.float32(3)).tobytes()


def test_numbers_among_themselves_are_added_as_ever():
    @njit
    def total(a, b):
        return a + b

    assert total(3, 4) == 7
    assert total(0.1, 0.2) == 0.1 + 0.2


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (simd.absolute, np.abs),
        (simd.floor, np.floor),
        (simd.rint, np.rint),
        (simd.truncate, np.trunc),
        (simd.root, lambda x: np.sqrt(np.maximum(x, 0))),
    ],
    ids=["absolute", "floor", "rint", "truncate", "root"],
)
def test_a_function_is_numpys(ours, numpys):
    @njit
    def run(x, out):
        simd.store(out, 0, ours(simd.load(x, 0)))

    out = np.empty(16, np.float32)
    for x in (X, Y, np.arange(-4, 4, 0.5, np.float32)):  # halves too
        levels = np.maximum(x, 0) if ours is simd.root else x
        run(levels, out)
        np.testing.assert_array_equal(out, numpys(levels))


def test_lanes_are_compared_one_by_one_with_vectors_and_numbers():
    @njit
    def run(x, y, out):
        a, b = simd.load(x, 0), simd.load(y, 0)
        simd.store(out, 0, simd.minimum(a, b))
        simd.store(out, 16, simd.maximum(a, 1.0))
        simd.store(out, 32, simd.where_less(a, b, 7.0, a))

    out = np.empty(48, np.float32)
    run(X, Y, out)
    np.testing.assert_array_equal(out[:16], np.minimum(X, Y))
    np.testing.assert_array_equal(out[16:32], np.maximum(X, 1))
    np.testing.assert_array_equal(out[32:], np.where(X < Y, 7, X))


def test_fma_rounds_once():
    @njit
    def weighed(weights, values, totals, out):
        product = simd.fma(simd.load(weights, 0), simd.load(values, 0), simd.load(totals, 0))
        simd.store(out, 0, product)

    weights = np.full(simd.LANES, 1 + 2**-12, np.float32)
    totals, out = np.full(simd.LANES, -1, np.float32), np.empty(simd.LANES, np.float32)
    weighed(weights, weights, totals, out)
    # (1 + e)^2 - 1 = 2e + e^2: rounding the square first would lose e^2
    assert (out == np.float32(2**-11 + 2**-24)).all()
