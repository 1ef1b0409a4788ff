"""The schema is FORMATS.md's: every column is there, with a value of its own type where unknown."""

import json

import pytest
from record import fields_after, photo, record_of

from pixelmill.annotations.schema import (
    OBJECT,
    RECORD,
    is_record,
    object_columns,
    unknown_record,
)
from pixelmill.labels.record import boxes, record

PYTHON = {"string": str, "int64": int, "float64": float}


def fits(value, type):
    """Whether a value is of a type, as strictly as Arrow would see it."""
    if isinstance(type, dict):
        return value.keys() == type.keys() and all(fits(value[n], t) for n, t in type.items())
    if isinstance(type, list):
        return isinstance(value, list) and all(fits(one, type[0]) for one in value)
    return isinstance(value, PYTHON[type])


@pytest.mark.parametrize("columns", [RECORD, OBJECT], ids=["record", "object"])
def test_what_is_unknown_has_the_type_of_its_column(columns):
    assert [name for name, (type, unknown) in columns.items() if not fits(unknown, type)] == []


def test_boxes_are_records_of_the_schema():
    said = record("a", "nih", objects=boxes([(3, (1.0, 2.0, 3.0, 4.0)), (5, (0.0, 0.0, 1.0, 1.0))]))
    assert fits(said, {name: column.type for name, column in RECORD.items()})
    assert said["objects"]["occluded"] == [-1, -1]
    assert said["objects"]["area"] == [12.0, 1.0]


def test_two_records_share_no_list():
    one, other = unknown_record(), unknown_record()
    one["labels"].append(1)
    one["objects"]["id"].append(1)
    assert other == unknown_record()
    rows = object_columns(2)
    rows["polygons"][0].append([1.0])
    assert rows["polygons"][1] == []


@pytest.mark.parametrize("left_out", ["meta", "objects"])
def test_a_record_without_a_column_is_none(left_out):
    said = unknown_record()
    assert is_record(said)
    del said[left_out]
    assert not is_record(said)


def test_a_record_with_a_column_of_its_own_is_none():
    assert not is_record(unknown_record() | {"mine": 1})
    said = unknown_record()
    said["objects"]["mine"] = []
    assert not is_record(said)
    assert not is_record([])


def test_a_record_that_was_moved_is_one_still():
    """Whole numbers from an annotator's file, and what is drawn anew, are written as floats are."""
    row = {"bbox": [10.0, 5.0, 21.0, 15.0], "area": 315.0, "polygons": [[10.0, 5, 31, 5, 31, 20]]}
    sample = photo(100, 40, json=record_of(100, 40, row))
    found = json.loads(fields_after(sample, {"resize": 60}, {"rotate": 30})["json"])
    assert is_record(found)
    assert found["objects"]["id"] == [0]
    assert fits(found, {name: column.type for name, column in RECORD.items()})
