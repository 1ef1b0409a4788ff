"""Columns: a table of anyone's, whose columns the job names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pixelmill.codecs import sniff
from pixelmill.errors import JobError, SampleError
from pixelmill.job.labels import TableLabels
from pixelmill.labels.drawn import Drawn, drawn
from pixelmill.labels.fetched import fetched_below, path_below
from pixelmill.labels.forms import Lookup, Table, Told, last, stem
from pixelmill.labels.mended import Found, mended
from pixelmill.labels.record import POSITIVE, meta, record
from pixelmill.labels.states import state
from pixelmill.labels.table import Row
from pixelmill.sources.stems import extension

# As many are no classes but names; their list would be longer than the card.
_MOST = 100_000


class ByColumns:
    """What each column means is said in the job."""

    source = "table"

    def __init__(self, labels: TableLabels, classes: Sequence[str] = ()) -> None:
        self.labels, self.said = labels, labels.columns
        self._columns = self.said.named
        # The path of a listed image is wanted as it is written, beside the key that it becomes.
        path = (labels.key,) if labels.images else ()
        self.tables = [Table(labels.table, (labels.key, *self._columns, *path), self._keyed)]
        self._at = {name: place for place, name in enumerate(self._columns)}
        self._numbers = {name: number for number, name in enumerate(classes)}

    def keys(self, key: str) -> Sequence[str]:
        return list(dict.fromkeys([key, last(key)]))

    def _keyed(self, name: str) -> str:
        return stem(path_below(self.labels.images, name) if self.labels.images else name)

    def image(self, key: str, rows: Sequence[Row]) -> tuple[str, bytes]:
        """The image that the rows name, from below `images`."""
        paths = {row[-1] for row in rows}
        if len(paths) > 1:
            told = " and ".join(map(repr, sorted(paths)))
            raise SampleError(f"{key}: {told} would get this key; rename one", "duplicate_key")
        path = paths.pop()
        data = fetched_below(str(self.labels.images), path, key, "image")
        return extension(path) or "image", data

    def classes(self, rows: Iterable[Row]) -> list[str]:
        if self.labels.classes is not None:
            return list(self.labels.classes)
        states = self.said.states
        if states and not self.said.boxes:
            return list(states)
        found: set[str] = set()
        for row in rows:
            found.update(self._named(row))
            if self.said.boxes:
                found.update(one.name for one in self._drawn_in(row))
            if len(found) > _MOST:
                raise JobError(
                    [
                        f"source.labels.columns: more than {_MOST:,} different labels, such as "
                        f"{min(found)!r}; name a column of classes, or list them in `classes`"
                    ]
                )
        return [*states, *sorted(found.difference(states))]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:
        first = rows[0]
        said, label = self._labels(key, rows)
        for word, column in (("group", self.said.group), ("split", self.said.split)):
            if column:
                said[word] = self._one(key, column, rows)
        if self.said.text:
            said["captions"] = [row[self._at[self.said.text]] for row in rows]
        if self.said.meta:
            said["meta"] = meta(self.said.meta, [first[self._at[name]] for name in self.said.meta])
        notes: Mapping[str, int] = {}
        if self.said.boxes:
            height, width = lookup.size
            drawn_there = [one for row in rows for one in self._drawn(key, row)]
            said["objects"], notes = mended(map(self._found, drawn_there), (height, width))
            said |= {"height": height, "width": width}
        return Told(record(key, self.source, **said), label, self._mask(key, rows, lookup), notes)

    def _mask(self, key: str, rows: Sequence[Row], lookup: Lookup) -> dict[str, bytes]:
        """The mask that the rows name, by its field; none is read where the image is not."""
        path = self._one(key, self.said.mask, rows) if self.said.mask else ""
        root = self.labels.masks or self.labels.images
        if not path or not root or not lookup.sample.fields:
            return {}
        data = fetched_below(root, path, key, "mask")
        if sniff(data) != "png":
            raise SampleError(f"{key}: its mask {path!r} is no PNG; write it as one", "mask_broken")
        return {"seg.png": data}

    def _found(self, one: Drawn) -> Found:
        return Found(self._numbers.get(one.name), one.box)

    def _drawn(self, key: str, row: Row) -> list[Drawn]:
        column = self.said.boxes
        return drawn(self._value(column, row), key, column) if column else []

    def _drawn_in(self, row: Row) -> list[Drawn]:
        """Its boxes, for their classes; what is no box is told of its image, once that is read."""
        try:
            return self._drawn("", row)
        except SampleError:
            return []

    def _labels(self, key: str, rows: Sequence[Row]) -> tuple[dict[str, Any], int | None]:
        if self.said.states:
            found = [state(self._one(key, name, rows), key, name) for name in self.said.states]
            return {"labels": list(range(len(found))), "label_state": found}, None
        names = list(dict.fromkeys(name for row in rows for name in self._named(row)))
        unknown = [name for name in names if name not in self._numbers]
        if unknown:
            raise SampleError(
                f"{key}: the label {unknown[0]!r} is none of the {len(self._numbers)} in "
                "`source.labels.classes`; add it, or correct the table",
                "unknown_label",
            )
        if self.said.label and len(names) != 1:
            told = " and ".join(map(repr, names)) or "none"
            raise SampleError(f"{key}: expected one label, got {told}", "no_single_label")
        numbers = sorted(self._numbers[name] for name in names)
        said = {"labels": numbers, "label_state": [POSITIVE] * len(numbers)}
        return said, numbers[0] if self.said.label else None

    def _named(self, row: Row) -> list[str]:
        """The classes that a row names."""
        if self.said.label:
            values = [row[self._at[self.said.label]]]
        elif self.said.labels:
            values = row[self._at[self.said.labels]].split(self.labels.separator)
        else:
            values = []
        return [value.strip() for value in values if value.strip()]

    def _one(self, key: str, column: str, rows: Sequence[Row]) -> str:
        """The value that all rows of an image have."""
        values = {self._value(column, row) for row in rows}
        if len(values) > 1:
            told = " and ".join(map(repr, sorted(values)))
            raise SampleError(f"{key}: its rows disagree on {column!r}: {told}", "rows_disagree")
        return values.pop()

    def _value(self, column: str, row: Row) -> str:
        return row[self._at[column]].strip()
