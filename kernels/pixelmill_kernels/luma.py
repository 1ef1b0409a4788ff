"""Luma: how light a colour is to the eye, as one gray level.

L = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), in Pillow's arithmetic: weights in 65,536ths.  For 8
bits every sum stays below 2**24, so that float32 holds it exactly and the level is Pillow's own.
"""

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.simd import LANES, channels_of, fma, splat, store

# Pillow, src/libImaging/Convert.c, L24
RED, GREEN, BLUE = (np.float32(weight / 65536) for weight in (19595, 38470, 7471))
HALF = np.float32(0.5)

_load_rgb = channels_of(3)
_load_rgba = channels_of(4)


def luma(image: Array, out: Array | None = None) -> Array:
    """Gray levels of a colour image; alpha is left aside, and gray stays what it is.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.
    out : array of the image's dtype, shape (height, width, 1), optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    array of the image's dtype, shape (height, width, 1)
        uint8: what Pillow's `convert("L")` gives, bit for bit.  uint16: within one level of the
        formula in float64, rounded.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype or layout other than the above.
    """
    expect_image(image, LEVELS)
    height, width, channels = image.shape
    out = expect_out(out, (height, width, 1), image.dtype, image)
    if channels == 1:
        out[:] = image
    else:
        rest = np.zeros(LANES * channels, image.dtype)
        _luma(for_reading(image).reshape(-1), channels, out.reshape(-1), rest)
    return out


@kernel
def _luma(source: Array, channels: int, target: Array, rest: Array) -> None:
    """All of `target`, 16 pixels at a time; `rest` holds what is less than 16 pixels.

    The last 16 overlap those before them: they are computed again, to the same levels.
    """
    count = target.size
    if count >= LANES:
        for i in range(0, count - LANES + 1, LANES):
            _sixteen(source, i, channels, target, i)
        _sixteen(source, count - LANES, channels, target, count - LANES)
        return
    for i in range(count * channels):
        rest[i] = source[i]
    levels = np.empty(LANES, source.dtype)
    _sixteen(rest, 0, channels, levels, 0)
    for i in range(count):
        target[i] = levels[i]


@piece
def _sixteen(source: Array, pixel: int, channels: int, target: Array, to: int) -> None:
    if channels == 3:
        red, green, blue = _load_rgb(source, 3 * pixel)
    else:
        red, green, blue, _ = _load_rgba(source, 4 * pixel)
    total = fma(splat(RED), red, splat(HALF))
    total = fma(splat(GREEN), green, total)
    store(target, to, fma(splat(BLUE), blue, total))
