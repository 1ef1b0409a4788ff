"""What a store says of the bytes, and when it is not believed."""

import hashlib

import pytest

from pixelmill.errors import StorageError
from pixelmill.storage import checking
from pixelmill.storage.checking import Doubt, Sent, check, check_whole
from pixelmill.storage.stores import Got


class Shelf:
    """A store that holds `data` and says of it what it likes."""

    def __init__(self, data, says):
        self.data, self.says, self.removed = data, says, []

    def get(self, start, stop):
        return Got(self.data[start:stop], start, len(self.data))


@pytest.fixture
def shelf(monkeypatch):
    def make(data, says):
        shelf = Shelf(data, says)
        monkeypatch.setattr(checking, "_odd", set())
        monkeypatch.setattr(checking, "store", lambda url: shelf)
        info = {"size": len(data), "ETag": f'"{says}"'}
        monkeypatch.setattr(checking, "about", lambda url: info)
        monkeypatch.setattr(checking, "remove", shelf.removed.append)
        return shelf

    return make


def sent(*parts):
    found = Sent(in_parts=True)
    for part in parts:
        found.add(part)
    return found


def test_the_checksum_of_parts_is_that_of_s3():
    """As Amazon describes it: the md5 of the parts' md5s, a dash, their number."""
    both = hashlib.md5(hashlib.md5(b"ab").digest() + hashlib.md5(b"c").digest()).hexdigest()
    assert sent(b"ab", b"c").checksum == f"{both}-2"


def test_an_object_that_is_as_it_was_sent_stays(shelf):
    there = shelf(b"abc", sent(b"ab", b"c").checksum)
    check("s3://b/x", sent(b"ab", b"c"))
    check_whole("s3://b/x", b"abc", hashlib.md5(b"abc").hexdigest())
    assert there.removed == []


def test_an_object_that_is_other_than_it_was_sent_is_removed_and_told(shelf):
    there = shelf(b"aXc", sent(b"aX", b"c").checksum)
    with pytest.raises(StorageError, match=r"has the checksum .*, what is there .*it was removed"):
        check("s3://b/x", sent(b"ab", b"c"))
    with pytest.raises(StorageError, match="has the md5"):
        check_whole("s3://b/x", b"abc", hashlib.md5(b"aXc").hexdigest())
    assert there.removed == ["s3://b/x"] * 2


def test_a_checksum_of_another_kind_is_found_out_by_reading_back(shelf):
    """As S3 gives with KMS keys: of the form of an md5, and none."""
    there = shelf(b"abc", "0" * 32)
    check("s3://b/x", sent(b"ab", b"c"))
    assert there.removed == []
    there.data = b"never read again"
    check_whole("s3://b/y", b"abc", "1" * 32)


def test_the_same_bytes_twice_outvote_a_checksum(monkeypatch):
    monkeypatch.setattr(checking, "_odd", set())
    doubt = Doubt("s3://b/x")
    with pytest.raises(ConnectionError, match="the storage says 2"):
        doubt.settle("1", "2")
    with pytest.raises(ConnectionError):
        doubt.settle("3", "2")
    doubt.settle("1", "2")
