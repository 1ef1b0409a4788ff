"""Features: the Hugging Face type of every field, stated, so that no reader has to guess it.

Left alone, `datasets` takes types from the first five samples of the first shard: a field that
comes later is silently dropped, a float after five integers silently truncated, an empty list
after full ones refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pixelmill.annotations.schema import RECORD, Type

# As datasets 5.2 decodes each extension of a WebDataset (packaged_modules/webdataset).
IMAGE = frozenset(["bmp", "gif", "jfif", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp"])
INTEGER = frozenset(["cls", "cls2", "id", "index", "inx"])
TEXT = frozenset(["text", "transcript", "txt"])
JSON = frozenset(["jsn", "json"])
# Decoded to arrays or objects whose type no name tells.
UNTOLD = frozenset(["cbor", "mp", "msg", "npy", "npz", "pth", "tb", "ten"])

Feature = dict[str, Any]


def webdataset_features(
    fields: Sequence[str], classes: Sequence[str] = (), known: Mapping[str, Feature] | None = None
) -> list[Feature]:
    """One entry a field, as a card's YAML has it; [] where the type of one cannot be told.

    `known` gives the types of such fields: {"npy": {"list": {"list": {"list": "float32"}}}}.
    """
    known = known or {}
    features = []
    for field in sorted(fields):
        feature = known.get(field) or _feature(field, classes)
        if feature is None:
            return []
        features.append({"name": field, **feature})
    return [*features, _value("__key__", "string"), _value("__url__", "string")]


def parquet_features(arrays: bool, classes: Sequence[str] = ()) -> list[Feature]:
    """The features of our Parquet files; `arrays` where the images are npy arrays."""
    pair = [_value("bytes", "binary"), _value("path", "string")]
    image: Feature = {"struct": pair} if arrays else {"dtype": "image"}
    label = {"dtype": class_label(classes)} if classes else {"dtype": "int64"}
    return [
        _value("__key__", "string"),
        {"name": "image", **image},
        {"name": "label", **label},
        _value("text", "string"),
        _value("json", "string"),
        {"name": "other", "list": [_value("name", "string"), _value("data", "binary")]},
    ]


def record_feature(classes: Sequence[str] = ()) -> Feature:
    """The type of a `json` member that is a record: every column of it, whatever samples hold.

    `classes` name its labels and the categories of its objects, none of which is above them.
    """
    types = {name: column.type for name, column in RECORD.items()}
    if classes:
        named = {"class_label": class_label(classes)["class_label"]}
        types["labels"] = [named]
        types["objects"] = {**types["objects"], "category": [named]}
    return _typed(types)


def _typed(type: Type) -> Feature:
    if isinstance(type, list):
        inner = _typed(type[0])
        return {"list": inner["dtype"] if inner.keys() == {"dtype"} else inner}
    if isinstance(type, dict) and "class_label" not in type:
        return {"struct": [{"name": name, **_typed(inner)} for name, inner in type.items()]}
    return {"dtype": type}


def class_label(classes: Sequence[str]) -> Feature:
    return {"class_label": {"names": {str(i): name for i, name in enumerate(classes)}}}


def _feature(field: str, classes: Sequence[str]) -> Feature | None:
    last = field.rpartition(".")[2].lower()
    if last in UNTOLD:
        return None
    if field == "cls" and classes:
        return {"dtype": class_label(classes)}
    kinds = ((IMAGE, "image"), (INTEGER, "int64"), (TEXT, "string"), (JSON, "json"))
    return {"dtype": next((name for names, name in kinds if last in names), "binary")}


def _value(name: str, dtype: str) -> Feature:
    return {"name": name, "dtype": dtype}
