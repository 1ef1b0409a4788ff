"""Objects: the columns of a sample's objects, each moved with all that it has, or left out.

A row goes where its box has no number or leaves the image, becomes smaller than asked or is mostly
hidden.  One that has a polygon or a mask goes with the last of that.  Its box stays that of the
annotator, carried and cut, while boxes stay boxes and it lies in the image whole; else it is drawn
anew around the polygon or the mask.

A point or a line is an object that is nothing but keypoints: its box is drawn around them, and may
have no width.  It goes with the last of them, however small.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixelmill.annotations import boxes, keypoints, masks
from pixelmill.annotations.boxes import Box
from pixelmill.annotations.options import Annotations
from pixelmill.annotations.polygons import PLACES, Rings, is_whole, rounded
from pixelmill.annotations.way import Array, Way
from pixelmill.errors import SampleError
from pixelmill_kernels import rle

Columns = dict[str, Any]
BROKEN = "annotations_broken"  # the reason that such a sample is quarantined for
NO_RINGS = Rings.of(())
ALL = 1 - 1e-9  # a share: less is rounding
# More than any format of an image that is read here has pixels on a side: JPEG's 65,535, and those
# of panoramas as TIFF; some 10 MB for the places of rows and columns.
LONGEST_SIDE = 1 << 20


@dataclass(slots=True)
class Row:
    """One object: the (x1, y1, x2, y2) of what is left of it, its area, and of its box the share.

    `anew`: its box is to be drawn around its polygon or its mask.  `bare`: it is keypoints alone.
    """

    bounds: Sequence[float]
    area: float
    share: float
    anew: bool
    kept: bool = True
    bare: bool = False


class Objects:
    """The objects of one sample on their way; `notes` count what is left out or mended."""

    def __init__(self, columns: Columns, way: Way, notes: Counter[str]) -> None:
        self.columns, self.way, self.notes = columns, way, notes
        count = len(columns["bbox"])
        for name, column in columns.items():
            if len(column) not in (0, count):
                raise _broken(f"{name} has {len(column)} rows and bbox {count}")
        self.rows: list[Row] = []

    def moved(self, options: Annotations) -> Columns:
        """The columns of what is left at the end of the way."""
        if not self.columns["bbox"]:
            return self.columns
        given = [self._box(box) for box in self.columns["bbox"]]
        solid = [box or boxes.NONE for box in given]
        if self.way.upright:
            cut = [boxes.cut(box, self.way) for box in solid]
            areas, bounds = [area for area, _ in cut], [edges for _, edges in cut]
            whole = boxes.whole_areas(solid, NO_RINGS, self.way)
        else:
            outlines = Rings.of([boxes.outline(box, self.way) for box in solid])
            areas, bounds = (found.tolist() for found in outlines.along(self.way).measured())
            whole = boxes.whole_areas(solid, outlines, self.way)
        self._start(given, areas, bounds, whole)
        if any(self.columns.get("polygons") or ()):
            owners, flat = self._polygons()
            left = Rings.of(flat).along(self.way)
            areas, bounds = (found.tolist() for found in left.measured())
            self._cut_polygons(list(zip(owners, left.flat(), areas, bounds, strict=True)))
        if any(self.columns.get("rle_counts") or ()):
            self._cut_masks()
        self._tell_bare(given)
        self._judge(options)
        if any(self.columns.get("keypoints") or ()):
            self._move_keypoints(options)
        return self._written()

    def _box(self, box: Sequence[float]) -> Box | None:
        if len(box) != 4:
            raise _broken(f"a bbox has {len(box)} numbers")
        found, swapped = boxes.mended(box)
        self._note("annotation_not_finite", int(found is None))
        self._note("box_corners_swapped", int(swapped))
        return found

    def _start(
        self,
        given: list[Box | None],
        areas: list[float],
        bounds: Sequence[Sequence[float]],
        whole: list[float],
    ) -> None:
        """A row for each object, as its box alone would have it."""
        upright = self.way.upright
        old = self.columns.get("area") or [0.0] * len(given)
        for n, box in enumerate(given):
            if box is None:
                self.rows.append(Row(boxes.NONE, 0.0, 0.0, anew=False, kept=False))
                continue
            share = areas[n] / whole[n] if whole[n] > 0 else 1.0
            before = box[2] * box[3]
            area = old[n] * areas[n] / before if before > 0 else old[n]
            anew = share < ALL or not upright or before == 0
            self.rows.append(Row(bounds[n], area, share, anew))

    def _polygons(self) -> tuple[list[int], list[list[float]]]:
        """The rings of all objects, and whose each is."""
        owners, flat = [], []
        for n, rings in enumerate(self.columns.get("polygons") or ()):
            for ring in rings:
                if is_whole(ring):
                    owners.append(n)
                    flat.append(ring)
                else:
                    self._note("polygon_broken", 1)
        return owners, flat

    def _cut_polygons(self, parts: list[tuple[int, list[float], float, list[float]]]) -> None:
        column = self.columns["polygons"]
        had = [bool(rings) for rings in column]
        found: list[list[Any]] = [[] for _ in column]
        for owner, ring, area, bounds in parts:
            if area > 0:
                found[owner].append((ring, area, bounds))
            else:
                self._note("polygon_outside", int(self.rows[owner].kept))
        for n, row in enumerate(self.rows):
            if not had[n]:
                continue
            column[n] = [ring for ring, _, _ in found[n]]
            row.area = sum(area for _, area, _ in found[n])
            edges = [bounds for _, _, bounds in found[n]]
            if not edges:
                row.bounds = boxes.NONE
            elif row.anew:
                x1, y1, x2, y2 = zip(*edges, strict=True)
                row.bounds = min(x1), min(y1), max(x2), max(y2)

    def _cut_masks(self) -> None:
        texts, sizes = self.columns["rle_counts"], self.columns["rle_size"]
        for n, (row, text) in enumerate(zip(self.rows, texts, strict=True)):
            if not text or not row.kept:
                continue
            try:
                counts = self._runs(tuple(sizes[n]), text)
            except (ValueError, TypeError, ArithmeticError):
                self._drop(row, "mask_broken")
                continue
            moved = masks.runs_along(counts, self.way)
            row.area = float(rle.area(moved))
            if row.anew or not row.area:
                x, y, width, height = rle.box(moved, self.way.size)
                row.bounds = x, y, x + width, y + height
            texts[n] = rle.to_text(moved).decode("ascii")
            sizes[n] = list(self.way.size)

    def _runs(self, size: tuple[int, int], text: str) -> Array:
        """The runs of a mask at the image's size."""
        expect_side(*size)
        counts = rle.from_text(text.encode("ascii"))
        if size == self.way.start:
            return rle.expect_counts(counts, size)
        self.notes["mask_rescaled"] += 1
        return masks.runs_scaled(counts, size, self.way.start)

    def _tell_bare(self, given: list[Box | None]) -> None:
        """Mark the objects whose box is that of their keypoints, which have nothing else."""
        for n, flat in enumerate(self.columns.get("keypoints") or ()):
            box, has = given[n], self._has
            if flat and box and not has("polygons", n) and not has("rle_counts", n):
                self.rows[n].bare = keypoints.fill(flat, box)

    def _has(self, column: str, n: int) -> bool:
        values = self.columns.get(column)
        return bool(values and values[n])

    def _judge(self, options: Annotations) -> None:
        for row in self.rows:
            width, height = row.bounds[2] - row.bounds[0], row.bounds[3] - row.bounds[1]
            if not row.kept or row.bare:
                continue
            if not (width > 0 or height > 0):
                self._drop(row, "annotation_outside")
            elif min(width, height) < options.min_size:
                self._drop(row, "annotation_too_small")
            elif row.share < options.min_visibility:
                self._drop(row, "annotation_hidden")

    def _move_keypoints(self, options: Annotations) -> None:
        column = self.columns["keypoints"]
        mirrored = self.way.mirrored
        for n, flat in enumerate(column):
            if not flat or not self.rows[n].kept:
                continue
            if len(flat) % 3 or not math.isfinite(sum(flat)):
                column[n] = []
                self._note("keypoints_broken", 1)
                continue
            given = np.array(flat, np.float64).reshape(-1, 3)
            points, lost = keypoints.along(given, self.way)
            self._note("keypoint_outside", lost)
            if mirrored:
                order = keypoints.order(len(points), options.pairs)
                self._note("keypoints_without_pairs", int(order is None))
                points = points if order is None else points[order]
            column[n] = rounded(points).reshape(-1).tolist()
            if self.rows[n].bare:
                self._draw_around(self.rows[n], points)

    def _draw_around(self, row: Row, points: Array) -> None:
        """The box of keypoints that are alone; without one, the object goes."""
        edges = keypoints.hull(points)
        if edges is None:
            self._drop(row, "annotation_outside")
            return
        x1, y1, x2, y2 = row.bounds = edges
        row.area = (x2 - x1) * (y2 - y1)

    def _drop(self, row: Row, reason: str) -> None:
        row.kept = False
        self.notes[reason] += 1

    def _note(self, reason: str, count: int) -> None:
        if count:
            self.notes[reason] += count

    def _written(self) -> Columns:
        found, columns = [row for row in self.rows if row.kept], self.columns
        if len(found) < len(self.rows):
            columns = {
                name: [value for value, row in zip(column, self.rows, strict=True) if row.kept]
                for name, column in columns.items()
                if column
            } | {name: [] for name, column in columns.items() if not column}
        edges = [[round(edge, PLACES) + 0.0 for edge in row.bounds] for row in found]
        columns["bbox"] = [
            [x1, y1, round(x2 - x1, PLACES), round(y2 - y1, PLACES)] for x1, y1, x2, y2 in edges
        ]
        if columns.get("area"):
            columns["area"] = [round(row.area, PLACES) + 0.0 for row in found]
        return columns


def expect_side(*sides: int) -> None:
    """ValueError where one is no side of an image: what follows it takes memory for each row."""
    if not all(0 < side <= LONGEST_SIDE for side in sides):
        raise ValueError(f"sides of {sides}; expected 1 to {LONGEST_SIDE:,}")


def _broken(what: str) -> SampleError:
    said = f"the annotations in json do not fit together: {what}; mend them, or `move: false`"
    return SampleError(said, BROKEN)
