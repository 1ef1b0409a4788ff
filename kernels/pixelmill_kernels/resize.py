"""Resize: separable, antialiased, as Pillow defines it and several times faster.

Every level is within one of the formula in float64, rounded.  Pillow rounds to whole levels between
its two passes, so that it may differ by a few.
"""

import math
from typing import NamedTuple

import numpy as np

from pixelmill_kernels import filters
from pixelmill_kernels._check import (
    BANDS,
    COLOURS,
    Array,
    Number,
    expect_choice,
    expect_image,
    expect_out,
    for_reading,
    rectangle,
)
from pixelmill_kernels._halving import _means, _means_of_bands
from pixelmill_kernels._jit import kernel
from pixelmill_kernels._separable import _separable
from pixelmill_kernels.geometry import flip

__all__ = ["resize"]

FILTERS = filters.NAMES
MOST = 4  # channels that are summed across together: eight registers of AVX2
FIXED = 72  # taps up to which int16 stays within 0.9 of a level of the formula at worst

Rectangle = tuple[int, int, int, int]


def resize(
    image: Array,
    size: tuple[int, int],
    filter: str = "bicubic",
    *,
    crop: Rectangle | None = None,
    window: Rectangle | None = None,
    antialias: bool = True,
    mirror: bool = False,
    out: Array | None = None,
) -> Array:
    """Scale an image, or a rectangle of it, to a size.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous, from 1 x 1 up.  Every channel is scaled alone, alpha too.
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
    mirror : bool
        Swap left and right of what `window` leaves, which costs nothing here.
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
    expect_image(image, channels=BANDS)
    crop, window = checked(image, size, filter, crop, window)
    top, left, rows, columns = crop
    y, x, tall, wide = window
    channels = image.shape[2]
    out = expect_out(out, (tall, wide, channels), image.dtype, image)
    if (rows, columns) == tuple(size):
        part = image[top + y : top + y + tall, left + x : left + x + wide]
        out[:] = flip(np.ascontiguousarray(part)) if mirror else part
    elif (factor := whole_factor(image, crop, size, filter, antialias)) > 1:
        shrink(image, crop, window, factor, out)
        if mirror:
            out[:] = flip(out)
    elif filter == "nearest":
        ys = filters.nearest(rows, size[0])[y : y + tall]
        xs = filters.nearest(columns, size[1])[x : x + wide]
        xs = np.ascontiguousarray(xs[::-1]) if mirror else xs
        _pick(for_reading(image), out, top, left, for_reading(ys), for_reading(xs))
    else:
        sink = Sink(out.reshape(-1), (wide * channels, channels, 1), mirrored=mirror)
        scale(image, crop, size, window, filter, antialias, sink)
    return out


def checked(
    image: Array,
    size: tuple[int, int],
    filter: str,
    crop: Rectangle | None,
    window: Rectangle | None,
) -> tuple[Rectangle, Rectangle]:
    """`crop` and `window` in full; raise unless they, the size and the filter can be used."""
    expect_choice(filter, FILTERS, "filter")
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"size (height, width) must be 1 x 1 or more, got {height} x {width}")
    return rectangle(crop, image.shape[:2], "crop"), rectangle(window, (height, width), "window")


def whole_factor(
    image: Array, crop: Rectangle, size: tuple[int, int], filter: str, antialias: bool
) -> int:
    """2, 4 or 8 where the box filter takes exact means of so many rows and columns, or else 1."""
    factor = crop[2] // size[0]
    exact = crop[2:] == (size[0] * factor, size[1] * factor)
    means = exact and filter == "box" and antialias and image.dtype != np.float32
    return factor if means and factor in (2, 4, 8) else 1


def shrink(image: Array, crop: Rectangle, window: Rectangle, factor: int, out: Array) -> None:
    """Fill `out` with the means of factor x factor levels each; nothing is checked."""
    pitch, channels = image.shape[1] * image.shape[2], image.shape[2]
    origin = crop[0] + window[0] * factor, crop[1] + window[1] * factor
    if channels not in COLOURS:
        _means_of_bands(for_reading(image), out, origin, factor)
        return
    rows = tuple(row * pitch for row in range(factor))
    sums = np.empty(0, np.uint16 if image.dtype == np.uint8 else np.uint32)
    _means(for_reading(image), out, origin, rows, (0,), (0,) * channels, sums)


class Sink(NamedTuple):
    """Where the levels go: a flat array, and how far rows, pixels and channels lie apart in it.

    With `gain` and `bias`, float32 for each of 16 pixels' elements, they become floats on the way.
    """

    array: Array
    places: tuple[int, int, int]
    gain: Array | None = None
    bias: Array | None = None
    mirrored: bool = False


def scale(
    image: Array,
    crop: Rectangle,
    size: tuple[int, int],
    window: Rectangle,
    filter: str,
    antialias: bool,
    sink: Sink,
) -> None:
    """Choose the numbers to compute in, and resample; nothing is checked."""
    down = filters.table(crop[2], size[0], filter, antialias)
    across = filters.table(crop[3], size[1], filter, antialias)
    few, channels = max(down.taps, across.taps) <= FIXED, image.shape[2]
    # A sum for each vector of a strip: eight registers of AVX2 are more than its latency needs,
    # and as many are left; an fma takes longer, and has twelve.
    if image.dtype == np.uint8 and few:
        tables = (down.whole, down.first), (across.whole, across.first)
        shifts = _shifts(down, across)
        nothing: Number = np.int16(down.taps // 2)  # half a unit a tap: see `_separable`
        half: Number = np.int16((1 << shifts[1]) // 2 + across.taps // 2)
        sums = 4
    else:
        tables = (down.weights, down.first), (across.weights, across.first)
        shifts, nothing, sums = (0, 0), np.float32(0), 6
        half = np.float32(0 if image.dtype == np.float32 else 0.5)
    _separable(
        for_reading(image), sink.array, window[2:], crop[:2], window[:2], *tables,
        (nothing,) * sums, (half,) * min(channels, MOST), shifts, sink.gain, sink.bias, sink.places,
        sink.mirrored, channels if channels > MOST else None,
    )  # fmt: skip


def _shifts(down: filters.Table, across: filters.Table) -> tuple[int, int]:
    """How many bits below a level int16 keeps, going in and at the end: as many as fit.

    Of a product with a weight in units of 2 ** -bits the upper 16 bits are kept.  Between the
    passes and at the end there are 128 levels on each side of the middle, times what the filters
    overshoot, and 64 units that are added.
    """
    lost, lost_twice = 16 - down.bits, 32 - down.bits - across.bits
    into = min(8, _room(down.reach) + lost, _room(down.reach * across.reach) + lost_twice)
    return into, into - lost_twice


def _room(reach: float) -> int:
    """The largest n with 128 * reach * 2 ** n <= 32767 - 64, without a logarithm's rounding."""
    return math.frexp((32767 - 64) / (128 * reach))[1] - 1


@kernel
def _pick(source: Array, target: Array, top: int, left: int, down: Array, across: Array) -> None:
    height, width, channels = target.shape
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                target[y, x, c] = source[top + down[y], left + across[x], c]
