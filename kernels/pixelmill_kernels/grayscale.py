"""Grayscale: how light a colour is, red, green and blue weighed as in ITU-R BT.601.

gray = (19595 R + 38470 G + 7471 B + 32768) // 65536, which is Pillow's convert("L").
"""

import numpy as np

from pixelmill_kernels._arithmetic import floor
from pixelmill_kernels._check import Array, expect_bytes, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels._pixels import put, put_rest, rest_of, take
from pixelmill_kernels.simd import LANES, splat, store

FLUSH = 1 << 16  # sums of so many grays of 255 are whole numbers below 2**24, exact in float32


def grayscale(image: Array, channels: int = 1, out: Array | None = None) -> Array:
    """Take the colour out of an image.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.
    channels : 1 or 3
        1: one channel, alpha left out.  3: red, green and blue all become the gray, and alpha
        stays where there is one.
    out : uint8, shape (height, width, 1 or 3 or 4), optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    uint8, shape (height, width, 1 or 3 or 4), 0..255

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout or number of channels other than the above.
    """
    expect_bytes(image)
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, got {channels}")
    count = max(channels, image.shape[2]) if channels == 3 else 1
    out = expect_out(out, (*image.shape[:2], count), np.uint8, image)
    _grayscale(for_reading(image).reshape(-1), out.reshape(-1), image.shape[2], count)
    return out


def mean_gray(image: Array) -> int:
    """The mean of an image's grays, rounded half up: what contrast is measured from."""
    height, width, channels = image.shape
    return mean_of(_gray_sum(for_reading(image).reshape(-1), channels), height * width)


def mean_of(total: int, pixels: int) -> int:
    return int(total / pixels + 0.5)


@piece
def gray_of(red: Untyped, green: Untyped, blue: Untyped) -> Untyped:
    """The gray of 16 pixels.  The sum is a whole number below 2**24: float32 holds it exactly."""
    return floor((19595.0 * red + 38470.0 * green + 7471.0 * blue + 32768.0) * (1 / 65536))


@kernel
def _grayscale(source: Array, target: Array, channels: int, count: int) -> None:
    pixels = source.size // channels
    whole = pixels // LANES * LANES
    for i in range(0, whole, LANES):
        _sixteen(source, target, i, channels, count)
    if whole < pixels:
        room = rest_of(source, whole, channels)
        ends = np.empty(LANES * count, target.dtype)
        _sixteen(room, ends, 0, channels, count)
        put_rest(ends, target, whole, count)


@piece
def _sixteen(source: Array, target: Array, i: int, channels: int, count: int) -> None:
    red, green, blue, alpha = take(source, i, channels)
    gray = gray_of(red, green, blue)
    put(target, i, count, (gray, gray, gray, alpha))


@kernel
def _gray_sum(source: Array, channels: int) -> int:
    pixels = source.size // channels
    whole = pixels // LANES * LANES
    total = 0
    for start in range(0, whole, FLUSH * LANES):
        grays = splat(np.float32(0))
        for i in range(start, min(start + FLUSH * LANES, whole), LANES):
            red, green, blue, _ = take(source, i, channels)
            grays = grays + gray_of(red, green, blue)
        total += sum_of(grays)
    if whole < pixels:  # the room that is left over is black, and adds nothing
        red, green, blue, _ = take(rest_of(source, whole, channels), 0, channels)
        total += sum_of(gray_of(red, green, blue))
    return total


@kernel
def sum_of(grays: Untyped) -> int:
    """The sum of 16 whole numbers."""
    lanes = np.empty(LANES, np.float32)
    store(lanes, 0, grays)
    total = 0
    for lane in lanes:
        total += int(lane)
    return total
