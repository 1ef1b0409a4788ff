"""Statistics: exact sums per channel, from which mean and spread of a whole data set are made.

Whole numbers add up to the same in any order, so that the statistics of a job do not depend on
how it was cut into tasks.
"""

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel

PERIOD = 48  # elements after which 1, 3 and 4 channels all begin anew: the inner loop is a vector's
BLOCK = 1 << 16  # 65,536 squares of 255 fit 32 bits


def channel_sums(image: Array) -> tuple[int, Array, Array]:
    """Count the pixels, and add up the levels and their squares, channel by channel.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        C-contiguous.

    Returns
    -------
    count : int
        Pixels.  mean = sums / count; variance = squares / count - mean ** 2.
    sums, squares : int64, shape (channels,)
        Exact: 64 bits hold the squares of 2,147 megapixels of 16 bits.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype or layout other than the above.
    """
    expect_image(image, LEVELS)
    channels = image.shape[2]
    wide = np.uint32 if image.dtype == np.uint8 else np.uint64
    sums, squares = np.zeros((2, PERIOD), np.int64)
    _sums(for_reading(image).reshape(-1), np.zeros((2, PERIOD), wide), sums, squares)
    folded = (values.reshape(-1, channels).sum(axis=0) for values in (sums, squares))
    return image.shape[0] * image.shape[1], *folded


@kernel
def _sums(source: Array, part: Array, sums: Array, squares: Array) -> None:
    whole = source.size // PERIOD
    for start in range(0, whole, BLOCK):
        part[:] = 0
        for i in range(start, min(start + BLOCK, whole)):
            for j in range(PERIOD):
                level = part.dtype.type(source[i * PERIOD + j])
                part[0, j] += level
                part[1, j] += level * level
        for j in range(PERIOD):
            sums[j] += np.int64(part[0, j])
            squares[j] += np.int64(part[1, j])
    for i in range(whole * PERIOD, source.size):
        level = np.int64(source[i])
        sums[i - whole * PERIOD] += level
        squares[i - whole * PERIOD] += level * level
