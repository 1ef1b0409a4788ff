"""Polygons: rings of points cut to a frame, measured, and filled.

Coordinates are continuous: pixel i covers [i, i + 1).  Many rings lie in one array, (points, 2),
ring n from starts[n] to starts[n + 1]; none repeats its first point at its end.
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import Array, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece

__all__ = ["clip", "fill", "measure"]

Matrix = Sequence[float]
STAY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_i64: Untyped = np.int64
_FINER = 5  # steps to a pixel, as maskApi.c has it; odd, so that a pixel's centre is on the grid


def clip(
    points: Array, starts: Array, width: float, height: float, matrix: Matrix = STAY
) -> tuple[Array, Array]:
    """Move rings by a matrix, and cut them to [0, width] x [0, height].

    By the way of Sutherland and Hodgman, 1974.

    What falls apart stays one ring, its parts joined along the border: of no area.

    Parameters
    ----------
    points : float64, shape (points, 2)
        (x, y), finite.
    starts : int64, shape (rings + 1,)
    width, height : float
    matrix : six numbers
        (a, b, c, d, e, f): x' = a x + b y + c and y' = d x + e y + f, in pixels.

    Returns
    -------
    points : float64, shape (points, 2)
    starts : int64, shape (rings + 1,)
        A ring of which nothing is left has no points.
    """
    _expect_rings(points, starts)
    a, b, c, d, e, f = map(float, matrix)
    width, height = float(width), float(height)  # whole numbers would be compiled for once more
    points, starts = for_reading(points), for_reading(starts)
    # each of the four borders can double a ring
    room = np.empty((2, 16 * _longest(starts) + 16, 2))
    out = np.empty((2 * len(points) + 8 * len(starts), 2))
    cut = np.empty(len(starts), np.int64)
    while True:
        end = _clip(points, starts, width, height, (a, b, c, d, e, f), room, out, cut)
        if end >= 0:
            return out[:end], cut
        out = np.empty((2 * len(out), 2))


def measure(points: Array, starts: Array) -> tuple[Array, Array]:
    """The area of each ring (the shoelace formula, without sign) and its bounds.

    Returns
    -------
    areas : float64, shape (rings,)
        In square pixels; 0 of a ring without points.
    bounds : float64, shape (rings, 4)
        (x1, y1, x2, y2); (inf, inf, -inf, -inf) of a ring without points.
    """
    _expect_rings(points, starts)
    areas, bounds = np.empty(len(starts) - 1), np.empty((len(starts) - 1, 4))
    _measure(for_reading(points), for_reading(starts), areas, bounds)
    return areas, bounds


def fill(ring: Array, size: tuple[int, int]) -> Array:
    """The runs of the mask that a ring covers, the same as pycocotools gives.

    A pixel is in where its centre is, on a grid of 5 x 5 to a pixel; where the ring crosses itself,
    even and odd take turns.

    Parameters
    ----------
    ring : float64, shape (points, 2)
        (x, y), finite, within +-1e6.
    size : (height, width)

    Returns
    -------
    uint32, shape (runs,)
        As `rle.decode` takes them.
    """
    if ring.dtype != np.float64:
        raise TypeError(f"ring must be float64, got {ring.dtype}")
    if ring.ndim != 2 or ring.shape[1] != 2 or not ring.flags.c_contiguous:
        raise ValueError(f"ring must have shape (points, 2), C-contiguous, got {ring.shape}")
    height, width = size
    if min(size) < 1 or height * width >= 2**32:
        raise ValueError(f"size (height, width) must be 1 x 1 to 2**32 pixels, got {size}")
    ring = for_reading(ring)
    grid = np.empty(ring.shape, np.int64)
    most = _on_grid(ring, grid)
    if most < 0:
        raise ValueError("ring must hold points, finite and within +-1e6")
    places = np.empty(most, np.int64)
    places = places[: _cross(grid, height, width, places)]
    places.sort()
    counts = np.empty(len(places) + 1, np.uint32)
    return counts[: _runs(places, height * width, counts)]


def _expect_rings(points: Array, starts: Array) -> None:
    if points.dtype != np.float64 or starts.dtype != np.int64:
        raise TypeError(
            f"points must be float64 and starts int64, got {points.dtype} and {starts.dtype}"
        )
    if points.ndim != 2 or points.shape[1] != 2 or not points.flags.c_contiguous:
        raise ValueError(f"points must have shape (points, 2), C-contiguous, got {points.shape}")
    if starts.ndim != 1 or len(starts) == 0 or starts[0] != 0 or _longest(for_reading(starts)) < 0:
        raise ValueError("starts must begin with 0 and never fall")
    if len(starts) > 1 and starts[-1] != len(points):
        raise ValueError(f"starts must end with {len(points)}, got {starts[-1]}")


@kernel
def _longest(starts: Array) -> int:
    """The points of the longest ring; -1 where `starts` fall."""
    most = _i64(0)
    for n in range(starts.size - 1):
        if starts[n + 1] < starts[n]:
            return -1
        most = max(most, starts[n + 1] - starts[n])
    return int(most)


@kernel
def _clip(
    points: Array,
    starts: Array,
    width: float,
    height: float,
    m: tuple[float, ...],
    room: Array,
    out: Array,
    cut: Array,
) -> int:
    """Where the last ring ends; -1 where `out` is too small."""
    end = 0
    cut[0] = 0
    for n in range(starts.size - 1):
        count = starts[n + 1] - starts[n]
        within = True
        for k in range(count):
            u, v = points[starts[n] + k, 0], points[starts[n] + k, 1]
            x, y = m[0] * u + m[1] * v + m[2], m[3] * u + m[4] * v + m[5]
            room[0, k, 0], room[0, k, 1] = x, y
            within = within and 0 <= x <= width and 0 <= y <= height
        side = 0
        if not within:
            count = _cut(room, 0, count, 0, 1.0, 0.0)
            count = _cut(room, 1, count, 0, -1.0, width)
            count = _cut(room, 0, count, 1, 1.0, 0.0)
            count = _cut(room, 1, count, 1, -1.0, height)
        if end + count > out.shape[0]:
            return -1
        for k in range(count):
            out[end + k, 0], out[end + k, 1] = room[side, k, 0], room[side, k, 1]
        end += count
        cut[n + 1] = end
    return end


@piece
def _cut(room: Array, side: int, count: int, axis: int, sign: float, border: float) -> int:
    """Keep of a ring in room[side] what has sign * place + border >= 0, in the other side."""
    kept = 0
    for k in range(count):
        before = k - 1 if k > 0 else count - 1
        one = sign * room[side, before, axis] + border
        other = sign * room[side, k, axis] + border
        if (one < 0) != (other < 0):
            share = one / (one - other)
            for c in range(2):
                a, b = room[side, before, c], room[side, k, c]
                room[1 - side, kept, c] = a + share * (b - a)
            room[1 - side, kept, axis] = border if sign < 0 else 0.0
            kept += 1
        if other >= 0:
            room[1 - side, kept, 0] = room[side, k, 0]
            room[1 - side, kept, 1] = room[side, k, 1]
            kept += 1
    return kept


@kernel
def _measure(points: Array, starts: Array, areas: Array, bounds: Array) -> None:
    for n in range(starts.size - 1):
        twice, x1, y1, x2, y2 = 0.0, np.inf, np.inf, -np.inf, -np.inf
        first, end = starts[n], starts[n + 1]
        for k in range(first, end):
            x, y = points[k, 0], points[k, 1]
            after = k + 1 if k + 1 < end else first
            # from the ring's first point on: far from (0, 0) nothing of the sum is lost
            ax, ay = x - points[first, 0], y - points[first, 1]
            bx, by = points[after, 0] - points[first, 0], points[after, 1] - points[first, 1]
            twice += ax * by - bx * ay
            x1, y1, x2, y2 = min(x1, x), min(y1, y), max(x2, x), max(y2, y)
        areas[n] = abs(twice) / 2
        bounds[n, 0], bounds[n, 1], bounds[n, 2], bounds[n, 3] = x1, y1, x2, y2


@kernel
def _on_grid(ring: Array, grid: Array) -> int:
    """How often the outline may pass the centre of a column; -1 where points are none or wild."""
    most = 0
    for k in range(ring.shape[0]):
        if not (abs(ring[k, 0]) <= 1e6 and abs(ring[k, 1]) <= 1e6):
            return -1
        for axis in range(2):
            grid[k, axis] = _i64(_FINER * ring[k, axis] + 0.5)
        if k > 0:
            most += abs(grid[k, 0] - grid[k - 1, 0]) // _FINER + 2
    if ring.shape[0] == 0:
        return -1
    return int(most + abs(grid[-1, 0] - grid[0, 0]) // _FINER + 2)


@kernel
def _cross(grid: Array, height: int, width: int, places: Array) -> int:
    """Where the outline passes the centres of columns: pixels counted down the columns."""
    found = 0
    before_u, before_v = _i64(0), _i64(0)
    begun = False
    for k in range(grid.shape[0]):
        after = k + 1 if k + 1 < grid.shape[0] else 0
        xs, ys, xe, ye = grid[k, 0], grid[k, 1], grid[after, 0], grid[after, 1]
        dx, dy = abs(xe - xs), abs(ye - ys)
        steps = max(dx, dy)
        if steps == 0:
            continue
        level = dx >= dy
        back = xs > xe if level else ys > ye  # drawn from the same end whichever way it runs
        if back:
            xs, ys, xe, ye = xe, ye, xs, ys
        slope = float(ye - ys) / dx if level else float(xe - xs) / dy
        for d in range(steps + 1):
            t = steps - d if back else d
            if level:
                u, v = xs + t, _i64(ys + slope * t + 0.5)
            else:
                u, v = _i64(xs + slope * t + 0.5), ys + t
            if begun and u != before_u:
                column = min(u, before_u)
                if column % _FINER == _FINER // 2 and 0 <= column < width * _FINER:
                    row = (min(v, before_v) + 0.5) / _FINER - 0.5
                    row = np.ceil(min(max(row, 0.0), float(height)))
                    places[found] = column // _FINER * height + _i64(row)
                    found += 1
            begun, before_u, before_v = True, u, v
    return found


@kernel
def _runs(places: Array, pixels: int, counts: Array) -> int:
    """Runs from where they change; two changes in one place are none."""
    runs, at, k = 0, 0, 0
    while k < places.size:
        if k + 1 < places.size and places[k + 1] == places[k]:
            k += 2
            continue
        counts[runs] = places[k] - at
        runs, at, k = runs + 1, places[k], k + 1
    if at < pixels or runs == 0:
        counts[runs] = pixels - at
        runs += 1
    return runs
