import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmill_kernels.hsv import hsv_to_rgb, hue, rgb_to_hsv


@pytest.fixture(scope="module")
def everything():
    """All 16,777,216 triples of bytes."""
    codes = np.arange(1 << 24, dtype=np.uint32)
    triples = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], -1).astype(np.uint8)
    return triples.reshape(4096, 4096, 3)


def torchvisions(image, shift):
    """torchvision.transforms.functional.adjust_hue of a Pillow image, in its own steps."""
    hue, saturation, value = Image.fromarray(image).convert("HSV").split()
    turned = np.array(hue) + np.array(int(shift * 255)).astype(np.uint8)
    picture = Image.merge("HSV", (Image.fromarray(turned), saturation, value))
    return np.asarray(picture.convert("RGB"))


def test_every_colour_there_is_has_pillows_hue_saturation_and_value(everything):
    theirs = np.asarray(Image.fromarray(everything).convert("HSV"))
    np.testing.assert_array_equal(rgb_to_hsv(everything), theirs)


def test_every_hue_saturation_and_value_has_pillows_colour(everything):
    theirs = np.asarray(Image.frombytes("HSV", (4096, 4096), everything.tobytes()).convert("RGB"))
    np.testing.assert_array_equal(hsv_to_rgb(everything), theirs)


def test_the_formula_is_that_of_colorsys(rng):
    colours = rng.integers(0, 256, (1, 300, 3), np.uint8)
    exact = np.array([colorsys.rgb_to_hsv(*(colour / 255.0)) for colour in colours[0]])
    # cut, and not rounded; Pillow's float32 may lose another unit where it is whole
    difference = exact * 255 - rgb_to_hsv(colours)[0]
    assert difference.min() > -1e-9
    assert difference.max() < 1 + 1e-9


@given(
    seed=st.integers(0, 2**32),
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    shift=st.floats(-0.5, 0.5),
)
@settings(max_examples=40, deadline=None)
def test_a_turned_hue_is_torchvisions(seed, height, width, shift):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    np.testing.assert_array_equal(hue(image, shift), torchvisions(image, shift))


def test_a_third_of_a_turn_takes_red_to_green_and_gray_stays(rng):
    red = np.full((3, 7, 3), (200, 0, 0), np.uint8)
    np.testing.assert_array_equal(hue(red, 1 / 3)[0, 0], (0, 200, 0))
    gray = rng.integers(0, 256, (9, 8, 1), np.uint8)
    np.testing.assert_array_equal(hue(gray, 0.3), gray)


@pytest.mark.parametrize("kernel", [rgb_to_hsv, hsv_to_rgb], ids=lambda kernel: kernel.__name__)
def test_a_gray_image_has_no_hue(kernel):
    with pytest.raises(ValueError, match="image must have 3 or 4 channels, got 1"):
        kernel(np.zeros((2, 2, 1), np.uint8))


@pytest.mark.parametrize("shift", [-0.51, 0.6, float("nan")])
def test_more_than_half_a_turn_is_refused(shift):
    with pytest.raises(ValueError, match=r"shift must be -0.5..0.5 of a turn, got"):
        hue(np.zeros((2, 2, 3), np.uint8), shift)
