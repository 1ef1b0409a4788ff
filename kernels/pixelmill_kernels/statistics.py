"""Statistics: exact sums per channel, from which mean and spread of a whole data set are made.

Whole numbers add up to the same in any order, so that the statistics of a job do not depend on
how it was cut into tasks.
"""

import math

import numpy as np

from pixelmill_kernels._check import BANDS, LEVELS, Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.simd import add_levels, add_squares, splat, store_all

__all__ = ["channel_sums"]

PERIOD = 768  # elements after which 1, 3 and 4 channels begin anew; long, for the sake of vectors
BLOCK = 1 << 16  # 65,536 squares of 255 fit 32 bits
GROUP = 48  # levels that three vectors hold: of 8 bits and 1, 2, 3, 4 ... channels, in registers


def _period(channels: int) -> int:
    """After how many elements an array of so many channels begins anew: 768 or a multiple."""
    return math.lcm(PERIOD, channels)


def channel_sums(image: Array) -> tuple[int, Array, Array]:
    """Count the pixels, and add up the levels and their squares, channel by channel.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1 to 16 channels, C-contiguous.

    Returns
    -------
    count : int
        Pixels.  mean = sums / count; variance = squares / count - mean ** 2.
    sums, squares : int64, shape (channels,)
        Exact: 64 bits hold the squares of 2,147 megapixels of 16 bits.
    """
    expect_image(image, LEVELS, channels=BANDS)
    channels = image.shape[2]
    if image.dtype == np.uint8 and GROUP % channels == 0:
        totals = np.zeros((2, channels), np.int64)
        _byte_sums(for_reading(image).reshape(-1), np.empty(2 * GROUP, np.int32), totals)
        return image.shape[0] * image.shape[1], totals[0], totals[1]
    wide = np.uint32 if image.dtype == np.uint8 else np.uint64
    sums, squares = np.zeros((2, _period(channels)), np.int64)
    _sums(for_reading(image).reshape(-1), np.zeros((2, sums.size), wide), sums, squares)
    folded = (values.reshape(-1, channels).sum(axis=0) for values in (sums, squares))
    return image.shape[0] * image.shape[1], *folded


@kernel
def _sums(source: Array, part: Array, sums: Array, squares: Array) -> None:
    size = sums.size
    first, second = part[0], part[1]
    for block in range(0, source.size, BLOCK * size):
        part[:] = 0
        for start in range(block, min(block + BLOCK * size, source.size), size):
            # a slice: an index from 0 needs no test for its sign (2.8 ms became 0.6)
            levels = source[start : start + size]
            for j in range(levels.size):
                level = part.dtype.type(levels[j])
                first[j] += level
                second[j] += level * level
        for j in range(size):
            sums[j] += np.int64(first[j])
            squares[j] += np.int64(second[j])


@kernel
def _byte_sums(source: Array, part: Array, totals: Array) -> None:
    channels = totals.shape[1]
    whole = source.size - source.size % GROUP
    for block in range(0, whole, BLOCK * GROUP):
        _block_sums(source, block, min(block + BLOCK * GROUP, whole), part)
        for j in range(GROUP):
            totals[0, j % channels] += np.int64(np.uint32(part[j]))
            totals[1, j % channels] += np.int64(np.uint32(part[GROUP + j]))
    for i in range(whole, source.size):
        level = np.int64(source[i])
        totals[0, i % channels] += level
        totals[1, i % channels] += level * level


@kernel
def _block_sums(source: Array, start: int, stop: int, part: Array) -> None:
    """The sums and the squares of every 48th level; the squares of a block fill 32 bits."""
    zero = splat(np.int32(0))
    a, b, c, p, q, r = zero, zero, zero, zero, zero, zero
    for i in range(start, stop, GROUP):
        a, p = add_levels(source, i, a), add_squares(source, i, p)
        b, q = add_levels(source, i + 16, b), add_squares(source, i + 16, q)
        c, r = add_levels(source, i + 32, c), add_squares(source, i + 32, r)
    store_all(part, 0, (a, b, c, p, q, r))
