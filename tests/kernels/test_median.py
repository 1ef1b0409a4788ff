import itertools

import cv2
import numpy as np
import pytest

from pixelmill_kernels._networks import MIDDLE, SORT
from pixelmill_kernels.median import median


def by_the_definition(image, size):
    border = size // 2
    wide = np.pad(image, ((border, border), (border, border), (0, 0)), "edge")
    near = np.lib.stride_tricks.sliding_window_view(wide, (size, size), (0, 1))
    return np.median(near, axis=(3, 4)).astype(image.dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [3, 5])
def test_is_the_median_of_the_neighbours_at_borders_too(rng, size, channels, dtype):
    # from 66 pixels on they are done in place, narrower images are widened first
    sizes = ((1, 1), (1, 9), (9, 1), (2, 2), (5, 7), (40, 31), (17, 130), (1, 65), (3, 66), (2, 79))
    for height, width in sizes:
        image = rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)
        np.testing.assert_array_equal(median(image, size), by_the_definition(image, size))


@pytest.mark.parametrize("size", [3, 5])
def test_is_opencvs(rng, size):
    image = rng.integers(0, 256, (97, 83, 3), np.uint8)
    # both repeat the nearest pixel at borders, so that no margin is left out
    np.testing.assert_array_equal(median(image, size), cv2.medianBlur(image, size))


@pytest.mark.parametrize("size", [3, 5])
def test_any_number_of_white_pixels_is_counted_right(rng, size):
    # the 0-1 principle: a network that is right for zeros and ones is right for everything
    image = (rng.random((400, 400, 1)) < np.linspace(0.2, 0.8, 400)[:, None]).astype(np.uint8)
    np.testing.assert_array_equal(median(image, size), by_the_definition(image, size))


def exchanged(patterns, pairs):
    for i, j in pairs:
        pair = patterns[:, [i, j]]
        patterns[:, i], patterns[:, j] = pair.min(axis=1), pair.max(axis=1)
    return patterns


@pytest.mark.parametrize("side", [3, 5])
def test_a_column_is_sorted_whatever_pattern_of_zeros_and_ones_it_has(side):
    patterns = np.array(list(itertools.product((0, 1), repeat=side)))
    assert (np.diff(exchanged(patterns, SORT[side]), axis=1) >= 0).all()


@pytest.mark.parametrize("side", [3, 5])
def test_the_middle_is_found_in_every_pattern_of_sorted_columns(side):
    ones = np.array(list(itertools.product(range(side + 1), repeat=side)))
    columns = np.arange(side) >= side - ones[:, :, None]
    patterns = columns.reshape(len(ones), side * side).astype(int)
    middle = exchanged(patterns, MIDDLE[side])[:, side * side // 2]
    np.testing.assert_array_equal(middle, ones.sum(axis=1) > side * side // 2)


def test_takes_salt_and_pepper_away_and_keeps_an_edge():
    clean = np.zeros((64, 64, 3), np.uint8)
    clean[:, 32:] = 200
    noisy = clean.copy()
    noisy[4::9, 4::9] = 255
    np.testing.assert_array_equal(median(noisy), clean)


@pytest.mark.parametrize("size", [1, 4, 7])
def test_another_size_is_refused(size):
    with pytest.raises(ValueError, match=f"size must be 3 or 5, got {size}"):
        median(np.zeros((4, 4, 3), np.uint8), size)


def test_floats_are_refused():
    with pytest.raises(TypeError, match="uint8 or uint16, got float32"):
        median(np.zeros((4, 4, 3), np.float32))
