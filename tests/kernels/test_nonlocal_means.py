import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.restoration import denoise_nl_means

from pixelmill_kernels.nonlocal_means import nonlocal_means

# Each is compiled: dtype, channels, patch.
KINDS = [(np.uint8, 3, 7), (np.uint8, 1, 1), (np.uint16, 4, 3), (np.float32, 1, 7)]


def by_the_formula(image, h, sigma, patch, search):
    reach, border = search // 2, patch // 2
    margin, (height, width, channels) = reach + border, image.shape
    levels = image.astype(np.float64)
    wide = np.pad(levels, ((margin, margin), (margin, margin), (0, 0)), "reflect")

    def shifted(dy, dx, around):
        top, left = margin + dy - around, margin + dx - around
        return wide[top : top + height + 2 * around, left : left + width + 2 * around]

    totals, weights = np.zeros_like(levels), np.zeros((height, width, 1))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            apart = ((shifted(dy, dx, border) - shifted(0, 0, border)) ** 2).sum(axis=2)
            near = np.lib.stride_tricks.sliding_window_view(apart, (patch, patch))
            distance = near.sum(axis=(2, 3)) / (patch * patch * channels)
            weight = np.exp(-np.maximum(distance - 2 * sigma**2, 0) / h**2)[..., None]
            totals += weight * shifted(dy, dx, 0)
            weights += weight
    return totals / weights


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.floats(0.02, 1),
    noise=st.floats(0, 0.2),
    search=st.sampled_from((3, 7, 21)),
    seed=st.integers(0, 99),
)
def test_is_the_formula_at_borders_too(kind, size, share, noise, search, seed):
    dtype, channels, patch = kind
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    args = share * full, noise * full, patch, search
    error = np.abs(nonlocal_means(image, *args) - by_the_formula(image, *args))
    # Half a level of rounding.  Weights are off by 4e-6 of themselves, and by the rounding of an
    # exponent of up to 100 in float32.
    assert error.max() <= (0 if dtype == np.float32 else 0.5) + 4e-5 * full


def test_tiles_leave_no_seams(rng):
    # 32 rows and 128 columns are a tile: 1.2 and 1.5 of them, each way
    image = rng.integers(0, 256, (41, 190, 3), np.uint8)
    # half a level of rounding, and weights as above
    assert np.abs(nonlocal_means(image, 60) - by_the_formula(image, 60, 0, 7, 21)).max() < 0.502


def test_is_scikit_images_away_from_borders(rng):
    slope = np.add.outer(np.arange(60.0), 2 * np.arange(70.0))[..., None] * [0.9, 0.7, 0.5]
    image = (slope + rng.normal(0, 12, slope.shape)).astype(np.float32)
    for h, sigma, most in ((200, 0, 0.03), (60, 12, 0.3)):
        ours = nonlocal_means(image, h, sigma)
        theirs = denoise_nl_means(
            image, 7, 10, h, sigma=sigma, channel_axis=-1, preserve_range=True
        )
        # theirs leaves out what weighs less than exp(-5), which is less where h is large
        assert np.abs(ours - theirs)[13:-13, 13:-13].max() < most


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((0,), "h must be above 0 and sigma 0 or more"),
        ((9, -1), "h must be above 0 and sigma 0 or more"),
        ((9, 0, 4), "patch must be odd and 1 to 15, got 4"),
        ((9, 0, 7, 1), "search must be odd and 3 to 63, got 1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(args, said):
    with pytest.raises(ValueError, match=said):
        nonlocal_means(np.zeros((4, 4, 3), np.uint8), *args)
