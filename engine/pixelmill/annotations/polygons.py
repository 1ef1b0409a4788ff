"""Polygons: rings of points, all those of an image in one array, carried along a way and cut."""

import math
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from pixelmill.annotations.way import Array, Way, carried
from pixelmill.geometry import Affine
from pixelmill_kernels.polygon import clip, measure

LEAST = 6  # numbers, of a ring's three points
PLACES = 2  # decimals that are written: COCO's own


class Rings(NamedTuple):
    """Ring n is points[starts[n]:starts[n + 1]]."""

    points: Array
    starts: Array

    @classmethod
    def of(cls, flat: Sequence[Sequence[float]]) -> "Rings":
        """From rings of (x, y, x, y ...)."""
        starts = np.zeros(len(flat) + 1, np.int64)
        np.cumsum([len(ring) // 2 for ring in flat], out=starts[1:])
        points = np.array([*chain.from_iterable(flat)], np.float64).reshape(-1, 2)
        return cls(points, starts)

    def flat(self) -> list[list[float]]:
        """To rings of (x, y, x, y ...), as they are written."""
        numbers = rounded(self.points).reshape(-1).tolist()
        ends = (2 * self.starts).tolist()
        return [numbers[a:b] for a, b in pairwise(ends)]

    def measured(self) -> tuple[Array, Array]:
        """The area of each ring and its bounds (x1, y1, x2, y2)."""
        return measure(self.points, self.starts)

    def along(self, way: Way) -> "Rings":
        """What is left of each ring at the end of the way; none of its points where it is gone."""
        points, starts = self
        for by, (height, width) in way.legs:
            if isinstance(by, Affine):
                points, starts = clip(points, starts, width, height, by)
            else:
                points, starts = clip(carried(by, points), starts, width, height)
        return Rings(points, starts)

    def carried(self, way: Way) -> "Rings":
        """The same, if nothing were cut off."""
        points = self.points
        for leg in way.legs:
            points = carried(leg.by, points)
        return Rings(points, self.starts)


def rounded(numbers: Array) -> Array:
    """As they are written; 0.0 for -0.0."""
    return np.round(numbers, PLACES) + 0.0


def is_whole(ring: Sequence[float]) -> bool:
    """Whether a flat ring has three points at least, in pairs of finite numbers."""
    return len(ring) >= LEAST and len(ring) % 2 == 0 and math.isfinite(sum(ring))
