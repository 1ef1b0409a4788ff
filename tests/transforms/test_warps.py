"""Rotate, Affine, Shear, Perspective, Elastic: what their options promise."""

import numpy as np
import pytest

from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.affine import Affine
from pixelmill.transforms.elastic import Elastic
from pixelmill.transforms.perspective import Perspective
from pixelmill.transforms.rotate import Rotate
from pixelmill.transforms.rotate90 import Rotate90
from pixelmill.transforms.shear import Shear

RANDOM = [
    Rotate((-40, 40)),
    Affine(40, (0.1, 0.2), (0.5, 2), 20),
    Shear(),
    Perspective(),
    Elastic(),
]
every_random = pytest.mark.parametrize("step", RANDOM, ids=lambda step: type(step).__name__)


def sample_of(image, key="a", seed=0):
    return Sample(key, image=image, size=image.shape[:2], random=Randomness(seed, key))


@pytest.fixture
def image(rng):
    return rng.integers(0, 256, (30, 44, 3), np.uint8)


@pytest.mark.parametrize("turns", [1, 2, 3, -1])
def test_a_right_angle_is_a_quarter_turn(image, turns):
    step = Rotate(90 * turns, expand=True)
    there, expected = step(sample_of(image)), Rotate90(turns)(sample_of(image))
    np.testing.assert_array_equal(there.pixels, expected.pixels)
    assert there.moved_by == pytest.approx(expected.moved_by)


def test_expand_holds_all_of_the_image():
    white = np.full((30, 44, 3), 255, np.uint8)
    for degrees in (10, 45, 100, -77):
        there = Rotate(degrees, expand=True)(sample_of(white))
        # all but the pixels that the turned border cuts
        assert there.pixels.sum() / 255 / 3 == pytest.approx(30 * 44, rel=0.005)
        corners = [there.moved_by(x, y) for x in (0, 44) for y in (0, 30)]
        height, width = there.size
        assert all(-1e-6 < x < width + 1e-6 and -1e-6 < y < height + 1e-6 for x, y in corners)
        assert (height, width) <= (54, 54)


def test_turns_are_counter_clockwise():
    image = np.zeros((41, 41, 1), np.uint8)
    image[20, 35] = 255  # at three o'clock
    there = Rotate(90.0)(sample_of(image)).pixels
    assert there[5, 20] == 255  # twelve


@every_random
def test_size_and_type_stay(step, rng):
    for dtype in (np.uint8, np.uint16):
        image = rng.integers(0, 200, (30, 44, 1)).astype(dtype)
        there = step(sample_of(image)).pixels
        assert there.shape == image.shape
        assert there.dtype == dtype


@every_random
def test_draws_are_those_of_the_key_and_the_seed(step, image):
    def made(key, seed):
        return step(sample_of(image, key, seed)).pixels.tobytes()

    assert made("key 1", 3) == made("key 1", 3)
    assert len({made(f"key {k}", seed) for k in range(4) for seed in (0, 1)}) > 2


def test_draws_stay_in_their_ranges(image):
    step = Affine((10, 20), (0.1, 0.25), (0.5, 0.8))
    for number in range(200):
        by = step(sample_of(image, str(number))).moved_by
        scale = np.hypot(by.a, by.d)
        assert 0.5 <= scale <= 0.8
        assert 10 - 1e-9 <= np.degrees(np.arctan2(-by.d, by.a)) <= 20 + 1e-9
        x, y = by(22, 15)
        assert abs(x - 22) <= 4.4 + 1e-9
        assert abs(y - 15) <= 7.5 + 1e-9


def test_corners_are_drawn_in_by_no_more_than_asked(image):
    for number in range(200):
        by = Perspective(0.6, 1.0).map(30, 44, Randomness(0, str(number)))
        for x, y in ((0, 0), (44, 0), (44, 30), (0, 30)):
            to_x, to_y = by(x, y)
            assert abs(to_x - x) <= 0.3 * 44 + 1e-9
            assert abs(to_y - y) <= 0.3 * 30 + 1e-9
        # the whole image lies before the eye
        assert min(by.g * x + by.h * y + by.i for x in (0, 44) for y in (0, 30)) > 0


def test_perspective_comes_as_often_as_asked(image):
    step = Perspective(probability=0.3)
    found = sum(step(sample_of(image, str(number))).touched for number in range(500))
    assert 110 < found < 190  # 3.9 standard deviations of 10.2 on each side


def test_nothing_to_do_leaves_the_image_untouched(image):
    sample = sample_of(image)
    for step in (Rotate(0), Rotate(360), Affine(), Shear(0), Perspective(0, 1.0)):
        assert step(sample) is sample


def test_the_border_is_what_was_asked_for(image):
    light = np.full((30, 44, 3), 100, np.uint8)
    assert set(np.unique(Rotate(45, fill=100)(sample_of(light)).pixels)) == {100}
    for border in ("edge", "reflect"):
        step = Rotate(45, border=border, fill=9)
        assert set(np.unique(step(sample_of(light)).pixels)) == {100}
    assert (Rotate(45, fill=9, filter="nearest")(sample_of(light)).pixels[0, 0] == 9).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Rotate((20, 10)), r"degrees must be \[low, high\]"),
        (lambda: Rotate(float("inf")), "degrees must be finite"),
        (lambda: Affine((3, 1)), r"degrees must be \[low, high\]"),
        (lambda: Affine(translate=(0.1, 1.5)), "translate must be two shares"),
        (lambda: Affine(scale=(0, 1)), "scale must be 0 < low <= high"),
        (lambda: Affine(shear=90), "shear must be -90 < low <= high < 90"),
        (lambda: Affine(shear=(0, 1, 5, 4)), "shear must be"),
        (lambda: Shear(-90), "shear must be"),
        (lambda: Perspective(0.7), "distortion must be 0 to below 2/3"),
        (lambda: Perspective(0.5, 2), "probability must be 0..1"),
        (lambda: Elastic(sigma=0), "sigma must be above 0"),
        (lambda: Elastic(float("nan")), "alpha must be finite"),
    ],
)
def test_options_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
