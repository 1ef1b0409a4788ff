"""The oracle is the formula in float64: the mean of each square, rounded half up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.resize import resize

DTYPES = [np.uint8, np.uint16]


def means(image, factor):
    height, width, channels = image.shape
    squares = image.reshape(height // factor, factor, width // factor, factor, channels)
    return np.floor(squares.astype(float).mean(axis=(1, 3)) + 0.5)


def image_of(rng, height, width, channels, dtype):
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_every_level_is_the_exact_mean_rounded_half_up(rng, factor, channels, dtype):
    for height, width in ((1, 1), (3, 15), (2, 16), (1, 17), (4, 31), (3, 32), (2, 33), (5, 70)):
        image = image_of(rng, height * factor, width * factor, channels, dtype)
        got = resize(image, (height, width), "box")
        np.testing.assert_array_equal(got, means(image, factor))


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_no_sum_is_too_large(factor, dtype):
    top = np.iinfo(dtype).max
    image = np.full((2 * factor, 40 * factor, 3), top, dtype)
    assert (resize(image, (2, 40), "box") == top).all()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([2, 4, 8]), st.integers(1, 9), st.integers(1, 45), st.integers(0, 5),
    st.booleans(),
)  # fmt: skip
def test_crop_and_window_are_parts_of_the_whole(factor, height, width, rest, mirror):
    rng = np.random.default_rng(height * 100 + width)
    image = image_of(rng, height * factor + rest, width * factor + 2 * rest, 3, np.uint8)
    crop = (rest, rest, height * factor, width * factor)
    cut = image[rest:, rest : rest + width * factor]
    expected = means(cut, factor)
    window = (height // 2, width // 3, height - height // 2, width - width // 3)
    got = resize(image, (height, width), "box", crop=crop, window=window, mirror=mirror)
    expected = expected[window[0] :, window[1] :]
    np.testing.assert_array_equal(got, expected[:, ::-1] if mirror else expected)


def test_nothing_around_out_is_written_and_nothing_around_the_image_read(rng):
    for factor, width in ((2, 33), (4, 20), (8, 40)):
        image = image_of(rng, 3 * factor, width * factor, 3, np.uint8)
        expected = means(image, factor)
        for _ in range(2):
            room = image_of(rng, 3 * factor + 2, width * factor, 3, np.uint8)
            room[1:-1] = image
            out = np.full((5, width, 3), 77, np.uint8)
            resize(room[1:-1], (3, width), "box", out=out[1:-1])
            np.testing.assert_array_equal(out[1:-1], expected)
            assert (out[[0, -1]] == 77).all()


def test_floats_go_by_the_formula(rng):
    image = rng.random((40, 60, 3), np.float32)
    squares = image.reshape(20, 2, 30, 2, 3).astype(float).mean(axis=(1, 3))
    # 1e-6: four float32 roundings of values up to 1
    np.testing.assert_allclose(resize(image, (20, 30), "box"), squares, atol=1e-6)
