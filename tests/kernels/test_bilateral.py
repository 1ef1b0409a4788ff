import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.bilateral import bilateral

KINDS = [(np.uint8, 3), (np.uint8, 1), (np.uint16, 4), (np.float32, 1)]


def by_the_formula(image, sigma_color, sigma_space, size):
    radius, levels = size // 2, image.astype(np.float64)
    height, width, _ = image.shape
    wide = np.pad(levels, ((radius, radius), (radius, radius), (0, 0)), "reflect")
    totals, weights = np.zeros_like(levels), np.zeros((height, width, 1))
    for y in range(size):
        for x in range(size):
            far = (y - radius) ** 2 + (x - radius) ** 2
            if far > radius**2:
                continue
            there = wide[y : y + height, x : x + width]
            apart = np.abs(there - levels).sum(axis=2, keepdims=True)
            weight = np.exp(-far / (2 * sigma_space**2) - apart**2 / (2 * sigma_color**2))
            totals += weight * there
            weights += weight
    return totals / weights


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.floats(0.01, 2),
    sigma_space=st.floats(0.5, 9),
    diameter=st.sampled_from((3, 5, 9, 13)),
    seed=st.integers(0, 99),
)
def test_is_the_formula_at_borders_too(kind, size, share, sigma_space, diameter, seed):
    dtype, channels = kind
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    args = share * full, sigma_space, diameter
    error = np.abs(bilateral(image, *args) - by_the_formula(image, *args))
    # Half a level of rounding.  Weights off by 4e-6 of themselves move a mean by as much of the
    # span of levels; the exponent, up to 100 in float32, by about as much again.
    assert error.max() <= (0 if dtype == np.float32 else 0.5) + 2e-5 * full


@pytest.mark.parametrize("size", [5, 9])
def test_is_opencvs_within_its_rounding(rng, size):
    image = cv2.GaussianBlur(rng.integers(0, 256, (150, 170, 3), np.uint8), (0, 0), 1)
    ours, theirs = bilateral(image, 30, 3, size), cv2.bilateralFilter(image, size, 30, 3)
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_an_edge_stays_and_its_sides_are_smoothed(rng):
    clean = np.full((40, 60, 3), 60.0)
    clean[:, 30:] = 180
    noisy = np.clip(clean + rng.normal(0, 8, clean.shape), 0, 255).astype(np.uint8)
    out = bilateral(noisy, 30, 3, 9)
    assert np.abs(out[:, 29:31] - clean[:, 29:31]).max() < 20
    assert np.std(out - clean) < 0.5 * np.std(noisy - clean)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((0,), "sigma_color and sigma_space must be above 0"),
        ((9, 0), "sigma_color and sigma_space must be above 0"),
        ((9, 3, 4), "size must be odd and 3 to 31, got 4"),
        ((9, 3, 33), "size must be odd and 3 to 31, got 33"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(args, said):
    with pytest.raises(ValueError, match=said):
        bilateral(np.zeros((4, 4, 3), np.uint8), *args)
