"""Clipping: which pixels of an output row surely lie inside an image, and which surely do not.

Along a row both terms of a projection are straight lines, and so is the distance to each side of
the image: Liang and Barsky, "A new concept and method for line clipping", ACM TOG 3(1), 1984.
"""

import math

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._gliding import FASTEST
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._locating import AFFINE, PLACES, Matrix

# Pixels between a side of the image and what is sure.  Places are known to 2**-20 of a pixel where
# they are counted in integers.  Those of a projection err by 2**-50 of its largest term, divided
# by the depth: by no more than 2**-12 where the depth is 2**-38 of that term.
MARGIN = 2.0**-10
SHALLOWEST = 2.0**-38


@kernel
def _rows_inside(m: Matrix, shape: tuple[int, int], size: tuple[int, int], margin: float) -> Array:
    """First, and last + 1, of the pixels in each output row that lie `margin` within `size`.

    With a margin below 0 all others are outside.
    """
    rows, width = shape
    largest = 0.0
    for k in range(3):
        term = abs(m[3 * k]) * width + abs(m[3 * k + 1]) * rows + abs(m[3 * k + 2])
        largest = max(largest, term * max(size[0], size[1]) if k == 2 else term)
    least = SHALLOWEST * largest
    found = np.empty((rows, 2), np.int64)
    for row in range(rows):
        found[row, 0], found[row, 1] = _inside(m, row + 0.5, width, size, margin, least)
    return found


@piece
def _inside(
    m: Matrix, v: float, width: int, size: tuple[int, int], margin: float, least: float
) -> tuple[int, int]:
    depth, lean = m[6] * 0.5 + (m[7] * v + m[8]), m[6]
    last = depth + lean * (width - 1)
    sign = 1.0 if depth + last > 0 else -1.0  # any multiple of a map is the same map
    depth, lean, last = sign * depth, sign * lean, sign * last
    low, high = _cut(0.0, width - 1.0, depth - least, lean)
    for k in range(2):
        end = size[1 - k] - margin
        place, by = sign * (m[3 * k] * 0.5 + (m[3 * k + 1] * v + m[3 * k + 2])), sign * m[3 * k]
        low, high = _cut(low, high, place - margin * depth, by - margin * lean)
        low, high = _cut(low, high, end * depth - place, end * lean - by)
    if margin < 0 and min(depth, last) < least:  # what is beyond a horizon may be inside as well
        low, high = 0.0, width - 1.0
    if not low <= high:
        low, high = 0.0, -1.0
    return math.ceil(low), math.floor(high) + 1


@piece
def _cut(low: float, high: float, start: float, by: float) -> tuple[float, float]:
    """The part of low to high in which start + by * n is 0 or more."""
    if by > 0:
        low = max(low, -start / by)
    elif by < 0:
        high = min(high, -start / by)
    elif not start >= 0:
        high = -1.0
    return low, high


@kernel
def _known(
    kind: int, m: Matrix, shape: tuple[int, int], source: tuple[int, int, int]
) -> tuple[Array, Array]:
    """Of each row, which pixels are inside for sure, and which may be."""
    sure, maybe = np.zeros((shape[0], 2), np.int64), np.empty((shape[0], 2), np.int64)
    if kind >= PLACES:
        for row in range(shape[0]):
            maybe[row, 0], maybe[row, 1] = 0, shape[1]
        return sure, maybe
    height, width, channels = source
    if height * width * channels < 2**31 and (
        kind != AFFINE or max(abs(m[0]), abs(m[3])) <= FASTEST
    ):
        # of the last row a pixel may have nothing after it, see `move_pixels`
        sure = _rows_inside(m, shape, (height - 1, width), MARGIN)
    return sure, _rows_inside(m, shape, (height, width), -MARGIN)


@piece
def _blocks(first: int, after: int, last: int) -> tuple[int, int]:
    """The first of a run's blocks of sixteen that lie from `first` to before `after`, and the end.

    The last block begins at `last`, and overlaps the one before it.
    """
    end = (last + 2 * LANES - 1) // LANES * LANES
    low = max(first + LANES - 1, 0) // LANES * LANES if first <= last else end
    high = end if after >= last + LANES else after // LANES * LANES
    return low, max(low, high)
