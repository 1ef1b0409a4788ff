"""Sharpness: a mixture of an image with its blur, PIL.ImageEnhance.Sharpness byte for byte."""

import numpy as np

from pixelmill_kernels._check import Array, expect_bytes, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels.blend import PERIOD, _blended, _factor_of
from pixelmill_kernels.simd import LANES, floor, load, store

__all__ = ["sharpness"]


def sharpness(image: Array, factor: float, out: Array | None = None) -> Array:
    """Blend an image with its blur: out = blur + factor * (image - blur), cut and clamped.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    factor : float
        0 or more: 0 is the blur, PIL.ImageFilter.SMOOTH, a mean of 3 x 3 pixels of which the
        middle one counts five times; 1 changes nothing; 2 is as much sharper as that is softer.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
        The outermost pixels, which lack neighbours, stay as they are.
    """
    expect_bytes(image)
    out = expect_out(out, image.shape, image.dtype, image)
    factors = np.full(PERIOD + LANES, _factor_of(factor))  # begun anywhere, 16 are there
    height, width, channels = image.shape
    if channels == 4:
        factors[3::4] = 1  # which leaves alpha as it is
    if min(height, width) > 2:
        source = for_reading(image).reshape(-1)
        _sharpness(source, width * channels, channels, factors, out.reshape(-1))
        out[:, [0, -1]] = image[:, [0, -1]]
        out[[0, -1]] = image[[0, -1]]
    else:
        out[:] = image
    return out


@kernel
def _sharpness(source: Array, pitch: int, step: int, factors: Array, target: Array) -> None:
    """All pixels that have a pixel before and behind them in memory, row ends or not."""
    reach = pitch + step
    stop = source.size - reach
    whole = reach + (stop - reach) // LANES * LANES
    for i in range(reach, whole, LANES):
        store(target, i, _sharpened(source, i, pitch, step, load(factors, i % PERIOD)))
    if whole < stop:
        room, ends = np.zeros(2 * reach + LANES, source.dtype), np.empty(LANES, source.dtype)
        for i in range(whole - reach, source.size):
            room[i - whole + reach] = source[i]
        store(ends, 0, _sharpened(room, reach, pitch, step, load(factors, whole % PERIOD)))
        for i in range(whole, stop):
            target[i] = ends[i - whole]


@piece
def _sharpened(source: Array, i: int, pitch: int, step: int, factor: Untyped) -> Untyped:
    middle = load(source, i)
    around = load(source, i - step) + load(source, i + step)
    for row in (i - pitch, i + pitch):
        around = around + load(source, row - step) + load(source, row) + load(source, row + step)
    # A thirteenth is never half a level: whichever way it is divided, it rounds the same.
    blur = floor((around + 5.0 * middle) / 13.0 + 0.5)
    return _blended(blur, factor, middle)
