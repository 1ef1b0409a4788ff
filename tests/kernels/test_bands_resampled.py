"""The oracle is each band alone, byte for byte; one band has tests of its own."""

import numpy as np
import pytest

from pixelmill_kernels._separable import _separable
from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.remap import displace, remap
from pixelmill_kernels.resize import FILTERS, resize
from pixelmill_kernels.warp import BORDERS, affine, perspective

# Two numbers of bands have code of their own: 2, and all from 5 on.
KINDS = [(2, np.uint8), (5, np.uint8), (8, np.uint8), (13, np.uint16), (16, np.float32)]
every_kind = pytest.mark.parametrize(
    ("count", "dtype"), KINDS, ids=[f"{count}-{kind.__name__}" for count, kind in KINDS]
)
MATRIX = ((0.9, 0.2, 5.0), (-0.2, 1.1, -3.0))


def image_of(rng, height, width, count, dtype):
    if dtype == np.float32:
        return rng.random((height, width, count), np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, count), dtype)


def alone(image):
    """The bands as images of their own, (height, width, 1)."""
    return [np.ascontiguousarray(image[..., c : c + 1]) for c in range(image.shape[2])]


def together(bands):
    return np.concatenate(list(bands), axis=2)


@every_kind
def test_each_band_is_resized_as_if_it_were_alone(rng, count, dtype):
    image = image_of(rng, 67, 83, count, dtype)
    # 33 x 40 and 12 x 9: two of the kernel's blocks and less than one; 2 x 1: as float32
    ways = [{"size": size} for size in ((33, 40), (12, 9), (2, 1), (90, 100), (67, 20))]
    ways.append({"size": (33, 40), "crop": (1, 2, 60, 70), "window": (3, 4, 20, 31)})
    ways.append({"size": (50, 41), "mirror": True})
    for filter in FILTERS:
        for way in ways:
            got = resize(image, filter=filter, **way)
            expected = together(resize(band, filter=filter, **way) for band in alone(image))
            assert got.tobytes() == expected.tobytes(), (filter, way)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_halves_of_bands_are_exact_means_whatever_their_number(rng, factor, dtype):
    for count in (2, *range(5, 17)):
        image = image_of(rng, 2 * factor, 37 * factor, count, dtype)
        image[..., 0] = np.iinfo(dtype).max  # the largest sum there is
        squares = image.reshape(2, factor, 37, factor, count).astype(float)
        expected = np.floor(squares.mean(axis=(1, 3)) + 0.5)
        np.testing.assert_array_equal(resize(image, (2, 37), "box"), expected)


@every_kind
def test_fused_is_resize_then_normalize_of_each_band(rng, count, dtype):
    image = image_of(rng, 67, 83, count, dtype)
    mean, std = rng.uniform(0.2, 0.6, count), rng.uniform(0.1, 0.4, count)

    def floats(image, mean, std, **how):
        return resize_normalize(image, (33, 40), mean, std, window=(1, 2, 31, 33), **how)

    half = {"dtype": np.float16 if dtype == np.uint8 else np.float32}
    for how in ({}, {"mirror": True}, {"filter": "nearest"}, half):
        expected = together(
            floats(band, mean[c : c + 1], std[c : c + 1], layout="hwc", **how)
            for c, band in enumerate(alone(image))
        )
        got = floats(image, mean, std, layout="hwc", **how)
        assert got.tobytes() == expected.tobytes(), how
        first = floats(image, mean, std, layout="chw", **how)
        assert first.tobytes() == expected.transpose(2, 0, 1).tobytes(), how


@every_kind
def test_each_band_is_warped_as_if_it_were_alone(rng, count, dtype):
    image = image_of(rng, 57, 63, count, dtype)
    value = [int(level) for level in rng.integers(0, 2 if dtype == np.float32 else 200, count)]
    x, y = rng.uniform(-9, 70, (2, 40, 11)).astype(np.float32)
    ways = [(affine, (MATRIX, (61, 40))), (perspective, ((*MATRIX, (1e-3, 0.0, 1.0)),))]
    ways += [(remap, (x, y)), (displace, (x / 4, y / 4))]
    for border in BORDERS:
        for filter in ("nearest", "bilinear", "bicubic"):
            for warp, where in ways:
                how = {"filter": filter, "border": border}
                got = warp(image, *where, value=value, **how)
                expected = together(
                    warp(band, *where, value=level, **how)
                    for band, level in zip(alone(image), value, strict=True)
                )
                assert got.tobytes() == expected.tobytes(), (warp, how)


def test_labels_in_many_layers_are_warped_too(rng):
    image = rng.integers(-(2**31), 2**31, (40, 50, 6), np.int32)
    expected = together(affine(band, MATRIX, filter="nearest") for band in alone(image))
    np.testing.assert_array_equal(affine(image, MATRIX, filter="nearest"), expected)


def test_all_of_out_is_written_and_nothing_around_it(rng):
    image = image_of(rng, 45, 70, 13, np.uint8)
    for size in ((33, 40), (5, 9), (17, 100)):
        for make in (lambda out: resize(image, out.shape[:2], out=out),
                     lambda out: affine(image, MATRIX, out.shape[:2], out=out)):  # fmt: skip
            room = np.full((size[0] + 2, size[1], 13), 77, np.uint8)
            assert make(room[1:-1]).base is room
            assert (room[[0, -1]] == 77).all()
            np.testing.assert_array_equal(room[1:-1], make(np.empty((*size, 13), np.uint8)))


def test_nothing_around_the_image_is_read(rng):
    image = image_of(rng, 45, 70, 13, np.float32)
    room = np.full((49, 70, 13), np.nan, np.float32)
    room[2:-2] = image
    for filter in FILTERS:
        assert (
            resize(room[2:-2], (20, 31), filter).tobytes()
            == resize(image, (20, 31), filter).tobytes()
        )


def test_the_number_of_many_bands_compiles_nothing_new(rng):
    resize(image_of(rng, 40, 50, 5, np.uint8), (20, 21))
    compiled = len(_separable.signatures)
    for count in (6, 7, 8, 9, 10, 11, 12, 13, 16):
        resize(image_of(rng, 40, 50, count, np.uint8), (20, 21))
    assert len(_separable.signatures) == compiled
