"""Rows: from the rows of a Parquet batch to samples."""

import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from pixelmill import codecs
from pixelmill.sample import Failure, Sample
from pixelmill.shards.extended import LONGEST_NAME
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.sources.columns import Columns
from pixelmill.sources.keys import safe_field, safe_key
from pixelmill.sources.stems import extension

EXTENSIONS = {"jpeg": "jpg", "tiff": "tif"}


class Rows:
    """Makes samples of a file's batches, in order.

    A row's key is its key column's value, else "<stem>-<row number in the file, nine digits>".
    `read_beside` reads a path relative to the file, for a row that holds its image's path only; it
    answers None where nothing is there.  A row of more than `most` bytes is a Failure.
    """

    most = MAX_MEMBER

    def __init__(
        self, columns: Columns, where: str, stem: str, first: int,
        read_beside: Callable[[str], bytes | None],
    ) -> None:  # fmt: skip
        self.columns, self.where, self.stem, self.row = columns, where, stem, first
        self._read_beside = read_beside
        self._seen: set[str] = set()

    def samples(self, batch: pa.RecordBatch) -> Iterator[Sample | Failure]:
        values = {
            name: batch.column(at).to_pylist(maps_as_pydicts="lossy")
            for at, name in enumerate(batch.schema.names)
        }
        for at in range(batch.num_rows):
            yield self._sample({name: column[at] for name, column in values.items()})
            self.row += 1

    def _sample(self, row: Mapping[str, Any]) -> Sample | Failure:
        key = self._key(row)
        if len(key) > LONGEST_NAME:
            message = (
                f"{self.where} row {self.row}: its key has {len(key):,} characters, more than "
                f"{LONGEST_NAME:,}, the most that a path may have; give it a shorter one"
            )
            return Failure(self._number, self._fields(row), "name_too_long", message, self.where)
        image, path = self._image(row.get(self.columns.image))
        fields = self._fields(row)
        if image is None:
            told = f" and nothing at its path {path!r}" if path else ""
            message = f"{self.where} row {self.row}: there is no image{told}"
            return Failure(key, dict(sorted(fields.items())), "no_image", message, self.where)
        name = image_extension(image, path, key)
        if name in fields:
            name = f"{safe_field(self.columns.image)}.{name}"
        fields[name] = image
        fields = dict(sorted(fields.items()))
        size = sum(map(len, fields.values()))
        if size > self.most:
            message = (
                f"{self.where} row {self.row}: it has {size:,} bytes, more than the limit of "
                f"{self.most:,}; raise source.max_sample to take it"
            )
            return Failure(key, {}, "member_too_large", message, self.where)
        if key in self._seen:
            message = f"{self.where} row {self.row}: the key {key!r} was used before"
            return Failure(f"{key}_{self.row}", fields, "duplicate_key", message, self.where)
        self._seen.add(key)
        return Sample(key, fields, self.where, name)

    def _key(self, row: Mapping[str, Any]) -> str:
        value = row.get(self.columns.key)
        given = safe_key(str(value)) if value is not None else ""
        return given or self._number

    @property
    def _number(self) -> str:
        return f"{self.stem}-{self.row:09d}"

    def _image(self, value: Any) -> tuple[bytes | None, str]:
        if not isinstance(value, dict):
            return value, ""
        data, path = value.get("bytes"), value.get("path") or ""
        return (self._read_beside(path) if data is None and path else data), path

    def _fields(self, row: Mapping[str, Any]) -> dict[str, bytes]:
        columns, fields = self.columns, {}
        for name in columns.binaries:
            data, path = self._image(row[name])
            if data is not None:
                field = f"{safe_field(name)}.{image_extension(data, path, '')}"
                while field in fields:  # Mask beside mask
                    field = f"{field}_"
                fields[field] = data
        for column, field in (
            (columns.text, "txt"),
            (columns.json, "json"),
            (columns.label, "cls"),
        ):
            value = row.get(column)
            if value is not None:
                fields[field] = str(value).encode("utf-8", "surrogatepass")
        if columns.rest:
            fields[columns.rest_field] = json_object({name: row[name] for name in columns.rest})
        for entry in row.get(columns.other) or ():
            fields[entry["name"]] = entry["data"]
        return fields


def image_extension(data: bytes, path: str, key: str) -> str:
    """What our own output put behind the key, else by content, else by name; "bin" if all fails."""
    if key and path.startswith(f"{key}.") and "/" not in path[len(key) :]:
        return path[len(key) + 1 :]
    found = codecs.sniff(data) or extension(path) or "bin"
    return EXTENSIONS.get(found, found)


def json_object(values: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON, types kept; times as ISO 8601, decimals as text, bytes as base64, NaN as null."""
    try:
        text = json.dumps(values, default=_plain, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(values), default=_plain, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.total_seconds() if hasattr(value, "total_seconds") else str(value)


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
