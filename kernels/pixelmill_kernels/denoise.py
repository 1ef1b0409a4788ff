"""Denoise: the median of a square neighbourhood, which takes salt and pepper away and keeps edges.

The neighbours of 32 levels at once are loaded as 9 or 25 vectors and go through a network of
exchanges (minimum to the first place, maximum to the second) that leaves the median in the middle.
"""

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.simd import network

LANES = 32

# Smith, "Implementing median filters in XC4000E FPGAs", 1996: the fewest exchanges for nine.
MEDIAN_OF_9 = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3)),
    *((5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)


def odd_even_merge_sort(count: int) -> list[tuple[int, int]]:
    """The exchanges that sort `count` values (Batcher 1968)."""
    pairs = []
    size = 1
    while size < count:
        step = size
        while step:
            for start in range(step % size, count - step, 2 * step):
                for i in range(start, min(start + step, count - step)):
                    if i // (2 * size) == (i + step) // (2 * size):
                        pairs.append((i, i + step))
            step //= 2
        size *= 2
    return pairs


_store_median_9 = network(MEDIAN_OF_9, 3, LANES)
_store_median_25 = network(odd_even_merge_sort(25), 5, LANES)


def median(image: Array, size: int = 3, out: Array | None = None) -> Array:
    """Replace each level by the median of the size x size levels around it, channel by channel.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.
    size : 3 or 5
        Side of the neighbourhood in pixels.  At a border the nearest pixel is repeated.
    out : array of the image's shape and dtype, optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    array of the image's shape and dtype

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout or size other than the above.
    """
    expect_image(image, LEVELS)
    if size not in (3, 5):
        raise ValueError(f"size must be 3 or 5, got {size}")
    out = expect_out(out, image.shape, image.dtype, image)
    if size == 3:
        _median_3(for_reading(image), out)
    else:
        _median_5(for_reading(image), out)
    return out


@kernel
def _median_3(source: Array, target: Array) -> None:
    height, width, channels = source.shape
    wide = width * channels
    ring = np.zeros((3, wide + 2 * channels + LANES), source.dtype)
    pitch = ring.shape[1]
    row = np.empty(pitch, source.dtype)
    image, out = source.reshape(source.size), target.reshape(target.size)
    for y in range(-1, 1):
        _extend(image, y, height, wide, channels, ring[y % 3], 1)
    for y in range(height):
        _extend(image, y + 1, height, wide, channels, ring[(y + 1) % 3], 1)
        for i in range(0, wide, LANES):
            rows = (i, i + pitch, i + 2 * pitch)  # in any order: only the middle is asked for
            _store_median_9(ring, rows, channels, row, i)
        _copy(row[:wide], out[y * wide : (y + 1) * wide])


@kernel
def _median_5(source: Array, target: Array) -> None:
    height, width, channels = source.shape
    wide = width * channels
    ring = np.zeros((5, wide + 4 * channels + LANES), source.dtype)
    pitch = ring.shape[1]
    row = np.empty(pitch, source.dtype)
    image, out = source.reshape(source.size), target.reshape(target.size)
    for y in range(-2, 2):
        _extend(image, y, height, wide, channels, ring[y % 5], 2)
    for y in range(height):
        _extend(image, y + 2, height, wide, channels, ring[(y + 2) % 5], 2)
        for i in range(0, wide, LANES):
            rows = (i, i + pitch, i + 2 * pitch, i + 3 * pitch, i + 4 * pitch)
            _store_median_25(ring, rows, channels, row, i)
        _copy(row[:wide], out[y * wide : (y + 1) * wide])


@kernel
def _extend(
    image: Array, y: int, height: int, wide: int, channels: int, row: Array, border: int
) -> None:
    """Copy the image's row nearest to `y`, its first and last pixel repeated `border` times."""
    begin = min(max(y, 0), height - 1) * wide
    edge = border * channels
    end = edge + wide
    _copy(image[begin : begin + wide], row[edge:end])
    for i in range(edge):
        row[i] = row[edge + i % channels]
        row[end + i] = row[end - channels + i % channels]


@kernel
def _copy(source: Array, target: Array) -> None:
    # Slices come here: an index that starts at 0 needs no test for its sign, and only without it
    # does LLVM move 32 bytes at once.
    for i in range(source.size):
        target[i] = source[i]
