"""Grayscale: how light a colour is to the eye, red, green and blue weighed as in ITU-R BT.601.

L = 0.299 R + 0.587 G + 0.114 B, in Pillow's arithmetic: weights in 65,536ths, and half a level more
before it is cut.  For 8 bits every sum stays below 2**24 of them, so that float32 holds it exactly.
"""

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels._rgba import put, put_rest, rest_of, take
from pixelmill_kernels.simd import LANES, floor, fma, splat, store

__all__ = ["grayscale"]

# Pillow, src/libImaging/Convert.c, L24
RED, GREEN, BLUE = (np.float32(weight / 65536) for weight in (19595, 38470, 7471))
HALF = np.float32(0.5)
FLUSH = 1 << 16  # sums of so many grays of 255 are whole numbers below 2**24, exact in float32


def grayscale(image: Array, channels: int = 1, out: Array | None = None) -> Array:
    """Take the colour out of an image; gray stays what it is.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        Gray, RGB or RGBA, full range, C-contiguous.
    channels : 1 or 3
        1: one channel, alpha left out.  3: red, green and blue all become the gray, and alpha
        stays where there is one.
    out : array of the image's dtype, shape (height, width, 1 or 3 or 4), optional

    Returns
    -------
    array of the image's dtype, shape (height, width, 1 or 3 or 4)
        uint8: what Pillow's `convert("L")` gives, bit for bit.  uint16: within one level of the
        formula in float64, rounded.
    """
    expect_image(image, LEVELS)
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, got {channels}")
    count = max(channels, image.shape[2]) if channels == 3 else 1
    out = expect_out(out, (*image.shape[:2], count), image.dtype, image)
    if image.shape[2] == count == 1:
        out[:] = image
    else:
        _grayscale(for_reading(image).reshape(-1), out.reshape(-1), image.shape[2], count)
    return out


def _mean_gray(image: Array) -> int:
    """The mean of an image's grays, rounded half up: what contrast is measured from."""
    height, width, channels = image.shape
    return _mean_of(_gray_sum(for_reading(image).reshape(-1), channels), height * width)


def _mean_of(total: int, pixels: int) -> int:
    return int(total / pixels + 0.5)


@piece
def _light_of(red: Untyped, green: Untyped, blue: Untyped) -> Untyped:
    """The gray of 16 pixels, which a store cuts to whole levels."""
    return fma(BLUE, blue, fma(GREEN, green, fma(RED, red, HALF)))


@piece
def _gray_of(red: Untyped, green: Untyped, blue: Untyped) -> Untyped:
    """The gray of 16 pixels, to be computed with."""
    return floor(_light_of(red, green, blue))


@kernel
def _grayscale(source: Array, target: Array, channels: int, count: int) -> None:
    pixels = source.size // channels
    if pixels < LANES:
        ends = np.empty(LANES * count, target.dtype)
        _sixteen(rest_of(source, 0, channels), ends, 0, channels, count)
        put_rest(ends, target, 0, count)
        return
    for i in range(0, pixels, LANES):  # the last overlap those before them, which stay the same
        _sixteen(source, target, min(i, pixels - LANES), channels, count)


@piece
def _sixteen(source: Array, target: Array, i: int, channels: int, count: int) -> None:
    red, green, blue, alpha = take(source, i, channels)
    gray = _light_of(red, green, blue)
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
            grays = grays + _gray_of(red, green, blue)
        total += _total(grays)
    if whole < pixels:  # the room that is left over is black, and adds nothing
        red, green, blue, _ = take(rest_of(source, whole, channels), 0, channels)
        total += _total(_gray_of(red, green, blue))
    return total


@kernel
def _total(grays: Untyped) -> int:
    """The sum of 16 whole numbers."""
    lanes = np.empty(LANES, np.float32)
    store(lanes, 0, grays)
    total = 0
    for lane in lanes:
        total += int(lane)
    return total
