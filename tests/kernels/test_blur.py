import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.blur import line, motion_blur

DTYPES = [np.uint8, np.uint16, np.float32]


def as_square(offsets, weights):
    reach = np.abs(offsets).max()
    square = np.zeros((2 * reach + 1, 2 * reach + 1))
    square[offsets[:, 0] + reach, offsets[:, 1] + reach] = weights
    return square


def by_the_definition(image, length, angle):
    offsets, weights = line(length, angle)
    reach = np.abs(offsets).max()
    height, width, _ = image.shape
    wide = np.pad(image.astype(float), ((reach, reach), (reach, reach), (0, 0)), "edge")
    total = np.zeros(image.shape)
    for (y, x), weight in zip(offsets, weights, strict=True):
        total += weight * wide[reach + y : reach + y + height, reach + x : reach + x + width]
    return total


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 30),
    width=st.integers(1, 39),
    channels=st.sampled_from([1, 3, 4]),
    dtype=st.sampled_from(DTYPES),
    length=st.floats(1, 25),
    angle=st.floats(-360, 360),
)
def test_agrees_with_the_definition(height, width, channels, dtype, length, angle):
    shape = (height, width, channels)
    image = np.random.default_rng(width).integers(0, 256, shape).astype(dtype)
    exact = by_the_definition(image, length, angle)
    # halves go up; 1e-3: some 50 float32 roundings of numbers below 256
    limit = 1e-3 if dtype == np.float32 else 0.5 + 1e-3
    if dtype == np.uint8:  # of up to 32 pixels each is cut to 1/256 of a level, and each weight
        limit = 0.5 + min(len(line(length, angle)[1]), 32) * 1.5 / 512
    assert np.abs(motion_blur(image, length, angle) - exact).max() <= limit


def test_rounding_of_bytes_leans_to_neither_side(rng):
    image = rng.integers(0, 256, (300, 400, 1), np.uint8)
    for length, angle in ((7, 30), (7, 45), (15, 100)):
        lean = (motion_blur(image, length, angle) - by_the_definition(image, length, angle)).mean()
        # 0.29 of a level of rounding, 120,000 times; what is cut off would be 0.014 to 0.06
        assert abs(lean) < 0.006


@pytest.mark.parametrize("level", [0, 1, 254, 255])
def test_the_ends_of_the_scale_stay(level):
    flat = np.full((9, 200, 3), level, np.uint8)
    for length, angle in ((2.1, 0), (7, 30), (13, 80), (40, 30)):
        assert (motion_blur(flat, length, angle) == level).all()


@pytest.mark.parametrize("angle", [0, 20, 45, 90, 130])
def test_is_opencvs_filter_with_that_line(rng, angle):
    image = rng.integers(0, 256, (97, 83, 3), np.uint8)
    square = as_square(*line(9, angle)).astype(np.float32)
    theirs = cv2.filter2D(image, -1, square, borderType=cv2.BORDER_REPLICATE)
    off = np.abs(motion_blur(image, 9, angle).astype(int) - theirs)
    # halves: OpenCV rounds them to even
    assert off.max() <= 1
    assert (off > 0).mean() < 0.01


@settings(max_examples=50, deadline=None)
@given(length=st.floats(1, 255), angle=st.floats(-720, 720))
def test_a_line_is_whole_centred_and_as_long_and_steep_as_asked(length, angle):
    offsets, weights = line(length, angle)
    y, x = offsets.T
    # 1e-5: float32 weights, up to 510 of them
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert (weights * x).sum() == pytest.approx(0, abs=1e-3)
    assert (weights * y).sum() == pytest.approx(0, abs=1e-3)
    direction = math.radians(angle)
    along = x * math.cos(direction) - y * math.sin(direction)
    aside = x * math.sin(direction) + y * math.cos(direction)
    # of a line, and up to 1/2 of a pixel's own width in each direction
    assert (weights * along**2).sum() == pytest.approx(length**2 / 12, abs=0.5)
    assert (weights * aside**2).sum() < 0.5


def test_lines_along_the_axes_and_diagonals_are_plain():
    offsets, weights = line(5, 0)
    assert offsets.tolist() == [[0, x] for x in range(-2, 3)]
    assert weights == pytest.approx([0.2] * 5)
    assert line(5, 90)[0].tolist() == [[y, 0] for y in range(-2, 3)]
    assert line(5, 45)[0].tolist() == [[-x, x] for x in range(2, -3, -1)]
    assert line(5, -45)[0].tolist() == [[x, x] for x in range(-2, 3)]


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_a_line_of_one_pixel_and_a_flat_image_change_nothing(rng, dtype):
    image = rng.integers(0, 256, (21, 34, 3)).astype(dtype)
    np.testing.assert_array_equal(motion_blur(image, 1, 0), image)
    flat = np.full((21, 34, 3), 255 if dtype == np.uint8 else 60_000, dtype)
    # 1e-6 of the level: the weights' sum in float32
    np.testing.assert_allclose(motion_blur(flat, 11, 33), flat, rtol=1e-6)


@pytest.mark.parametrize(
    ("length", "angle", "said"),
    [
        (0.5, 0, "length must be 1 to 255 pixels, got 0.5"),
        (256, 0, "length must be 1 to 255 pixels, got 256"),
        (9, float("nan"), "angle must be a number of degrees, got nan"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(length, angle, said):
    with pytest.raises(ValueError, match=said):
        motion_blur(np.zeros((4, 4, 3), np.uint8), length, angle)
