"""COCO: the JSON of its tasks, joined to images by file_name.

Classes are counted from 0 in the order of their ids, of all tasks that are named together; the ids
are kept in the manifest.  Segments of the panoptic task are objects where no other task has any.

References
----------
Lin et al., "Microsoft COCO", ECCV 2014; Kirillov et al., "Panoptic Segmentation", CVPR 2019.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from pydantic_core import from_json  # the standard library's takes three times as long

from pixelmill.errors import JobError
from pixelmill.job.labels import CocoLabels
from pixelmill.labels.coco.image import image_of, meta_of, provenance_of, size_of
from pixelmill.labels.coco.objects import Json, objects_of
from pixelmill.labels.forms import Lookup, Table, Told, last
from pixelmill.labels.lists import Element, elements
from pixelmill.labels.mended import mended
from pixelmill.labels.record import record
from pixelmill.labels.stored import Stored
from pixelmill.labels.table import Row

MASK = "panoptic.png"


class Coco:
    """Objects, captions and segments; an image without any is kept as such."""

    source = "coco"

    def __init__(self, labels: CocoLabels) -> None:
        files = labels.files
        self._tasks = [*files]
        self.tables = [Table(files[self._tasks[0]], ("file_name",), last, read=_images)]
        self.tables += [
            Table(url, ("image_id",), str, read=partial(self._annotations, task))
            for task, url in files.items()
        ]
        self._masks = Stored(labels.panoptic_masks or "", len(self.tables))
        self.tables += self._masks.tables
        self._categories: dict[int, Json] = {}
        self._licenses: dict[int, Json] = {}
        self._read: dict[str, str] = {}
        self._numbers: dict[int, int] | None = None

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        return [str(one.get("name", one["id"])) for one in self.facts()["categories"]]

    def facts(self) -> dict[str, list[Json]]:
        """Categories and licences, in the order of their ids."""
        return {
            "categories": [one for _, one in sorted(self._categories.items())],
            "licenses": [one for _, one in sorted(self._licenses.items())],
        }

    def keys(self, key: str) -> Sequence[str]:
        return [last(key)]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told | None:
        image = image_of(key, [from_json(row[0]) for row in rows])
        if image is None:
            return None
        found = {
            task: [from_json(row[0]) for row in lookup(place, str(image.get("id")))]
            for place, task in enumerate(self._tasks, 1)
        }
        if self._numbers is None:
            categories = enumerate(lookup.facts["categories"])
            self._numbers = {one["id"]: number for number, one in categories}
        size, notes = size_of(image, lookup)
        objects, more = mended(objects_of(found, self._numbers), size)
        said = {
            "height": size[0],
            "width": size[1],
            "objects": objects,
            "captions": [str(row.get("caption", "")) for row in found.get("captions", ())],
            "provenance": provenance_of(image, lookup.facts["licenses"]),
            "meta": meta_of(image, found),
        }
        fields: dict[str, bytes] = {}
        if found.get("panoptic") and lookup.image:
            name = str(found["panoptic"][0].get("file_name"))
            fields[MASK] = self._masks.read(key, name, lookup)
        return Told(record(key, self.source, **said), None, fields, notes + more)

    def _annotations(self, task: str, url: str) -> Iterator[Row]:
        """A row an annotation; what else the file tells is kept."""
        if self._read.setdefault(task, url) != url:
            raise JobError(
                [f"source.labels.{task}: names several files, whose ids may be the same; give one"]
            )
        for one in elements(url):
            if one.name == "annotations":
                yield _said(one, "image_id"), one.text
            elif one.name == "categories":
                self._know(task, one)
            elif one.name == "licenses":
                self._licenses[_id_of(task, one)] = one.value

    def _know(self, task: str, category: Element) -> None:
        number, name = _id_of(task, category), category.value.get("name")
        known = self._categories.get(number, category.value)
        if known.get("name") != name:
            raise JobError(
                [
                    f"source.labels.{task}: category {number} is {name!r} here and "
                    f"{known.get('name')!r} in another file; name only files that agree"
                ]
            )
        self._categories[number] = {**known, **category.value}


def _images(url: str) -> Iterator[Row]:
    """A row an image; what comes behind them in the file is not read."""
    begun = False
    for one in elements(url):
        if one.name == "images":
            begun = True
            yield _said(one, "file_name").replace("\\", "/"), one.text
        elif begun:
            return


def _said(one: Element, word: str) -> str:
    """The key of a row; of one that has none, "", which no image has: it is counted as a stray."""
    return str(one.value.get(word, "")) if isinstance(one.value, dict) else ""


def _id_of(task: str, one: Element) -> int:
    number = one.value.get("id") if isinstance(one.value, dict) else None
    if not isinstance(number, int):
        raise JobError(
            [f"source.labels.{task}: one of its {one.name} has no whole number as id: {one.text}"]
        )
    return number
