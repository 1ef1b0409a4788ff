import numpy as np
import pytest
from numba import njit

from pixelmill_kernels import _arithmetic as arithmetic
from pixelmill_kernels import _pixels, simd

X = np.linspace(-4.5, 5.25, 16).astype(np.float32)
Y = np.array([3, -2, 0.5, 7] * 4, np.float32)


@njit
def mixed(x, y, out):
    a, b = simd.load(x, 0), simd.load(y, 0)
    simd.store(out, 0, (a + b) * 0.1 - b / a)
    simd.store(out, 16, 2 * a + np.float32(3) - 1 / b)


def test_a_formula_is_numpys_float32_rounded_at_every_step():
    out = np.empty(32, np.float32)
    mixed(X, Y, out)
    tenth = np.float32(0.1)
    assert out[:16].tobytes() == ((X + Y) * tenth - Y / X).tobytes()
    assert out[16:].tobytes() == (np.float32(2) * X + np.float32(3) - np.float32(1) / Y).tobytes()


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (arithmetic.absolute, np.abs),
        (arithmetic.floor, np.floor),
        (arithmetic.rint, np.rint),
        (arithmetic.truncate, np.trunc),
    ],
    ids=["absolute", "floor", "rint", "truncate"],
)
def test_a_function_is_numpys(ours, numpys):
    @njit
    def run(x, out):
        simd.store(out, 0, ours(simd.load(x, 0)))

    out = np.empty(16, np.float32)
    for x in (X, Y, np.arange(-4, 4, 0.5, np.float32)):  # halves too
        run(x, out)
        np.testing.assert_array_equal(out, numpys(x))


def test_lanes_are_compared_one_by_one_with_vectors_and_numbers():
    @njit
    def run(x, y, out):
        a, b = simd.load(x, 0), simd.load(y, 0)
        simd.store(out, 0, arithmetic.minimum(a, b))
        simd.store(out, 16, arithmetic.maximum(a, 1.0))
        simd.store(out, 32, arithmetic.where_less(a, b, 7.0, a))

    out = np.empty(48, np.float32)
    run(X, Y, out)
    np.testing.assert_array_equal(out[:16], np.minimum(X, Y))
    np.testing.assert_array_equal(out[16:32], np.maximum(X, 1))
    np.testing.assert_array_equal(out[32:], np.where(X < Y, 7, X))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_taken_apart_and_put_together_are_the_pixels(rng, channels):
    @njit
    def through(source, target, channels):
        _pixels.put(target, 0, channels, _pixels.take(source, 0, channels))

    source = rng.integers(0, 256, 16 * channels, np.uint8)
    target = np.zeros_like(source)
    through(source, target, channels)
    np.testing.assert_array_equal(target, source)


def test_channels_are_stored_clamped_and_cut(rng):
    store_channels = simd.store_channels_of(3)

    @njit
    def run(planes, target):
        red, green, blue = simd.load(planes, 0), simd.load(planes, 16), simd.load(planes, 32)
        store_channels(target, 0, (red, green, blue))

    planes = rng.uniform(-90, 350, (3, 16)).astype(np.float32)
    target = np.zeros(48, np.uint8)
    run(planes.ravel(), target)
    expected = np.clip(np.trunc(planes.T), 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(target.reshape(16, 3), expected)
