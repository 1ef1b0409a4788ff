"""Locating: where in the source the pixels of a run of an output row lie.

A run is up to 128 pixels of one row; they are located sixteen at a time.
"""

import math

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import piece
from pixelmill_kernels._places import FAR, project, step, take

RUN = 256
AFFINE, PROJECTIVE, PLACES, SHIFTS = range(4)  # what says where: an inverse map, or two fields

Matrix = tuple[float, ...]


@piece
def _locate(
    kind: int,
    m: Matrix,
    wholes: Array,
    parts: Array,
    across: Array,
    down: Array,
    u: float,
    v: float,
    n: int,
    index: int,
    shift: float,
) -> tuple[Array, ...]:
    """Whole and fraction across, whole and fraction down, of pixels n to n + 15 of a run.

    The centre of the run's first pixel is at (u, v), and pixel n is number `index` of the output.
    `shift` is added to each place.
    """
    x = m[0] * u + (m[1] * v + m[2])
    y = m[3] * u + (m[4] * v + m[5])
    # One way out: with more of them Numba counts references to the arrays, which every core waits
    # for, and that takes longer than all the rest.
    if kind == AFFINE:
        one, other = _floor(x + shift), _floor(y + shift)
        left, fx = step(wholes, parts, n, one[0], one[1])
        top, fy = step(wholes, parts, RUN + n, other[0], other[1])
    elif kind == PROJECTIVE:
        depth = m[6] * u + (m[7] * v + m[8]) + m[6] * n
        start, by = (x + m[0] * n, y + m[3] * n), (m[0], m[3])
        left, fx, top, fy = project(start, by, depth, m[6], shift)
    elif kind == PLACES:
        left, fx = take(across, index, shift, 0, 0)
        top, fy = take(down, index, shift, 0, 0)
    else:
        left, fx = take(across, index, 0.5 + shift, int(u) + n, 1)
        top, fy = take(down, index, 0.5 + shift, int(v), 0)
    return left, fx, top, fy


@piece
def _distances(m: Matrix) -> tuple[Array, Array]:
    """How far in the source the pixels of a run lie from its first one: across, then down.

    Whole and fraction: counted from the first pixel, float32 is fine enough.
    """
    wholes, parts = _aligned(2 * RUN, np.int32), _aligned(2 * RUN, np.float32)
    for n in range(RUN):
        wholes[n], parts[n] = _floor(m[0] * n)
        wholes[RUN + n], parts[RUN + n] = _floor(m[3] * n)
    return wholes, parts


@piece
def _floor(place: float) -> tuple[int, float]:
    place = min(max(place, -FAR), FAR)
    return math.floor(place), place - math.floor(place)


@piece
def _aligned(count: int, dtype: type) -> Array:
    """Room for vectors that begins on a cache line: no vector straddles two of them."""
    room: Array = np.empty(count + 16, dtype)
    skip = (-room.ctypes.data % 64) // room.itemsize
    return room[skip : skip + count]
