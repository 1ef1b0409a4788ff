"""Columns: which column of a Parquet file becomes which field of a sample.

| column | field |
|---|---|
| the image: struct {bytes, path}, or binary | its extension: from its path or its content |
| `label` or `cls` of integers, or the first ClassLabel | cls |
| `text`, `txt` or `caption` of strings, the first | txt |
| `json` of strings | json, untouched |
| `other`: list of {name, data}, as our own Parquet output has it | a field each, by name |
| further images and binary columns | <column>.<extension by content> |
| every other column | one JSON object: json, or columns.json where `json` is taken |
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

KEY = "__key__"
IMAGE_NAMES = (
    "image",
    "img",
    "jpg",
    "jpeg",
    "png",
    "webp",
    "picture",
    "photo",
    "image_bytes",
    "bytes",
)
OTHER = pa.list_(pa.struct([pa.field("name", pa.string()), pa.field("data", pa.binary())]))


class ColumnError(ValueError):
    """The columns do not say where the image or the key is."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The roles of a file's columns; "" where no column has the role."""

    key: str
    image: str
    label: str
    text: str
    json: str
    other: str
    binaries: tuple[str, ...]
    rest: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def rest_field(self) -> str:
        return "columns.json" if self.json else "json"


def columns_of(schema: pa.Schema, image: str = "auto", key: str | None = None) -> Columns:
    """The roles by Hugging Face's metadata, else by type and name; ColumnError if it is unclear."""
    features = huggingface_features(schema)
    free = {field.name: field.type for field in schema}

    def take(names: Iterable[str]) -> str:
        found = next((name for name in names if name in free), "")
        free.pop(found, None)
        return found

    chosen_key = take([_expected(schema, key, "key")] if key else [KEY])
    chosen_image = take(
        [_expected(schema, image, "image")] if image != "auto" else _images(free, features)
    )
    if not chosen_image:
        raise ColumnError(
            f"no column holds images (columns: {_told(schema)}); name it in `source.image`"
        )
    labels = [name for name in free if _feature(features, name) == "ClassLabel"]
    whole = [name for name in ("label", "cls") if name in free and pa.types.is_integer(free[name])]
    label = take([*labels, *whole])
    text = take(name for name in ("text", "txt", "caption") if _is_string(free.get(name)))
    own = take(name for name in ("json",) if _is_string(free.get(name)))
    other = take(name for name in ("other",) if free.get(name) == OTHER)
    binaries = tuple(name for name in free if _holds_bytes(free[name]))
    rest = tuple(name for name in free if name not in binaries)
    classes = tuple((features.get(label) or {}).get("names") or ())
    return Columns(chosen_key, chosen_image, label, text, own, other, binaries, rest, classes)


def huggingface_features(schema: pa.Schema) -> dict[str, Any]:
    """The features that Hugging Face datasets wrote beside the schema; {} where there are none."""
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = told.get("info", {}).get("features", {})
    except (ValueError, AttributeError):
        return {}
    return features if isinstance(features, dict) else {}


def _expected(schema: pa.Schema, name: str, option: str) -> str:
    if name not in schema.names:
        raise ColumnError(
            f"there is no column {name!r} (columns: {_told(schema)}); mend `source.{option}`"
        )
    return name


def _images(free: dict[str, pa.DataType], features: dict[str, Any]) -> Iterator[str]:
    """Candidates for the image, the best first."""
    yield from (name for name in free if _feature(features, name) == "Image")
    holding = [name for name, kind in free.items() if _holds_bytes(kind)]
    yield from (name for name in IMAGE_NAMES if name in holding)
    yield from holding if len(holding) == 1 else ()


def _feature(features: dict[str, Any], name: str) -> str:
    feature = features.get(name)
    return str(feature.get("_type", "")) if isinstance(feature, dict) else ""


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        at = kind.get_field_index("bytes")
        return at >= 0 and _is_binary(kind.field(at).type)
    return _is_binary(kind)


def _is_binary(kind: pa.DataType) -> bool:
    views = pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or views)


def _is_string(kind: pa.DataType | None) -> bool:
    if kind is None:
        return False
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    views = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return bool(pa.types.is_string(kind) or views)


def _told(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name}: {field.type}" for field in schema)
