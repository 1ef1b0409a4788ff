"""Resize: separable, antialiased, as Pillow defines it and several times faster.

Every level is within one of the formula in float64, rounded.  Pillow rounds to whole levels between
its two passes, so that it may differ by a few.
"""

import numpy as np

from pixelmill_kernels import filters
from pixelmill_kernels._check import (
    Array,
    Number,
    expect_choice,
    expect_image,
    expect_out,
    for_reading,
    rectangle,
)
from pixelmill_kernels._jit import kernel
from pixelmill_kernels._separable import _separable

FILTERS = filters.NAMES
FIXED = 32  # taps up to which int16 stays within 0.6 of a level of the formula at worst


def resize(
    image: Array,
    size: tuple[int, int],
    filter: str = "bicubic",
    *,
    crop: tuple[int, int, int, int] | None = None,
    window: tuple[int, int, int, int] | None = None,
    antialias: bool = True,
    out: Array | None = None,
) -> Array:
    """Scale an image, or a rectangle of it, to a size.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Alpha is scaled like a colour.
    size : (height, width)
        Of the whole output, in pixels.
    filter : str
        "nearest", "box", "bilinear", "hamming", "bicubic" (a = -0.5) or "lanczos" (Lanczos-3).
    crop : (top, left, height, width), optional
        The rectangle of `image` that is scaled, as if it were cut out first: nothing outside it
        is read.
    window : (top, left, height, width), optional
        The rectangle of the output that is computed: the same bytes as
        `resize(...)[top : top + height, left : left + width]`, for less work.
    antialias : bool
        Stretch the filter when reducing.  Without it a reduction skips source pixels.
    out : array, optional
        Of the result's shape and dtype, C-contiguous, apart from `image`.  Written in full.

    Returns
    -------
    array of the image's dtype, shape (height, width, channels) of `window`, or else of `size`
        uint8 and uint16: rounded to the nearest level and clamped to the full range.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout, size, rectangle or filter other than the above.

    References
    ----------
    Pillow, src/libImaging/Resample.c.
    """
    expect_image(image)
    expect_choice(filter, FILTERS, "filter")
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"size (height, width) must be 1 x 1 or more, got {height} x {width}")
    top, left, rows, columns = rectangle(crop, image.shape[:2], "crop")
    y, x, tall, wide = rectangle(window, (height, width), "window")
    out = expect_out(out, (tall, wide, image.shape[2]), image.dtype, image)
    if (rows, columns) == (height, width):
        out[:] = image[top + y : top + y + tall, left + x : left + x + wide]
    elif filter == "nearest":
        ys = filters.nearest(rows, height)[y : y + tall]
        xs = filters.nearest(columns, width)[x : x + wide]
        _pick(for_reading(image), out, top, left, ys, xs)
    else:
        down, across = (
            filters.table(n_in, n_out, filter, antialias)
            for n_in, n_out in ((rows, height), (columns, width))
        )
        _scale(for_reading(image), out, (top, left), (y, x), down, across)
    return out


def _scale(
    image: Array,
    out: Array,
    origin: tuple[int, int],
    corner: tuple[int, int],
    down: filters.Table,
    across: filters.Table,
) -> None:
    """Choose the numbers to compute in."""
    height, width, channels = out.shape
    places = width * channels, channels, 1
    # Eight registers of AVX2 hide how long an fma takes: 4 x 16 floats, or 4 x 32 int16.
    if image.dtype == np.uint8 and max(down.taps, across.taps) <= FIXED:
        bits = 6 - (down.one < 32768) - (across.one < 32768)
        # Half a level, and what cutting the products off takes away on average: half a unit a tap.
        nothings = (np.int16(down.taps // 2),) * 4
        halves = (np.int16((128 << bits) + (1 << bits) // 2 + across.taps // 2),) * channels
        _separable(image.reshape(image.size) if 0 else image, out.reshape(out.size), (height, width), origin, corner, (down.whole, down.first),
                   (across.whole, across.first), nothings, halves, bits, None, None, places, False)  # fmt: skip
    else:
        half = np.float32(0 if image.dtype == np.float32 else 0.5)
        nothings = (np.float32(0),) * 4
        _separable(image, out.reshape(out.size), (height, width), origin, corner, (down.weights, down.first),
                   (across.weights, across.first), nothings, (half,) * channels, 0, None, None, places, False)  # fmt: skip


@kernel
def _pick(source: Array, target: Array, top: int, left: int, down: Array, across: Array) -> None:
    height, width, channels = target.shape
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                target[y, x, c] = source[top + down[y], left + across[x], c]
