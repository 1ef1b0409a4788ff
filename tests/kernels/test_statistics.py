import numpy as np
import pytest

from pixelmill_kernels.statistics import channel_sums


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 16])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4, 4), (40, 33)], ids=str)
def test_sums_are_exact(rng, size, channels, dtype):
    image = rng.integers(0, np.iinfo(dtype).max + 1, (*size, channels), dtype)
    count, sums, squares = channel_sums(image)
    wide = image.astype(object)  # Python's whole numbers: no limit
    assert count == size[0] * size[1]
    assert list(sums) == list(wide.sum(axis=(0, 1)))
    assert list(squares) == list((wide * wide).sum(axis=(0, 1)))
    assert sums.dtype == squares.dtype == np.int64


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
def test_a_large_white_image_does_not_overflow(dtype):
    top = int(np.iinfo(dtype).max)
    image = np.full((4200, 4100, 3), top, dtype)  # more than one block of 65,536 times 768
    count, sums, squares = channel_sums(image)
    assert list(sums) == [top * count] * 3
    assert list(squares) == [top * top * count] * 3


def test_mean_and_spread_follow_from_the_sums(rng):
    image = rng.integers(0, 256, (37, 41, 3), np.uint8)
    count, sums, squares = channel_sums(image)
    mean = sums / count
    np.testing.assert_allclose(mean, image.mean(axis=(0, 1)))
    np.testing.assert_allclose(squares / count - mean**2, image.var(axis=(0, 1)))


def test_parts_add_up_to_the_whole(rng):
    image = rng.integers(0, 256, (30, 41, 3), np.uint8)
    whole, upper, lower = (channel_sums(part) for part in (image, image[:11], image[11:]))
    for total, one, other in zip(whole, upper, lower, strict=True):
        assert (
            (total == one + other).all() if isinstance(total, np.ndarray) else total == one + other
        )
