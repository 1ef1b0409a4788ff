"""The oracle is the formula in float64: follow the map backwards, weigh the pixels around."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import transform

from pixelmill_kernels import warp
from pixelmill_kernels.geometry import rotate90
from pixelmill_kernels.resize import resize
from pixelmill_kernels.warp import BORDERS, FILTERS, affine, perspective

ROOT = Path(warp.__file__).parents[1]
SMOOTH = [name for name in FILTERS if name != "nearest"]
DTYPES = [np.uint8, np.uint16, np.float32]
# Half a level of rounding, and what float32 loses of 16 bits: 1e-6 of full scale.
CLOSE = {np.uint8: 0.501, np.uint16: 0.57, np.float32: 2e-6}

every_filter = pytest.mark.parametrize("filter", FILTERS)
every_border = pytest.mark.parametrize("border", BORDERS)
every_kind = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)


def image_of(rng, height, width, channels=3, dtype=np.uint8):
    if dtype == np.float32:
        return rng.random((height, width, channels), np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)


def turned(degrees, height, width, zoom=1.0):
    """A turn about the middle of an image, counter-clockwise."""
    cos, sin = np.cos(np.radians(degrees)) * zoom, np.sin(np.radians(degrees)) * zoom
    x, y = width / 2, height / 2
    return np.array([[cos, sin, x - cos * x - sin * y], [-sin, cos, y + sin * x - cos * y]])


def places(matrix, size):
    """(x, y) in the source of every output pixel's centre, as pixel indices."""
    whole = matrix if len(matrix) == 3 else np.vstack([matrix, [0, 0, 1]])
    v, u = np.mgrid[: size[0], : size[1]] + 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y, w = np.tensordot(np.linalg.inv(whole), np.stack([u, v, np.ones_like(u)]), 1)
        return x / w - 0.5, y / w - 0.5


def weights(filter, fraction):
    """{offset from the pixel before the place: weight}"""
    if filter == "nearest":
        return {0: (fraction < 0.5) * 1.0, 1: (fraction >= 0.5) * 1.0}
    if filter == "bilinear":
        return {0: 1 - fraction, 1: fraction}
    found = {}
    for k in (-1, 0, 1, 2):
        d = np.abs(k - fraction)
        near, far = 1.5 * d**3 - 2.5 * d**2 + 1, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
        found[k] = np.where(d < 1, near, far)
    return found


def stand_in(index, count, border):
    if border == "reflect":
        index = np.abs(np.mod(index + count - 1, max(2 * count - 2, 1)) - (count - 1))
    return np.clip(index, 0, count - 1)


def by_the_formula(image, x, y, filter, border, value=0):
    height, width, channels = image.shape
    left, top = np.floor(x), np.floor(y)
    total = np.zeros((*x.shape, channels))
    for j, down in weights(filter, y - top).items():
        for k, across in weights(filter, x - left).items():
            column, row = left + k, top + j
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            at = stand_in(row, height, border), stand_in(column, width, border)
            levels = image[tuple(i.astype(int) for i in at)].astype(float)
            if border == "constant":
                levels[~inside] = value
            total += (across * down)[..., None] * levels
    return total


def error(image, out, x, y, filter, border, value=0):
    """How far the output is from the formula at worst, where no rounding of a place decides."""
    exact = by_the_formula(image, x, y, filter, border, value)
    if image.dtype != np.float32:
        exact = np.clip(exact, 0, np.iinfo(image.dtype).max)
    apart = np.abs(out - exact)
    if filter == "nearest":  # between two pixels either is right
        sure = [np.abs(place - np.floor(place) - 0.5) > 1e-6 for place in (x, y)]
        apart = apart[sure[0] & sure[1]]
    return apart.max(initial=0)


MAPS = {
    "turn": turned(17, 37, 50),
    "steep turn": turned(-115, 37, 50, 0.8),
    "larger": turned(5, 37, 50, 3.3),
    "smaller": turned(200, 37, 50, 0.23),
    "shear": np.array([[1, 0.6, -8], [-0.2, 1, 4]]),
    "mirror": np.array([[-1, 0.1, 50], [0, 1, 0.3]]),
    "tilt": np.array([[1.1, 0.2, -3], [0.1, 0.9, 2], [0.004, 0.003, 1]]),
    "horizon": np.array([[1.03, 0.02, 0.7], [0.01, 1.07, 0.3], [0.0513, 0.0117, -1.0371]]),
}


@pytest.mark.parametrize("name", MAPS)
@every_filter
@every_border
def test_every_level_is_that_of_the_formula(rng, name, filter, border):
    matrix = MAPS[name]
    image = image_of(rng, 37, 50)
    move = affine if len(matrix) == 2 else perspective
    out = move(image, matrix, (41, 70), filter, border, 9)
    assert error(image, out, *places(matrix, (41, 70)), filter, border, 9) <= CLOSE[np.uint8]


@every_kind
@pytest.mark.parametrize("channels", [1, 3, 4])
@every_filter
def test_every_kind_of_image_is_moved(rng, dtype, channels, filter):
    image = image_of(rng, 20, 33, channels, dtype)
    matrix = turned(30, 20, 33, 0.9)
    for border in BORDERS:
        out = affine(image, matrix, (25, 31), filter, border)
        assert out.dtype == dtype
        assert error(image, out, *places(matrix, (25, 31)), filter, border) <= CLOSE[dtype]


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 17])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 40])
@every_border
def test_images_with_fewer_pixels_than_neighbours_are_moved(rng, height, width, border):
    image = image_of(rng, height, width)
    matrix = np.array([[1.4, 0.3, 2.1], [-0.2, 1.7, 1.3]])
    for filter in FILTERS:
        for size in ((1, 1), (9, 7), (6, 16), (3, 150)):
            out = affine(image, matrix, size, filter, border, 5)
            apart = error(image, out, *places(matrix, size), filter, border, 5)
            assert apart <= CLOSE[np.uint8], (filter, size)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    st.tuples(st.floats(-60, 60), st.floats(-60, 60)),
    st.tuples(st.integers(1, 39), st.integers(1, 39)),
    st.tuples(st.integers(1, 39), st.integers(1, 39)),
    st.sampled_from(sorted(FILTERS)),
    st.sampled_from(BORDERS),
    st.sampled_from(DTYPES),
)
def test_any_map_of_any_image_is_the_formulas(linear, shift, size, goal, filter, border, dtype):
    a, b, d, e = linear
    if abs(a * e - b * d) < 0.01:  # places then lie so far apart that the oracle rounds as well
        a, e = 1.0, 1.0
        b = d = 0.5
    matrix = np.array([[a, b, shift[0]], [d, e, shift[1]]])
    image = image_of(np.random.default_rng(1), *size, 3, dtype)
    out = affine(image, matrix, goal, filter, border)
    # twice CLOSE: an inverse of up to 300 magnifies the last bit of a float32 step
    assert error(image, out, *places(matrix, goal), filter, border) <= 2 * CLOSE[dtype]


WIDE = {
    "turn": turned(3, 60, 2500),
    "turn about": turned(-176.5, 60, 2500),
    "zoom": turned(1, 60, 2500, 1 / 7.7),  # nearly the fastest steps that are counted in integers
    "faster": turned(1, 60, 2500, 1 / 9),
    "tilt": np.array([[1.1, 0.02, -3], [0.01, 0.9, 2], [0.0002, 0.003, 1]]),
    "horizon": np.array([[1.03, 0.02, 700], [0.01, 1.07, 3], [0.00113, 0.0117, -1.0371]]),
}


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint8, 4), (np.int32, 1)])
def test_every_pixel_of_a_wide_row_is_the_one_that_covers_its_place(rng, name, dtype, channels):
    matrix = WIDE[name]
    image = rng.integers(0, 256, (60, 2500, channels)).astype(dtype)
    for size in ((40, 2413), (5, 300)):
        for border in ("constant", "edge"):
            move = affine if len(matrix) == 2 else perspective
            out = move(image, matrix, size, "nearest", border, 9)
            # `error` leaves out what is 1e-6 from the seam of two pixels: 2**-20 is less
            assert error(image, out, *places(matrix, size), "nearest", border, 9) == 0


@every_kind
@every_filter
@every_border
def test_staying_and_whole_shifts_copy_the_pixels(rng, dtype, filter, border):
    image = image_of(rng, 23, 150, 3, dtype)
    np.testing.assert_array_equal(
        affine(image, [[1, 0, 0], [0, 1, 0]], None, filter, border), image
    )
    moved = affine(image, [[1, 0, 7], [0, 1, -4]], None, filter, border, 1)
    np.testing.assert_array_equal(moved[:-4, 7:], image[4:, :-7])
    if border == "constant":
        assert (moved[-4:] == 1).all()
        assert (moved[:, :7] == 1).all()
    same = perspective(image, [[2, 0, 14], [0, 2, -8], [0, 0, 2]], None, filter, border, 1)
    np.testing.assert_array_equal(same, moved)


@every_kind
@every_filter
def test_a_quarter_turn_is_rotate90s(rng, dtype, filter):
    image = image_of(rng, 23, 37, 3, dtype)
    out = affine(image, [[0, 1, 0], [-1, 0, 37]], (37, 23), filter)
    np.testing.assert_array_equal(out, rotate90(image))
    rounded = affine(image, [[6e-17, 1, 0], [-1, 6e-17, 37]], (37, 23), filter)  # as libm's cosine
    np.testing.assert_array_equal(rounded, rotate90(image))


@every_border
def test_bilinear_is_scipys(rng, border):
    image = image_of(rng, 40, 60, 1, np.float32)
    x, y = places(MAPS["turn"], (40, 60))
    mode = {"constant": "grid-constant", "edge": "nearest", "reflect": "mirror"}[border]
    theirs = ndimage.map_coordinates(image[..., 0].astype(float), (y, x), order=1, mode=mode)
    ours = affine(image, MAPS["turn"], None, "bilinear", border)[..., 0]
    # 2e-6: float32 against float64, levels up to 1
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_bilinear_is_scikit_images(rng):
    image = image_of(rng, 40, 60, 1, np.float32)
    matrix = np.array([[1.1, 0.2, -3], [0.1, 0.9, 2], [0.002, 0.001, 1]])
    to_corner = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # theirs counts from centres
    theirs = np.linalg.inv(to_corner) @ np.linalg.inv(matrix) @ to_corner
    expected = transform.warp(image[..., 0], theirs, order=1, mode="edge", preserve_range=True)
    ours = perspective(image, matrix, None, "bilinear", "edge")[..., 0]
    # 2e-5: scikit-image computes a float32 image in float32
    np.testing.assert_allclose(ours, expected, atol=2e-5)


def smooth_photo(rng, height, width):
    return cv2.GaussianBlur(image_of(rng, height, width), (0, 0), 2)


@every_border
def test_bilinear_is_opencvs(rng, border):
    image = smooth_photo(rng, 60, 80)
    back, forth = np.eye(3), np.eye(3)
    back[:2, 2], forth[:2, 2] = -0.5, 0.5
    mode = {
        "constant": cv2.BORDER_CONSTANT, "edge": cv2.BORDER_REPLICATE,
        "reflect": cv2.BORDER_REFLECT_101,
    }[border]  # fmt: skip
    whole = np.vstack([turned(17, 60, 80), [0, 0, 1]])
    theirs = cv2.warpAffine(image, (back @ whole @ forth)[:2], (80, 60), borderMode=mode)
    apart = np.abs(affine(image, whole[:2], None, "bilinear", border) - theirs.astype(int))
    # OpenCV 4 rounds places to 1/32 of a pixel: neighbours differ by up to 40 levels here, and by
    # 255 at a constant border.  OpenCV 5 does not, and is within 1.
    most = 1 if cv2.__version__ >= "5" else 8 if border == "constant" else 2
    assert apart.max() <= most


@every_kind
def test_bicubic_is_the_resizes(rng, dtype):
    # which has Pillow as its oracle; Pillow's own transform is another cubic, with a = -1
    image = image_of(rng, 40, 30, 3, dtype)
    ours = affine(image, [[3, 0, 0], [0, 2, 0]], (80, 90), "bicubic")
    theirs = resize(image, (80, 90), "bicubic")
    apart = np.abs(ours.astype(float) - theirs)[4:-4, 6:-6]  # a resize has its own borders
    # 1: both round; the resize of 8 bits errs by 0.6 of a level itself.  1e-6: float32
    assert apart.max() <= (1e-6 if dtype == np.float32 else 1)


@every_border
def test_nearest_never_invents_a_class(rng, border):
    for dtype in (np.uint8, np.uint16, np.int32):
        classes = np.array([0, 3, 70, 200], dtype)
        labels = classes[rng.integers(0, 4, (40, 50, 1))]
        for matrix in MAPS.values():
            move = affine if len(matrix) == 2 else perspective
            out = move(labels, matrix, (60, 70), "nearest", border, 200)
            assert out.dtype == dtype
            assert set(np.unique(out)) <= set(classes)


@every_kind
@every_filter
def test_outside_is_exactly_the_level_given(rng, dtype, filter):
    image = image_of(rng, 40, 50, 3, dtype)
    levels = np.array((0.1, 0.2, 0.7) if dtype == np.float32 else (10, 200, 255)).astype(dtype)
    for degrees in (45, 3):
        matrix = turned(degrees, 40, 50)
        out = affine(image, matrix, (100, 150), filter, "constant", tuple(levels.tolist()))
        x, y = places(matrix, (100, 150))
        outside = (x < -2) | (y < -2) | (x > 51) | (y > 41)
        assert outside.any()
        assert (out[outside] == levels).all()


def test_a_place_between_two_pixels_belongs_to_the_second(rng):
    image = image_of(rng, 4, 30)
    out = affine(image, [[2, 0, -0.5], [0, 1, 0]], (4, 58), "nearest")
    np.testing.assert_array_equal(out, image[:, (np.arange(58) + 1) // 2])


@every_filter
@every_border
@pytest.mark.parametrize(
    "matrix",
    [
        [[1, 0, 1e12], [0, 1, 0]],
        [[1, 0, 0], [0, 1, -1e300]],
        [[1e-9, 0, 0], [0, 1, 0]],
        [[1e9, 0, 0], [0, 1e9, 0]],
        [[1e-9, 1, 0], [1, 0, 5]],
    ],
    ids=str,
)
def test_places_far_away_are_the_borders(rng, filter, border, matrix):
    image = image_of(rng, 20, 30)
    levels = {7, *image.ravel().tolist()}
    out = affine(image, matrix, (20, 140), filter, border, 7)
    if filter == "nearest":
        assert set(out.ravel().tolist()) <= levels
    if border == "constant" and abs(np.array(matrix)[:, 2]).max() > 1e9:
        assert (out == 7).all()


SENTINELS = {np.uint8: (0, 255), np.uint16: (0, 65535), np.float32: (np.nan, -1.0)}


@every_kind
@pytest.mark.parametrize("channels", [1, 3, 4])
@every_filter
def test_nothing_outside_the_image_is_read_or_written(rng, dtype, channels, filter):
    for height, width in ((1, 1), (3, 5), (17, 20)):
        image = image_of(rng, height, width, channels, dtype)
        found = set()
        for sentinel in SENTINELS[dtype]:
            source = np.full(image.size + 256, sentinel, dtype)
            inside = source[128:-128].reshape(image.shape)
            inside[:] = image
            for border in BORDERS:
                for matrix in (turned(20, height, width, 2), [[1, 0, 0.5], [0, 1, 0.5]]):
                    room = np.full(19 * 37 * channels + 256, 99, dtype)
                    out = room[128:-128].reshape(19, 37, channels)
                    assert affine(inside, matrix, (19, 37), filter, border, 0, out) is out
                    assert (room[:128] == 99).all()
                    assert (room[-128:] == 99).all()
                    found.add((border, str(matrix), out.tobytes()))
        assert len(found) == 2 * len(BORDERS)  # whatever lies around the image


# An image that ends, or begins, where memory does: one byte more is the end of the process.
GUARDED = """
import ctypes, itertools, mmap, numpy as np
from pixelmill_kernels.warp import BORDERS, FILTERS, affine
page, end = mmap.PAGESIZE, 3 * mmap.PAGESIZE
room = np.frombuffer(mmap.mmap(-1, 4 * page), np.uint8)
for guard in (0, end):
    where = ctypes.c_void_p(room.ctypes.data + guard)
    assert ctypes.CDLL(None).mprotect(where, ctypes.c_size_t(page), 0) == 0
for channels, filter, border in itertools.product((1, 3, 4), FILTERS, BORDERS):
    for height, width in ((1, 1), (1, 5), (2, 2), (5, 4), (17, 32)):
        count = height * width * channels
        for bytes in (room[page : page + count], room[end - count : end]):
            image = bytes.reshape(height, width, channels)
            for linear in ((1, 0, 0, 1), (3, 1, -1, 4)):
                matrix = np.column_stack([np.reshape(linear, (2, 2)), (1, -9)])
                affine(image, matrix, (19, 37), filter, border)
                affine(image, matrix * (1, 1, 0), (19, 37), filter, border)
print("done")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX")
def test_nothing_beyond_the_end_of_memory_is_read():
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", GUARDED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)


def test_takes_an_image_that_is_read_only(rng):
    image = image_of(rng, 20, 30)
    expected = affine(image, turned(10, 20, 30))
    image.flags.writeable = False
    np.testing.assert_array_equal(affine(image, turned(10, 20, 30)), expected)


STAY = [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (lambda im: affine(im, [[1, 2, 0], [2, 4, 0]]), "has no inverse.*keep every scale above 0"),
        (lambda im: affine(im, [[0, 0, 0], [0, 1, 0]]), "has no inverse"),
        (lambda im: affine(im, [[1e200, 0, 0], [0, 1e200, 0]]), "has no inverse"),
        (lambda im: perspective(im, np.ones((3, 3))), "has no inverse"),
        (lambda im: affine(im, [[1, 0, np.nan], [0, 1, 0]]), "matrix must be finite"),
        (lambda im: affine(im, [[1, 0, np.inf], [0, 1, 0]]), "matrix must be finite"),
        (lambda im: affine(im, np.eye(3)), r"matrix must have shape \(2, 3\), got \(3, 3\)"),
        (lambda im: perspective(im, STAY), r"matrix must have shape \(3, 3\)"),
        (lambda im: affine(im, STAY, (0, 4)), "size .* must be 1 x 1 or more"),
        (lambda im: affine(im, STAY, filter="lanczos"), "filter must be one of nearest, bilinear"),
        (lambda im: affine(im, STAY, border="wrap"), "border must be one of constant, edge"),
        (lambda im: affine(im, STAY, value=256), "value must be a level of uint8"),
        (lambda im: affine(im, STAY, value=0.5), "value must be a level of uint8"),
        (lambda im: affine(im, STAY, value=(1, 2)), "one for each of 3 channels"),
        (lambda im: affine(im[:, ::2], STAY), "not C-contiguous.*ascontiguousarray"),
        (lambda im: affine(im, STAY, out=im), "shares memory"),
    ],
)
def test_a_wrong_argument_is_named_with_what_was_expected(move, words):
    with pytest.raises(ValueError, match=words):
        move(np.zeros((8, 6, 3), np.uint8))


def test_labels_are_refused_where_they_would_be_mixed():
    with pytest.raises(TypeError, match="uint8 or uint16 or float32, got int32"):
        affine(np.zeros((8, 6, 1), np.int32), STAY, filter="bilinear")


# What warps, remaps and elastic fields give for fixed images, as one hash.
EVERYTHING = """
import hashlib, numpy as np
from pixelmill_kernels.elastic import elastic_field
from pixelmill_kernels.remap import displace
from pixelmill_kernels.resize import resize
from pixelmill_kernels.warp import affine, perspective
rng = np.random.default_rng(7)
image = rng.integers(0, 256, (61, 83, 3), np.uint8)
tilt = [[1.1, 0.3, -3], [-0.2, 0.9, 7], [0.004, 0.003, 1]]
parts = [perspective(image, tilt, (70, 90), filter, border)
         for filter in ("nearest", "bilinear", "bicubic")
         for border in ("constant", "edge", "reflect")]
parts += [affine(image[..., :1].astype(np.float32), tilt[:2], (70, 90), "bicubic")]
field = elastic_field((61, 83), 40.0, 4.0, 12345)
parts += [*field, displace(image, *field)]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, on_another_machine, on_this_machine):
    # nehalem: SSE4.2 without fma.  haswell: AVX2 with it.
    here = on_this_machine(EVERYTHING)
    assert on_another_machine(cpu, EVERYTHING) == here
    assert len(here) == hashlib.sha256().digest_size * 2
