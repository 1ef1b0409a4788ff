import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pixelmill_kernels.remap import displace, remap
from pixelmill_kernels.warp import BORDERS, FILTERS, affine

every_filter = pytest.mark.parametrize("filter", FILTERS)
every_border = pytest.mark.parametrize("border", BORDERS)


def centres(height, width):
    y, x = np.mgrid[:height, :width] + 0.5
    return x.astype(np.float32), y.astype(np.float32)


@every_filter
@every_border
def test_places_of_an_affine_map_give_what_the_map_gives(rng, filter, border):
    image = rng.integers(0, 256, (40, 52, 3), np.uint8)
    matrix = np.array([[1.25, 0.5, -7.25], [-0.25, 1.5, 3.5]])  # its places are exact in float32
    x, y = centres(30, 41)
    linear = np.linalg.inv(matrix[:, :2])
    places = np.tensordot(linear, np.stack([x - matrix[0, 2], y - matrix[1, 2]]), 1)
    out = remap(image, *places.astype(np.float32), filter, border, 9)
    expected = affine(image, matrix, (30, 41), filter, border, 9).astype(int)
    apart = np.abs(out - expected)
    if filter == "nearest":  # where a place lies between two pixels its last bit decides
        assert (apart > 0).mean() < 0.01
    else:
        # 1: float32 places err by 2e-6 of a pixel, and a rounding may turn
        assert apart.max() <= 1
        assert (apart > 0).mean() < 0.01


@every_filter
@every_border
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32], ids=lambda d: d.__name__)
def test_no_shift_and_whole_shifts_copy_the_pixels(rng, filter, border, dtype):
    image = (rng.random((20, 30, 3)) * 250).astype(dtype)
    still = np.zeros((20, 30), np.float32)
    np.testing.assert_array_equal(displace(image, still, still, filter, border), image)
    moved = displace(image, still + 3, still - 2, filter, border)
    np.testing.assert_array_equal(moved[2:, :-3], image[:-2, 3:])


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 20), st.integers(1, 30), st.integers(1, 20), st.integers(1, 39),
    st.floats(0, 60), st.sampled_from(BORDERS),
)  # fmt: skip
def test_any_places_are_scipys(height, width, rows, columns, far, border):
    rng = np.random.default_rng(3)
    image = rng.random((height, width, 1), np.float32)
    x, y = rng.uniform(-far, far + 30, (2, rows, columns)).astype(np.float32)
    mode = {"constant": "grid-constant", "edge": "nearest", "reflect": "mirror"}[border]
    where = y.astype(float) - 0.5, x.astype(float) - 0.5
    expected = ndimage.map_coordinates(image[..., 0].astype(float), where, order=1, mode=mode)
    # 2e-6: float32 against float64, levels up to 1
    np.testing.assert_allclose(remap(image, x, y, border=border)[..., 0], expected, atol=2e-6)


def test_a_small_shift_in_a_large_image_is_not_rounded(rng):
    image = np.zeros((1, 40_000, 1), np.uint16)
    image[0, :, 0] = rng.integers(0, 65536, 40_000)
    dx = np.full((1, 40_000), 0.3001, np.float32)
    out = displace(image, dx, np.zeros_like(dx))[0, 39_000:-1, 0]
    line = image[0, :, 0].astype(float)
    expected = line[39_000:-1] * (1 - 0.3001) + line[39_001:] * 0.3001
    # as places in float32, 0.004 of a pixel apart there, it would err by 100 levels
    assert np.abs(out - expected).max() < 0.6


def test_is_opencvs(rng):
    image = cv2.GaussianBlur(rng.integers(0, 256, (60, 80, 3), np.uint8), (0, 0), 2)
    x, y = centres(60, 80)
    x, y = x + rng.uniform(-2, 2, x.shape).astype("f"), y + rng.uniform(-2, 2, y.shape).astype("f")
    theirs = cv2.remap(image, x - 0.5, y - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    apart = np.abs(remap(image, x, y, border="edge") - theirs.astype(int))
    # 2: OpenCV 4 rounds places to 1/32 of a pixel; version 5 does not
    assert apart.max() <= 2


@every_filter
def test_writes_all_of_out_and_nothing_else(rng, filter):
    image = rng.integers(0, 256, (9, 8, 3), np.uint8)
    for width in (5, 21):
        x, y = rng.uniform(-50, 50, (2, 7, width)).astype(np.float32)
        room = np.full((9, width, 3), 77, np.uint8)
        out = room[1:-1]
        assert remap(image, x, y, filter, "edge", out=out) is out
        np.testing.assert_array_equal(out, remap(image, x, y, filter, "edge"))
        assert (room[[0, -1]] == 77).all()


@every_filter
@every_border
def test_what_lies_around_the_fields_does_not_matter(rng, filter, border):
    image = rng.integers(0, 256, (9, 8, 3), np.uint8)
    found = set()
    for around in (0, np.nan, 1e30):
        room = np.full((2, 7 * 18 + 64), around, np.float32)
        fields = [part[32:-32].reshape(7, 18) for part in room]
        for field in fields:
            field[:] = np.linspace(-5, 15, field.size).reshape(field.shape)
        found.add(remap(image, *fields, filter, border).tobytes())
    assert len(found) == 1


@every_filter
@every_border
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_place_that_is_not_finite_is_refused(filter, border, bad):
    image = np.zeros((9, 8, 3), np.uint8)
    for width in (4, 20, 300):
        x, y = centres(9, width)
        y[7, width - 2] = bad
        with pytest.raises(ValueError, match=f"must be finite.* at row 7, column {width - 2}"):
            remap(image, x, y, filter, border)


@every_border
def test_places_as_far_as_float32_goes_are_taken(border):
    image = np.full((9, 8, 3), 50, np.uint8)
    x, y = centres(9, 20)
    x[3:], y[:6] = 3e38, -3e38
    out = remap(image, x, y, "bicubic", border, 7)
    assert set(out.ravel().tolist()) == ({7} if border == "constant" else {50})


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda im, x: remap(im, x.astype(float), x), TypeError, "x must be a float32 array"),
        (lambda im, x: remap(im, x, [[1.0]]), TypeError, "y must be a float32 array, got list"),
        (lambda im, x: remap(im, x, x[:3]), ValueError, r"x and y differ: shapes \(6, 8\) and"),
        (lambda im, x: displace(im, x[:, ::2], x), ValueError, "dx must .* be C-contiguous"),
        (lambda im, x: displace(im, x, x[:0]), ValueError, "dy must .* not be empty"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(change, error, words):
    with pytest.raises(error, match=words):
        change(np.zeros((6, 8, 3), np.uint8), np.zeros((6, 8), np.float32))
