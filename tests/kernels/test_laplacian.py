import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.laplacian import laplacian_variance


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.integers(1, 39),
    st.integers(1, 39),
    st.sampled_from([np.uint8, np.uint16]),
    st.integers(0, 99),
)
def test_is_the_variance_of_opencvs_laplacian(height, width, dtype, seed):
    rng = np.random.default_rng(seed)
    gray = rng.integers(0, np.iinfo(dtype).max + 1, (height, width), dtype)
    expected = cv2.Laplacian(gray, cv2.CV_64F).var()
    # 1e-12: NumPy's variance is a sum of float64, ours is exact
    assert laplacian_variance(gray[..., None]) == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_colours_are_measured_by_their_luma(rng):
    image = rng.integers(0, 256, (21, 34, 3), np.uint8)
    gray = (image.astype(np.int64) @ [19595, 38470, 7471] + 32768 >> 16).astype(np.uint8)
    assert laplacian_variance(image) == laplacian_variance(gray[..., None])


def test_a_blurred_image_has_less_and_a_flat_one_none(rng):
    image = rng.integers(0, 256, (64, 64, 1), np.uint8)
    blurred = cv2.GaussianBlur(image, (5, 5), 0)[..., None]
    assert laplacian_variance(blurred) < laplacian_variance(image) / 10
    assert laplacian_variance(np.full((9, 9, 3), 200, np.uint8)) == 0


def test_the_largest_differences_do_not_overflow():
    checks = (np.indices((700, 701)).sum(axis=0) % 2 * 65535).astype(np.uint16)
    expected = cv2.Laplacian(checks, cv2.CV_64F).var()
    assert laplacian_variance(checks[..., None]) == pytest.approx(expected, rel=1e-12)
