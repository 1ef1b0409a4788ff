"""Straight: levels that lie on a line, computed sixteen at a time where others are looked up.

A lookup takes a load for each level, whatever the vectors.  A line is only followed where it was
found to give every entry of the table, to the bit.
"""

import numpy as np

from pixelmill_kernels._check import Array, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel
from pixelmill_kernels.lookup import _levels_of
from pixelmill_kernels.simd import LANES, fma, load, splat, store

Line = tuple[float, float]

FARTHEST = 2.0**30  # a level before it is clamped: it must fit 32 bits
# float32 errs by 2**-16 of a level of 8 bits; what lies between two of them must fall to its side
NUDGES = (0.0, 2.0**-14, -(2.0**-14), 2.0**-16, -(2.0**-16))

_f32: Untyped = np.float32


def line_of(table: Array, dtype: np.dtype[np.generic], gain: float, bias: float) -> Line | None:
    """A line near gain * level + bias that, cut to whole levels and clamped, is all of `table`.

    `table` has an entry for every level of `dtype`, in the order of bits.
    """
    levels = _levels_of(dtype).astype(dtype)
    if not abs(gain) * 2.0**16 + abs(bias) < FARTHEST:
        return None
    found = np.empty_like(table)
    for nudge in NUDGES:
        _follow(levels, _f32(gain), _f32(bias + nudge), found)
        if np.array_equal(found, table):
            return gain, bias + nudge
    return None


def followed(image: Array, line: Line, dtype: np.dtype[np.generic], out: Array | None) -> Array:
    """`image`, checked and of 16 levels or more, along a line of `line_of`."""
    out = expect_out(out, image.shape, dtype, image)
    gain, bias = line
    _follow(for_reading(image).reshape(-1), _f32(gain), _f32(bias), out.reshape(-1))
    return out


@kernel
def _follow(source: Array, gain: Untyped, bias: Untyped, target: Array) -> None:
    last, slope, start = source.size - LANES, splat(gain), splat(bias)
    for i in range(0, last + LANES, LANES):
        i = min(i, last)  # the last vector overlaps the one before it
        store(target, i, fma(slope, load(source, i), start))
