import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.noise_level import noise_level

MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])


def by_the_formula(image):
    height, width, _ = image.shape
    near = np.lib.stride_tricks.sliding_window_view(image.astype(np.float64), (3, 3), (0, 1))
    answers = np.abs((near * MASK).sum(axis=(3, 4))).sum(axis=(0, 1))
    return np.sqrt(np.pi / 2) / (6 * (width - 2) * (height - 2)) * answers


@settings(max_examples=50, deadline=None)
@given(
    dtype=st.sampled_from((np.uint8, np.uint16, np.float32)),
    channels=st.sampled_from((1, 3, 4)),
    size=st.tuples(st.integers(3, 40), st.integers(3, 200)),
    seed=st.integers(0, 99),
)
def test_is_the_formula(dtype, channels, size, seed):
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    # 1e-12: sums of float64 in another order
    np.testing.assert_allclose(noise_level(image), by_the_formula(image), rtol=1e-12)


@pytest.mark.parametrize("sigma", [2, 10, 25])
def test_finds_the_noise_that_was_added_to_a_slope(rng, sigma):
    slope = 128 + np.add.outer(np.arange(200.0), -np.arange(220.0))[..., None] / 8
    image = np.rint(slope + rng.normal(0, sigma, (200, 220, 3))).clip(0, 255).astype(np.uint8)
    # 3 %: of 44,000 pixels, and half a level of rounding
    np.testing.assert_allclose(noise_level(image), sigma, rtol=0.03)


def test_agrees_with_scikit_images_estimate(rng):
    pytest.importorskip("pywt")
    from skimage.restoration import estimate_sigma

    image = np.clip(128 + rng.normal(0, 12, (200, 220, 3)), 0, 255).astype(np.uint8)
    theirs = estimate_sigma(image.astype(float), channel_axis=-1)
    np.testing.assert_allclose(noise_level(image), theirs, rtol=0.05)  # of a median, theirs


def test_the_highest_answers_do_not_overflow():
    board = (np.indices((9, 200_000)).sum(axis=0) % 2 * 65535).astype(np.uint16)[..., None]
    np.testing.assert_allclose(noise_level(board), by_the_formula(board))


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 9, 1), (9, 2, 4)])
def test_an_image_too_small_for_the_mask_has_none(shape):
    np.testing.assert_array_equal(noise_level(np.ones(shape, np.uint8)), np.zeros(shape[2]))
