"""Form: a row of Hugging Face's Parquet, as the source gives it, made a record.

References
----------
"Create an image dataset" of Hugging Face datasets' documentation: objects are a struct of lists,
whose bbox is COCO's.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pixelmill import codecs, storage
from pixelmill.errors import JobError, SampleError
from pixelmill.job.labels.own import HuggingFaceLabels
from pixelmill.labels.forms import Told
from pixelmill.labels.huggingface.roles import Roles, roles_of
from pixelmill.labels.mended import Found, mended
from pixelmill.labels.record import POSITIVE, record
from pixelmill.sample import Sample
from pixelmill.sources.keys import safe_field

Json = dict[str, Any]
_COLUMNS = ("columns.json", "json")  # where the source puts the columns that are no field


class HuggingFace:
    """Objects, labels, masks and captions by the features; every other column is in `meta`."""

    source = "huggingface"

    def __init__(self, labels: HuggingFaceLabels, about: Json) -> None:
        self.labels = labels
        self._roles = Roles(**about["roles"]) if about else Roles()

    def about(self, urls: Sequence[str], image: str, key: str | None) -> Json:
        """The classes and the roles of the columns, from the first file."""
        from pixelmill.sources.columns import columns_of, huggingface_features
        from pixelmill.sources.parquet import ParquetSource
        from pixelmill.sources.ranges import open_parquet

        parts = ParquetSource(urls, image, key).parts()
        schema = open_parquet(storage.stat(parts[0].url)).schema_arrow
        features = huggingface_features(schema)
        if not features:
            where = storage.masked(parts[0].url)
            said = "has no `huggingface` in its metadata; was it written by Hugging Face datasets?"
            raise JobError([f"source.urls: {where} {said}  Else import it as a table"])
        roles = roles_of(features, columns_of(schema, image, key).image, self.labels)
        return {"classes": [*roles.classes], "roles": roles.to_json()}

    def told(self, sample: Sample) -> tuple[Sample, Told]:
        """The sample without what its record says now, and that."""
        fields = dict(sample.fields)
        columns: Json = {}
        for name in _COLUMNS:
            if name in fields:
                columns |= _object(fields.pop(name), name)
        notes: Counter[str] = Counter()
        self._name_mask(fields, notes)
        data = sample.fields[sample.image_field] if sample.image_field else b""
        header = codecs.peek(data) if data else None
        size = (header.height, header.width) if header else (0, 0)
        objects, more = mended(map(self._found, self._rows(columns)), size)
        numbers = self._numbers(fields, columns)
        said = {
            "group": _text(columns, self.labels.group),
            "split": _text(columns, self.labels.side),
            "height": size[0],
            "width": size[1],
            "labels": numbers,
            "label_state": [POSITIVE] * len(numbers),
            "objects": objects,
            "captions": [fields["txt"].decode("utf-8", "replace")] if "txt" in fields else [],
            "meta": json.dumps(columns, ensure_ascii=False),
        }
        left = Sample(sample.key, fields, sample.where, sample.image_field)
        return left, Told(record(sample.key, self.source, **said), notes=+notes + more)

    def _name_mask(self, fields: dict[str, bytes], notes: Counter[str]) -> None:
        """The mask's column becomes seg.png, which moves with the image; a JPEG is no mask."""
        start = safe_field(self._roles.mask) + "."
        for name in [name for name in fields if self._roles.mask and name.startswith(start)]:
            if codecs.sniff(fields[name]) == "png":
                mask = fields.pop(name)
                if "seg.png" in fields:  # of a column that is called seg, and is not the mask
                    fields["columns.seg.png"] = fields.pop("seg.png")
                fields["seg.png"] = mask
            else:
                notes["mask_not_png"] += 1

    def _rows(self, columns: Json) -> list[Json]:
        """The objects, which are a struct of lists or a list of structs."""
        told = columns.pop(self._roles.objects, None) if self._roles.objects else None
        if isinstance(told, dict):
            lists = {name: values for name, values in told.items() if isinstance(values, list)}
            try:
                rows = zip(*lists.values(), strict=True)
                return [dict(zip(lists, row, strict=True)) for row in rows]
            except ValueError as error:
                said = f"the lists of {self._roles.objects!r} are not of one length; mend the row"
                raise SampleError(said, "objects_unreadable") from error
        return [row for row in told or () if isinstance(row, dict)]

    def _found(self, row: Json) -> Found:
        box = row.get(self._roles.box)
        if box is not None and self.labels.bbox == "xyxy" and len(box) == 4:
            box = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
        crowd = row.get("iscrowd")
        return Found(self._number(row.get(self._roles.category)), box, iscrowd=int(crowd or 0))

    def _number(self, value: Any) -> int | None:
        """The class of an object: of a ClassLabel its number, else none is known."""
        numbers = (self._roles.numbers or {}).get("objects") or ()
        if isinstance(value, str) and value in self._roles.classes:
            return self._roles.classes.index(value)
        known = isinstance(value, int) and 0 <= value < len(numbers)
        return numbers[value] if known else None

    def _numbers(self, fields: dict[str, bytes], columns: Json) -> list[int]:
        """The classes of the image; -1 is Hugging Face's label of what has none.

        A label without names is no class where others have names: it goes to `meta`.
        """
        several = columns.pop(self._roles.many, None) if self._roles.many else None
        own = (self._roles.numbers or {}).get("many") or ()
        found = {own[one] for one in several or () if 0 <= one < len(own)}
        if "cls" in fields:
            label = int(fields["cls"])
            named = (self._roles.numbers or {}).get("label") or not self._roles.classes
            if label < 0 or not named:
                del fields["cls"]
                columns |= {} if named else {"cls": label}
            else:
                found.add(label)
        return sorted(found)


def _object(data: bytes, name: str) -> Json:
    """The columns in a JSON object; what else a column that is called json holds is kept."""
    try:
        told = json.loads(data)
    except ValueError:
        told = data.decode("utf-8", "replace")
    return told if isinstance(told, dict) else {name: told}


def _text(columns: Json, column: str | None) -> str:
    value = columns.get(column) if column else None
    return "" if value is None else str(value)
