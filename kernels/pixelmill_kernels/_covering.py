"""Covering: the loops of `warp` and `remap` that take the pixel that covers each place.

As in `_sampling` a run is gone through twice, for the places and for the pixels.  Where a map is
known to stay in the image, nothing is asked of its places.
"""

import numpy as np

from pixelmill_kernels._borders import CONSTANT
from pixelmill_kernels._check import Array
from pixelmill_kernels._clipping import _blocks, _known
from pixelmill_kernels._gliding import _fixed, _strides, glance, glide
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._locating import AFFINE, PLACES, RUN, Matrix, _aligned, _distances, _locate
from pixelmill_kernels._moving import move_pixels
from pixelmill_kernels._places import all_beyond, all_finite, all_within, store_inside, store_places
from pixelmill_kernels._sampling import TALL, Values, _bent
from pixelmill_kernels._storing import move
from pixelmill_kernels.simd import splat

WHOLE, MIXED, EMPTY = range(3)  # sixteen places of which all, some or none lie inside


@kernel
def _nearest(
    source: Array,
    target: Array,
    kind: int,
    matrix: Matrix,
    across: Array,
    down: Array,
    border: int,
    values: Values,
) -> bool:
    """Fill `target`, 16 pixels wide or more, with the pixels that cover the places.

    False if a place is infinite or no number.
    """
    height, width, channels = target.shape
    size, pitch = source.shape[:2], source.shape[1] * channels
    flat, out = source.reshape(source.size), target.reshape(target.size)
    xs, ys = across.reshape(across.size), down.reshape(down.size)
    wholes, parts = _distances(matrix)
    finite = True
    places, near = _aligned(RUN, np.int64), _aligned(RUN, np.int32)
    state = np.empty(RUN, np.int8)
    line = np.empty(LANES * channels, source.dtype)  # as the border's level fills it
    for j in range(line.size):
        line[j] = values[j % channels]
    sure, maybe = _known(kind, matrix, (height, width), source.shape)
    steps = _strides(matrix[0]), _strides(matrix[3])
    tall = TALL if kind < PLACES else 1
    for upper in range(0, height, tall):
        for start in range(0, width, RUN):
            first = min(start, width - LANES)
            last = min(start + RUN, width) - LANES - first
            for row in range(upper, min(upper + tall, height)):
                o = row * width + first
                low, high = _blocks(sure[row, 0] - first, sure[row, 1] - first, last)
                if low < high:
                    u, v, blocks = first + 0.5, row + 0.5, (low, high, last)
                    _glide(kind, matrix, steps, (u, v), blocks, (channels, pitch), near)
                for i in range(low, high, LANES):
                    move_pixels(flat, near, i, out, (o + min(i, last)) * channels, values)
                if high - low >= last + LANES:
                    continue
                for i in range(0, last + LANES, LANES):
                    if low <= i < high:
                        continue
                    n = min(i, last)
                    begin = first + n
                    if border == CONSTANT and (
                        begin >= maybe[row, 1] or begin + LANES <= maybe[row, 0]
                    ):
                        state[i] = EMPTY
                        continue
                    left, _, top, _ = _locate(
                        kind, matrix, wholes, parts, xs, ys, first + 0.5, row + 0.5, n, o + n, 0.0
                    )
                    state[i] = WHOLE
                    # of the last row a pixel may have nothing after it, see `move_pixels`
                    if not (all_within(left, size[1]) and all_within(top, size[0] - 1)):
                        if kind >= PLACES:
                            finite &= all_finite(xs, o + n) & all_finite(ys, o + n)
                        state[i] = MIXED
                        if border != CONSTANT:
                            one = (splat(np.float32(1)),)
                            left = _bent(border, left, one, size[1], size[1])[0]
                            top = _bent(border, top, one, size[0], size[0])[0]
                            if all_within(top, size[0] - 1):
                                state[i] = WHOLE
                        elif all_beyond(left, 0, size[1]) or all_beyond(top, 0, size[0]):
                            state[i] = EMPTY
                    if state[i] == WHOLE:
                        store_places(left, top, channels, pitch, places, i)
                    elif state[i] == MIXED:
                        store_inside(left, top, size, channels, pitch, places, i)
                for i in range(0, last + LANES, LANES):
                    if low <= i < high:
                        continue
                    to = (o + min(i, last)) * channels
                    if state[i] == WHOLE:
                        move_pixels(flat, places, i, out, to, values)
                    elif state[i] == EMPTY:
                        for c in range(len(values)):
                            move(line, c * LANES, out, to + c * LANES)
                    else:
                        _pick(flat, places, i, out, to, values)
    return finite


@piece
def _glide(
    kind: int,
    m: Matrix,
    steps: tuple[Array, Array],
    centre: tuple[float, float],
    blocks: tuple[int, int, int],
    strides: tuple[int, int],
    near: Array,
) -> None:
    """Write the flat places of the pixels of some blocks of a run, which all lie in the image.

    `centre` is that of the run's first pixel, `blocks` the first of them, the end, and where the
    run's last one begins.
    """
    u, v = centre
    low, high, last = blocks
    x = m[0] * u + (m[1] * v + m[2])
    y = m[3] * u + (m[4] * v + m[5])
    if kind == AFFINE:
        across, down = _fixed(x), _fixed(y)
        for i in range(low, high, LANES):
            n = min(i, last)
            left, top = glide(steps[0], n, across), glide(steps[1], n, down)
            store_places(left, top, strides[0], strides[1], near, i)
    else:
        depth = m[6] * u + (m[7] * v + m[8])
        for i in range(low, high, LANES):
            n = min(i, last)
            start = x + m[0] * n, y + m[3] * n
            left, top = glance(start, (m[0], m[3]), depth + m[6] * n, m[6])
            store_places(left, top, strides[0], strides[1], near, i)


@piece
def _pick(source: Array, places: Array, index: int, out: Array, to: int, values: Values) -> None:
    for n in range(LANES):
        for c in range(len(values)):
            o, place = to + n * len(values) + c, places[index + n]
            out[o] = source[place + c] if place >= 0 else values[c]
