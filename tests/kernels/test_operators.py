import numpy as np
import pytest
from numba import njit

from pixelmill_kernels.operators import exp2, magnitude, maximum, minimum, root, with_sign
from pixelmill_kernels.pixels import put_pixels, take_pixels
from pixelmill_kernels.simd import LANES, load, splat_all, store
from pixelmill_kernels.windows import pushed, sum_along, sum_of


@njit
def everything(a, b, out):
    left, right = load(a, 0), load(b, 0)
    values = (
        left + right, left - right, left * right, left / right, maximum(left, right),
        minimum(left, right), magnitude(left), with_sign(left, right), root(magnitude(left)),
    )  # fmt: skip
    for n in range(len(values)):
        store(out, n * LANES, values[n])


def test_each_operator_is_numpys(rng):
    a, b = rng.normal(0, 9, (2, LANES)).astype(np.float32)
    out = np.empty((9, LANES), np.float32)
    everything(a, b, out.reshape(-1))
    exact = [a + b, a - b, a * b, a / b, np.maximum(a, b), np.minimum(a, b), np.abs(a)]
    exact += [np.copysign(a, b), np.sqrt(np.abs(a))]
    np.testing.assert_array_equal(out, exact)  # one rounding each: the same bits


@njit
def powers(values, out):
    for i in range(0, values.size, LANES):
        store(out, i, exp2(load(values, i)))


def test_a_power_of_two_is_off_by_four_millionths_at_most():
    values = np.linspace(-120, 0, 1 << 20).astype(np.float32)
    out = np.empty_like(values)
    powers(values, out)
    exact = np.exp2(values.astype(np.float64))
    assert np.abs(out / exact - 1).max() < 4e-6  # the polynomial's error, see operators
    assert (np.diff(out) >= 0).all()


def test_whole_powers_of_two_are_exact_and_what_is_far_below_is_next_to_nothing():
    values = np.append(-np.arange(126.0), [-1e9, -np.inf]).astype(np.float32)
    out = np.empty_like(values)
    powers(values, out)
    np.testing.assert_array_equal(out[:126], np.exp2(values[:126]))
    assert (out[126:] < 1e-37).all()
    assert (out[126:] >= 0).all()


@njit
def windows(values, out, zeros):
    window = splat_all(zeros)
    for n in range(len(zeros)):
        window = pushed(window, load(values, n * LANES))
    store(out, 0, sum_of(window))
    store(out, LANES, sum_along(load(values, 0), load(values, LANES), window))


@pytest.mark.parametrize("length", [1, 2, 3, 7, 15])
def test_windows_are_sums_of_vectors_and_of_lanes(rng, length):
    values = rng.integers(0, 99, (max(length, 2), LANES)).astype(np.float32)
    out = np.empty((2, LANES), np.float32)
    windows(values.reshape(-1), out.reshape(-1), (np.float32(0),) * length)
    np.testing.assert_array_equal(out[0], values[:length].sum(axis=0))
    lanes = np.lib.stride_tricks.sliding_window_view(values[:2].reshape(-1), length)
    np.testing.assert_array_equal(out[1], lanes[:LANES].sum(axis=1))


@njit
def copied(image, out, zeros):
    put_pixels(out, 0, take_pixels(image, 0, splat_all(zeros)))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_are_taken_apart_and_put_together_again(rng, channels):
    image, out = rng.integers(0, 256, (2, LANES * channels), np.uint8)
    copied(image, out, (np.float32(0),) * channels)
    np.testing.assert_array_equal(out, image)
