"""Columns: a table of anyone's, whose columns the job names."""

from collections.abc import Iterable, Sequence
from typing import Any

from pixelmill.errors import JobError, SampleError
from pixelmill.job.labels import TableLabels
from pixelmill.labels.forms import Lookup, Table, Told, last, stem
from pixelmill.labels.record import POSITIVE, meta, record
from pixelmill.labels.states import state
from pixelmill.labels.table import Row

# As many are no classes but names; their list would be longer than the card.
_MOST = 100_000


class ByColumns:
    """What each column means is said in the job."""

    source = "table"

    def __init__(self, labels: TableLabels, classes: Sequence[str] = ()) -> None:
        self.labels, self.said = labels, labels.columns
        self._columns = self.said.named
        self.tables = [Table(labels.table, (labels.key, *self._columns), stem)]
        self._at = {name: place for place, name in enumerate(self._columns)}
        self._numbers = {name: number for number, name in enumerate(classes)}

    def keys(self, key: str) -> Sequence[str]:
        return list(dict.fromkeys([key, last(key)]))

    def classes(self, rows: Iterable[Row]) -> list[str]:
        if self.said.states:
            return list(self.said.states)
        if self.labels.classes is not None:
            return list(self.labels.classes)
        found: set[str] = set()
        for row in rows:
            found.update(self._named(row))
            if len(found) > _MOST:
                raise JobError(
                    [
                        f"source.labels.columns: more than {_MOST:,} different labels, such as "
                        f"{min(found)!r}; name a column of classes, or list them in `classes`"
                    ]
                )
        return sorted(found)

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:  # noqa: ARG002
        first = rows[0]
        said, label = self._labels(key, rows)
        for word, column in (("group", self.said.group), ("split", self.said.split)):
            if column:
                said[word] = self._one(key, column, rows)
        if self.said.text:
            said["captions"] = [row[self._at[self.said.text]] for row in rows]
        if self.said.meta:
            said["meta"] = meta(self.said.meta, [first[self._at[name]] for name in self.said.meta])
        return Told(record(key, self.source, **said), label)

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
