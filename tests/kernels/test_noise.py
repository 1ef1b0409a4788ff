import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pixelmill_kernels import rng as r
from pixelmill_kernels.noise import gaussian, speckle

KEY = 0x0123456789ABCDEF


def by_the_formula(image, base, share, key, shared=False, at=(0, 0)):
    """The definition, in float64 and not yet rounded, with the normal numbers of `rng`."""
    height, width, channels = image.shape
    if shared:
        normals = r.normal(key, (height, width), at)[..., None]
    else:
        at = (at[0], at[1] * channels)
        normals = r.normal(key, (height, width * channels), at).reshape(image.shape)
    exact = image + (base + share * image.astype(float)) * normals
    exact = np.clip(exact, 0, np.iinfo(image.dtype).max)
    if channels == 4:
        exact[..., 3] = image[..., 3]
    return exact


def assert_rounded(found, exact):
    # float32 holds the sums, of up to 5 * 65535, to 1/32
    slack = 0.001 if found.dtype == np.uint8 else 1 / 32
    assert np.abs(found - exact).max() <= 0.5 + slack


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 20),
    width=st.integers(1, 39),
    channels=st.sampled_from([1, 3, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    sigma=st.floats(0, 60),
    shared=st.booleans(),
    at=st.tuples(st.integers(0, 70), st.integers(0, 70)),
    key=st.integers(0, 2**64 - 1),
)
def test_agrees_with_the_formula(height, width, channels, dtype, sigma, shared, at, key):
    shape = (height, width, channels)
    top = np.iinfo(dtype).max
    image = np.random.default_rng(width).integers(0, top + 1, shape, dtype)
    found = gaussian(image, sigma, key, shared, at)
    assert_rounded(found, by_the_formula(image, np.float32(sigma), 0, key, shared, at))
    found = speckle(image, sigma / 100, key, shared, at)
    assert_rounded(found, by_the_formula(image, 0, np.float32(sigma / 100), key, shared, at))


def test_no_spread_is_no_change(rng):
    for dtype in (np.uint8, np.uint16):
        image = rng.integers(0, np.iinfo(dtype).max + 1, (40, 50, 3), dtype)
        np.testing.assert_array_equal(gaussian(image, 0, KEY), image)
        np.testing.assert_array_equal(speckle(image, 0, KEY), image)


@pytest.mark.parametrize("sigma", [0.4, 3.0, 20.0])
def test_what_is_added_is_a_rounded_normal_number(sigma):
    image = np.full((1000, 1000, 1), 128, np.uint8)
    noise = gaussian(image, sigma, KEY).astype(int).ravel() - 128
    levels = np.arange(-127, 127)
    shares = stats.norm.cdf((levels + 0.5) / sigma) - stats.norm.cdf((levels - 0.5) / sigma)
    usual = shares * noise.size > 20  # chi-squared wants enough in each cell
    found = np.array([np.count_nonzero(noise == level) for level in levels[usual]])
    expected = shares[usual] * noise.size
    rest = noise.size - found.sum(), noise.size - expected.sum()
    found, expected = np.append(found, rest[0]), np.append(expected, rest[1])
    assert stats.chisquare(found, expected).pvalue > 0.01


def test_noise_has_the_moments_of_a_normal_number():
    noise = gaussian(np.full((1000, 1000, 1), 32768, np.uint16), 900, KEY).ravel() - 32768.0
    # within 3 standard errors of 10^6 draws
    assert abs(noise.mean()) < 3 * 0.9
    assert noise.std() == pytest.approx(900, abs=3 * 900 / 1414)
    assert abs(stats.skew(noise)) < 3 * 0.00245
    assert abs(stats.kurtosis(noise)) < 3 * 0.0049


def test_speckle_grows_with_the_level():
    for level in (20, 60, 120):
        noise = speckle(np.full((500, 500, 1), level, np.uint8), 0.1, KEY).astype(float)
        # rounding adds the variance of a uniform number, 1/12
        assert noise.std() == pytest.approx((0.01 * level**2 + 1 / 12) ** 0.5, rel=0.01)
        assert noise.mean() == pytest.approx(level, abs=0.1)


def test_channels_and_neighbours_are_noisy_apart():
    noise = gaussian(np.full((600, 600, 3), 128, np.uint8), 15, KEY).astype(float)
    pairs = [(noise[..., a], noise[..., b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    pairs += [(noise[1:], noise[:-1]), (noise[:, 1:], noise[:, :-1])]
    pairs += [(noise, gaussian(np.full((600, 600, 3), 128, np.uint8), 15, KEY + 1).astype(float))]
    for left, right in pairs:
        # 4 standard errors of 360,000 pairs
        assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4 / 600


def test_shared_noise_is_gray_and_alpha_has_none(rng):
    noise = gaussian(np.full((40, 50, 3), 128, np.uint8), 15, KEY, shared=True)
    assert (noise == noise[..., :1]).all()
    image = rng.integers(0, 256, (40, 50, 4), np.uint8)
    for shared in (False, True):
        noisy = gaussian(image, 30, KEY, shared)
        np.testing.assert_array_equal(noisy[..., 3], image[..., 3])
        assert (noisy[..., :3] != image[..., :3]).mean() > 0.9


def test_each_channel_can_have_its_own_spread():
    noise = gaussian(np.full((300, 300, 3), 128, np.uint8), (0, 5, 25), KEY).astype(float)
    assert noise.std(axis=(0, 1)) == pytest.approx((0, 5, 25), rel=0.02)


@pytest.mark.parametrize("add", [gaussian, speckle], ids=lambda add: add.__name__)
def test_tiles_in_any_order_make_up_the_whole(rng, add):
    image = rng.integers(0, 256, (61, 83, 3), np.uint8)
    whole, pieces = add(image, 0.3, KEY), np.empty_like(image)
    for top in (40, 0, 20, 60):
        for left in (50, 0, 25, 75):
            part = np.s_[top : top + 20, left : left + 25]
            pieces[part] = add(np.ascontiguousarray(image[part]), 0.3, KEY, at=(top, left))
    np.testing.assert_array_equal(pieces, whole)


@pytest.mark.parametrize("sigma", [-1, float("nan"), (1, 2), 1e6, (1, 2, -3)])
def test_a_spread_that_makes_no_sense_is_refused(sigma):
    with pytest.raises(ValueError, match="sigma must be 0 to 65535, one number or 3, got"):
        gaussian(np.zeros((4, 4, 3), np.uint8), sigma, KEY)
