"""Separable resampling: the loops of `resize`, sixteen output rows at a time.

For each block of 16 output rows and each strip of columns: (1) down: the source rows are
widened to float32 once, and every output row sums its own of them; (2) the strip is transposed,
so that the 16 rows are the lanes of a vector; (3) across: every output pixel whose columns are
there sums them, for 16 rows at once; (4) the sums are rounded, transposed back and stored.

The numbers are those of the weights.  float32: one fma a tap.  int16, for 8 bits and few taps:
levels are 128ths going in, 64ths between the passes and 32nds at the end, and of every product the
upper half is kept, so that one register holds 16 of them instead of 8.  What is cut off is half a
unit a tap on average and is added back at the start; at worst, sixteen taps err by 0.6 of a level.

Down comes first always: it needs no transposition, and every source pixel is widened once.  A sum
runs over its taps in order, one fma each, whatever block, strip or window it is computed in.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.simd import (
    LANES,
    add,
    load,
    load_all,
    prefetch,
    splat,
    splat_all,
    splat_at,
    store,
    store_all,
    transpose,
    weigh_all,
    widen,
)

ROWS = 48  # source rows widened together: 12 KiB of a first-level cache of 32, and one go to 1:2


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
    nothings: tuple[Number, ...],
    halves: tuple[Number, ...],
) -> None:
    """Fill `target`, the part at `corner` of the whole output, from the source at `origin`.

    `nothings` is where the sums down begin, one for each vector of a strip, and `halves` where
    those across do, one for each channel.  Their numbers are part of their types: the code is
    compiled for a number of channels, and no sum leaves its register.
    """
    height, width, channels = target.shape
    pitch = source.shape[1] * channels
    low = spans_across[corner[1], 0]
    last = corner[1] + width - 1
    span = (spans_across[last, 0] + spans_across[last, 1] - low) * channels
    begin = origin[0] * pitch + (origin[1] + low) * channels
    strip = len(nothings) * LANES
    loose, sums = _aligned(ROWS * strip, weights_down), _aligned(LANES * strip, weights_down)
    columns = _aligned(max(span, strip) * LANES, weights_down)
    tile = _aligned(LANES * LANES * channels, weights_down)
    edge = np.empty(LANES * LANES * channels, target.dtype)
    tile[:] = 0
    for y in range(0, height, LANES):
        rows = min(LANES, height - y)
        done = 0
        for x in range(0, span, strip):
            x = max(0, min(x, span - strip))  # the last strip overlaps the one before it
            _down(
                source, begin + x, pitch, min(strip, span), weights_down, spans_down,
                corner[0] + y, rows, nothings, edge, loose, sums,
            )  # fmt: skip
            for i in range(0, strip, LANES):
                transpose(sums, i, strip, columns, (x + i) * LANES, LANES)
            ready = low + min(x + strip, span) // channels
            while done < width:
                place = max(0, min(done, width - LANES))
                pixels = min(LANES, width)
                end = corner[1] + place + pixels - 1
                if spans_across[end, 0] + spans_across[end, 1] > ready:
                    break
                _across(
                    columns, low, weights_across, spans_across, corner[1] + place, pixels,
                    halves, tile, edge, target, y, place, rows,
                )  # fmt: skip
                done = place + pixels


@kernel
def _upright(
    source: Array,
    target: Array,
    origin: tuple[int, int],
    corner: tuple[int, int],
    weights: Array,
    spans: Array,
    nothings: tuple[Number, ...],
    half: Number,
) -> None:
    """The same where the width stays: the sums of the rows are the output."""
    height, width, channels = target.shape
    pitch, span = source.shape[1] * channels, width * channels
    begin = origin[0] * pitch + (origin[1] + corner[1]) * channels
    strip = len(nothings) * LANES
    loose, sums = _aligned(ROWS * strip, weights), _aligned(LANES * strip, weights)
    edge, flat = np.empty(strip, target.dtype), target.reshape(target.size)
    for y in range(0, height, LANES):
        rows = min(LANES, height - y)
        for x in range(0, span, strip):
            x = max(0, min(x, span - strip))
            _down(
                source, begin + x, pitch, min(strip, span), weights, spans, corner[0] + y, rows,
                nothings, edge, loose, sums,
            )  # fmt: skip
            _store_rows(sums, strip, rows, min(strip, span), half, edge, flat, y * span + x, span)


@piece
def _aligned(count: int, like: Array) -> Array:
    """Room for numbers that begins on a cache line: no vector straddles two of them."""
    room = np.empty(count + 64 // like.itemsize, like.dtype)
    skip = (-room.ctypes.data % 64) // like.itemsize
    return room[skip : skip + count]


@piece
def _down(
    source: Array,
    begin: int,
    pitch: int,
    wide: int,
    weights: Array,
    spans: Array,
    y: int,
    rows: int,
    nothings: tuple[Number, ...],
    edge: Array,
    loose: Array,
    sums: Array,
) -> None:
    """Sum the source rows of `rows` output rows from `y` on, for one strip of columns."""
    taps, strip = weights.shape[1], len(nothings) * LANES
    first = spans[y, 0]
    end = spans[y + rows - 1, 0] + spans[y + rows - 1, 1]
    for start in range(first, end, ROWS):
        stop = min(start + ROWS, end)
        _widen(source, begin + start * pitch, pitch, wide, stop - start, edge, loose, strip)
        for r in range(rows):
            top = spans[y + r, 0]
            low, high = max(top, start), min(top + spans[y + r, 1], stop)
            if low < high:
                totals = splat_all(nothings)
                if low > top:  # the sum was begun with the source rows before these
                    totals = load_all(sums, r * strip, totals)
                tap = (y + r) * taps + low - top
                i = (low - start) * strip
                totals = _sum(loose, i, strip, weights, tap, high - low, totals)
                store_all(sums, r * strip, totals)


@piece
def _widen(
    source: Array,
    begin: int,
    pitch: int,
    wide: int,
    rows: int,
    edge: Array,
    loose: Array,
    strip: int,
) -> None:
    """Take a strip of source rows as wide numbers; columns beyond a narrow image hold any."""
    line = 64 // source.itemsize
    for r in range(rows):
        i, o = begin + r * pitch, r * strip
        if wide == strip:
            # Rows of a large image lie pages apart, and no machine fetches those ahead by itself:
            # a reduction of 12 megapixels waited for memory half of its time.
            for x in range(line - 1, strip + line - 1, line):
                prefetch(source, i + strip + x)
            for x in range(0, strip, LANES):
                widen(source, i + x, loose, o + x)
        else:
            for x in range(wide):
                edge[x % LANES] = source.flat[i + x]
                if x % LANES == LANES - 1 or x == wide - 1:
                    widen(edge, 0, loose, o + x // LANES * LANES)


@piece
def _sum(
    values: Array, i: int, step: int, weights: Array, tap: int, taps: int, totals: Array
) -> Array:
    """Weigh and add `taps` groups of vectors, `step` apart: the loop that the time goes into."""
    for k in range(tap, tap + taps):
        totals = weigh_all(splat_at(weights, k), values, i, totals)
        i += step
    return totals


@piece
def _across(
    columns: Array,
    low: int,
    weights: Array,
    spans: Array,
    start: int,
    pixels: int,
    halves: tuple[Number, ...],
    tile: Array,
    edge: Array,
    target: Array,
    y: int,
    x: int,
    rows: int,
) -> None:
    """Sum the columns of up to 16 output pixels of 16 rows, round, turn back and store."""
    channels = target.shape[2]
    taps, step = weights.shape[1], channels * LANES
    for p in range(start, start + pixels):
        i = (spans[p, 0] - low) * step
        totals = _sum(columns, i, step, weights, p * taps, spans[p, 1], splat_all(halves))
        store_all(tile, (p - start) * step, totals)
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


@piece
def _store_rows(
    sums: Array,
    strip: int,
    rows: int,
    wide: int,
    half: Number,
    edge: Array,
    target: Array,
    begin: int,
    pitch: int,
) -> None:
    """Round and store one strip: the way out where the width stays."""
    for r in range(rows):
        for i in range(0, strip, LANES):
            store(edge, i, add(load(sums, r * strip + i), splat(half)))
        line = target[begin + r * pitch : begin + r * pitch + wide]
        for i in range(wide):
            line[i] = edge[i]
