"""Histogram: how often each level occurs, and what follows from that: percentiles and entropy.

Counts are whole numbers: those of parts add up to those of the whole, in any order.
"""

import numpy as np

from pixelmill_kernels._check import BANDS, LEVELS, Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._series import _log2

__all__ = ["entropy", "histogram", "percentiles"]

# Neighbours are counted in tables of their own: a level that comes again would wait for its own
# count to be written (a flat image: 8.9 ms became 2.0).  The 12 tables of 8 bits fill 24 KB, which
# a first-level cache holds.
TABLES = 12


def histogram(image: Array) -> Array:
    """Count the pixels of each level, channel by channel.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1 to 16 channels, C-contiguous.

    Returns
    -------
    int64, shape (channels, 256 or 65536)
        Exact.  Histograms of several images may be added.
    """
    expect_image(image, LEVELS, channels=BANDS)
    channels, bins = image.shape[2], 1 << (8 * image.itemsize)
    period = channels * -(-TABLES // channels)
    tables = period if bins == 256 else channels
    offsets = (np.arange(period) % tables * bins).astype(np.uint64)
    counts = np.zeros(tables * bins, np.int64)
    _count(for_reading(image).reshape(-1), offsets, counts)
    folded = counts.reshape(-1, channels, bins)
    found: Array = folded[0] if tables == channels else folded.sum(axis=0)
    return found


def percentiles(counts: Array, ranks: tuple[float, ...]) -> Array:
    """The levels that so many percent of the pixels lie below.

    Parameters
    ----------
    counts : int64, shape (..., bins)
        Histograms, none of them empty.
    ranks : numbers from 0 to 100

    Returns
    -------
    float64, shape (..., ranks)
        In levels: what numpy.percentile gives for the pixels themselves, between the two nearest
        pixels on a straight line.

    Raises
    ------
    ValueError
        A rank outside 0 to 100, or a histogram without pixels.
    """
    if not all(0 <= rank <= 100 for rank in ranks):
        raise ValueError(f"percentiles must be 0 to 100, got {ranks}")
    flat = counts.reshape(-1, counts.shape[-1])
    if not flat.any(axis=1).all():
        raise ValueError("a histogram without pixels has no percentiles")
    found = np.empty((len(flat), len(ranks)))
    for row, upto in zip(found, np.cumsum(flat, axis=1), strict=True):
        place = np.asarray(ranks) / 100 * (upto[-1] - 1)  # of the sorted pixels, from 0
        below = np.floor(place).astype(np.int64)
        low, high = (np.searchsorted(upto, below + step, "right") for step in (0, 1))
        high = np.minimum(high, np.searchsorted(upto, upto[-1] - 1, "right"))
        row[:] = low + (high - low) * (place - below)
    return found.reshape(*counts.shape[:-1], len(ranks))


def entropy(counts: Array) -> Array:
    """How many bits a pixel carries on average, if pixels are drawn apart (Shannon 1948).

    Parameters
    ----------
    counts : int64, shape (..., bins)
        Histograms, none of them empty.

    Returns
    -------
    float64, shape (...)
        In bits: 0 of a flat image; 8, or 16, where all levels are as frequent.

    Raises
    ------
    ValueError
        A histogram without pixels.
    """
    flat = np.ascontiguousarray(counts.reshape(-1, counts.shape[-1]), np.int64)
    if not flat.any(axis=1).all():
        raise ValueError("a histogram without pixels has no entropy")
    bits = np.array([_bits(row) for row in flat])
    return bits.reshape(counts.shape[:-1])


@kernel
def _count(source: Array, offsets: Array, counts: Array) -> None:
    period = offsets.size
    rounds = source.size // period
    if period == TABLES:  # unrolled: a tenth faster
        for i in range(rounds):
            for j in range(TABLES):
                _add(counts, offsets[j], source, i * TABLES + j)
    else:
        for i in range(rounds):
            for j in range(period):
                _add(counts, offsets[j], source, i * period + j)
    for i in range(rounds * period, source.size):
        counts[offsets[i - rounds * period] + np.uint64(source[i])] += 1


@piece
def _add(counts: Array, offset: int, source: Array, i: int) -> None:
    # an index without a sign needs no test for it: 3.7 ms became 2.1
    counts[offset + np.uint64(source[np.uint64(i)])] += 1


@kernel
def _bits(counts: Array) -> float:
    """log2(n) - sum(c log2 c) / n, which needs no division in the loop."""
    pixels, total = 0, 0.0
    for count in counts:
        if count > 0:
            pixels += count
            total += count * _log2(float(count))
    return max(_log2(float(pixels)) - total / pixels, 0.0)
