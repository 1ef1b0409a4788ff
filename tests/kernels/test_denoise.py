import cv2
import numpy as np
import pytest

from pixelmill_kernels.denoise import MEDIAN_OF_9, median, odd_even_merge_sort


def by_the_definition(image, size):
    border = size // 2
    wide = np.pad(image, ((border, border), (border, border), (0, 0)), "edge")
    near = np.lib.stride_tricks.sliding_window_view(wide, (size, size), (0, 1))
    return np.median(near, axis=(3, 4)).astype(image.dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [3, 5])
def test_is_the_median_of_the_neighbours_at_borders_too(rng, size, channels, dtype):
    for height, width in ((1, 1), (1, 9), (9, 1), (2, 2), (5, 7), (40, 31), (17, 130)):
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


def every_pattern_through(pairs, count):
    patterns = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    ones = patterns.sum(axis=1)
    for i, j in pairs:
        pair = patterns[:, [i, j]]
        patterns[:, i], patterns[:, j] = pair.min(axis=1), pair.max(axis=1)
    return patterns, ones


def test_the_network_sorts_every_pattern_of_zeros_and_ones():
    for count in range(1, 14):
        patterns, _ = every_pattern_through(odd_even_merge_sort(count), count)
        assert (np.diff(patterns, axis=1) >= 0).all()


def test_the_network_of_nine_finds_the_middle_of_every_pattern():
    patterns, ones = every_pattern_through(MEDIAN_OF_9, 9)
    np.testing.assert_array_equal(patterns[:, 4], ones >= 5)


def test_takes_salt_and_pepper_away_and_keeps_an_edge():
    clean = np.zeros((64, 64, 3), np.uint8)
    clean[:, 32:] = 200
    noisy = clean.copy()
    noisy[4::9, 4::9] = 255
    np.testing.assert_array_equal(median(noisy), clean)


def test_writes_into_out_and_returns_it(rng):
    image = rng.integers(0, 256, (9, 8, 3), np.uint8)
    room = np.full((11, 8, 3), 77, np.uint8)
    out = room[1:-1]
    assert median(image, 3, out) is out
    np.testing.assert_array_equal(out, median(image))
    assert (room[[0, -1]] == 77).all()


@pytest.mark.parametrize("size", [1, 4, 7])
def test_another_size_is_refused(size):
    with pytest.raises(ValueError, match=f"size must be 3 or 5, got {size}"):
        median(np.zeros((4, 4, 3), np.uint8), size)


def test_floats_are_refused():
    with pytest.raises(TypeError, match="uint8 or uint16, got float32"):
        median(np.zeros((4, 4, 3), np.float32))
