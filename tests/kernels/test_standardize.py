import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.standardize import PER, min_max, standardize

DTYPES = [np.uint8, np.uint16, np.float32]
images = st.tuples(
    st.integers(1, 39),
    st.integers(1, 39),
    st.integers(1, 16),
    st.sampled_from(DTYPES),
    st.integers(0, 10**6),
)


def image_of(height, width, channels, dtype, seed):
    """Levels in a narrow or a wide range, near 0 or far from it."""
    rng = np.random.default_rng(seed)
    top = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    low, high = np.sort(rng.uniform(0, top, 2))
    return rng.uniform(low, high, (height, width, channels)).astype(dtype)


def axes(per):
    return (0, 1, 2) if per == "image" else (0, 1)


def divided(distance, spread):
    return np.divide(distance, spread, out=np.zeros(distance.shape), where=spread > 0)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(images, st.sampled_from(PER))
def test_the_lowest_level_becomes_0_and_the_highest_1(shape, per):
    image = image_of(*shape)
    wide = image.astype(np.float64)
    low, high = (end(wide, axis=axes(per), keepdims=True) for end in (np.min, np.max))
    found = min_max(image, per, "hwc")
    # 2e-7: two float32 roundings of values up to 1
    np.testing.assert_allclose(found, divided(wide - low, high - low), atol=2e-7)
    assert found.min() == 0
    assert found.max() <= 1


@settings(max_examples=50, deadline=None, derandomize=True)
@given(images, st.sampled_from(PER))
def test_mean_becomes_0_and_spread_1(shape, per):
    image = image_of(*shape)
    wide = image.astype(np.float64)
    mean = wide.mean(axis=axes(per), keepdims=True)
    # NumPy's spread of equal numbers may be a rounding error, ours is 0
    spread = wide.std(axis=axes(per), keepdims=True)
    spread[spread < 1e-12 * np.maximum(abs(mean), 1)] = 0
    found = standardize(image, per, "hwc")
    expected = divided(wide - mean, spread)
    # 1e-6 of the largest: three float32 roundings; float32 levels are cut to 24 bits beforehand
    scale = max(abs(expected).max(), 1)
    narrow = np.finfo(np.float32).eps * divided(abs(wide).max() * np.ones_like(spread), spread)
    limit = 1e-6 * scale + (narrow.max() if image.dtype == np.float32 else 0)
    assert abs(found - expected).max() <= limit


@pytest.mark.parametrize("scale", [min_max, standardize])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 13])
def test_both_layouts_hold_the_same_numbers(rng, scale, dtype, channels):
    image = (rng.random((9, 7, channels)) * 250).astype(dtype)
    last, first = (scale(image, layout=layout) for layout in ("hwc", "chw"))
    assert first.transpose(1, 2, 0).tobytes() == last.tobytes()


@pytest.mark.parametrize("scale", [min_max, standardize])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_a_flat_image_becomes_zeros(scale, dtype):
    assert not scale(np.full((9, 8, 3), 77, dtype)).any()


def test_a_narrow_range_of_high_levels_loses_nothing(rng):
    image = rng.integers(60000, 60003, (40, 40, 1), np.uint16)
    assert set(np.unique(min_max(image))) == {0, 0.5, 1}


def test_min_max_is_opencvs(rng):
    image = rng.integers(20, 200, (40, 33, 3), np.uint8)
    theirs = cv2.normalize(image, None, 0, 1, cv2.NORM_MINMAX, cv2.CV_32F)
    np.testing.assert_allclose(min_max(image, layout="hwc"), theirs, atol=2e-7)


def test_one_of_image_and_channel_is_asked_for():
    with pytest.raises(ValueError, match="per must be one of image, channel, got 'row'"):
        min_max(np.zeros((4, 4, 3), np.uint8), "row")
