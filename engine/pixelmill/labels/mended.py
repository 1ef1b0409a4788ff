"""Mended: an image's objects as they were published, made columns; nothing wrong goes on unsaid.

what is wrong                           what is done, and counted as
no such category                        left out: unknown_category
an id that was there already            the first is kept: annotation_id_twice
text where numbers belong               left out: annotation_unreadable
a box that is not a number              left out: annotation_not_finite
a box whose corners are swapped         swapped back: box_corners_swapped
a box that leaves the image             cut: box_clipped; left out where nothing remains:
                                        annotation_outside
a box of no width or no height          drawn anew around its polygon or mask: box_redrawn; left
                                        out where it has neither: box_empty
no box, polygon, mask or keypoint       left out: annotation_without_shape
a ring of less than three points        left out, the object stays: polygon_broken
runs that do not fill their mask        left out, the box stays: mask_broken
keypoints not three by three            left out, the box stays: keypoints_broken

An area is measured anew: of the mask in pixels, or of polygons by the shoelace formula.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from pixelmill.annotations import boxes
from pixelmill.annotations.boxes import Box
from pixelmill.annotations.polygons import PLACES, Rings, is_whole
from pixelmill.labels import record
from pixelmill_kernels import rle

# A box may leave the image by what two coordinates of two decimals, as COCO has them, are rounded.
_ROUNDING = 0.0101
_WRONG = (TypeError, ValueError, OverflowError)

Runs = tuple[tuple[int, int], str | Sequence[int]]  # (height, width), and COCO's counts or text


@dataclass(frozen=True, slots=True)
class Found:
    """One object as it was published.

    `category` is None where there is none of that name.  `box` is (x, y, width, height) in pixels
    of the stored image; left out, it is drawn around the rest.  `polygons` are flat rings, `runs` a
    mask, `keypoints` flat (x, y, visibility) with pixel indices.  `flags` are other columns of the
    record: occluded, truncated, group_of, depiction, inside.  `area` counts where there is neither
    polygon nor mask.
    """

    category: int | None
    box: Sequence[float] | None = None
    id: int | None = None
    polygons: Sequence[Sequence[float]] = ()
    runs: Runs | None = None
    keypoints: Sequence[float] = ()
    area: float | None = None
    iscrowd: int = 0
    score: float = 1.0
    annotator: str = ""
    flags: Mapping[str, int] = field(default_factory=dict)


class Mended(NamedTuple):
    """The columns of `objects` in a record, and how often what was done."""

    objects: dict[str, list[Any]]
    notes: Counter[str]


def mended(found: Iterable[Found], size: tuple[int, int] = (0, 0)) -> Mended:
    """The objects of an image of that (height, width); nothing is cut where it is not known.

    Those that have no id are numbered behind the largest.
    """
    notes: Counter[str] = Counter()
    drawn = [*_drawn([*found], notes)]
    measured = Rings.of([ring for one in drawn for ring in one.rings]).measured()
    areas, edges = (numbers.tolist() for numbers in measured)  # of all of them at once
    rows, at = [], 0
    for one in drawn:
        end = at + len(one.rings)
        try:
            row = _row(one, sum(areas[at:end]), edges[at:end], size, notes)
        except _WRONG:
            notes["annotation_unreadable"] += 1
            row = None
        rows += [row] if row else []
        at = end
    return Mended(_columns(rows), +notes)


class _Drawn(NamedTuple):
    """An object under its number, with those of its rings that are whole."""

    number: int
    found: Found
    rings: list[Sequence[float]]


def _drawn(found: Sequence[Found], notes: Counter[str]) -> Iterator[_Drawn]:
    """Those of a known category and an id of their own."""
    free = 1 + max((one.id for one in found if one.id is not None), default=-1)
    seen = set()
    for one in found:
        number = one.id
        if number is None:
            number, free = free, free + 1
        if one.category is None or number in seen:
            notes["unknown_category" if one.category is None else "annotation_id_twice"] += 1
            continue
        seen.add(number)
        try:
            rings = [ring for ring in one.polygons if is_whole(ring)]
        except _WRONG:
            notes["annotation_unreadable"] += 1
            continue
        notes["polygon_broken"] += len(one.polygons) - len(rings)
        yield _Drawn(number, one, rings)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    plain = [(row["category"], row["bbox"]) for row in rows]
    columns = record.boxes(plain)
    for name, column in columns.items():
        columns[name] = [row.get(name, value) for row, value in zip(rows, column, strict=True)]
    return columns


def _row(
    drawn: _Drawn,
    area: float,
    edges: list[list[float]],
    size: tuple[int, int],
    notes: Counter[str],
) -> dict[str, Any] | None:
    """The columns that are known of an object; None where it is left out."""
    one, rings = drawn.found, drawn.rings
    mask, points = _mask(one.runs, notes), _points(one.keypoints, notes)
    box = _box(one.box, _around(edges, mask, points), size, notes)
    if box is None:
        return None
    if mask or not rings:
        area = mask.area if mask else box[2] * box[3] if one.area is None else one.area
    row = {
        "id": drawn.number,
        "category": one.category,
        "bbox": [*map(float, box)],
        "area": round(float(area), PLACES),
        "iscrowd": int(one.iscrowd),
        "polygons": [[*map(float, ring)] for ring in rings],
        "keypoints": points,
        "score": float(one.score),
        "annotator": one.annotator,
        **one.flags,
    }
    return row | ({"rle_size": mask.size, "rle_counts": mask.text} if mask else {})


class _Mask(NamedTuple):
    size: list[int]
    text: str
    area: int
    box: Box


def _mask(runs: Runs | None, notes: Counter[str]) -> _Mask | None:
    if runs is None:
        return None
    try:
        (height, width), counts = runs
        size = int(height), int(width)
        if isinstance(counts, str):
            found = rle.expect_counts(rle.from_text(counts.encode("ascii")), size)
        else:
            found = rle.expect_counts(np.array(counts, np.uint32), size)
    except _WRONG:
        notes["mask_broken"] += 1
        return None
    x, y, w, h = map(float, rle.box(found, size))
    return _Mask([*size], rle.to_text(found).decode("ascii"), rle.area(found), (x, y, w, h))


def _points(flat: Sequence[float], notes: Counter[str]) -> list[float]:
    if len(flat) % 3 or not math.isfinite(sum(flat)):
        notes["keypoints_broken"] += 1
        return []
    return [*map(float, flat)]


def _around(edges: list[list[float]], mask: _Mask | None, points: Sequence[float]) -> Box | None:
    """The box around the rings and the mask of an object, or else around its keypoints."""
    if mask and mask.area:
        x, y, width, height = mask.box
        edges.append([x, y, x + width, y + height])
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


def _box(
    given: Sequence[float] | None, around: Box | None, size: tuple[int, int], notes: Counter[str]
) -> Box | None:
    """The box that is written; None where there is none."""
    if given is None:
        if around is None:
            notes["annotation_without_shape"] += 1
            return None
        return _cut(around, size, notes)
    box, swapped = boxes.mended(given)
    if box is None:
        notes["annotation_not_finite"] += 1
        return None
    notes["box_corners_swapped"] += swapped
    if box[2] and box[3]:
        return _cut(box, size, notes)
    notes["box_redrawn" if around else "box_empty"] += 1
    return _cut(around, size, notes) if around else None


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
