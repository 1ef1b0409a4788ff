"""Blur by motion: the mean along a line, which is what a camera sees that moves."""

import math

import numpy as np

from pixelmill_kernels._check import Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel
from pixelmill_kernels._storing import settle_all
from pixelmill_kernels.filters import _sine
from pixelmill_kernels.simd import lanes_of, splat, splat_at, weigh_all, widen_all

__all__ = ["line", "motion_blur"]

LONGEST = 255  # pixels: a ring of as many rows of 4,000 RGB pixels takes 12 MB
SMALLEST = 2.0**-24  # weight: what float32 does not notice beside the others

# Of 8 bits levels are summed as int16, in 1/256 of a level: twice as fast as float32.  Each pixel
# under the line is cut to such a part, so that a sum errs by up to 1/512 for each, and half as much
# for its rounded weight: with 32 of them by less than a tenth of a level.
SHIFT = 8
MOST = 32

_f32: Untyped = np.float32


def motion_blur(image: Array, length: float, angle: float, out: Array | None = None) -> Array:
    """Move the image along a line while the shutter is open.

    Each level becomes the mean of those under a line through its middle (see `line`), rounded to
    whole levels; of uint8 within 0.6 of a level.  At a border the nearest pixel is repeated.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  All of them are blurred.
    length : float
        In pixels, 1 (nothing happens) to `LONGEST`.
    angle : float
        Of the line, in degrees counter-clockwise from the horizontal.
    out : array of the image's shape and dtype, optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    array of the image's shape and dtype

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout, length or angle other than the above.
    """
    expect_image(image)
    offsets, weights = line(length, angle)
    out = expect_out(out, image.shape, image.dtype, image)
    half = _f32(0.0 if image.dtype == np.float32 else 0.5)
    if image.dtype == np.uint8 and weights.size <= MOST and weights.max() < 0.49:
        # half a level, and the mean of what is cut off
        half = np.int16(128 + weights.size // 2)
        weights = np.rint(weights * 2.0**16).astype(np.int16)
    _gather(for_reading(image), offsets, weights, half, out)
    return out


def line(length: float, angle: float) -> tuple[Array, Array]:
    """The pixels under the line, as (y, x) from its middle, and the weight of each.

    Of a flat line, each column counts by what share of it is covered, and is divided between the
    two pixels nearest to the line; of a steep one, each row.

    Returns
    -------
    offsets : int64, shape (pixels, 2)
    weights : float32, shape (pixels,)
        Their sum is 1.
    """
    if not 1 <= length <= LONGEST:
        raise ValueError(f"length must be 1 to {LONGEST} pixels, got {length}")
    if not math.isfinite(angle):
        raise ValueError(f"angle must be a number of degrees, got {angle}")
    down, across = -_sine(angle / 180), _sine(angle / 180 + 0.5)
    steep = abs(down) > abs(across)
    along, aside = (down, across) if steep else (across, down)
    half, slope = abs(along) * length / 2, aside / along
    found = {}
    for step in range(-math.ceil(half), math.ceil(half) + 1):
        covered = min(step + 0.5, half) - max(step - 0.5, -half)
        low = math.floor(step * slope)
        rest = step * slope - low
        for place, share in ((low, 1 - rest), (low + 1, rest)):
            weight = covered * share / (2 * half)
            if weight > SMALLEST:
                found[(step, place) if steep else (place, step)] = weight
    places = sorted(found)
    return np.array(places), np.array([found[place] for place in places], np.float32)


@kernel
def _gather(source: Array, offsets: Array, weights: Array, half: Untyped, target: Array) -> None:
    """A ring holds the rows that the line covers, longer by the line at each end.

    Its levels are of the weights' dtype: float32, or int16 as `widen_all` makes them.
    """
    height, width, channels = source.shape
    wide, border = width * channels, np.abs(offsets[:, 1]).max()
    first = splat(half)
    like = first, first, first, first
    step = 4 * lanes_of(weights)
    reach = np.abs(offsets[:, 0]).max()
    rows, pitch = 2 * reach + 1, (wide + 2 * border * channels + 2 * step) // step * step
    ring, line = np.zeros(rows * pitch, weights.dtype), np.zeros(pitch, source.dtype)
    row = np.empty(wide + step, target.dtype)
    image, out = source.reshape(source.size), target.reshape(target.size)
    starts = np.empty(weights.size, np.int64)
    for y in range(-reach, height + reach):
        begin = min(max(y, 0), height - 1) * wide
        slot = (y + reach) % rows * pitch
        _extend(image[begin : begin + wide], channels, border, line)
        for i in range(0, pitch, step):
            widen_all(line, i, ring, slot + i, like, SHIFT)
        middle = y - reach
        if middle >= 0:
            for t in range(weights.size):
                slot = (middle + reach + offsets[t, 0]) % rows * pitch
                starts[t] = slot + (border + offsets[t, 1]) * channels
            _row(ring, starts, weights, half, wide, row)
            _copy(row[:wide], out[middle * wide : (middle + 1) * wide])


@kernel
def _row(ring: Array, starts: Array, weights: Array, half: Untyped, wide: int, row: Array) -> None:
    first, lanes = splat(half), lanes_of(ring)
    for i in range(0, wide, 4 * lanes):
        sums = first, first, first, first
        for t in range(weights.size):
            sums = weigh_all(splat_at(weights, t), ring, starts[t] + i, sums)
        settle_all(row, i, lanes, sums, SHIFT)


@kernel
def _extend(source: Array, channels: int, border: int, row: Array) -> None:
    edge = border * channels
    _copy(source, row[edge : edge + source.size])
    for i in range(edge):
        row[i] = source[i % channels]
        row[edge + source.size + i] = source[source.size - channels + i % channels]


@kernel
def _copy(source: Array, target: Array) -> None:
    for i in range(source.size):
        target[i] = source[i]
