import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pixelmill_kernels import rng as r
from pixelmill_kernels.salt_and_pepper import salt_and_pepper

KEY = 77


def by_the_formula(image, amount, key, salt, shared, at):
    height, width, channels = image.shape
    if shared:
        draws = r.bits(key, (height, width), at)[..., None] >> 1
    else:
        draws = r.bits(key, (height, width * channels), (at[0], at[1] * channels)) >> 1
        draws = draws.reshape(image.shape)
    speck = np.where(draws < round(amount * salt * 2**31), np.iinfo(image.dtype).max, 0)
    out = np.where(draws < round(amount * 2**31), speck, image)
    if channels == 4:
        out[..., 3] = image[..., 3]
    return out


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 20),
    width=st.integers(1, 39),
    channels=st.sampled_from([1, 3, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    amount=st.floats(0, 1),
    salt=st.floats(0, 1),
    shared=st.booleans(),
    at=st.tuples(st.integers(0, 70), st.integers(0, 70)),
)
def test_agrees_with_the_formula(height, width, channels, dtype, amount, salt, shared, at):
    shape = (height, width, channels)
    image = np.random.default_rng(width).integers(0, np.iinfo(dtype).max + 1, shape, dtype)
    found = salt_and_pepper(image, amount, KEY, salt, shared, at)
    np.testing.assert_array_equal(found, by_the_formula(image, amount, KEY, salt, shared, at))


@pytest.mark.parametrize("shared", [True, False])
def test_specks_are_as_many_as_asked(shared):
    image = np.full((1000, 1000, 3), 100, np.uint8)
    noisy = salt_and_pepper(image, 0.05, KEY, 0.3, shared)
    draws = noisy[..., 0] if shared else noisy
    for level, share in ((255, 0.015), (0, 0.035)):
        found = np.count_nonzero(draws == level)
        assert stats.binomtest(found, draws.size, share).pvalue > 0.01


def test_all_and_nothing_are_exactly_that(rng):
    image = rng.integers(1, 255, (64, 64, 3), np.uint8)
    np.testing.assert_array_equal(salt_and_pepper(image, 0, KEY), image)
    assert (salt_and_pepper(image, 1, KEY, salt=1) == 255).all()
    assert (salt_and_pepper(image, 1, KEY, salt=0) == 0).all()


def test_specks_lie_anywhere():
    hit = salt_and_pepper(np.full((1000, 1000, 1), 9, np.uint8), 0.1, KEY)[..., 0] != 9
    for left, right in ((hit[1:], hit[:-1]), (hit[:, 1:], hit[:, :-1])):
        # 4 standard errors of 10^6 pairs
        assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4e-3
    counts = hit.reshape(10, 100, 10, 100).sum(axis=(1, 3)).ravel()
    assert stats.chisquare(counts).pvalue > 0.01


def test_a_share_outside_is_refused():
    with pytest.raises(ValueError, match="amount and salt must be 0 to 1"):
        salt_and_pepper(np.zeros((4, 4, 3), np.uint8), 1.5, KEY)
