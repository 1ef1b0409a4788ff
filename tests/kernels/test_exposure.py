import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.exposure import brightness_histogram
from pixelmill_kernels.histogram import percentiles

WEIGHTS = np.array([241, 691, 68])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(1, 39),
    st.integers(1, 39),
    st.sampled_from([3, 4]),
    st.sampled_from([np.uint8, np.uint16]),
    st.integers(0, 10**6),
)
def test_counts_are_those_of_the_formula(height, width, channels, dtype, seed):
    top = np.iinfo(dtype).max
    image = np.random.default_rng(seed).integers(0, top + 1, (height, width, channels), dtype)
    squares = image[..., :3].astype(np.int64) ** 2 @ WEIGHTS
    levels = np.floor(np.sqrt(squares / 1000) + 0.5).astype(int)
    expected = np.bincount(levels.ravel(), minlength=top + 1)
    np.testing.assert_array_equal(brightness_histogram(image), expected)


def test_gray_is_as_bright_as_its_level(rng):
    image = rng.integers(0, 256, (9, 7, 1), np.uint8)
    counts = brightness_histogram(image)
    np.testing.assert_array_equal(counts, np.bincount(image.ravel(), minlength=256))
    np.testing.assert_array_equal(brightness_histogram(np.repeat(image, 3, axis=2)), counts)


def test_percentiles_are_within_half_a_level_of_cleanvisions(rng):
    image = rng.integers(0, 256, (99, 77, 3), np.uint8)
    bright = np.sqrt(image.astype(float) ** 2 @ (WEIGHTS / 1000))
    ranks = (1, 5, 50, 95, 99)
    found = percentiles(brightness_histogram(image), ranks)
    assert abs(found - np.percentile(bright, ranks)).max() <= 0.5


def test_floats_are_refused():
    with pytest.raises(TypeError, match="image must be uint8 or uint16, got float32"):
        brightness_histogram(np.zeros((4, 4, 3), np.float32))
