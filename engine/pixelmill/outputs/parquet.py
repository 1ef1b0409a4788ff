"""Parquet: a row a sample, as Hugging Face datasets reads it, with every field kept.

| column | what |
|---|---|
| `__key__` | the key |
| `image` | struct {bytes, path}; path is "<key>.<extension>" |
| `label` | the field cls, where it is an integer |
| `text`, `json` | the fields txt and json, where they are UTF-8 |
| `other` | every other field, and those that do not fit, as a list of {name, data} |

The types never vary, whatever the samples hold: readers infer them from the first file.  The
metadata calls `image` an Image where it is one, and leaves the struct as it is for npy arrays.
`other` is no map: Hugging Face datasets 5.2 refuses a file that has one.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pixelmill.errors import EncodeError
from pixelmill.sources.columns import OTHER
from pixelmill.storage import Upload

# A row group is held in memory while it fills, and read whole by most readers.
ROW_GROUP_BYTES, ROW_GROUP_ROWS = 64 << 20, 10_000
# Per sample, on top of its fields: page headers, lengths and levels of six columns.
ROW_OVERHEAD = 64
FOOTER = 4096

IMAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
SCHEMA = pa.schema(
    [
        pa.field("__key__", pa.string()),
        pa.field("image", IMAGE),
        pa.field("label", pa.int64()),
        pa.field("text", pa.string()),
        pa.field("json", pa.string()),
        pa.field("other", OTHER),
    ]
)
_INTEGER = re.compile(rb"\s*[+-]?[0-9]{1,18}\s*")


class ParquetShard:
    """One Parquet file being written, row group after row group."""

    suffix = ".parquet"

    def __init__(self, stem: str) -> None:
        self.urls: tuple[str, ...] = (stem + self.suffix,)
        self.samples = 0
        self._upload = Upload(self.urls[0])
        self._sink = _Sink(self._upload)
        self._writer: pq.ParquetWriter | None = None
        self._arrays = False
        self._rows: list[dict[str, Any]] = []
        self._waiting = 0

    def size_with(self, key: str, fields: Mapping[str, bytes]) -> int:
        return self._sink.at + self._waiting + _weight(key, fields) + FOOTER

    def add(self, key: str, fields: Mapping[str, bytes], image: str) -> None:
        row, weight = row_of(key, fields, image), _weight(key, fields)
        if self._rows and self._waiting + weight > ROW_GROUP_BYTES:
            self._flush()
        if not self.samples:
            self._arrays = image.endswith("npy")
        self._rows.append(row)
        self._waiting += weight
        self.samples += 1
        if len(self._rows) == ROW_GROUP_ROWS:
            self._flush()

    def commit(self) -> tuple[int, str]:
        if self._rows:
            self._flush()
        self._open_writer().close()
        self._upload.commit()
        return self._upload.size, self._upload.sha256

    def abort(self) -> None:
        self._rows.clear()
        self._upload.abort()

    def _flush(self) -> None:
        table = pa.Table.from_pylist(self._rows, schema=self._open_writer().schema)
        self._open_writer().write_table(table, row_group_size=len(self._rows))
        self._rows.clear()
        self._waiting = 0

    def _open_writer(self) -> pq.ParquetWriter:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._sink, described(self._arrays), **OPTIONS)
        return self._writer


OPTIONS: dict[str, Any] = {
    # Encoded images do not get smaller; the rest does.
    "compression": {"__key__": "zstd", "label": "zstd", "text": "zstd", "json": "zstd",
                    "image.path": "zstd", "image.bytes": "none", "other.list.element.name": "zstd",
                    "other.list.element.data": "zstd"},
    "use_dictionary": ["other.list.element.name"],
    "write_statistics": ["__key__", "label"],
    "write_page_checksum": True,
    # Pages are cut after so many values at the earliest: 16 images make pages of a few MB.
    "write_batch_size": 16,
}  # fmt: skip


def described(arrays: bool) -> pa.Schema:
    """The schema with what Hugging Face datasets reads of it."""
    string = {"dtype": "string", "_type": "Value"}
    binary = {"dtype": "binary", "_type": "Value"}
    features = {
        "__key__": string,
        "image": {"bytes": binary, "path": string} if arrays else {"_type": "Image"},
        "label": {"dtype": "int64", "_type": "Value"},
        "text": string,
        "json": string,
        "other": [{"name": string, "data": binary}],
    }
    return SCHEMA.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def row_of(key: str, fields: Mapping[str, bytes], image: str) -> dict[str, Any]:
    """The sample as a row; the field `image` is its image, unless there is none of that name."""
    row: dict[str, Any] = {"__key__": _told(key)}
    other = []
    for name, data in fields.items():
        if name == image:
            row["image"] = {"bytes": data, "path": f"{key}.{name}"}
        elif name == "cls" and _INTEGER.fullmatch(data):
            row["label"] = int(data)
            if data != b"%d" % row["label"]:  # "7\n" is label 7, and comes back as it was
                other.append({"name": name, "data": data})
        elif name in ("txt", "json") and (text := _utf8(data)) is not None:
            row["text" if name == "txt" else "json"] = text
        else:
            other.append({"name": _told(name), "data": data})
    row["other"] = other
    return row


def _told(name: str) -> str:
    """The name, if Parquet's strings can hold it; names from tars may come from other encodings."""
    if name.isascii() or _encodable(name):
        return name
    raise EncodeError(
        f"the name {name!r} is no UTF-8, which Parquet needs; rename it", "unwritable_name"
    )


def _encodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _weight(key: str, fields: Mapping[str, bytes]) -> int:
    return sum(map(len, fields.values())) + 2 * len(key) + ROW_OVERHEAD


class _Sink:
    """What pyarrow writes a file into: counts, and passes on."""

    closed = False

    def __init__(self, upload: Upload) -> None:
        self._upload, self.at = upload, 0

    def write(self, data: bytes) -> int:
        self._upload.write(bytes(data))
        self.at += len(data)
        return len(data)

    def tell(self) -> int:
        return self.at

    def flush(self) -> None:
        """Nothing is kept back here."""

    def close(self) -> None:
        self.closed = True
