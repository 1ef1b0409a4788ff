"""Filters: how much each source pixel weighs in each output pixel, along one axis.

The definitions are Pillow's (src/libImaging/Resample.c): an output pixel's centre is mapped back to
the source, the filter is stretched by the reduction (that is the antialiasing), and the weights of
the source pixels within its support are scaled to a sum of one.  At a border the pixels outside
weigh nothing and the others take their share.
"""

import math
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import numpy as np

from pixelmill_kernels._check import Array, expect_choice
from pixelmill_kernels._jit import kernel, piece

__all__ = ["Table", "nearest", "table"]

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
    """Output pixel i is the sum of weights[i, k] * source[first[i] + k].

    Every output pixel has as many taps, some of them of weight 0: a loop that always runs as often
    is never mispredicted.
    """

    weights: Array  # float32 (n_out, taps)
    whole: Array  # the same as int16, in units of 1 / 2 ** bits
    first: Array  # int64 (n_out,), never going back
    bits: int  # 16; 15 or 14 where a weight is as large as a half or as one
    taps: int
    reach: float  # the largest sum of an output pixel's weights without their signs


# Of photographs of 400 x 470 a table takes 13 KB and 20 us, a hundredth of all that is done to one;
# 600 pairs of sides came up in 2,000 of them.  Of 12 megapixels it takes 100 KB.
MOST_BYTES = 32 << 20


class _Kept:
    """The tables made so far; once they take more than `MOST_BYTES`, all are let go."""

    def __init__(self) -> None:
        self.tables: dict[tuple[int, int, str, bool], Table] = {}
        self._bytes, self._lock = 0, Lock()

    def add(self, key: tuple[int, int, str, bool], made: Table) -> Table:
        """The table of that key: another thread may have made it meanwhile."""
        with self._lock:
            size = made.weights.nbytes + made.whole.nbytes + made.first.nbytes
            if self._bytes + size > MOST_BYTES:
                self.tables, self._bytes = {}, 0
            if key not in self.tables:
                self._bytes += size
            return self.tables.setdefault(key, made)


_kept = _Kept()


def table(n_in: int, n_out: int, filter: str, antialias: bool = True) -> Table:
    """The weights that take `n_in` pixels to `n_out`: computed in float64, kept in float32.

    Without `antialias` the filter is not stretched, and a reduction skips source pixels.
    """
    key = n_in, n_out, filter, antialias
    return _kept.tables.get(key) or _kept.add(key, _made(*key))


def _made(n_in: int, n_out: int, filter: str, antialias: bool) -> Table:
    expect_choice(filter, tuple(CODES), "filter")
    code = CODES[filter]
    # Every filter here is 1 at 0 and 0 at the other whole numbers: nothing scaled, one tap.
    support = 0.5 if n_in == n_out else SUPPORTS[code]
    stretch = max(n_in / n_out, 1.0) if antialias else 1.0
    first = np.empty(n_out, np.int64)
    taps = _place(n_in, support * stretch, first)
    weights, whole = np.zeros((n_out, taps), np.float32), np.zeros((n_out, taps), np.int16)
    _fill(n_in, BOX if n_in == n_out else code, support, stretch, first, weights)
    bits = 14 if weights.max() >= 0.999 else 15 if weights.max() >= 0.499 else 16
    _round(weights, 1 << bits, whole)
    for array in (weights, whole, first):
        array.flags.writeable = False  # shared by every thread
    reach = float(np.abs(whole.astype(np.int64)).sum(axis=1).max()) / 2**bits
    return Table(weights, whole, first, bits, taps, reach)


@lru_cache(maxsize=256)
def nearest(n_in: int, n_out: int) -> Array:
    """The source pixel under each output pixel's centre, exactly: some centres lie on an edge."""
    index = (2 * np.arange(n_out, dtype=np.int64) + 1) * n_in // (2 * n_out)
    index.flags.writeable = False
    return index


@piece
def _span(n_in: int, centre: float, reach: float) -> tuple[int, int]:
    """The first source pixel within reach, and how many there are."""
    low = max(int(centre - reach + 0.5), 0)
    return low, min(int(centre + reach + 0.5), n_in) - low


@kernel
def _place(n_in: int, reach: float, first: Array) -> int:
    """Where the taps of each output pixel begin; returns how many there are."""
    scale = n_in / first.size
    taps = 0
    for i in range(first.size):
        first[i], count = _span(n_in, (i + 0.5) * scale, reach)
        taps = max(taps, count)
    for i in range(first.size):
        first[i] = min(first[i], n_in - taps)
    return taps


@kernel
def _fill(
    n_in: int, code: int, support: float, stretch: float, first: Array, weights: Array
) -> None:
    n_out = first.size
    scale = n_in / n_out
    reach = support * stretch
    shrink = 1.0 / stretch
    row = np.empty(weights.shape[1], np.float64)
    for i in range(n_out):
        centre = (i + 0.5) * scale
        low, count = _span(n_in, centre, reach)
        total = 0.0
        for k in range(count):
            row[k] = _filter(code, (low + k - centre + 0.5) * shrink)
            total += row[k]
        for k in range(count):
            weights[i, low - first[i] + k] = row[k] / total


@kernel
def _round(weights: Array, one: int, whole: Array) -> None:
    """The largest weight of each output pixel takes up what the others were rounded by."""
    for i in range(weights.shape[0]):
        largest, rest = 0, one
        for k in range(weights.shape[1]):
            level = math.floor(np.float64(weights[i, k]) * one + 0.5)
            whole[i, k] = level
            rest -= level
            if weights[i, k] > weights[i, largest]:
                largest = k
        whole[i, largest] += rest


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
