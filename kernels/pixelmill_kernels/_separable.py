"""Separable resampling: the loops of `resize`, a vector's worth of output rows at a time.

For each block of output rows (32 of int16, 16 of float32) and each strip of columns: (1) down: the
source rows are widened once, and every output row sums its own of them; (2) the strip is turned, so
that the rows are the lanes of a vector; (3) across: every output pixel whose columns are there sums
them, for all rows at once; (4) the sums are rounded, turned back and stored (see `_storing`).

The numbers are those of the weights.  float32: one fma a tap.  int16, for 8 bits and few taps: of
every product the upper half is kept, so that a register holds twice as many and a tap is two
instructions.  Levels are centred on zero, which leaves room for one bit more.  `shifts` are the
bits below a level going in and at the end (see `resize.scale`).  What is cut off is half a unit a
tap on average and is added back at the start.

Down comes first always: it needs no turning, and every source pixel is widened once.  A sum runs
over its taps in order, whatever block, strip or window it is computed in.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._storing import (
    _store_few,
    _store_rows,
    _store_whole,
    _turn_back,
    settle_all,
)
from pixelmill_kernels.simd import (
    lanes_of,
    load_all,
    prefetch,
    splat_all,
    splat_at,
    store_all,
    turn,
    weigh_all,
    widen_all,
)

ROWS = 64  # source rows widened together: 16 KiB of a first-level cache of 32, and one go to 1:1.6
PIXELS = 16  # output pixels of a row that are turned back and stored together


@kernel
def _separable(
    source: Array,
    target: Array,
    size: tuple[int, int],
    origin: tuple[int, int],
    corner: tuple[int, int],
    down: tuple[Array, Array],
    across: tuple[Array, Array],
    nothings: tuple[Number, ...],
    halves: tuple[Number, ...],
    shifts: tuple[int, int],
    gain: Array | None,
    bias: Array | None,
    places: tuple[int, int, int],
    mirrored: bool,
    bands: int | None,
) -> None:
    """Fill `target`, the part at `corner` of the whole output, from the source at `origin`.

    `nothings` is where the sums down begin, one for each vector of a strip, and `halves` where
    those across do, one for each channel.  Their numbers are part of their types: the code is
    compiled for a number of channels, and no sum leaves its register.  An image of more `bands`
    than there are `halves` is summed across so many of them at a time.
    """
    height, width = size
    channels = len(halves) if bands is None else bands
    weights, first = across
    taps = weights.shape[1]
    lanes = lanes_of(weights)
    low = first[corner[1]]
    span = (first[corner[1] + width - 1] + taps - low) * channels
    strip = len(nothings) * lanes
    loose, sums = _aligned(ROWS * strip, weights), _aligned(lanes * strip, weights)
    columns = _aligned(max(span, strip) * lanes, weights)
    edge = np.empty(max(strip, lanes * PIXELS * channels), source.dtype)
    tile = _aligned(lanes * PIXELS * channels, source)
    tile[:] = 0
    ends = np.empty(PIXELS * channels, target.dtype)
    pitch = source.shape[1] * channels
    begin = origin[0] * pitch + (origin[1] + low) * channels
    for y in range(0, height, lanes):
        rows = min(lanes, height - y)
        done = 0  # columns that the rows are summed of
        for x in range(0, width, PIXELS):
            x = max(0, min(x, width - PIXELS))  # the last pixels overlap those before them
            pixels = min(PIXELS, width)
            need = (first[corner[1] + x + pixels - 1] + taps - low) * channels
            while done < need:
                i = max(0, min(done, span - strip))  # as the last strip does
                _down(source, begin + i, pitch, min(strip, span), down[0], down[1],
                      corner[0] + y, rows, nothings, shifts[0], edge, loose, sums)  # fmt: skip
                for c in range(0, strip, lanes // 4):
                    turn(sums, c, nothings, columns, (i + c) * lanes)
                done = i + strip
            for c in range(0, channels, len(halves)):
                c = min(c, channels - len(halves))  # the last bands overlap those before them
                _across(columns, low, weights, first, corner[1] + x, pixels, halves, shifts[1],
                        tile, places, mirrored, channels, c)  # fmt: skip
            to = width - x - pixels if mirrored else x
            o = y * places[0] + to * places[1]
            if gain is None and rows == lanes and pixels == PIXELS:
                _store_whole(columns, tile, channels, target, o, places)
            elif pixels == PIXELS:
                _turn_back(columns, tile, channels, edge)
                _store_rows(edge, rows, channels, target, o, places, gain, bias)
            else:
                _turn_back(columns, tile, channels, edge)
                _store_few(edge, rows, pixels, channels, ends, target, o, places, gain, bias)


@piece
def _aligned(count: int, like: Array) -> Array:
    """Room for numbers that begins on a cache line: no vector straddles two of them."""
    line = lanes_of(like)
    room = np.empty(count + line, like.dtype)
    skip = (-room.ctypes.data % 64) * line // 64
    return room[skip : skip + count]


@piece
def _down(
    source: Array,
    begin: int,
    pitch: int,
    wide: int,
    weights: Array,
    first: Array,
    y: int,
    rows: int,
    nothings: tuple[Number, ...],
    shift: int,
    edge: Array,
    loose: Array,
    sums: Array,
) -> None:
    """Sum the source rows of `rows` output rows from `y` on, for one strip of columns."""
    taps, strip = weights.shape[1], len(nothings) * lanes_of(weights)
    end = first[y + rows - 1] + taps
    for start in range(first[y], end, ROWS):
        stop = min(start + ROWS, end)
        _widen(source, begin + start * pitch, pitch, wide, stop - start, edge, loose, nothings,
               shift)  # fmt: skip
        for r in range(rows):
            top = first[np.uint64(y + r)]
            low, high = max(top, start), min(top + taps, stop)
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
    nothings: tuple[Number, ...],
    shift: int,
) -> None:
    """Take a strip of source rows as wide numbers; columns beyond a narrow image hold any."""
    line, strip = lanes_of(source), len(nothings) * lanes_of(loose)
    far = strip + line - 1 if pitch > 64 * line else 0
    for r in range(rows):
        i, o = begin + r * pitch, r * strip
        if wide == strip:
            # Rows of a large image lie pages apart, and no machine fetches those ahead by itself:
            # a reduction of 12 megapixels waited for memory half of its time.  Where they do not,
            # asking costs a twentieth of it.
            for x in range(line - 1, far, line):
                prefetch(source, i + strip + x)
            widen_all(source, i, loose, o, nothings, shift)
        else:
            for x in range(wide):
                edge[x] = source.flat[i + x]
            widen_all(edge, 0, loose, o, nothings, shift)


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
    first: Array,
    start: int,
    pixels: int,
    halves: tuple[Number, ...],
    shift: int,
    tile: Array,
    places: tuple[int, int, int],
    mirrored: bool,
    channels: int,
    c: int,
) -> None:
    """Sum the columns of up to 16 output pixels of all rows, and round them.

    Of `channels` those from `c` on, as many as there are `halves`.
    """
    lanes = lanes_of(columns)
    taps, step = weights.shape[1], channels * lanes
    # in the tile lie the channels of a pixel side by side, or the pixels of a channel
    together = places[1] > 1 or channels == 1
    hop = lanes if together else PIXELS * lanes
    pace = step if together else lanes
    for p in range(pixels):
        i = (first[np.uint64(start + p)] - low) * step + c * lanes
        totals = splat_all(halves)
        totals = _sum(columns, i, step, weights, (start + p) * taps, taps, totals)
        o = pixels - 1 - p if mirrored else p
        settle_all(tile, o * pace + c * hop, hop, totals, shift)
