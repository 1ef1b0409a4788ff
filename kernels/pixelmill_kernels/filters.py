"""Filters: how much each source pixel weighs in each output pixel, along one axis.

The definitions are Pillow's (src/libImaging/Resample.c): an output pixel's centre is mapped back to
the source, the filter is stretched by the reduction (that is the antialiasing), and the weights of
the source pixels within its support are scaled to a sum of one.  At a border the pixels outside
weigh nothing and the others take their share.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from pixelmill_kernels._check import Array, expect_choice
from pixelmill_kernels._jit import kernel

BOX, BILINEAR, HAMMING, BICUBIC, LANCZOS = range(5)
CODES = {
    "box": BOX,
    "bilinear": BILINEAR,
    "hamming": HAMMING,
    "bicubic": BICUBIC,
    "lanczos": LANCZOS,
}
SUPPORTS = (0.5, 1.0, 1.0, 2.0, 3.0)
NAMES = ("nearest", *CODES)


class Table(NamedTuple):
    """Output pixel i is the sum of weights[i, k] * source[spans[i, 0] + k] for k < spans[i, 1]."""

    weights: Array  # float32 (n_out, most taps)
    fixed: Array | None  # the same as int16, 32768 being one, where none of them reaches one
    spans: Array  # int64 (n_out, 2): first source pixel, count
    taps: int  # the largest count
    same: bool  # every output pixel is its source pixel


# A table takes about 4 * n_in * support bytes: 256 of them stay below 20 MB for 12-megapixel
# photographs, and photographs of one job share few sizes.
@lru_cache(maxsize=256)
def table(n_in: int, n_out: int, filter: str, antialias: bool = True) -> Table:
    """The weights that take `n_in` pixels to `n_out`: computed in float64, kept in float32.

    Without `antialias` the filter is not stretched, and a reduction skips source pixels.
    """
    expect_choice(filter, tuple(CODES), "filter")
    code = CODES[filter]
    # Every filter here is 1 at 0 and 0 at the other whole numbers: nothing scaled, one tap.
    support = 0.5 if n_in == n_out else SUPPORTS[code]
    stretch = max(n_in / n_out, 1.0) if antialias else 1.0
    widest = min(math.ceil(support * stretch) * 2 + 1, n_in)
    weights, fixed = np.zeros((n_out, widest), np.float32), np.zeros((n_out, widest), np.int16)
    spans = np.empty((n_out, 2), np.int64)
    _fill(n_in, BOX if n_in == n_out else code, support, stretch, weights, fixed, spans)
    for array in (weights, fixed, spans):
        array.flags.writeable = False  # shared by every thread
    taps = int(spans[:, 1].max())
    within = weights.max() < 32767 / 32768  # at borders a weight may be larger than one
    return Table(weights, fixed if within else None, spans, taps, n_in == n_out)


@lru_cache(maxsize=256)
def nearest(n_in: int, n_out: int) -> Array:
    """The source pixel under each output pixel's centre."""
    index = ((np.arange(n_out) + 0.5) * (n_in / n_out)).astype(np.int64)
    index = np.minimum(index, n_in - 1)
    index.flags.writeable = False
    return index


@kernel
def _fill(
    n_in: int,
    code: int,
    support: float,
    stretch: float,
    weights: Array,
    fixed: Array,
    spans: Array,
) -> None:
    n_out = weights.shape[0]
    scale = n_in / n_out
    reach = support * stretch
    shrink = 1.0 / stretch
    row = np.empty(weights.shape[1], np.float64)
    for i in range(n_out):
        centre = (i + 0.5) * scale
        low = max(int(centre - reach + 0.5), 0)
        count = min(int(centre + reach + 0.5), n_in) - low
        total = 0.0
        for k in range(count):
            row[k] = _filter(code, (low + k - centre + 0.5) * shrink)
            total += row[k]
        rest, largest = 32768, 0
        for k in range(count):
            weight = row[k] / total
            weights[i, k] = weight
            whole = math.floor(weight * 32768 + 0.5)
            fixed[i, k] = min(whole, 32767)  # what does not fit is not used, see `table`
            rest -= whole
            if row[k] > row[largest]:
                largest = k
        fixed[i, largest] = min(fixed[i, largest] + rest, 32767)
        spans[i, 0], spans[i, 1] = low, count


@kernel
def _filter(code: int, x: float) -> float:
    if code == BOX:
        return 1.0 if -0.5 < x <= 0.5 else 0.0
    x = abs(x)
    if code == BICUBIC:  # Keys 1981, a = -0.5
        if x < 1.0:
            return (1.5 * x - 2.5) * x * x + 1.0
        return (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5 if x < 2.0 else 0.0
    if code == LANCZOS:
        return _sinc(x) * _sinc(x / 3.0) if x < 3.0 else 0.0
    if x >= 1.0:
        return 0.0
    if code == HAMMING:
        return _sinc(x) * (0.54 + 0.46 * _sine(x + 0.5))
    return 1.0 - x


@kernel
def _sinc(x: float) -> float:
    return 1.0 if x == 0.0 else _sine(x) / (math.pi * x)


@kernel
def _sine(x: float) -> float:
    """sin(pi x) by its own series.

    The sine of the C library and of NumPy differs in its last bit between machines, and once in
    many images that would be another byte.
    """
    whole = math.floor(x + 0.5)
    angle = math.pi * (x - whole)  # within [-pi/2, pi/2]: the term after the last is below 2e-18
    term, total = angle, angle
    for n in range(2, 24, 2):
        term *= -angle * angle / (n * (n + 1.0))
        total += term
    return -total if whole % 2.0 else total
