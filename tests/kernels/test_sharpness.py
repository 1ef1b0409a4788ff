import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from pixelmill_kernels.sharpness import sharpness


@given(
    seed=st.integers(0, 2**32),
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    channels=st.sampled_from([1, 3, 4]),
    factor=st.floats(0, 4) | st.sampled_from([0, 1, 1000]),
)
@settings(max_examples=50, deadline=None)
def test_every_byte_is_pillows(seed, height, width, channels, factor):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    picture = Image.fromarray(image[..., 0] if channels == 1 else image)
    theirs = np.asarray(ImageEnhance.Sharpness(picture).enhance(factor)).reshape(image.shape)
    np.testing.assert_array_equal(sharpness(image, factor), theirs)


def test_a_factor_of_nothing_is_pillows_smooth_filter(rng):
    image = (rng.integers(0, 2, (150, 200, 3)) * 255).astype(np.uint8)
    theirs = Image.fromarray(image).filter(ImageFilter.SMOOTH)
    np.testing.assert_array_equal(sharpness(image, 0), np.asarray(theirs))


def test_a_sum_of_any_size_is_rounded_right():
    # a bright dot of each level among each level: blur = (8 around + 5 middle) / 13
    for around in range(0, 256, 15):
        image = np.full((3, 3 * 256, 1), around, np.uint8)
        image[1, 1::3, 0] = np.arange(256)
        exact = np.floor((8 * around + 5 * np.arange(256)) / 13 + 0.5)
        np.testing.assert_array_equal(sharpness(image, 0)[1, 1::3, 0], exact)


def test_a_factor_below_nothing_is_refused():
    with pytest.raises(ValueError, match="factor must be 0 or more, got -1"):
        sharpness(np.zeros((4, 4, 3), np.uint8), -1)
