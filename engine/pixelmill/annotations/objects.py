"""Objects: the columns of a sample's objects, each moved with all that it has, or left out.

A row goes where its box has no number or leaves the image, becomes smaller than asked or is mostly
hidden.  One that has a polygon or a mask goes with the last of that.  Its box stays the annotator's,
carried and cut, while boxes stay boxes and it lies in the image whole; else it is drawn anew around
the polygon or the mask.
"""

from collections import Counter
from typing import Any

import numpy as np

from pixelmill.annotations import boxes, keypoints, masks
from pixelmill.annotations.options import Annotations
from pixelmill.annotations.polygons import Rings, is_whole, rounded
from pixelmill.annotations.way import Array, Size, Way
from pixelmill.errors import SampleError
from pixelmill_kernels import rle

Columns = dict[str, Any]
BROKEN = "annotations_broken"  # the reason that such a sample is quarantined for


class Objects:
    """The rows of one sample on their way; `notes` count what is left out or mended."""

    def __init__(self, columns: Columns, notes: Counter[str]) -> None:
        self.columns, self.notes = columns, notes
        self.count = len(columns["bbox"])
        for name, column in columns.items():
            if len(column) not in (0, self.count):
                raise _broken(f"{name} has {len(column)} rows and bbox {self.count}")
        self.kept = np.ones(self.count, bool)

    def moved(self, way: Way, options: Annotations) -> Columns:
        """The columns of what is left at the end of the way."""
        if self.count == 0:
            return self.columns
        given = self._boxes()
        found = boxes.along(given, way)
        cut = (found.shares < 1 - 1e-9) | (given[:, 2] * given[:, 3] == 0) | (not way.upright)
        before = given[:, 2] * given[:, 3]
        grown = np.divide(found.areas, before, out=np.ones_like(before), where=before > 0)
        areas = self._numbers("area", 1)[:, 0] * grown
        self._polygons(way, found.bounds, areas, cut)
        self._masks(way, found.bounds, areas, cut)
        self._judge(found, options)
        self._keypoints(way, options)
        self._write("area", rounded(areas))
        self._write("bbox", rounded(boxes.written(rounded(np.where(self._in, found.bounds, 0)))))
        return self._rows()

    @property
    def _in(self) -> Array:
        return self.kept[:, None]

    def _numbers(self, name: str, width: int) -> Array:
        """A column as float64, (rows, width); zeros where it is empty."""
        column = self.columns.get(name) or [[0.0] * width] * self.count
        try:
            return np.array(column, np.float64).reshape(self.count, width)
        except (ValueError, TypeError):
            raise _broken(f"{name} holds other than {width} number(s) a row") from None

    def _boxes(self) -> Array:
        given = self._numbers("bbox", 4)
        self._drop(~np.isfinite(given).all(axis=1), "annotation_not_finite")
        given[~self.kept] = 0
        swapped = (given[:, 2:] < 0).any(axis=1)
        if swapped.any():
            self.notes["box_corners_swapped"] += int(swapped.sum())
            given[:, :2] += np.minimum(given[:, 2:], 0)
            given[:, 2:] = np.abs(given[:, 2:])
        return given

    def _polygons(self, way: Way, bounds: Array, areas: Array, cut: Array) -> None:
        column = self.columns.get("polygons") or ()
        flat = [(row, ring) for row, rings in enumerate(column) for ring in rings]
        if not flat:
            return
        good = [(row, ring) for row, ring in flat if is_whole(ring) and np.isfinite(ring).all()]
        self._note("polygon_broken", len(flat) - len(good))
        rows = np.array([row for row, _ in good], np.int64)
        rings = Rings.of([ring for _, ring in good]).along(way)
        sizes, edges = rings.measured()
        left = sizes > 0
        self._note("polygon_outside", int((self.kept[rows] & ~left).sum()))
        moved: list[list[list[float]]] = [[] for _ in range(self.count)]
        for row, ring, there in zip(rows.tolist(), rings.flat(), left.tolist(), strict=True):
            if there:
                moved[row].append(ring)
        self.columns["polygons"] = moved
        for row in sorted({row for row, _ in flat}):
            own = left & (rows == row)
            areas[row] = sizes[own].sum()
            if not own.any():
                bounds[row] = 0
            elif cut[row]:
                bounds[row] = *edges[own, :2].min(axis=0), *edges[own, 2:].max(axis=0)

    def _masks(self, way: Way, bounds: Array, areas: Array, cut: Array) -> None:
        texts = self.columns.get("rle_counts") or ()
        for row, text in enumerate(texts):
            if not text or not self.kept[row]:
                continue
            counts = self._runs(row, text, way.start)
            if counts is None:
                continue
            moved = masks.runs_along(counts, way)
            areas[row] = rle.area(moved)
            if cut[row] or not areas[row]:
                x, y, width, height = rle.box(moved, way.size)
                bounds[row] = x, y, x + width, y + height
            texts[row] = rle.to_text(moved).decode("ascii")
            self.columns["rle_size"][row] = list(way.size)

    def _runs(self, row: int, text: str, size: Size) -> Array | None:
        """The runs of a mask at the image's size; None, and the row left out, where it has none."""
        try:
            height, width = own = tuple(self.columns["rle_size"][row])
            counts = rle.from_text(text.encode("ascii"))
            if own == size:
                rle.box(counts, size)  # refuses runs of another length
                return counts
            self.notes["mask_rescaled"] += 1
            rows, columns = (
                ((2 * np.arange(goal) + 1) * had // (2 * goal)).astype(np.int32)
                for goal, had in zip(size, (height, width), strict=True)
            )
            return rle.pick(counts, (height, width), rows, columns)
        except (ValueError, TypeError, LookupError):
            self._drop(np.arange(self.count) == row, "mask_broken")
            return None

    def _judge(self, found: boxes.Boxes, options: Annotations) -> None:
        sides = found.bounds[:, 2:] - found.bounds[:, :2]
        gone = ~(sides > 0).any(axis=1)
        self._drop(gone, "annotation_outside")
        self._drop(sides.min(axis=1) < options.min_size, "annotation_too_small")
        hidden = (found.whole > 0) & (found.shares < options.min_visibility)
        self._drop(hidden, "annotation_hidden")

    def _keypoints(self, way: Way, options: Annotations) -> None:
        column = self.columns.get("keypoints") or ()
        mirrored = way.mirrored
        for row, flat in enumerate(column):
            if not flat or not self.kept[row]:
                continue
            if len(flat) % 3 or not np.isfinite(flat).all():
                column[row] = []
                self._note("keypoints_broken", 1)
                continue
            points, lost = keypoints.along(np.array(flat, np.float64).reshape(-1, 3), way)
            self._note("keypoint_outside", lost)
            if mirrored:
                order = keypoints.order(len(points), options.pairs)
                self._note("keypoints_without_pairs", int(order is None))
                points = points if order is None else points[order]
            column[row] = rounded(points).reshape(-1).tolist()

    def _drop(self, rows: Array, reason: str) -> None:
        self._note(reason, int((rows & self.kept).sum()))
        self.kept &= ~rows

    def _note(self, reason: str, count: int) -> None:
        if count:
            self.notes[reason] += count

    def _write(self, name: str, values: Array) -> None:
        if self.columns.get(name):
            self.columns[name] = values.tolist()

    def _rows(self) -> Columns:
        if self.kept.all():
            return self.columns
        kept = self.kept.tolist()
        return {
            name: [value for value, keep in zip(column, kept, strict=False) if keep]
            for name, column in self.columns.items()
        }


def _broken(what: str) -> SampleError:
    said = f"the annotations in json do not fit together: {what}; mend them, or `move: false`"
    return SampleError(said, BROKEN)
