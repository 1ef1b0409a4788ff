"""Boxes: (x, y, width, height), carried by their four corners; the box is around what is left.

Where a turned box is cut, that is the box around the part in the image: never larger, and often
smaller, than the cut of the box around the turned one, which albumentations and torchvision give.
"""

from typing import NamedTuple

import numpy as np

from pixelmill.annotations.polygons import Rings
from pixelmill.annotations.way import Array, Way, carried


class Boxes(NamedTuple):
    """Bounds (x1, y1, x2, y2) of what is left, its area, and the area if nothing were cut off."""

    bounds: Array
    areas: Array
    whole: Array

    @property
    def shares(self) -> Array:
        """How much of each is still seen, 0 to 1."""
        some = self.whole > 0
        return np.divide(self.areas, self.whole, out=np.zeros_like(self.areas), where=some)


def corners(boxes: Array) -> Array:
    """The corners of (n, 4) boxes, one after the other: (4 n, 2)."""
    x, y, width, height = boxes.T
    across = np.stack([x, x + width, x + width, x], axis=1)
    down = np.stack([y, y, y + height, y + height], axis=1)
    return np.stack([across, down], axis=2).reshape(-1, 2)


def along(boxes: Array, way: Way) -> Boxes:
    """Boxes, float64 of shape (n, 4), at the end of a way."""
    starts = np.arange(len(boxes) + 1, dtype=np.int64) * 4
    points = whole = corners(boxes)
    for leg in way.legs:
        whole = carried(leg.by, whole)
    areas, bounds = Rings(points, starts).along(way).measured()
    return Boxes(bounds, areas, Rings(whole, starts).measured()[0])


def written(bounds: Array) -> Array:
    """(x, y, width, height) of bounds."""
    return np.concatenate([bounds[:, :2], bounds[:, 2:] - bounds[:, :2]], axis=1)
