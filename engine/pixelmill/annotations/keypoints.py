"""Keypoints: (x, y, visibility), the index of a pixel on disk and its centre on the way.

A mirror makes a left eye a right one, so pairs change places where the way mirrors, be it by a flip
from side to side, from top to bottom or by a transposition; turns change none.  Others, such as
albumentations, leave pairs as they are in a transposition, though it is a flip and a quarter turn:
there the same pixels have other names by the way that they came.  Here one picture has one answer,
so that an image stored transposed (EXIF 5 and 7) is named as one that was flipped and turned.
"""

from collections.abc import Sequence

import numpy as np

from pixelmill.annotations.way import Array, Way, carried

# nose; then eyes, ears, shoulders, elbows, wrists, hips, knees and ankles, left before right
COCO_PAIRS = tuple((n, n + 1) for n in range(1, 17, 2))
COCO_COUNT = 17


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
