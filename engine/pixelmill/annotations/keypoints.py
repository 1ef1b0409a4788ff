"""Keypoints: (x, y, visibility), the index of a pixel on disk and its centre on the way.

A mirror makes a left eye a right one, so pairs change places where the way mirrors, be it by a flip
from side to side, from top to bottom or by a transposition; turns change none.  Others, such as
albumentations, leave pairs as they are in a transposition, though it is a flip and a quarter turn:
there the same pixels have other names by the way that they came.  Here one picture has one answer,
so that an image stored transposed (EXIF 5 and 7) is named as one that was flipped and turned.
"""

import math
from collections.abc import Sequence

import numpy as np

from pixelmill.annotations.way import Array, Way, carried

# nose; then eyes, ears, shoulders, elbows, wrists, hips, knees and ankles, left before right
COCO_PAIRS = tuple((n, n + 1) for n in range(1, 17, 2))
COCO_COUNT = 17
NEAR = 0.02  # pixels: two numbers of two decimals


def along(points: Array, way: Way) -> tuple[Array, int]:
    """Keypoints, float64 of shape (n, 3), at the end of a way, and how many left the image.

    One that did, and one that was never set, is (0, 0, 0).
    """
    places, seen = points[:, :2] + 0.5, points[:, 2] > 0
    before = int(seen.sum())
    for by, (height, width) in way.legs:
        places = carried(by, places)
        seen &= ((places >= 0) & (places <= (width, height))).all(axis=1)
    moved = np.concatenate([places - 0.5, points[:, 2:]], axis=1)
    moved[~seen] = 0
    return moved, before - int(seen.sum())


def hull(points: Array) -> tuple[float, float, float, float] | None:
    """(x1, y1, x2, y2) around the centres of those that are set; None where none is."""
    places = points[points[:, 2] > 0, :2] + 0.5
    if not len(places):
        return None
    (x1, y1), (x2, y2) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return x1, y1, x2, y2


def fill(flat: Sequence[float], box: Sequence[float]) -> bool:
    """Whether (x, y, width, height) is the box around these keypoints, flat as on disk."""
    if len(flat) % 3 or not math.isfinite(sum(flat)):
        return False
    edges = hull(np.array(flat, np.float64).reshape(-1, 3))
    x, y, width, height = box
    own = x, y, x + width, y + height
    return edges is not None and all(
        abs(one - other) <= NEAR for one, other in zip(own, edges, strict=True)
    )


def order(count: int, pairs: Sequence[tuple[int, int]] | None) -> list[int] | None:
    """Which keypoint stands where in a mirror; None where no pairs are known."""
    if pairs is None:
        pairs = COCO_PAIRS if count == COCO_COUNT else None
    if pairs is None or any(max(pair) >= count for pair in pairs):
        return None
    places = list(range(count))
    for left, right in pairs:
        places[left], places[right] = right, left
    return places
