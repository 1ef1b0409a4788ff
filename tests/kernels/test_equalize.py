import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from pixelmill_kernels.equalize import _histograms, autocontrast, equalize

shapes = st.tuples(st.integers(1, 39), st.integers(1, 39), st.sampled_from([1, 3]))
spans = st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted)


def image_of(seed, shape, span):
    return np.random.default_rng(seed).integers(span[0], span[1] + 1, shape, np.uint8)


def picture(image):
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


@given(st.integers(0, 2**32), shapes, spans)
@settings(max_examples=50, deadline=None)
def test_equalized_bytes_are_pillows(seed, shape, span):
    image = image_of(seed, shape, span)
    theirs = np.asarray(ImageOps.equalize(picture(image))).reshape(shape)
    np.testing.assert_array_equal(equalize(image), theirs)


@given(st.integers(0, 2**32), shapes, spans, st.floats(0, 49.9), st.floats(0, 49.9))
@settings(max_examples=50, deadline=None)
def test_stretched_bytes_are_pillows(seed, shape, span, dark, light):
    image = image_of(seed, shape, span)
    for cutoff in (0, dark, (dark, light)):
        theirs = np.asarray(ImageOps.autocontrast(picture(image), cutoff)).reshape(shape)
        np.testing.assert_array_equal(autocontrast(image, cutoff), theirs)


def test_a_channel_of_one_level_stays_as_it_is():
    image = np.full((9, 11, 3), (7, 200, 255), np.uint8)
    np.testing.assert_array_equal(equalize(image), image)
    np.testing.assert_array_equal(autocontrast(image), image)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 12), (31, 17)], ids=str)
def test_levels_are_counted_as_numpy_counts_them(rng, size, channels):
    image = rng.integers(0, 256, (*size, channels), np.uint8)
    expected = [np.bincount(image[..., c].ravel(), minlength=256) for c in range(min(channels, 3))]
    np.testing.assert_array_equal(_histograms(image), expected)


@pytest.mark.parametrize("cutoff", [-1, 50, (60, 40), (0, 100), float("nan")])
def test_a_cutoff_that_leaves_nothing_is_refused(cutoff):
    with pytest.raises(ValueError, match="cutoff must be 0 or more per cent, less than 100"):
        autocontrast(np.zeros((2, 2, 3), np.uint8), cutoff)
