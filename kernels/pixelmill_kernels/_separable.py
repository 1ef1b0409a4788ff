"""Separable resampling: the loops of `resize`, sixteen output rows at a time.

For each block of 16 output rows and each strip of 64 columns: (1) down: the source rows are
widened to float32 once, and every output row sums its own of them; (2) the strip is transposed,
so that the 16 rows are the lanes of a vector; (3) across: every output pixel whose columns are
there sums them, for 16 rows at once; (4) the sums are rounded, transposed back and stored.

Down comes first always: it needs no transposition, and every source pixel is widened once.  A sum
runs over its taps in order, one fma each, whatever block, strip or window it is computed in.
"""

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.simd import (
    LANES,
    add,
    fma_all,
    load,
    load_all,
    splat,
    splat_at,
    store,
    store_all,
    transpose,
)

STRIP = 64  # columns summed together: 8 AVX2 registers of sums hide the latency of the fma
ROWS = 64  # source rows widened together: 64 x 64 floats are half of a 32 KiB first-level cache


@kernel
def _separable(
    source: Array,
    target: Array,
    origin: tuple[int, int],
    corner: tuple[int, int],
    weights_down: Array,
    spans_down: Array,
    weights_across: Array,
    spans_across: Array,
    same_width: bool,
    half: float,
) -> None:
    """Fill `target`, the part at `corner` of the whole output, from the source at `origin`."""
    height, width, channels = target.shape
    pitch = source.shape[1] * channels
    low = spans_across[corner[1], 0]
    last = corner[1] + width - 1
    span = (spans_across[last, 0] + spans_across[last, 1] - low) * channels
    strip = min(STRIP, span)
    begin = origin[0] * pitch + (origin[1] + low) * channels
    loose = _aligned(ROWS * STRIP)
    sums = _aligned(LANES * STRIP)
    columns = _aligned(max(0 if same_width else span, STRIP) * LANES)
    tile = _aligned(LANES * LANES * channels)
    edge = np.empty(max(LANES * LANES * channels, STRIP), target.dtype)
    tile[:] = 0
    for y in range(0, height, LANES):
        rows = min(LANES, height - y)
        done = 0
        for x in range(0, span, STRIP):
            x = max(0, min(x, span - STRIP))  # the last strip overlaps the one before it
            _down(
                source, begin + x, pitch, strip, weights_down, spans_down, corner[0] + y, rows,
                loose, sums,
            )  # fmt: skip
            if same_width:
                _store_rows(sums, rows, strip, half, edge, target, y, x)
                continue
            for i in range(0, STRIP, LANES):
                transpose(sums, i, STRIP, columns, (x + i) * LANES, LANES)
            ready = low + (x + strip) // channels
            while done < width:
                place = max(0, min(done, width - LANES))
                pixels = min(LANES, width)
                end = corner[1] + place + pixels - 1
                if spans_across[end, 0] + spans_across[end, 1] > ready:
                    break
                _across(
                    columns, low, weights_across, spans_across, corner[1] + place, pixels, half,
                    tile, edge, target, y, place, rows,
                )  # fmt: skip
                done = place + pixels


@kernel
def _aligned(count: int) -> Array:
    """Room for float32 that begins on a cache line: no vector straddles two of them."""
    room = np.empty(count + 16, np.float32)
    skip = (-room.ctypes.data % 64) // 4
    return room[skip : skip + count]


@kernel
def _down(
    source: Array,
    begin: int,
    pitch: int,
    strip: int,
    weights: Array,
    spans: Array,
    y: int,
    rows: int,
    loose: Array,
    sums: Array,
) -> None:
    """Sum the source rows of `rows` output rows from `y` on, for one strip of columns."""
    taps = weights.shape[1]
    zero = splat(np.float32(0))
    zeros = (zero, zero, zero, zero)
    first = spans[y, 0]
    end = spans[y + rows - 1, 0] + spans[y + rows - 1, 1]
    for r in range(LANES):
        store_all(sums, r * STRIP, zeros)
    for start in range(first, end, ROWS):
        stop = min(start + ROWS, end)
        _widen(source, begin + start * pitch, pitch, strip, stop - start, loose)
        for r in range(rows):
            top = spans[y + r, 0]
            low, high = max(top, start), min(top + spans[y + r, 1], stop)
            if low < high:
                tap = (y + r) * taps + low - top
                totals = load_all(sums, r * STRIP, zeros)
                totals = _sum(
                    loose, (low - start) * STRIP, STRIP, weights, tap, high - low, totals
                )
                store_all(sums, r * STRIP, totals)


@kernel
def _widen(source: Array, begin: int, pitch: int, strip: int, rows: int, loose: Array) -> None:
    """Take a strip of source rows as float32; columns beyond a narrow image are zero."""
    for r in range(rows):
        i, o = begin + r * pitch, r * STRIP
        if strip == STRIP:
            store(loose, o, load(source, i))
            store(loose, o + LANES, load(source, i + LANES))
            store(loose, o + 2 * LANES, load(source, i + 2 * LANES))
            store(loose, o + 3 * LANES, load(source, i + 3 * LANES))
        else:
            loose[o : o + STRIP] = 0
            for x in range(strip):
                loose[o + x] = source.flat[i + x]


@kernel
def _sum(
    values: Array, i: int, step: int, weights: Array, tap: int, taps: int, totals: Array
) -> Array:
    """Weigh and add `taps` groups of vectors, `step` apart: the loop that the time goes into."""
    for k in range(tap, tap + taps):
        totals = fma_all(splat_at(weights, k), values, i, totals)
        i += step
    return totals


@kernel
def _across(
    columns: Array,
    low: int,
    weights: Array,
    spans: Array,
    start: int,
    pixels: int,
    half: float,
    tile: Array,
    edge: Array,
    target: Array,
    y: int,
    x: int,
    rows: int,
) -> None:
    """Sum the columns of up to 16 output pixels of 16 rows, round, turn back and store."""
    channels = target.shape[2]
    h = splat(half)
    if channels == 3:
        _sum_pixels(columns, low, weights, spans, start, pixels, (h, h, h), tile)
    elif channels == 1:
        _sum_pixels(columns, low, weights, spans, start, pixels, (h,), tile)
    else:
        _sum_pixels(columns, low, weights, spans, start, pixels, (h, h, h, h), tile)
    if rows == LANES and pixels == LANES:
        pitch = target.shape[1] * channels
        for c in range(0, channels * LANES, LANES):
            transpose(tile, c * LANES, LANES, target, y * pitch + x * channels + c, pitch)
        return
    for c in range(0, channels * LANES, LANES):
        transpose(tile, c * LANES, LANES, edge, c, channels * LANES)
    for r in range(rows):
        for p in range(pixels):
            for c in range(channels):
                target[y + r, x + p, c] = edge[(r * LANES + p) * channels + c]


@kernel
def _sum_pixels(
    columns: Array,
    low: int,
    weights: Array,
    spans: Array,
    start: int,
    pixels: int,
    halves: tuple[float, ...],
    tile: Array,
) -> None:
    taps = weights.shape[1]
    step = len(halves) * LANES
    for p in range(pixels):
        i = (spans[start + p, 0] - low) * step
        tap = (start + p) * taps
        totals = _sum(columns, i, step, weights, tap, spans[start + p, 1], halves)
        store_all(tile, p * step, totals)


@kernel
def _store_rows(
    sums: Array, rows: int, strip: int, half: float, edge: Array, target: Array, y: int, x: int
) -> None:
    """Round and store one strip: the way out where the width stays."""
    pitch = target.shape[1] * target.shape[2]
    for r in range(rows):
        for i in range(0, STRIP, LANES):
            store(edge, i, add(load(sums, r * STRIP + i), splat(half)))
        for i in range(strip):
            target.flat[(y + r) * pitch + x + i] = edge[i]
