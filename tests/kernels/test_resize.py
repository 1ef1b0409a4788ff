"""The oracle is the formula: two matrices in float64, written apart from the kernel's tables."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from PIL import Image

from pixelmill_kernels import filters
from pixelmill_kernels._separable import _separable
from pixelmill_kernels.resize import FIXED, resize

PILLOW = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
SMOOTH = [name for name in PILLOW if name != "nearest"]
SUPPORT = {"box": 0.5, "bilinear": 1, "hamming": 1, "bicubic": 2, "lanczos": 3}
SIZES = st.integers(1, 40)
CHANNELS = st.sampled_from([1, 3, 4])
ODD_SIZES = [1, 2, 3, 7, 16, 17, 31, 43, 64, 67, 131]


def curve(filter, x):
    if filter == "box":
        return ((x > -0.5) & (x <= 0.5)).astype(float)
    x = np.abs(x)
    if filter == "bilinear":
        return np.where(x < 1, 1 - x, 0)
    if filter == "hamming":
        return np.where(x < 1, np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x)), 0)
    if filter == "lanczos":
        return np.where(x < 3, np.sinc(x) * np.sinc(x / 3), 0)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def matrix(n_in, n_out, filter, antialias=True):
    scale = n_in / n_out
    stretch = max(scale, 1) if antialias else 1
    reach = SUPPORT[filter] * stretch
    rows = np.zeros((n_out, n_in))
    for i, row in enumerate(rows):
        centre = (i + 0.5) * scale
        low, high = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), n_in)
        weights = curve(filter, (np.arange(low, high) + 0.5 - centre) / stretch)
        row[low:high] = weights / weights.sum()
    return rows


def by_the_formula(image, size, filter, antialias=True):
    down = matrix(image.shape[0], size[0], filter, antialias)
    across = matrix(image.shape[1], size[1], filter, antialias)
    return np.einsum("yh,hwc,xw->yxc", down, image.astype(float), across, optimize=True)


def assert_within_a_level(image, size, filter, antialias=True):
    exact = by_the_formula(image, size, filter, antialias)
    top = np.iinfo(image.dtype).max
    rounded = np.clip(np.floor(exact + 0.5), 0, top)
    got = resize(image, size, filter, antialias=antialias)
    assert got.dtype == image.dtype
    # 1 level: the sums are float32 or int16, and may fall on the other side of a half
    assert np.abs(got.astype(float) - rounded).max() <= 1
    # 0.95: what int16 may add at worst to the half level of rounding (see resize.FIXED)
    assert np.abs(got - np.clip(exact, 0, top)).max() <= 0.95


def image_of(rng, height, width, channels=3, dtype=np.uint8):
    if dtype == np.float32:
        return rng.random((height, width, channels), np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)


@pytest.mark.parametrize("filter", SMOOTH)
@pytest.mark.parametrize("size", [(61, 50), (40, 31), (20, 9), (300, 299), (97, 33)], ids=str)
def test_every_level_is_within_one_of_the_formula(rng, filter, size):
    assert_within_a_level(image_of(rng, 97, 83), size, filter)


@pytest.mark.parametrize("filter", SMOOTH)
def test_black_and_white_noise_is_within_one_of_the_formula(rng, filter):
    # the hardest input: every product is as large as it can be, and overshoots as far
    image = (rng.integers(0, 2, (150, 200, 3)) * 255).astype(np.uint8)
    for size in ((96, 128), (40, 54), (61, 301)):
        assert_within_a_level(image, size, filter)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_small_size_to_any_other_is_within_one_of_the_formula(rng, channels):
    for height, width in itertools.product(ODD_SIZES[:8], ODD_SIZES):
        image = image_of(rng, height, width, channels)
        for size in ((1, 1), (1, 19), (23, 1), (5, 5), (17, 33), (height, 9), (9, width)):
            assert_within_a_level(image, size, "bicubic")


@pytest.mark.parametrize("filter", SMOOTH)
def test_without_antialias_the_filter_is_not_stretched(rng, filter):
    for size in ((30, 21), (96, 200)):
        assert_within_a_level(image_of(rng, 90, 70), size, filter, antialias=False)


def test_sixteen_bits_are_within_one_level_of_the_formula(rng):
    for size in ((61, 50), (12, 150)):
        assert_within_a_level(image_of(rng, 97, 83, 1, np.uint16), size, "lanczos")


def test_floats_agree_with_the_formula(rng):
    image = image_of(rng, 97, 83, 3, np.float32)
    for size in ((61, 50), (12, 150), (97, 40), (40, 83)):
        # 3e-6: a dozen float32 roundings of values near 1
        expected = by_the_formula(image, size, "bicubic")
        np.testing.assert_allclose(resize(image, size, "bicubic"), expected, atol=3e-6)


@pytest.mark.parametrize("filter", SMOOTH)
def test_a_photograph_is_50_db_from_pillow_or_nearer(rng, filter):
    waves = np.add.outer(np.arange(401.0), np.arange(468.0) * 1.7)[..., None] / [9, 23, 57]
    noise = rng.normal(0, 12, (401, 468, 3))
    image = np.clip(128 + 100 * np.sin(waves) + noise, 0, 255).astype(np.uint8)
    theirs = np.asarray(Image.fromarray(image).resize((299, 256), PILLOW[filter]))
    error = ((resize(image, (256, 299), filter).astype(float) - theirs) ** 2).mean()
    assert 10 * np.log10(255**2 / error) >= 50  # Pillow rounds between its passes


@pytest.mark.parametrize("size", [(5, 9), (97, 83), (200, 10), (1, 1)], ids=str)
def test_nearest_takes_the_pixel_that_pillow_takes(rng, size):
    image = image_of(rng, 97, 83)
    theirs = Image.fromarray(image).resize(size[::-1], PILLOW["nearest"])
    np.testing.assert_array_equal(resize(image, size, "nearest"), np.asarray(theirs))


@pytest.mark.parametrize("filter", PILLOW)
@pytest.mark.parametrize("level", [0, 1, 127, 254, 255])
def test_a_flat_image_stays_flat(filter, level):
    image = np.full((90, 75, 3), level, np.uint8)
    for size in ((50, 41), (9, 7), (200, 160), (90, 31)):
        assert (resize(image, size, filter) == level).all()


@pytest.mark.parametrize("filter", PILLOW)
def test_the_same_size_is_the_same_image(rng, filter):
    image = image_of(rng, 33, 21)
    np.testing.assert_array_equal(resize(image, (33, 21), filter), image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32], ids=lambda t: t.__name__)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(64, 70), (9, 11), (150, 140), (64, 83), (97, 70)], ids=str)
def test_a_window_is_the_same_bytes_as_the_whole(rng, size, channels, dtype):
    image = image_of(rng, 97, 83, channels, dtype)
    for filter in PILLOW if channels == 3 else ["bicubic"]:
        whole = resize(image, size, filter)
        for _ in range(12):
            top, left = (int(rng.integers(0, side)) for side in size)
            tall, wide = (
                int(rng.integers(1, size[0] - top + 1)),
                int(rng.integers(1, size[1] - left + 1)),
            )
            part = resize(image, size, filter, window=(top, left, tall, wide))
            assert part.tobytes() == whole[top : top + tall, left : left + wide].tobytes()


@pytest.mark.parametrize("filter", PILLOW)
def test_a_crop_is_the_same_bytes_as_the_cut_out_copy(rng, filter):
    image = image_of(rng, 97, 83)
    for top, left, tall, wide in ((0, 0, 97, 83), (3, 5, 60, 70), (96, 82, 1, 1), (10, 0, 80, 9)):
        cut = np.ascontiguousarray(image[top : top + tall, left : left + wide])
        for size in ((31, 40), (5, 4), (120, 110), (tall, 20), (20, wide), (tall, wide)):
            folded = resize(image, size, filter, crop=(top, left, tall, wide))
            assert folded.tobytes() == resize(cut, size, filter).tobytes()
            window = (size[0] // 3, size[1] // 2, size[0] - size[0] // 3, size[1] - size[1] // 2)
            part = resize(image, size, filter, crop=(top, left, tall, wide), window=window)
            assert (
                part.tobytes() == np.ascontiguousarray(folded[window[0] :, window[1] :]).tobytes()
            )


def test_nothing_outside_the_crop_is_read(rng):
    image = np.full((60, 60, 3), np.nan, np.float32)
    image[7:50, 11:43] = rng.random((43, 32, 3))
    for filter in PILLOW:
        for size in ((20, 20), (43, 20), (20, 32), (90, 70)):
            assert np.isfinite(resize(image, size, filter, crop=(7, 11, 43, 32))).all()


def test_nothing_outside_out_is_written(rng):
    image = image_of(rng, 97, 83)
    for height, width in itertools.product((1, 15, 16, 17, 40), (1, 5, 16, 21)):
        for filter in ("bicubic", "nearest", "lanczos"):
            room = np.full((height + 2, width, 3), 77, np.uint8)
            out = room[1:-1]
            assert resize(image, (height, width), filter, out=out) is out
            assert (room[[0, -1]] == 77).all()
            np.testing.assert_array_equal(out, resize(image, (height, width), filter))


def test_an_image_that_is_read_only_is_taken_and_compiles_nothing(rng):
    image = image_of(rng, 40, 30)
    expected = resize(image, (20, 21))
    compiled = len(_separable.signatures)
    image.flags.writeable = False
    np.testing.assert_array_equal(resize(image, (20, 21)), expected)
    assert len(_separable.signatures) == compiled


def test_threads_do_not_disturb_each_other(rng):
    images = [image_of(rng, 90 + i, 150 - i) for i in range(16)]
    expected = [resize(image, (64, 70)).tobytes() for image in images]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            got = pool.map(lambda image: resize(image, (64, 70)).tobytes(), images)
            assert list(got) == expected


def test_the_loop_can_be_called_from_compiled_code(rng):
    @njit
    def scale(image, out, down, across, nothings, halves):
        places = (out.shape[1] * out.shape[2], out.shape[2], 1)
        _separable(image, out.reshape(out.size), out.shape[:2], (0, 0), (0, 0), down, across,
                   nothings, halves, (0, 0), None, None, places, False, None)  # fmt: skip

    image, out = image_of(rng, 50, 40), np.empty((20, 30, 3), np.uint8)
    down, across = filters.table(50, 20, "bilinear"), filters.table(40, 30, "bilinear")
    half = np.float32(0.5)
    scale(image, out, (down.weights, down.first), (across.weights, across.first),
          (np.float32(0),) * 6, (half, half, half))  # fmt: skip
    np.testing.assert_allclose(out, resize(image, (20, 30), "bilinear"), atol=1)


@pytest.mark.parametrize("filter", PILLOW)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32], ids=lambda t: t.__name__)
def test_mirrored_is_the_same_bytes_flipped(rng, filter, dtype):
    image = image_of(rng, 60, 83, 3, dtype)
    for size in ((30, 41), (60, 83), (30, 7), (33, 90)):
        window = (2, 1, size[0] - 3, size[1] - 2)
        got = resize(image, size, filter, window=window, mirror=True)
        expected = resize(image, size, filter, window=window)[:, ::-1]
        np.testing.assert_array_equal(got, expected)


@settings(max_examples=40, deadline=None)
@given(SIZES, SIZES, SIZES, SIZES)
def test_nearest_takes_the_pixel_under_the_centre_and_never_invents_a_class(
    height, width, high, wide
):
    classes = np.array([0, 7, 200, 255], np.uint8)
    labels = np.random.default_rng(height * width).choice(classes, (height, width, 1))
    scaled = resize(labels, (high, wide), "nearest")
    assert set(np.unique(scaled)) <= set(np.unique(labels))
    ys, xs = (2 * np.arange(high) + 1) * height, (2 * np.arange(wide) + 1) * width
    under = labels[ys // (2 * high)][:, xs // (2 * wide)]
    np.testing.assert_array_equal(scaled, under)


@settings(max_examples=40, deadline=None)
@given(SIZES, SIZES, SIZES, SIZES, st.sampled_from(SMOOTH), st.booleans(), CHANNELS)
def test_any_size_to_any_other_is_within_one_of_the_formula(
    height, width, high, wide, filter, antialias, channels
):
    rng = np.random.default_rng(height * 1000 + width)
    image = (rng.integers(0, 2, (height, width, channels)) * 255).astype(np.uint8)
    assert_within_a_level(image, (high, wide), filter, antialias)


@pytest.mark.parametrize("filter", ["bicubic", "lanczos"])
@pytest.mark.parametrize("antialias", [True, False])
def test_no_overshoot_is_too_large(filter, antialias):
    # for the output pixel in the middle and one in a corner, the image that overshoots most
    changes = {(68, 68): (34, 34), (40, 68): (31, 34), (4, 68): (1, 34), (9, 9): (20, 13)}
    for before, size in changes.items():
        down = matrix(before[0], size[0], filter, antialias)
        across = matrix(before[1], size[1], filter, antialias)
        for y, x in ((size[0] // 2, size[1] // 2), (0, 0), (size[0] - 1, 0)):
            bright = np.outer(down[y], across[x]) > 0
            for image in (bright, ~bright):
                image = np.repeat(image[..., None] * np.uint8(255), 3, axis=2)
                assert_within_a_level(image, size, filter, antialias)


def test_as_many_taps_as_whole_numbers_take_are_within_one_of_the_formula(rng):
    for size, filter in (((12, 12), "bicubic"), ((6, 6), "bilinear"), ((17, 18), "lanczos")):
        image = (rng.integers(0, 2, (200, 196, 3)) * 255).astype(np.uint8)
        assert 60 < filters.table(200, size[0], filter).taps <= FIXED
        assert_within_a_level(image, size, filter)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"filter": "cubic"}, r"filter must be one of nearest, .*bicubic.*got 'cubic'"),
        ({"size": (0, 5)}, r"size \(height, width\) must be 1 x 1 or more, got 0 x 5"),
        ({"crop": (0, 0, 41, 5)}, r"crop .* must lie within 40 x 30"),
        ({"window": (0, 5, 20, 20)}, r"window .* must lie within 20 x 20"),
        ({"out": np.empty((20, 21, 3), np.uint8)}, r"out must be .*\(20, 20, 3\).*\(20, 21, 3\)"),
        ({"image": np.zeros((40, 60, 3), np.uint8)[:, ::2]}, r"not C-contiguous.*ascontiguous"),
        ({"image": np.zeros((40, 30, 17), np.uint8)}, r"1 to 16 channels.*\(40, 30, 17\)"),
        ({"image": np.zeros((0, 30, 3), np.uint8)}, r"not be empty, got \(0, 30, 3\)"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_argument_is_named_with_what_was_expected(change, words):
    arguments = {"image": np.zeros((40, 30, 3), np.uint8), "size": (20, 20)} | change
    with pytest.raises(ValueError, match=words):
        resize(**arguments)


def test_a_wrong_dtype_is_named():
    with pytest.raises(TypeError, match=r"uint8 or uint16 or float32, got float64"):
        resize(np.zeros((4, 4, 3)), (2, 2))


def test_out_over_the_image_is_refused():
    image = np.zeros((40, 30, 3), np.uint8)
    with pytest.raises(ValueError, match="shares memory"):
        resize(image, (20, 30), out=image[:20])
