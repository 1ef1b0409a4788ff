"""Sampling: the loops of `warp` and `remap`.

The output is made in tiles, and in runs of a row of a tile, sixteen pixels at a time.  A run is
gone through twice: first where in the source the pixels lie, how much the pixels around weigh and
what stands in for those outside; then the sums.  (In one go, each sum waited for its own places to
come back from memory, and the whole took two thirds longer.)
"""

import numpy as np

from pixelmill_kernels._between import add_around, begin, store_pixels, weights_of
from pixelmill_kernels._borders import CONSTANT, EDGE, either, lose, mirror, repeat
from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._locating import PLACES, RUN, Matrix, _aligned, _distances, _locate
from pixelmill_kernels._places import all_beyond, all_finite, all_within, store_places
from pixelmill_kernels.simd import load, load_all, splat, splat_all, store, store_all

TALL = 32  # rows of a tile: a turned image reads the same few lines again for the next of them

Values = tuple[np.number, ...]


@kernel
def _weighed(
    source: Array,
    target: Array,
    size: tuple[int, int],
    kind: int,
    matrix: Matrix,
    across: Array,
    down: Array,
    border: int,
    values: Values,
    half: np.float32,
    like: Values,
) -> bool:
    """Fill `target`, 16 pixels wide or more, with the weighed pixels around each place.

    `source` may be larger than the `size` (height, width) that is the image.  How many numbers
    `values` and `like` hold is part of their types: the code is compiled for a number of channels
    and of neighbours along an axis.  False if a place is infinite or no number.
    """
    height, width, channels = target.shape
    pitch, taps = source.shape[1] * channels, len(like)
    flat, out = source.reshape(source.size), target.reshape(target.size)
    xs, ys = across.reshape(across.size), down.reshape(down.size)
    wholes, parts = _distances(matrix)
    finite = True
    places, rest = _aligned(RUN, np.int64), _aligned(RUN, np.float32)
    wide, high = _aligned(taps * RUN, np.float32), _aligned(taps * RUN, np.float32)
    shift = -0.5 * (taps - 1)  # from a place to its first neighbour
    down_most, across_most = max(size[0] - taps + 1, 0), max(size[1] - taps + 1, 0)
    tall = TALL if kind < PLACES else 1  # fields are read once, and best as they lie
    for upper in range(0, height, tall):
        for start in range(0, width, RUN):
            first = min(start, width - LANES)
            last = min(start + RUN, width) - LANES - first  # overlaps those before it
            for row in range(upper, min(upper + tall, height)):
                o = row * width + first
                for i in range(0, last + LANES, LANES):
                    n = min(i, last)
                    left, x, top, y = _locate(
                        kind, matrix, wholes, parts, xs, ys, first + 0.5, row + 0.5, n, o + n, shift
                    )
                    shares, heights = weights_of(x, like), weights_of(y, like)
                    lost = splat(np.float32(0))
                    if not (all_within(left, across_most) and all_within(top, down_most)):
                        if kind >= PLACES:
                            finite &= all_finite(xs, o + n) & all_finite(ys, o + n)
                        if border == CONSTANT and (
                            all_beyond(left, taps - 1, size[1])
                            or all_beyond(top, taps - 1, size[0])
                        ):
                            places[i] = -1
                            continue
                        left, shares, lost = _bent(border, left, shares, size[1], source.shape[1])
                        top, heights, more = _bent(border, top, heights, size[0], source.shape[0])
                        lost = either(lost, more)
                    store_places(left, top, channels, pitch, places, i)
                    store_all(wide, i * taps, shares)
                    store_all(high, i * taps, heights)
                    store(rest, i, lost)
                for i in range(0, last + LANES, LANES):
                    sums = begin(values, splat(np.float32(1)), half)
                    if places[i] >= 0:
                        sums = begin(values, load(rest, i), half)
                        shares = load_all(wide, i * taps, splat_all(like))
                        heights = load_all(high, i * taps, splat_all(like))
                        sums = add_around(flat, places, i, pitch, shares, heights, sums)
                    store_pixels(out, (o + min(i, last)) * channels, sums)
    return finite


@piece
def _bent(
    border: int, first: Array, weights: tuple[Array, ...], size: int, room: int
) -> tuple[Array, tuple[Array, ...], Array]:
    if border == CONSTANT:
        first, weights, lost = lose(first, weights, size, room)
    elif border == EDGE:
        first, weights, lost = repeat(first, weights, size, room)
    else:
        first, weights, lost = mirror(first, weights, size, room)
    return first, weights, lost
