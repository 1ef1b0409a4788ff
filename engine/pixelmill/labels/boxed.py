"""Boxed: the box of an object, as it was published or drawn anew, in order and in the image."""

from collections import Counter
from collections.abc import Sequence

from pixelmill.annotations import boxes
from pixelmill.annotations.boxes import Box
from pixelmill.annotations.polygons import PLACES

# A box may leave the image by what two coordinates of two decimals, as COCO has them, are rounded.
_ROUNDING = 0.0101


def around(edges: Sequence[Sequence[float]], points: Sequence[float]) -> Box | None:
    """The box around (x1, y1, x2, y2) of what an object has, or else around its keypoints."""
    if not edges:
        edges = [
            [x + 0.5, y + 0.5, x + 0.5, y + 0.5]  # the centre of a pixel of that index
            for x, y, seen in zip(points[::3], points[1::3], points[2::3], strict=True)
            if seen > 0
        ]
    if not edges:
        return None
    x1, y1, x2, y2 = zip(*edges, strict=True)
    return min(x1), min(y1), max(x2) - min(x1), max(y2) - min(y1)


def boxed(
    given: Sequence[float] | None, anew: Box | None, size: tuple[int, int], notes: Counter[str]
) -> Box | None:
    """The box that is written, `anew` where none is given; None where there is none."""
    if given is None:
        if anew is None:
            notes["annotation_without_shape"] += 1
            return None
        return _cut(anew, size, notes)
    box, swapped = boxes.mended(given)
    if box is None:
        notes["annotation_not_finite"] += 1
        return None
    notes["box_corners_swapped"] += swapped
    if box[2] and box[3]:
        return _cut(box, size, notes)
    notes["box_redrawn" if anew else "box_empty"] += 1
    return _cut(anew, size, notes) if anew else None


def _cut(box: Box, size: tuple[int, int], notes: Counter[str]) -> Box | None:
    """What of the box is in the image; it as it is where that is all."""
    (x, y, w, h), (height, width) = box, size
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    over = max(left - x, top - y, x + w - right, y + h - bottom)
    if not height or over <= 0:
        return box
    # A line that is level has no height to lose.
    if right < left or bottom < top or (right == left and w) or (bottom == top and h):
        notes["annotation_outside"] += 1
        return None
    notes["box_clipped"] += over > _ROUNDING
    return (
        round(left, PLACES),
        round(top, PLACES),
        round(right - left, PLACES),
        round(bottom - top, PLACES),
    )
