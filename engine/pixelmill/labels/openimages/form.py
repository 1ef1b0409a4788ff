"""Open Images V7: its tables, joined to images by ImageID.

Classes are counted from 0 in the order of the class descriptions; their MIDs are kept in the
manifest.  Labels that people verified are there or not, those of a machine are uncertain.  A group
is a crowd.  Points are kept in `meta` as they were published: shares of the stored image's sides.

References
----------
Kuznetsova et al., "The Open Images Dataset V4", IJCV 2020; Benenson and Ferrari, "From colouring in
to pointillism", 2022.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pixelmill.codecs import sniff
from pixelmill.codecs.exif import tagged
from pixelmill.errors import SampleError
from pixelmill.job.labels import OpenImagesLabels
from pixelmill.labels.forms import Lookup, Table, Told, last
from pixelmill.labels.mended import mended
from pixelmill.labels.openimages.boxes import BOXES, Boxes
from pixelmill.labels.openimages.masks import MASKS, cover
from pixelmill.labels.openimages.relations import RELATIONS, columns, related
from pixelmill.labels.openimages.said import IMAGES, LABELS, POINTS, labels_of, meta_of, said_of
from pixelmill.labels.record import record
from pixelmill.labels.stored import Stored
from pixelmill.labels.table import Row, Stream

_COLUMNS = {
    "images": IMAGES,
    "boxes": BOXES,
    "labels": LABELS,
    "masks": MASKS,
    "relations": RELATIONS,
    "points": POINTS,
}
# What EXIF calls the turns, of which Open Images tells the degrees against the clock.
_TURNS = {"90": 8, "180": 3, "270": 6}


class OpenImages:
    """Boxes, masks, relations and labels of an image, verified not to be there, too."""

    source = "openimages"

    def __init__(self, labels: OpenImagesLabels) -> None:
        files, self._turns = labels.files, labels.rotation == "apply"
        self._names = [*files]
        self.tables = [Table(files[name], _COLUMNS[name], last, enough=True) for name in files]
        self.tables.append(Table(labels.classes, ("LabelName",), str, read=self._described))
        self._stored = Stored(labels.mask_images or "", len(self.tables))
        self.tables += self._stored.tables
        self._classes: dict[str, str] = {}
        self._known: tuple[dict[str, int], dict[str, str]] | None = None

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        return [*self._classes.values()]

    def facts(self) -> dict[str, Any]:
        return {"categories": [{"id": mid, "name": name} for mid, name in self._classes.items()]}

    def keys(self, key: str) -> Sequence[str]:
        return [last(key)]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:  # noqa: ARG002
        numbers, names = self._classes_of(lookup)
        found = {name: lookup(n, last(key)) for n, name in enumerate(self._names)}
        image = dict(zip(IMAGES[1:], next(iter(found.get("images", ())), ()), strict=False))
        boxes = Boxes(found.get("boxes", ()), numbers, lookup.size)
        cover(key, boxes, found.get("masks", ()), self._stored, lookup)
        relations = related(found.get("relations", ()), boxes, names)
        objects, notes = mended(boxes.found, boxes.size)
        labels, states, more = labels_of(found.get("labels", ()), numbers)
        said = {
            "height": boxes.size[0],
            "width": boxes.size[1],
            "labels": labels,
            "label_state": states,
            "objects": objects,
            "relations": columns(relations, objects["id"]),
            "meta": meta_of(found, image),
            **said_of(image),
        }
        fields = self._turned(key, image.get("Rotation", ""), lookup)
        notes += more + Counter(object_without_box=boxes.added, rotation_applied=len(fields))
        return Told(record(key, self.source, **said), None, fields, +notes)

    def _classes_of(self, lookup: Lookup) -> tuple[dict[str, int], dict[str, str]]:
        """Our number of each MID, and its name."""
        if self._known is None:
            known = lookup.facts["categories"]
            numbers = {one["id"]: number for number, one in enumerate(known)}
            self._known = numbers, {one["id"]: one["name"] for one in known}
        return self._known

    def _turned(self, key: str, rotation: str, lookup: Lookup) -> dict[str, bytes]:
        """The image with the tag that turns it, and whatever was drawn on it, in one pass."""
        orientation = _TURNS.get(rotation.partition(".")[0])
        if orientation is None or not self._turns:
            return {}
        data = lookup.sample.fields[lookup.image]
        if sniff(data) != "jpeg":
            raise SampleError(
                f"{key}: only JPEGs, as Open Images has them, are turned; say `rotation: ignore`",
                "rotation_of_no_jpeg",
            )
        return {lookup.image: tagged(data, orientation)}

    def _described(self, url: str) -> Iterator[Row]:
        """No rows: the class descriptions are read and kept; V6 has a header, V5 has none."""
        with io.TextIOWrapper(
            io.BufferedReader(Stream(url)), encoding="utf-8-sig", newline=""
        ) as text:
            for row in csv.reader(text):
                if row and row[0] != "LabelName":
                    self._classes.setdefault(row[0], row[-1])
        yield from ()
