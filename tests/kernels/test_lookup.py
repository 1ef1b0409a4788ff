import cv2
import numpy as np
import pytest

from pixelmill_kernels.lookup import lookup


def test_a_full_table_of_bytes_is_opencvs(rng):
    image = rng.integers(0, 256, (31, 17, 3), np.uint8)
    table = rng.integers(0, 256, 256, np.uint8)
    np.testing.assert_array_equal(lookup(image, table), cv2.LUT(image, table))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16], ids=lambda d: d.__name__)
@pytest.mark.parametrize("first", [-300, 0, 100])
def test_levels_outside_the_table_take_its_ends(rng, dtype, first):
    ends = np.iinfo(dtype)
    image = rng.integers(ends.min, ends.max + 1, (31, 17, 2), dtype)
    table = rng.integers(0, 65536, 120, np.uint16)
    expected = table[np.clip(image.astype(int) - first, 0, 119)]
    np.testing.assert_array_equal(lookup(image, table, first), expected)


@pytest.mark.parametrize("table", [np.zeros(0, np.uint8), np.zeros((2, 2), np.uint8), np.zeros(4)])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(ValueError, match="table must be uint8 or uint16 of shape"):
        lookup(np.zeros((4, 4, 1), np.uint8), table)
