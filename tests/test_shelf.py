"""The shelf is a dict, in a tenth of the memory."""

import sys

import pytest

from pixelmill.ledger import Record
from pixelmill.outputs import ShardRecord
from pixelmill.shelf import Shelf
from pixelmill.sources import Part
from pixelmill.tally import Tally


def record(number):
    shard = ShardRecord("train", f"train-{number:06d}.tar", 1000, 3 << 20, f"{number:064x}")
    part = Part(f"s3://bucket/in-{number:06d}.tar", 1 << 20, f"{number:032x}")
    return Record(f"{number:06d}", (part,), Tally(read=1000, written=1000), (shard,))


def test_it_is_a_dict():
    shelf, plain = Shelf(), {}
    for number in (3, 1, 2, 1):
        shelf[f"{number}"] = plain[f"{number}"] = record(number)
    assert shelf == plain
    assert list(shelf) == list(plain)
    del shelf["1"]
    assert "1" not in shelf
    assert len(shelf) == 2
    with pytest.raises(KeyError):
        shelf["1"]


def test_what_is_taken_out_is_a_copy():
    shelf = Shelf({"a": record(1)})
    shelf["a"].tally.read = 7
    assert shelf["a"].tally.read == 1000


def test_a_copy_holds_the_same_bytes_and_goes_its_own_way():
    first = Shelf({"a": record(1)})
    second = Shelf(first)
    second["b"] = record(2)
    assert len(first) == 1
    assert second["a"] == record(1)


def test_an_empty_one_that_is_alike_takes_values_as_they_are_packed():
    first = Shelf({"a": record(1), "b": record(2)})
    second = first.alike()
    assert len(second) == 0
    second.take("b", first)
    second["c"] = record(3)
    assert dict(second) == {"b": record(2), "c": record(3)}


def test_a_record_takes_less_than_250_bytes():
    """As an object it takes 4,000: a hundred thousand must leave room for the rest of a driver."""
    shelf = Shelf({"a": record(1), "b": record(2)})
    assert sys.getsizeof(shelf._packed["b"]) < 250
