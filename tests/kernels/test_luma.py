import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmill_kernels.luma import luma


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 39), st.integers(1, 39), st.sampled_from([3, 4]), st.integers(0, 99))
@pytest.mark.plain_pillow
def test_is_pillows_to_the_bit(height, width, channels, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    theirs = np.asarray(Image.fromarray(np.ascontiguousarray(image[..., :3])).convert("L"))
    np.testing.assert_array_equal(luma(image)[..., 0], theirs)


def test_all_corners_of_the_colour_cube_are_pillows():
    ends = np.array([0, 1, 127, 128, 254, 255], np.uint8)
    image = np.stack(np.meshgrid(ends, ends, ends), axis=-1).reshape(6, 36, 3)
    theirs = np.asarray(Image.fromarray(image).convert("L"))
    np.testing.assert_array_equal(luma(image)[..., 0], theirs)


def test_16_bits_are_within_a_level_of_the_formula(rng):
    image = rng.integers(0, 65536, (37, 53, 3), np.uint16)
    exact = np.rint(image @ np.array([0.299, 0.587, 0.114]))
    # 1: the weights are in 65,536ths, and float32 holds 65535 to a 256th
    assert abs(luma(image)[..., 0] - exact).max() <= 1
    assert luma(np.full((1, 1, 3), 65535, np.uint16))[0, 0, 0] == 65535


def test_is_within_a_level_of_opencvs(rng):
    image = rng.integers(0, 256, (37, 53, 3), np.uint8)
    theirs = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(int)
    assert abs(luma(image)[..., 0] - theirs).max() <= 1  # its weights are in 16,384ths


def test_gray_stays_and_is_copied(rng):
    image = rng.integers(0, 256, (5, 7, 1), np.uint8)
    same = luma(image)
    np.testing.assert_array_equal(same, image)
    assert not np.may_share_memory(same, image)


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.uint8)],
    ids=["two channels", "float", "no channels"],
)
def test_what_is_no_image_of_levels_is_refused(image):
    with pytest.raises((TypeError, ValueError), match="image must"):
        luma(image)
