import numpy as np
import pytest

from pixelmill_kernels.bands import select
from pixelmill_kernels.geometry import crop, flip, pad, rotate90
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.statistics import channel_sums

DTYPES = [np.uint8, np.uint16, np.float32]
every_kind = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
every_count = pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 16])


def image_of(rng, count, dtype):
    return (rng.random((23, 37, count)) * 250).astype(dtype)


@every_kind
@every_count
def test_bands_are_taken_in_the_order_asked_for(rng, count, dtype):
    image = image_of(rng, count, dtype)
    for order in ([0], [count - 1] * 3, rng.integers(0, count, 7).tolist(), range(count)):
        np.testing.assert_array_equal(select(image, order), image[..., list(order)])


@pytest.mark.parametrize("order", [[], [3], [-1], [0] * 17])
def test_a_band_that_is_not_there_is_refused(order):
    with pytest.raises(ValueError, match="1 to 16 of the image's 3 channels, counted from 0, got"):
        select(np.zeros((4, 4, 3), np.uint8), order)


@every_kind
@every_count
def test_bands_move_together(rng, count, dtype):
    image = image_of(rng, count, dtype)
    np.testing.assert_array_equal(flip(image), image[:, ::-1])
    np.testing.assert_array_equal(rotate90(image), np.rot90(image))
    np.testing.assert_array_equal(crop(image, 2, 3, 9, 11), image[2:11, 3:14])
    border = ((1, 2), (3, 4), (0, 0))
    np.testing.assert_array_equal(pad(image, 1, 2, 3, 4, "edge"), np.pad(image, border, "edge"))


@every_kind
@every_count
def test_bands_are_normalized_each_by_its_numbers(rng, count, dtype):
    image = image_of(rng, count, dtype)
    mean, std = rng.uniform(0.2, 0.6, count), rng.uniform(0.1, 0.4, count)
    full = {np.uint8: 255.0, np.uint16: 65535.0, np.float32: 1.0}[dtype]
    found = normalize(image, mean, std, "hwc")
    # 3e-7 of the largest: three float32 roundings
    limit = 3e-7 * abs(found).max() + 1e-6
    np.testing.assert_allclose(found, (image / full - mean) / std, atol=limit)
    assert normalize(image, mean, std).transpose(1, 2, 0).tobytes() == found.tobytes()


@pytest.mark.parametrize("dtype", DTYPES[:2], ids=lambda dtype: dtype.__name__)
@every_count
def test_sums_of_bands_are_exact(rng, count, dtype):
    image = image_of(rng, count, dtype)
    pixels, sums, squares = channel_sums(image)
    wide = image.astype(np.int64)
    assert pixels == 23 * 37
    np.testing.assert_array_equal(sums, wide.sum(axis=(0, 1)))
    np.testing.assert_array_equal(squares, (wide * wide).sum(axis=(0, 1)))
