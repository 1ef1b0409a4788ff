import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.gaussian import gaussian

KINDS = [(np.uint8, 3), (np.uint16, 4), (np.float32, 1)]


def by_the_formula(image, sigma, truncate):
    radius = max(1, int(truncate * sigma + 0.5))
    curve = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    curve /= curve.sum()
    blurred = image.astype(np.float64)
    for axis in (0, 1):
        around = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
        wide = np.pad(blurred, around, "reflect")
        near = np.lib.stride_tricks.sliding_window_view(wide, curve.size, axis)
        blurred = near @ curve
    return blurred


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    sigma=st.floats(0.2, 9),
    truncate=st.floats(1, 4),
    seed=st.integers(0, 99),
)
def test_is_the_formula_at_borders_too(kind, size, sigma, truncate, seed):
    dtype, channels = kind
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    error = np.abs(gaussian(image, sigma, truncate) - by_the_formula(image, sigma, truncate))
    # Half a level of rounding.  float32 sums of up to 146 taps: a few 1e-6 of full scale.
    assert error.max() <= (0 if dtype == np.float32 else 0.5) + 4e-6 * full


@pytest.mark.parametrize("sigma", [0.8, 1, 3])
def test_is_opencvs_within_its_rounding(rng, sigma):
    image = rng.integers(0, 256, (97, 83, 3), np.uint8)
    ours, theirs = gaussian(image, sigma), cv2.GaussianBlur(image, (0, 0), sigma)
    # OpenCV rounds weights to 256ths; those of sigma 3 are 34 of them and fewer
    assert np.abs(ours.astype(int) - theirs).max() <= 2


def test_a_flat_image_stays_whatever_the_weights():
    for level in (0, 1, 77, 254, 255):
        image = np.full((33, 20, 3), level, np.uint8)
        np.testing.assert_array_equal(gaussian(image, 2.7), image)


@pytest.mark.parametrize(("sigma", "truncate"), [(0, 3), (-1, 3), (1, 0), (200, 3)])
def test_a_curve_that_is_none_is_refused(sigma, truncate):
    with pytest.raises(ValueError, match="above 0 and their product 512 at most"):
        gaussian(np.zeros((4, 4, 3), np.uint8), sigma, truncate)
