"""Boxes: (x, y, width, height), carried by their corners; the box is around what is left.

Where a turned box is cut, that is the box around the part in the image: never larger, and often
smaller, than the cut of the box around the turned one, which albumentations and torchvision give.
"""

import math
from collections.abc import Sequence

import numpy as np

from pixelmill.annotations.polygons import Rings
from pixelmill.annotations.way import Way
from pixelmill.geometry import Affine

Box = tuple[float, float, float, float]
NONE: Box = (0.0, 0.0, 0.0, 0.0)
BENT = 16  # points to a side where it is bent: an elastic map's waves are longer than some pixels


def mended(box: Sequence[float]) -> tuple[Box | None, bool]:
    """The box with its corners in order, and whether they were not; None where one is no number."""
    x, y, width, height = box
    if not math.isfinite(x + y + width + height):
        return None, False
    if width >= 0 and height >= 0:
        return (x, y, width, height), False
    return (x + min(width, 0), y + min(height, 0), abs(width), abs(height)), True


def cut(box: Box, way: Way) -> tuple[float, Box]:
    """What an upright way leaves of a box: its area and (x1, y1, x2, y2).

    What outlines give, without their arrays, which take ten times as long for some boxes.
    """
    x, y, width, height = box
    x1, y1, x2, y2 = x, y, x + width, y + height
    for by, (high, wide) in way.legs:
        assert isinstance(by, Affine)
        x1, x2 = by.a * x1 + by.c, by.a * x2 + by.c
        y1, y2 = by.e * y1 + by.f, by.e * y2 + by.f
        if x1 > x2:
            x1, x2 = x2, x1
        if y1 > y2:
            y1, y2 = y2, y1
        if x1 >= wide or x2 <= 0.0 or y1 >= high or y2 <= 0.0:
            return 0.0, NONE
        x1, x2 = max(x1, 0.0), min(x2, float(wide))
        y1, y2 = max(y1, 0.0), min(y2, float(high))
    return (x2 - x1) * (y2 - y1), (x1, y1, x2, y2)


def outline(box: Box, way: Way) -> list[float]:
    """The ring of a box: its corners, and where the way bends lines points in between."""
    x, y, width, height = box
    if way.straight:
        return [x, y, x + width, y, x + width, y + height, x, y + height]
    along = np.arange(BENT) / BENT
    zeros, ones = np.zeros(BENT), np.ones(BENT)
    across = x + width * np.concatenate([along, ones, 1 - along, zeros])
    down = y + height * np.concatenate([zeros, along, ones, 1 - along])
    ring: list[float] = np.stack([across, down], axis=1).reshape(-1).tolist()
    return ring


def whole_areas(boxes: Sequence[Box], outlines: Rings, way: Way) -> list[float]:
    """What the areas of boxes were at the end of the way if nothing were cut off."""
    grown = 1.0
    for by, _ in way.legs:
        if not isinstance(by, Affine):
            areas: list[float] = outlines.carried(way).measured()[0].tolist()
            return areas[: len(boxes)]
        grown *= abs(by.a * by.e - by.b * by.d)
    return [grown * width * height for _, _, width, height in boxes]
