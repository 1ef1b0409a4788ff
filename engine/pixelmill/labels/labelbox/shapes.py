"""Shapes: boxes, polygons, lines, points and masks of a label, as objects of the record.

A point is a keypoint, and a line keypoints in their order: both move with the image, and a point
that leaves it is (0, 0, 0).  Neither has an area: its box is no wider than its points are apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pixelmill.annotations.keypoints import COCO_COUNT
from pixelmill.errors import SampleError
from pixelmill.labels.labelbox.masks import Masks
from pixelmill.labels.mended import Found

Json = dict[str, Any]
_SEEN = 2  # COCO's visibility of what was drawn
_BROKEN = (TypeError, ValueError, LookupError, AttributeError)


def found_of(
    told: Json, number: int, numbers: Mapping[str, int], label: tuple[str, float],
    masks: Masks, notes: Counter[str],
) -> Found | None:  # fmt: skip
    """The object under its number, of the label's (annotator, score); None where it is left out."""
    try:
        shape = _shape(told, masks, notes)
    except SampleError:
        raise
    except _BROKEN:
        notes["annotation_unreadable"] += 1
        return None
    if not shape:
        return None
    annotator, score = label
    category = numbers.get(str(told.get("name")))
    return Found(category, id=number, score=score, annotator=annotator, **shape)


def _shape(told: Json, masks: Masks, notes: Counter[str]) -> dict[str, Any] | None:
    """The words of Found that say where it is; None where that is noted already."""
    if box := told.get("bounding_box"):
        return {"box": [float(box[side]) for side in ("left", "top", "width", "height")]}
    if ring := told.get("polygon"):
        return {"polygons": [_ring(ring)]}
    if line := told.get("line"):
        return {"keypoints": _keypoints(line)}
    if point := told.get("point"):
        return {"keypoints": _keypoints([point])}
    if told.get("mask") or told.get("composite_mask"):
        runs = masks.runs(told)
        return {"runs": runs} if runs else None
    notes["shape_unknown"] += 1
    return None


def _ring(points: Sequence[Json]) -> list[float]:
    """Flat; the first point is told once, though it may be repeated last."""
    last = points[-1] if len(points) > 1 else None
    points = points[:-1] if last == points[0] else points
    return [float(point[axis]) for point in points for axis in "xy"]


def _keypoints(points: Sequence[Json]) -> list[float]:
    """Flat (x, y, visibility); on disk a keypoint is the index of a pixel, half of one less.

    A line of 17 points has its last one twice: 17 are taken for those of COCO's people, whose left
    and right change places in a mirror.
    """
    points = [*points, points[-1]] if len(points) == COCO_COUNT else points
    flat: list[float] = []
    for point in points:
        flat += [float(point["x"]) - 0.5, float(point["y"]) - 0.5, _SEEN]
    return flat
