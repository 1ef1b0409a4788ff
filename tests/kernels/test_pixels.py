"""Sixteen pixels at once: taken apart, put together, cut, clamped and rounded."""

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels import simd


@njit
def copied(image, out, like):
    simd.store_pixels(out, 0, simd.load_pixels(image, 0, like))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_are_taken_apart_and_put_together_again(rng, channels):
    image, out = rng.integers(0, 256, (2, simd.LANES * channels), np.uint8)
    copied(image, out, (0,) * channels)
    np.testing.assert_array_equal(out, image)


@njit
def from_planes(planes, plain, rounded):
    pixels = simd.load_planes(planes, 0, simd.LANES, simd.RGB)
    simd.store_planes(planes, planes.size // 2, simd.LANES, pixels)
    simd.store_pixels(plain, 0, pixels)
    simd.store_pixels(rounded, 0, simd.halves_up(pixels, rounded))


def test_levels_are_clamped_and_cut_or_rounded_halves_up(rng):
    planes = rng.uniform(-90, 350, (6, simd.LANES)).astype(np.float32)
    planes[0, :4] = 1.5, 2.5, -0.5, 254.5
    first, pixels = planes[:3].copy(), planes[:3].T
    plain, rounded = np.zeros((2, 48), np.uint8)
    from_planes(planes.reshape(-1), plain, rounded)
    np.testing.assert_array_equal(planes[3:], first)
    cut, up = np.clip(np.trunc(pixels), 0, 255), np.clip(np.floor(pixels + 0.5), 0, 255)
    np.testing.assert_array_equal(plain.reshape(16, 3), cut)
    np.testing.assert_array_equal(rounded.reshape(16, 3), up)


def test_floats_are_not_rounded(rng):
    planes = rng.normal(0, 9, (6, simd.LANES)).astype(np.float32)
    pixels = planes[:3].T.copy()
    plain, rounded = np.zeros((2, 48), np.float32)
    from_planes(planes.reshape(-1), plain, rounded)
    assert plain.tobytes() == rounded.tobytes() == pixels.tobytes()


@njit
def over_channels(a, b, out):
    left, right = simd.load_pixels(a, 0, simd.RGB), simd.load_pixels(b, 0, simd.RGB)
    simd.store(out, 0, simd.difference(left, right))
    simd.store(out, 16, simd.squared_difference(left, right))
    weight = simd.splat(np.float32(4))
    sums = simd.divide_pixels(simd.weigh_pixels(weight, left, right), weight)
    simd.store_pixels(out, 32, sums)


def test_channels_are_compared_and_weighed_one_by_one(rng):
    a, b = rng.integers(0, 256, (2, 16, 3)).astype(np.float32)
    out = np.empty(80, np.float32)
    over_channels(a.reshape(-1), b.reshape(-1), out)
    np.testing.assert_array_equal(out[:16], abs(a - b).sum(axis=1))
    np.testing.assert_array_equal(out[16:32], ((a - b) ** 2).sum(axis=1))
    np.testing.assert_array_equal(out[32:].reshape(16, 3), (4 * a + b) / 4)
