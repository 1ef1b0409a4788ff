"""Exposure: how light the pixels of an image look, as a histogram.

sqrt(0.241 R^2 + 0.691 G^2 + 0.068 B^2), in levels, weighs blue less and saturated colours more than
`grayscale` does (Finley, "HSP color model", 2006; it is what cleanvision judges light and dark by).
"""

import math

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.histogram import histogram

__all__ = ["brightness_histogram"]

PHASES = 4  # neighbours are counted apart, as in `histogram`


def brightness_histogram(image: Array) -> Array:
    """Count the pixels of each brightness.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous; alpha is left aside.

    Returns
    -------
    int64, shape (256 or 65536,)
        Exact: each brightness is rounded to the nearest level; none of 8 bits is halfway between
        two.  `percentiles` of it are within half a level of those of the brightness itself.
    """
    expect_image(image, LEVELS)
    if image.shape[2] == 1:
        return np.asarray(histogram(image)[0])
    counts = np.zeros((PHASES, 1 << (8 * image.itemsize)), np.int64)
    _count(for_reading(image), counts)
    return np.asarray(counts.sum(axis=0))


@kernel
def _count(image: Array, counts: Array) -> None:
    height, width, _ = image.shape
    squares, levels = np.empty(width), np.empty(width, np.int32)
    for y in range(height):
        for x in range(width):
            red, green = np.int64(image[y, x, 0]), np.int64(image[y, x, 1])
            blue = np.int64(image[y, x, 2])
            squares[x] = 241 * red * red + 691 * green * green + 68 * blue * blue
        for x in range(width):  # apart, so that it is done on vectors
            levels[x] = int(math.sqrt(squares[x] / 1000.0) + 0.5)
        for x in range(width):
            counts[x % PHASES, levels[x]] += 1
