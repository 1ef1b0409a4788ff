"""Schema: the columns of a sample's JSON, their types, and what stands where nothing is known.

Readers infer types from the first samples, so that a list is never null and a number never text.
A type is the name of a value ("string", "int64", "float64"), [a type] for a list of it, or a dict
of types by name.  COCO's convention of objects in columns, with what other datasets tell beside.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

Type = Any  # a name, a list of one type, or a dict of types: typing has no word for the tree


class Column(NamedTuple):
    """One column: the type of a value, and the value that says that nothing is known."""

    type: Type
    unknown: Any


_TEXT, _COUNT = Column("string", ""), Column("int64", 0)
_FLAG = Column("int64", -1)  # 1 yes, 0 no, -1 nobody said

# One row an object.  `bbox` is (x, y, width, height) in pixels, `polygons` flat rings, `keypoints`
# flat (x, y, visibility); `rle_counts` is "" where there is no mask.
OBJECT: Mapping[str, Column] = {
    "id": _COUNT,
    "category": _COUNT,
    "bbox": Column(["float64"], [0.0, 0.0, 0.0, 0.0]),
    "area": Column("float64", 0.0),
    "iscrowd": _COUNT,
    "rle_size": Column(["int64"], [0, 0]),
    "rle_counts": _TEXT,
    "polygons": Column([["float64"]], []),
    "keypoints": Column(["float64"], []),
    "score": Column("float64", 1.0),
    "annotator": _TEXT,
    "occluded": _FLAG,
    "truncated": _FLAG,
    "group_of": _FLAG,
    "depiction": _FLAG,
    "inside": _FLAG,
}
RELATION: Mapping[str, Column] = {"subj": _COUNT, "obj": _COUNT, "label": _TEXT}
_PROVENANCE = dict.fromkeys(("url", "license", "author", "sha256"), _TEXT)


def _table(columns: Mapping[str, Column]) -> Column:
    """A table of no rows: a list a column."""
    types = {name: [column.type] for name, column in columns.items()}
    return Column(types, {name: [] for name in columns})


def _row(columns: Mapping[str, Column]) -> Column:
    types = {name: column.type for name, column in columns.items()}
    return Column(types, {name: column.unknown for name, column in columns.items()})


RECORD: Mapping[str, Column] = {
    **dict.fromkeys(("id", "source", "split", "group"), _TEXT),
    **dict.fromkeys(("width", "height", "orig_width", "orig_height"), _COUNT),
    "labels": Column(["int64"], []),
    "label_state": Column(["int64"], []),
    "objects": _table(OBJECT),
    "relations": _table(RELATION),
    "captions": Column(["string"], []),
    "annotators": Column(["string"], []),
    "synthetic": _COUNT,
    "generator": _TEXT,
    "provenance": _row(_PROVENANCE),
    "meta": _TEXT,
}


def unknown_record() -> dict[str, Any]:
    """A record of which nothing is known; the caller's own."""
    return {name: deepcopy(column.unknown) for name, column in RECORD.items()}


def object_columns(count: int, **known: list[Any]) -> dict[str, list[Any]]:
    """The columns of `count` objects; what is not `known` is unknown."""
    return {
        name: known[name] if name in known else [deepcopy(column.unknown) for _ in range(count)]
        for name, column in OBJECT.items()
    }


def has_objects(record: Any) -> bool:
    """Whether the JSON has objects in columns, boxes among them: those can be moved."""
    objects = record.get("objects") if isinstance(record, dict) else None
    return isinstance(objects, dict) and all(
        isinstance(column, list) for column in (objects.get("bbox"), *objects.values())
    )


def is_record(found: Any) -> bool:
    """Whether it has all columns of a record, and no others: readers can be told their types."""
    if not isinstance(found, dict) or found.keys() != _NAMES:
        return False
    for name, names in _WITHIN.items():
        if not isinstance(found[name], dict) or found[name].keys() != names:
            return False
    return True


_NAMES = RECORD.keys()
_WITHIN = {
    name: column.type.keys() for name, column in RECORD.items() if isinstance(column.type, dict)
}
