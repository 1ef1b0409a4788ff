import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from pixelmill_kernels.blend import brightness, contrast, saturation
from pixelmill_kernels.hsv import hue
from pixelmill_kernels.jitter import STEPS, STRIP, jitter

ALONE = {"brightness": brightness, "contrast": contrast, "saturation": saturation, "hue": hue}
USUAL = [("brightness", 1.3), ("contrast", 0.6), ("saturation", 1.4), ("hue", -0.1)]

factors = st.tuples(st.sampled_from(STEPS[:3]), st.floats(0, 3))
shifts = st.tuples(st.just("hue"), st.floats(-0.5, 0.5))


def initials(steps):
    return "".join(name[0] for name, _ in steps)


def one_by_one(image, steps):
    for name, amount in steps:
        image = ALONE[name](image, amount)
    return image


def pillows(image, steps):
    """What torchvision's ColorJitter does to a Pillow image."""
    names = {"brightness": "Brightness", "contrast": "Contrast", "saturation": "Color"}
    picture = Image.fromarray(image)
    for name, amount in steps:
        if name == "hue":
            bands = list(picture.convert("HSV").split())
            turned = np.array(bands[0]) + np.array(int(amount * 255)).astype(np.uint8)
            bands[0] = Image.fromarray(turned)
            picture = Image.merge("HSV", bands).convert("RGB")
        else:
            picture = getattr(ImageEnhance, names[name])(picture).enhance(amount)
    return np.asarray(picture)


@pytest.mark.parametrize("steps", list(itertools.permutations(USUAL)), ids=initials)
@pytest.mark.plain_pillow
def test_every_order_is_pillows_steps_byte_for_byte(rng, steps):
    image = rng.integers(0, 256, (40, 37, 3), np.uint8)
    np.testing.assert_array_equal(jitter(image, steps), pillows(image, steps))


@given(
    seed=st.integers(0, 2**32),
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    channels=st.sampled_from([1, 3, 4]),
    steps=st.lists(factors | shifts, max_size=5),
)
@settings(max_examples=50, deadline=None)
def test_any_steps_at_once_are_the_steps_one_by_one(seed, height, width, channels, steps):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    np.testing.assert_array_equal(jitter(image, steps), one_by_one(image, steps))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_an_image_of_several_strips_has_no_seams(rng, channels):
    image = rng.integers(0, 256, (83, 101, channels), np.uint8)
    assert image.size > 2 * STRIP * channels
    np.testing.assert_array_equal(jitter(image, USUAL), one_by_one(image, USUAL))


def test_the_mean_before_a_contrast_is_exact_in_a_large_image():
    image = np.full((1100, 1000, 3), 255, np.uint8)  # more than one flush of the sums
    image[:550] = 0
    steps = [("brightness", 0.5), ("contrast", 0.5)]
    np.testing.assert_array_equal(jitter(image, steps), one_by_one(image, steps))


def test_an_unknown_step_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"step must be one of brightness, contrast.*'gamma'"):
        jitter(np.zeros((2, 2, 3), np.uint8), [("gamma", 1.0)])
