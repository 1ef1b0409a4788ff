"""Transforms that leave samples out by what is seen on them."""

import cv2
import numpy as np
import pytest

from pixelmill.sample import Drop, Sample
from pixelmill.transforms.brightness_range import BrightnessRange
from pixelmill.transforms.min_entropy import MinEntropy
from pixelmill.transforms.min_sharpness import MinSharpness


def sample_of(image):
    return Sample("a", image=image, size=image.shape[:2])


def photograph(rng, height=300, width=400):
    """Shapes and grain, as a camera sees them."""
    shapes = rng.integers(0, 256, (9, 12, 3), np.uint8)
    image = cv2.resize(shapes, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.clip(image + rng.normal(0, 9, image.shape), 0, 255).astype(np.uint8)


KEEPING = [MinSharpness(), BrightnessRange(), MinEntropy()]


@pytest.mark.parametrize("step", KEEPING, ids=lambda step: type(step).__name__)
def test_a_photograph_is_kept_as_it_is(rng, step):
    sample = sample_of(photograph(rng))
    assert step(sample) is sample


def test_a_blurred_photograph_is_dropped_at_every_size(rng):
    for scale in (1, 2, 4):
        image = photograph(rng, 300 * scale, 400 * scale)
        blurred = cv2.GaussianBlur(image, (0, 0), 8 * scale)
        drop = MinSharpness()(sample_of(blurred))
        assert isinstance(drop, Drop)
        assert drop.reason == "blurry"
        assert 0 <= drop.detail["variance"] < 20


def test_sharpness_hardly_depends_on_the_size_of_the_file(rng):
    large = photograph(rng, 1200, 1600)
    half = cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = [MinSharpness(1e9)(sample_of(image)).detail["variance"] for image in (large, half)]
    assert found[0] == pytest.approx(found[1], rel=0.1)


def test_sharpness_of_16_bits_is_that_of_8(rng):
    image = photograph(rng)
    deep = image.astype(np.uint16) * 256
    found = [MinSharpness(1e9)(sample_of(i)).detail["variance"] for i in (image, deep)]
    # 16 bits are not rounded to whole levels of 8 bits on the way
    assert found[0] == pytest.approx(found[1], rel=0.01)


@pytest.mark.parametrize(
    ("low", "high", "reason"), [(0, 70, "too_dark"), (248, 255, "too_bright"), (0, 255, None)]
)
@pytest.mark.parametrize("factor", [1, 257], ids=["8 bits", "16 bits"])
def test_only_nearly_black_and_nearly_white_images_are_dropped(rng, low, high, reason, factor):
    dtype = np.uint8 if factor == 1 else np.uint16
    image = (rng.integers(low, high + 1, (50, 60, 3)) * factor).astype(dtype)
    kept = BrightnessRange()(sample_of(image))
    assert (kept.reason if isinstance(kept, Drop) else None) == reason


def test_a_drop_says_what_was_found():
    image = np.full((9, 9, 3), 51, np.uint8)
    assert BrightnessRange()(sample_of(image)) == Drop("too_dark", {"p99": 0.2})
    assert MinEntropy()(sample_of(image)) == Drop("low_information", {"bits": 0.0})
    assert MinSharpness()(sample_of(image)) == Drop("blurry", {"variance": 0.0})


def test_a_page_with_one_line_on_it_has_low_information():
    image = np.full((100, 80, 3), 255, np.uint8)
    image[40:43, 10:70] = 0
    drop = MinEntropy()(sample_of(image))
    assert isinstance(drop, Drop)
    assert drop.reason == "low_information"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: MinSharpness(-1), "variance must be 0 or more, got -1"),
        (lambda: MinSharpness(20, 2), "side must be 3 or more, got 2"),
        (lambda: BrightnessRange(dark=1.2), r"dark and bright must be 0..1, got 1.2"),
        (lambda: MinEntropy(17), r"bits must be 0..16, got 17"),
    ],
)
def test_options_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
