"""Blocks of 8 x 8 through the cosine transform of JPEG, its quantiser, and back (ITU-T T.81, A.3).

32 blocks side by side are done at once.  A pair of them is a lane of the vectors: number (v, u) of
the left or right block (0 or 1) of pair k is at 256 v + 128 side + 16 u + k.  The factors that make
the transform orthonormal are part of the quantiser: a flat block is summed without rounding.
"""

import math

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels.simd import LANES, turn_back

WIDE = 256  # levels of 32 blocks side by side
NUMBERS = 8 * WIDE

_f32: Untyped = np.float32
_i32: Untyped = np.int32
_u64: Untyped = np.uint64

# cos(n pi / 16), rounded from 17 digits: nothing of them depends on a machine's cosine.
_C1, _C2, _C3 = _f32(0.98078528040323045), _f32(0.92387953251128676), _f32(0.83146961230254524)
_C4, _C5 = _f32(0.70710678118654752), _f32(0.55557023301960222)
_C6, _C7 = _f32(0.38268343236508977), _f32(0.19509032201612827)


def scales(table: Array) -> Array:
    """What the forward transform's numbers are divided by, then what the rounded are multiplied by.

    Parameters
    ----------
    table : int, shape (8, 8)
        Quantisation table, vertical frequencies first.

    Returns
    -------
    float32, shape (2, 2048)
        In the order of the blocks' numbers.
    """
    norm = np.full(8, 0.5)
    norm[0] = math.sqrt(0.125)
    norms = np.outer(norm, norm)
    norms[0, 0] = 0.125
    both = np.stack([table / norms, table * norms]).astype(np.float32)
    return both.repeat(2, axis=1).reshape(2, 128).repeat(LANES, axis=1)


@kernel
def _quantise(plane: Array, scale: Array) -> None:
    """Replace the levels of a plane, whose sides are multiples of 8, by what JPEG keeps of them."""
    height, width = plane.shape
    blocks, turned = np.empty(NUMBERS, np.float32), np.empty(NUMBERS, np.uint8)
    part, flat = np.zeros(NUMBERS, np.uint8), plane.reshape(plane.size)
    for y in range(0, height, 8):
        for x in range(0, width, WIDE):
            start, count = y * width + x, min(width - x, WIDE)
            _copy(flat, start, width, part, 0, WIDE, count)
            _blocks(part, turned, blocks, scale)
            _copy(part, 0, WIDE, flat, start, width, count)


@kernel
def _blocks(part: Array, turned: Array, blocks: Array, scale: Array) -> None:
    # How often is not told to LLVM: it would write out every round.
    rows, lines = turned.size // WIDE, blocks.size // (8 * LANES)
    for y in range(rows):  # 16 x 16 bytes at once, as many as a vector of floats has lanes
        turn_back(blocks, part, y * WIDE, turned, y * WIDE, LANES)
    for i in range(NUMBERS):
        blocks[i] = _f32(turned[i]) - _f32(128)
    for n in range(lines):
        _forward(blocks, n * LANES, WIDE)
    for n in range(lines):
        _forward(blocks, n * 8 * LANES, LANES)
    _round(blocks, scale[0], scale[1])
    for n in range(lines):
        _inverse(blocks, n * LANES, WIDE)
    for n in range(lines):
        _inverse(blocks, n * 8 * LANES, LANES)
    for i in range(NUMBERS):
        turned[i] = _i32(min(max(blocks[i] + _f32(128.5), _f32(0)), _f32(255)))
    for y in range(rows):
        turn_back(blocks, turned, y * WIDE, part, y * WIDE, LANES)


@kernel
def _copy(
    source: Array, start: int, pitch: int, target: Array, begin: int, step: int, count: int
) -> None:
    """Eight pieces of rows.  As slices they took Numba two seconds to compile."""
    for y in range(8):
        for x in range(count):
            target[_u64(begin + y * step + x)] = source[_u64(start + y * pitch + x)]


@kernel
def _round(blocks: Array, down: Array, up: Array) -> None:
    """To the nearest multiple; halves away from zero, as libjpeg does."""
    for i in range(NUMBERS):
        share = blocks[i] / down[i]
        blocks[i] = _f32(_i32(share + math.copysign(_f32(0.5), share))) * up[i]


@piece
def _forward(blocks: Array, first: int, step: int) -> None:
    """Sum over n of x[n] cos((2 n + 1) k pi / 16), for k = 0 to 7."""
    for k in range(LANES):
        i, by = _u64(first + k), _u64(step)
        x0, x7 = blocks[i], blocks[i + _u64(7) * by]
        x1, x6 = blocks[i + by], blocks[i + _u64(6) * by]
        x2, x5 = blocks[i + _u64(2) * by], blocks[i + _u64(5) * by]
        x3, x4 = blocks[i + _u64(3) * by], blocks[i + _u64(4) * by]
        a0, a1, a2, a3 = x0 + x7, x1 + x6, x2 + x5, x3 + x4
        b0, b1, b2, b3 = x0 - x7, x1 - x6, x2 - x5, x3 - x4
        outer, inner, p, q = a0 + a3, a1 + a2, a0 - a3, a1 - a2
        blocks[i] = outer + inner
        blocks[i + by] = _C1 * b0 + _C3 * b1 + _C5 * b2 + _C7 * b3
        blocks[i + _u64(2) * by] = _C2 * p + _C6 * q
        blocks[i + _u64(3) * by] = _C3 * b0 - _C7 * b1 - _C1 * b2 - _C5 * b3
        blocks[i + _u64(4) * by] = _C4 * (outer - inner)
        blocks[i + _u64(5) * by] = _C5 * b0 - _C1 * b1 + _C7 * b2 + _C3 * b3
        blocks[i + _u64(6) * by] = _C6 * p - _C2 * q
        blocks[i + _u64(7) * by] = _C7 * b0 - _C5 * b1 + _C3 * b2 - _C1 * b3


@piece
def _inverse(blocks: Array, first: int, step: int) -> None:
    """Sum over k of t[k] cos((2 n + 1) k pi / 16), for n = 0 to 7."""
    for k in range(LANES):
        i, by = _u64(first + k), _u64(step)
        t0, t1 = blocks[i], blocks[i + by]
        t2, t3 = blocks[i + _u64(2) * by], blocks[i + _u64(3) * by]
        t4, t5 = _C4 * blocks[i + _u64(4) * by], blocks[i + _u64(5) * by]
        t6, t7 = blocks[i + _u64(6) * by], blocks[i + _u64(7) * by]
        p, q = _C2 * t2 + _C6 * t6, _C6 * t2 - _C2 * t6
        a0, a1, a2, a3 = t0 + t4 + p, t0 - t4 + q, t0 - t4 - q, t0 + t4 - p
        b0 = _C1 * t1 + _C3 * t3 + _C5 * t5 + _C7 * t7
        b1 = _C3 * t1 - _C7 * t3 - _C1 * t5 - _C5 * t7
        b2 = _C5 * t1 - _C1 * t3 + _C7 * t5 + _C3 * t7
        b3 = _C7 * t1 - _C5 * t3 + _C3 * t5 - _C1 * t7
        blocks[i], blocks[i + _u64(7) * by] = a0 + b0, a0 - b0
        blocks[i + by], blocks[i + _u64(6) * by] = a1 + b1, a1 - b1
        blocks[i + _u64(2) * by], blocks[i + _u64(5) * by] = a2 + b2, a2 - b2
        blocks[i + _u64(3) * by], blocks[i + _u64(4) * by] = a3 + b3, a3 - b3
