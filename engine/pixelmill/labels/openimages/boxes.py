"""Boxes: the objects of an image, found again by class and corners where other tables name them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pixelmill.annotations.polygons import PLACES
from pixelmill.labels.mended import Found, Runs
from pixelmill.labels.table import Row

CORNERS = ("XMin", "XMax", "YMin", "YMax")  # mind the order
FLAGS = {
    "IsOccluded": "occluded",
    "IsTruncated": "truncated",
    "IsGroupOf": "group_of",
    "IsDepiction": "depiction",
    "IsInside": "inside",
}
BOXES = ("ImageID", "Source", "LabelName", "Confidence", *CORNERS, *FLAGS)
_SAME = 4  # decimals: a tenth of a pixel, where tables write the same box with more or less of them


class Boxes:
    """The objects of an image of (height, width); `numbers` has ours of each class's MID."""

    def __init__(self, rows: Sequence[Row], numbers: Mapping[str, int], size: tuple[int, int]):
        self.found: list[Found] = []
        self._places: dict[Any, int] = {}
        self._numbers, self.size, self.added = numbers, size, 0
        for source, mid, confidence, *rest in rows:
            flags = dict(zip(FLAGS.values(), map(flag, rest[4:]), strict=True))
            self._add(
                mid,
                rest[:4],
                iscrowd=int(flags["group_of"] == 1),
                score=score(confidence),
                annotator=source,
                flags=flags,
            )

    def place(self, mid: str, corners: Sequence[str]) -> int:
        """The id of the box of that class and corners; a new one's where there is none."""
        known = self._places.get(_same(mid, corners))
        if known is not None:
            return known
        self.added += 1
        return self._add(mid, corners)

    def cover(self, place: int, runs: Runs) -> None:
        """Give an object its mask."""
        self.found[place] = replace(self.found[place], runs=runs)

    def _add(self, mid: str, corners: Sequence[str], **more: Any) -> int:
        place = len(self.found)
        box = _pixels(corners, self.size)
        self.found.append(Found(self._numbers.get(mid), box, place, **more))
        self._places.setdefault(_same(mid, corners), place)
        return place


def flag(text: str) -> int:
    """1 yes, 0 no, -1 nobody said."""
    return {"1": 1, "0": 0}.get(text.strip().partition(".")[0], -1)


def score(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _pixels(corners: Sequence[str], size: tuple[int, int]) -> Any:
    """(x, y, width, height); the texts themselves where they are no numbers: they are counted."""
    height, width = size
    try:
        x1, x2, y1, y2 = map(float, corners)
    except ValueError:
        return corners
    x, y = round(x1 * width, PLACES), round(y1 * height, PLACES)
    return x, y, round(x2 * width - x, PLACES), round(y2 * height - y, PLACES)


def _same(mid: str, corners: Sequence[str]) -> Any:
    try:
        return mid, *(round(float(corner), _SAME) for corner in corners)
    except ValueError:
        return mid, *corners
