"""Poisson: the noise of light itself, which comes in photons that are counted.

A level is a mean of so many photons, and what is counted instead is drawn exactly, from a table of
its distribution.  256 tables serve all levels of 8 bits.  For 16 bits, a mean is the sum of those
of its two bytes, and so is the count: sums of Poisson numbers are Poisson numbers.

A table is that of Walker's alias method (1977): one look decides between the two counts of a cell.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels.rng import BLOCK, _blocks_for, _draw_bits, _expect_place, _key_of

__all__ = ["poisson"]

MOST_PHOTONS = 100_000  # the full well of a large photosite; the tables take 6 MB
RAREST = 2.0**-34  # of the likeliest count: less than draws of 32 bits can tell

_f32: Untyped = np.float32
_i32: Untyped = np.int32
_u32: Untyped = np.uint32
_u64: Untyped = np.uint64


def poisson(
    image: Array,
    photons: float,
    key: int,
    at: tuple[int, int] = (0, 0),
    out: Array | None = None,
) -> Array:
    """Count photons: each level becomes a Poisson number of its mean, scaled back and clamped.

    out = round(count * full / photons), with count of mean level * photons / full.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  The fourth, alpha, stays as it is.
    photons : float
        Mean count at full scale (255 or 65535), 1 to `MOST_PHOTONS`: the fewer, the noisier.  The
        spread at full scale is full / sqrt(photons) levels.
    key : int
        0 to 2**64 - 1; the same key gives the same noise.
    at : (top, left)
        Where the image lies in a larger one whose noise it is to have.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    _expect_place(at)
    if not 1 <= photons <= MOST_PHOTONS:
        raise ValueError(f"photons must be 1 to {MOST_PHOTONS}, got {photons}")
    height, width, channels = image.shape
    out = expect_out(out, image.shape, image.dtype, image)
    flat = (height, width * channels)
    full = int(np.iinfo(image.dtype).max)
    low, high = (_table(photons / full, step) for step in (1, 1 if full == 255 else 256))
    begin = (at[0], at[1] * channels)
    source, gain = for_reading(image).reshape(flat), full / photons
    _count(source, low, high, gain, channels, _key_of(key), begin, out.reshape(flat))
    return out


class _Table(NamedTuple):
    """The distributions of 256 means: the cells of each, where they begin, the least count.

    A cell holds in its upper half what share of it is its own count, in 2**32nds, and in its
    lower half which count the rest is.  The n-th cell's own is the least count + n.
    """

    cells: Array
    begins: Array
    least: Array


@lru_cache(maxsize=4)
def _table(scale: float, step: int) -> _Table:
    """The distributions of the means level * step * scale, for levels 0 to 255."""
    means = np.arange(256) * step * scale
    least, most = np.zeros(256, np.int64), np.zeros(256, np.int64)
    _spans(means, least, most)
    begins = np.zeros(257, np.int64)
    np.cumsum(most - least + 1, out=begins[1:])
    cells = np.empty(begins[-1], np.uint64)
    _fill(means, least, begins, cells)
    made = _Table(cells, begins.astype(np.uint64), least.astype(np.uint64))
    for array in made:
        array.flags.writeable = False  # shared by every thread
    return made


@kernel
def _spans(means: Array, least: Array, most: Array) -> None:
    """The counts that are not too rare, from the likeliest one down and up."""
    for level in range(means.size):
        mean = means[level]
        low = high = int(mean)
        share = 1.0
        while low > 0 and share > RAREST:
            share *= low / mean
            low -= 1
        share = 1.0
        while share > RAREST:
            high += 1
            share *= mean / high
        least[level], most[level] = low, high


@kernel
def _fill(means: Array, least: Array, begins: Array, cells: Array) -> None:
    room = (begins[1:] - begins[:-1]).max()
    shares, small, large = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    for level in range(means.size):
        count = begins[level + 1] - begins[level]
        _distribution(means[level], least[level], shares[:count])
        part = cells[begins[level] : begins[level + 1]]
        _alias(shares[:count], least[level], small, large, part)


@kernel
def _distribution(mean: float, least: int, shares: Array) -> None:
    """The probabilities times their number, by P(k) = P(k - 1) * mean / k from the likeliest."""
    middle = int(mean) - least
    shares[middle] = 1.0
    for n in range(middle, 0, -1):
        shares[n - 1] = shares[n] * ((least + n) / mean)
    for n in range(middle + 1, shares.size):
        shares[n] = shares[n - 1] * (mean / (least + n))
    total = 0.0
    for share in shares:
        total += share
    for n in range(shares.size):
        shares[n] *= shares.size / total


@kernel
def _alias(shares: Array, least: int, small: Array, large: Array, cells: Array) -> None:
    """Fill up each cell that is too small with a part of one that is too large (Vose 1991)."""
    few = many = 0
    for n in range(shares.size):
        cells[n] = _cell(1.0, least + n)
        if shares[n] < 1.0:
            small[few] = n
            few += 1
        else:
            large[many] = n
            many += 1
    while few and many:
        few -= 1
        n, other = small[few], large[many - 1]
        cells[n] = _cell(shares[n], least + other)
        shares[other] -= 1.0 - shares[n]
        if shares[other] < 1.0:
            many -= 1
            small[few] = other
            few += 1


@piece
def _cell(own: float, other: int) -> Untyped:
    return _u64(min(own * 4294967296.0, 4294967295.0)) << _u64(32) | _u64(other)


@kernel
def _count(
    source: Array,
    low: _Table,
    high: _Table,
    gain: float,
    channels: int,
    key: int,
    at: tuple[int, int],
    target: Array,
) -> None:
    """Count for each level; its upper byte is looked up in `high`, where it has one."""
    height, wide = source.shape
    full = _i32(np.iinfo(target.dtype).max)
    drawn, skip = _blocks_for(at[1], wide, _u32(0))
    more, skip = _blocks_for(at[1], wide, _u32(0))
    for y in range(height):
        _draw_bits(key, 0, at[0] + y, at[1] // BLOCK, drawn)
        if full > 255:
            _draw_bits(key, 1, at[0] + y, at[1] // BLOCK, more)
        for x in range(wide):
            level = source[y, x]
            count = _drawn(low, level & 255, drawn[skip + x])
            if full > 255:
                count += _drawn(high, level >> 8, more[skip + x])
            target[y, x] = min(_i32(_f32(count) * _f32(gain) + _f32(0.5)), full)
        if channels == 4:
            for x in range(3, wide, 4):
                target[y, x] = source[y, x]


@piece
def _drawn(table: _Table, level: Untyped, word: Untyped) -> Untyped:
    begin = table.begins[_u64(level)]
    place = _u64(word) * (table.begins[_u64(level) + _u64(1)] - begin)
    cell = table.cells[begin + (place >> _u64(32))]
    own, rest = _i32(table.least[_u64(level)] + (place >> _u64(32))), _i32(cell)
    return own if _u32(place) < _u32(cell >> _u64(32)) else rest
