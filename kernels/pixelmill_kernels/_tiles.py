"""Tiles: a rectangle of an image with its surroundings, as float32 planes that fit the cache.

Filters that look far around each pixel work tile by tile: what they need of memory does not grow
with the image.  Beyond a border the image is mirrored, the outermost pixel not repeated (OpenCV's
BORDER_REFLECT_101), as often as a small image needs it.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.simd import (
    LANES,
    halves_up,
    load,
    load_pixels,
    splat,
    store,
    store_pixels,
    store_planes,
)


@kernel
def load_tile(
    image: Array, top: int, left: int, planes: Array, nothing: tuple[Number, ...]
) -> None:
    """Fill `planes` (channels, rows, columns) from the pixel (top, left) on, which may be outside.

    `nothing` has one float32 for each channel.
    """
    height, width, channels = image.shape
    rows, columns = planes.shape[1:]
    flat, loose = image.reshape(image.size), planes.reshape(planes.size)
    begin, end = max(0, -left), min(columns, width - left)
    for r in range(rows):
        y = mirrored(top + r, height)
        for x in range(begin):
            _copy_pixel(image, y, mirrored(left + x, width), planes, r, x)
        done = begin
        while done + LANES <= end:
            pixels = load_pixels(flat, (y * width + left + done) * channels, nothing)
            store_planes(loose, r * columns + done, rows * columns, pixels)
            done += LANES
        for x in range(done, columns):
            _copy_pixel(image, y, mirrored(left + x, width), planes, r, x)


@piece
def _copy_pixel(image: Array, y: int, x: int, planes: Array, r: int, i: int) -> None:
    for c in range(image.shape[2]):
        planes[c, r, i] = image[y, x, c]


@kernel
def mirrored(i: int, count: int) -> int:
    """The index within 0..count-1 that `i` is a mirror image of."""
    if 0 <= i < count:
        return i
    period = max(2 * (count - 1), 1)
    i = abs(i) % period
    return min(i, period - i) if count > 1 else 0


@piece
def store_row(
    flat: Array, y: int, x: int, width: int, values: tuple[Array, ...], edge: Array
) -> None:
    """Write sixteen pixels at (y, x), or as many as there are to the right border.

    `flat` is the image in one dimension (to make it so takes Numba longer than all of this), and
    `edge` has room for sixteen of its pixels.
    """
    channels = len(values)
    begin = (y * width + x) * channels
    levels = halves_up(values, flat)
    if x + LANES <= width:
        store_pixels(flat, begin, levels)
        return
    store_pixels(edge, 0, levels)
    for i in range((width - x) * channels):
        flat[begin + i] = edge[i]


@piece
def store_levels(row: Array, half: Number, whole: Array, line: Array) -> None:
    """Write a row of float32, which begins at LANES, into a line of the image.

    `half` a level rounds whole levels; `whole` has room for a row of them and a vector more.
    """
    for i in range(0, line.size, LANES):
        store(whole, i, load(row, LANES + i) + splat(half))
    for i in range(line.size):
        line[i] = whole[i]


@piece
def aligned(count: int) -> Array:
    """Room for float32 numbers that begins on a cache line: no vector straddles two of them."""
    room = np.empty(count + 16, np.float32)
    skip = (-room.ctypes.data % 64) // 4
    return room[skip : skip + count]
