"""Boxes: (x, y, width, height), carried by their corners; the box is around what is left.

Where a turned box is cut, that is the box around the part in the image: never larger, and often
smaller, than the cut of the box around the turned one, which albumentations and torchvision give.
"""

from typing import NamedTuple

import numpy as np

from pixelmill.annotations.polygons import Rings
from pixelmill.annotations.way import Array, Way, carried


BENT = 16  # points to a side where it is bent: an elastic map's waves are longer than some pixels


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


def outlines(boxes: Array, points: int = 1) -> Array:
    """Boxes, (n, 4), as rings of their corners, with so many points to each side: (4 points n, 2)."""
    along = np.arange(points) / points
    zeros, ones = np.zeros(points), np.ones(points)
    across = np.concatenate([along, ones, 1 - along, zeros])
    down = np.concatenate([zeros, along, ones, 1 - along])
    x, y, width, height = boxes.T[..., None]
    return np.stack([x + width * across, y + height * down], axis=2).reshape(-1, 2)


def along(boxes: Array, way: Way) -> Boxes:
    """Boxes, float64 of shape (n, 4), at the end of a way."""
    points = whole = outlines(boxes, 1 if way.straight else BENT)
    starts = np.linspace(0, len(points), len(boxes) + 1).astype(np.int64)
    for leg in way.legs:
        whole = carried(leg.by, whole)
    areas, bounds = Rings(points, starts).along(way).measured()
    return Boxes(bounds, areas, Rings(whole, starts).measured()[0])


def written(bounds: Array) -> Array:
    """(x, y, width, height) of bounds."""
    return np.concatenate([bounds[:, :2], bounds[:, 2:] - bounds[:, :2]], axis=1)
