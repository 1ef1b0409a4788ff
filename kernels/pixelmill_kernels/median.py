"""Median filter: takes salt and pepper away and keeps edges.

The medians of 64 squares are found at once, by networks of exchanges.  Of squares of five, each
column is sorted once for all five squares that share it; of three, that costs more than it saves.
"""

import numpy as np

from pixelmill_kernels import _networks
from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._networks import (
    sort_columns,
    store_median,
    store_middle,
    store_two_medians,
)

__all__ = ["median"]

LANES = _networks.LEVELS


def median(image: Array, size: int = 3, out: Array | None = None) -> Array:
    """Replace each level by the median of the size x size levels around it, channel by channel.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.
    size : 3 or 5
        Side of the neighbourhood in pixels.  At a border the nearest pixel is repeated.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    if size not in (3, 5):
        raise ValueError(f"size must be 3 or 5, got {size}")
    out = expect_out(out, image.shape, image.dtype, image)
    width, least = image.shape[1], LANES + 2  # a vector, and a pixel on each side of it
    if width < least:  # widened as its border is
        wide = np.pad(image, ((0, 0), (0, least - width), (0, 0)), "edge")
        out[:] = median(wide, size)[:, :width]
    elif size == 3 and image.shape[0] == 1:  # as its border is
        out[:] = median(np.repeat(image, 2, axis=0), size)[:1]
    elif size == 3:
        _median_3(for_reading(image), out)
    else:
        _median_5(for_reading(image), out)
    return out


@kernel
def _median_3(source: Array, target: Array) -> None:
    height, width, channels = source.shape
    wide = width * channels
    image, out = source.reshape(source.size), target.reshape(target.size)
    last = wide - channels - LANES
    for y in range(0, height, 2):
        y = min(y, height - 2)  # the last two rows may overlap those before them, as vectors do
        above, below = max(y - 1, 0) * wide, min(y + 2, height - 1) * wide
        begin, under = y * wide, y * wide + wide
        for i in range(channels, wide - channels, LANES):
            i = min(i, last)
            j = i - channels
            rows = (above + j, begin + j, under + j, below + j)
            store_two_medians(image, rows, channels, out, (begin + i, under + i))
    _outermost(source, target)


@kernel
def _outermost(source: Array, target: Array) -> None:
    """The first and the last column: both with their neighbours in one narrow image, all at once.

    What a vector computes across the seams of that image is not used.
    """
    height, width, channels = source.shape
    pitch = 6 * channels
    size = height * pitch
    narrow = np.zeros(size + 2 * pitch + 2 * channels + LANES, source.dtype)
    medians = np.empty(size + LANES, source.dtype)
    for r in range(height + 2):
        y = min(max(r - 1, 0), height - 1)
        for c in range(channels):
            i = r * pitch + c
            narrow[i] = narrow[i + channels] = source[y, 0, c]
            narrow[i + 2 * channels] = source[y, 1, c]
            narrow[i + 3 * channels] = source[y, width - 2, c]
            narrow[i + 4 * channels] = narrow[i + 5 * channels] = source[y, width - 1, c]
    for i in range(0, size, LANES):
        store_median(narrow, (i, i + pitch, i + 2 * pitch), channels, medians, i)
    for y in range(height):
        for c in range(channels):
            target[y, 0, c] = medians[y * pitch + c]
            target[y, width - 1, c] = medians[y * pitch + 3 * channels + c]


@kernel
def _median_5(source: Array, target: Array) -> None:
    height, width, channels = source.shape
    wide, edge = width * channels, 2 * channels
    pitch = wide + 2 * edge
    columns = np.empty(5 * pitch, source.dtype)
    image, out = source.reshape(source.size), target.reshape(target.size)
    for y in range(height):
        for i in range(0, wide, LANES):
            i = min(i, wide - LANES)
            sort_columns(image, _rows_around(y, height, wide, i), columns[edge + i :], pitch)
        _repeat_ends(columns, pitch, edge, channels)
        for i in range(0, wide, LANES):
            i = min(i, wide - LANES)
            rows = (i, i + pitch, i + 2 * pitch, i + 3 * pitch, i + 4 * pitch)
            store_middle(columns, rows, channels, out, y * wide + i)


@piece
def _rows_around(y: int, height: int, wide: int, i: int) -> tuple[int, int, int, int, int]:
    last = height - 1
    return (
        max(y - 2, 0) * wide + i,
        max(y - 1, 0) * wide + i,
        y * wide + i,
        min(y + 1, last) * wide + i,
        min(y + 2, last) * wide + i,
    )


@piece
def _repeat_ends(columns: Array, pitch: int, edge: int, channels: int) -> None:
    for begin in range(0, 5 * pitch, pitch):
        line = columns[begin : begin + pitch]
        for i in range(edge):
            line[i] = line[edge + i % channels]
            line[pitch - edge + i] = line[pitch - edge - channels + i % channels]
