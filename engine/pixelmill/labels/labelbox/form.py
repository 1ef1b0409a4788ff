"""Form: what the data row of an image, with the labels of all annotators, comes to.

References
----------
Labelbox's own description of the export of version 2 for images.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from pixelmill import storage
from pixelmill.errors import SampleError
from pixelmill.job.labels.labelbox import LabelboxLabels
from pixelmill.labels.fetched import fetched
from pixelmill.labels.forms import Lookup, Table, Told, last, stem
from pixelmill.labels.labelbox import export
from pixelmill.labels.labelbox.answers import agreed
from pixelmill.labels.labelbox.masks import REMOTE, Masks
from pixelmill.labels.labelbox.said import meta_of, relations_of, split_of
from pixelmill.labels.labelbox.shapes import found_of
from pixelmill.labels.mended import Found, mended
from pixelmill.labels.record import record
from pixelmill.labels.table import Row
from pixelmill.sources.stems import extension

Json = dict[str, Any]
_NO_MASKS = {"masks": None, "download": False}
_MEND = "export the project again, since the URLs of an export expire, and use a new output folder"


class Labelbox:
    """Objects and answers of every annotator; the classes are the names, then the answers."""

    source = "labelbox"

    def __init__(self, labels: LabelboxLabels, classes: Sequence[str] = ()) -> None:
        self.labels = labels
        self._found_classes = export.Classes()
        read = partial(export.rows_of, labels, self._found_classes)
        self.tables = [Table(labels.table, (), stem, read=read, expect=export.expect_export)]
        self._numbers = {name: number for number, name in enumerate(classes)}

    def keys(self, key: str) -> Sequence[str]:
        return list(dict.fromkeys([key, last(key)]))

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        """Those of the rows that were read by now: the names of objects, then the answers."""
        found = self._found_classes
        return [*sorted(found.objects), *sorted(found.answers)]

    def facts(self) -> dict[str, Any]:
        """Which of the classes are objects' names and which are answers."""
        found = self._found_classes
        kinds = ((sorted(found.objects), "object"), (sorted(found.answers), "answer"))
        named = [(name, kind) for names, kind in kinds for name in names]
        return {"categories": [{"id": name, "name": name, "kind": kind} for name, kind in named]}

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:
        row: Json = json.loads(rows[0][0])
        labels, given = export.labels_of(row), export.given_in(row)
        notes = Counter(data_row_twice=len(rows) - 1, label_skipped=len(labels) - len(given))
        size = _size(row) or lookup.size
        ids = _ids(given)
        # Of a survey there is no image, and then no mask is asked for either.
        wanted = self.labels if lookup.sample.fields else self.labels.model_copy(update=_NO_MASKS)
        masks = Masks(wanted, key, size, notes)
        objects, more = mended(self._found(given, ids, masks, notes), size)
        states = {self._numbers[path]: state for path, state in agreed(given).items()}
        url = str(row["data_row"].get("row_data") or "")
        said = {
            "split": split_of(row),
            "height": size[0],
            "width": size[1],
            "labels": sorted(states),
            "label_state": [states[number] for number in sorted(states)],
            "objects": objects,
            "relations": relations_of(given, ids),
            "annotators": list(dict.fromkeys(filter(None, map(export.annotator_of, given)))),
            "provenance": _provenance(url),
            "meta": meta_of(row, ids),
        }
        return Told(record(key, self.source, **said), notes=+notes + more)

    def image(self, key: str, rows: Sequence[Row]) -> tuple[str, bytes]:
        """The extension and the bytes of the image, from the URL in its data row."""
        row: Json = json.loads(rows[0][0])
        url = str(row["data_row"].get("row_data") or "")
        if not self.labels.download or storage.protocol(url) not in REMOTE:
            why = "is no URL of a server" if self.labels.download else "may not be asked for"
            said = f"{key}: the image's URL {storage.masked(url)!r} {why}; say `download: true`"
            raise SampleError(said, "image_missing")
        name = export.name_of(row, self.labels.named_by)
        return extension(name) or "image", fetched(url, key, "image", _MEND)

    def _found(
        self, given: Sequence[Json], ids: dict[str, int], masks: Masks, notes: Counter[str]
    ) -> Iterable[Found]:
        for label in given:
            who = export.annotator_of(label), export.score_of(label)
            for one in export.objects_of(label):
                number = ids[str(one.get("feature_id"))]
                found = found_of(one, number, self._numbers, who, masks, notes)
                if found is not None:
                    yield found


def _ids(given: Sequence[Json]) -> dict[str, int]:
    """The objects of an image, by feature_id, counted from 0."""
    names = (str(one.get("feature_id")) for label in given for one in export.objects_of(label))
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _size(row: Json) -> tuple[int, int] | None:
    """(height, width); None where they are not told."""
    media = row.get("media_attributes") or {}
    height, width = media.get("height"), media.get("width")
    if isinstance(height, int | float) and isinstance(width, int | float):
        return int(height), int(width)
    return None


def _provenance(url: str) -> dict[str, str]:
    return {"url": storage.masked(url), "license": "", "author": "", "sha256": ""}
