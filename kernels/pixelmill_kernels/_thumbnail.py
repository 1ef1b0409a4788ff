"""Thumbnail: a few gray pixels made of a whole image, in Pillow's own arithmetic.

A perceptual hash compares levels with one another, and one level more or less is another bit.  So
that hashes equal those that others have computed, this is Pillow's resize for 8 bits to the bit
(src/libImaging/Resample.c): weights in 2**22nds, one axis after the other, whole levels in between.
`resize` is nearer to the formula; this is nearer to the hashes of the world.
"""

import math
from functools import lru_cache

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.filters import LANCZOS, SUPPORTS, _filter
from pixelmill_kernels.grayscale import _grayscale, grayscale
from pixelmill_kernels.simd import LANES, splat, sum_lanes, weigh_levels

BITS = 22  # 32 less 8 of the level and 2 of the weights, which exceed one before they cancel


def thumbnail(image: Array, size: tuple[int, int]) -> Array:
    """uint8 (height, width, channels), contiguous, as grays scaled to `size` by Lanczos-3."""
    height, width, channels = image.shape
    across, columns = _weights(width, size[1])
    down, rows = _weights(height, size[0])
    out = np.empty(size, np.uint8)
    if height > size[0] and height - size[0] > 2 * (width - size[1]):
        # So since Pillow 13, of images about twice as tall as wide; before, rows always came first.
        gray = grayscale(image) if channels > 1 else image
        short = np.empty((size[0], width), np.uint8)
        _shorten(gray[..., 0], down, rows, short)
        _narrow(short, 1, width, across, columns, out)
    else:
        narrow = np.empty((height, size[1]), np.uint8)
        _narrow(image.reshape(height, -1), channels, width, across, columns, narrow)
        _shorten(narrow, down, rows, out)
    return out


@lru_cache(maxsize=64)
def _weights(n_in: int, n_out: int) -> tuple[Array, Array]:
    """int32 (n_out, taps) in 2**22nds, and int64 (n_out, 2): first source pixel, count.

    Zeros make the taps a multiple of 16.
    """
    stretch = max(n_in / n_out, 1.0)
    taps = math.ceil(SUPPORTS[LANCZOS] * stretch) * 2 + 1
    taps = -(-taps // LANES) * LANES
    weights, spans = np.zeros((n_out, taps), np.int32), np.empty((n_out, 2), np.int64)
    _fill(n_in, stretch, weights, spans)
    return weights, spans


@kernel
def _fill(n_in: int, stretch: float, weights: Array, spans: Array) -> None:
    n_out = weights.shape[0]
    reach, shrink = SUPPORTS[LANCZOS] * stretch, 1.0 / stretch
    row = np.empty(weights.shape[1], np.float64)
    for i in range(n_out):
        centre = (i + 0.5) * (n_in / n_out)
        low = max(int(centre - reach + 0.5), 0)
        count = min(int(centre + reach + 0.5), n_in) - low
        total = 0.0
        for k in range(count):
            row[k] = _filter(LANCZOS, (low + k - centre + 0.5) * shrink)
            total += row[k]
        for k in range(count):
            weight = row[k] / total * (1 << BITS)
            weights[i, k] = int(weight - 0.5 if weight < 0.0 else weight + 0.5)
        spans[i, 0], spans[i, 1] = low, count


@kernel
def _narrow(
    source: Array, channels: int, width: int, weights: Array, spans: Array, target: Array
) -> None:
    """Each row as grays, then as few pixels."""
    taps = weights.shape[1]
    row = np.zeros(width + taps, source.dtype)  # beyond the last pixel the weights are zeros
    flat = weights.reshape(weights.size)
    for y in range(target.shape[0]):
        if channels > 1:
            _grayscale(source[y], row[:width], channels, 1)
        else:
            row[:width] = source[y]
        for x in range(target.shape[1]):
            sums = splat(np.int32(0))
            for k in range(0, spans[x, 1], LANES):
                sums = weigh_levels(row, spans[x, 0] + k, flat, x * taps + k, sums)
            target[y, x] = _level(sum_lanes(sums))


@piece
def _level(weighed: int) -> int:
    """2**22nds, rounded and clamped."""
    return min(max((weighed + (1 << (BITS - 1))) >> BITS, 0), 255)


@kernel
def _shorten(source: Array, weights: Array, spans: Array, target: Array) -> None:
    height, width = target.shape
    totals = np.empty(width, np.int32)
    for y in range(height):
        low, count = spans[y]
        totals[:] = 0
        for k in range(count):
            row, weight = source[low + k], weights[y, k]
            for x in range(width):
                totals[x] += np.int32(np.int32(row[x]) * weight)
        for x in range(width):
            target[y, x] = _level(totals[x])
