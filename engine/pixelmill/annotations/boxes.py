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
