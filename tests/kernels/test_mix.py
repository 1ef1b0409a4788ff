import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.mix import cutmix, cutmix_part, mixup

DTYPES = [np.uint8, np.uint16, np.float32]


def two(shape, dtype):
    rng = np.random.default_rng(shape[0])
    top = 256 if dtype == np.uint8 else 65536
    return (rng.integers(0, top, shape).astype(dtype) for _ in range(2))


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 20), st.integers(1, 39), st.sampled_from([1, 3, 4])),
    dtype=st.sampled_from(DTYPES),
    share=st.floats(0, 1),
)
def test_mixup_is_the_weighted_mean(shape, dtype, share):
    a, b = two(shape, dtype)
    exact = share * a.astype(float) + (1 - share) * b.astype(float)
    # 0.01: float32 rounds two products and a sum of up to 65,535
    limit = 0.01 if dtype == np.float32 else 0.51
    assert np.abs(mixup(a, b, share) - exact).max() <= limit


def test_halves_go_up():
    a, b = np.array([[[1], [2]]], np.uint8), np.array([[[2], [5]]], np.uint8)
    assert mixup(a, b, 0.5).ravel().tolist() == [2, 4]


def test_mixup_is_opencvs_weighted_sum():
    a, b = two((97, 83, 3), np.uint8)
    off = np.abs(mixup(a, b, 0.3).astype(int) - cv2.addWeighted(a, 0.3, b, 0.7, 0))
    # OpenCV rounds halves to even, after weights in double
    assert off.max() <= 1
    assert (off > 0).mean() < 0.06


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_all_of_one_image_is_that_image(dtype):
    a, b = two((21, 34, 3), dtype)
    np.testing.assert_array_equal(mixup(a, b, 1), a)
    np.testing.assert_array_equal(mixup(a, b, 0), b)


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_cutmix_pastes_a_part_at_its_place(dtype):
    a, b = two((21, 34, 3), dtype)
    out = cutmix(a, b, (3, 5, 10, 20))
    expected = a.copy()
    expected[3:13, 5:25] = b[3:13, 5:25]
    np.testing.assert_array_equal(out, expected)


@settings(max_examples=50, deadline=None)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    share=st.floats(0, 1),
    centre=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_part_lies_within_and_its_share_is_told(size, share, centre):
    part, left_over = cutmix_part(size, share, centre)
    if part is None:
        assert left_over == 1
        return
    top, left, height, width = part
    assert 0 <= top < top + height <= size[0]
    assert 0 <= left < left + width <= size[1]
    assert left_over == pytest.approx(1 - height * width / (size[0] * size[1]))
    # what sticks out is cut off; 1 pixel of rounding on each side
    assert height <= size[0] * (1 - share) ** 0.5 + 1
    assert width <= size[1] * (1 - share) ** 0.5 + 1


def test_a_part_in_the_middle_has_the_area_asked_for():
    assert cutmix_part((100, 200), 0.75, (0.5, 0.5)) == ((25, 50, 50, 100), 0.75)
    assert cutmix_part((100, 200), 0.75, (0, 1)) == ((0, 150, 25, 50), 0.9375)
    assert cutmix_part((100, 200), 1, (0.5, 0.5)) == (None, 1.0)
    assert cutmix_part((100, 200), 0, (0.5, 0.5)) == ((0, 0, 100, 200), 0.0)


def test_images_that_do_not_match_are_refused():
    a = np.zeros((4, 4, 3), np.uint8)
    for b in (np.zeros((4, 5, 3), np.uint8), np.zeros((4, 4, 3), np.uint16)):
        with pytest.raises(ValueError, match="a and b must have one shape and dtype"):
            mixup(a, b, 0.5)
        with pytest.raises(ValueError, match="a and b must have one shape and dtype"):
            cutmix(a, b, (0, 0, 1, 1))


def test_shares_and_parts_outside_are_refused():
    a = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match=r"share must be 0 to 1, got 1\.5"):
        mixup(a, a, 1.5)
    with pytest.raises(ValueError, match=r"part .* must lie within 4 x 4"):
        cutmix(a, a, (0, 0, 5, 1))
    with pytest.raises(ValueError, match="share and centre must be 0 to 1"):
        cutmix_part((4, 4), 0.5, (0, 2))


def test_out_must_be_apart_from_both():
    a, b = two((5, 6, 3), np.uint8)
    for one in (a, b):
        with pytest.raises(ValueError, match="out shares memory with image"):
            mixup(a, b, 0.5, out=one)
    out = np.empty_like(a)
    assert cutmix(a, b, (0, 0, 2, 2), out) is out
