"""Objects in parts: a part that fails is sent again, and only its own bytes."""

import pytest
from fsspec.spec import AbstractBufferedFile

from pixelmill.errors import StorageError
from pixelmill.storage import entries, parent, targets


class PartsFile(AbstractBufferedFile):
    """As s3fs has it: parts are kept until `commit` makes the object of them."""

    def _initiate_upload(self):
        if self.fs.faults:
            raise self.fs.faults.pop()
        self.parts = []

    def _upload_chunk(self, final=False):
        if self.fs.faults:
            raise self.fs.faults.pop()
        self.parts.append(self.buffer.getvalue())
        return True

    def commit(self):
        self.fs.objects[self.path] = b"".join(self.parts)

    def discard(self):
        self.fs.discarded += 1


class PartsStore:
    _parent = staticmethod(parent)

    def __init__(self):
        self.objects, self.faults, self.discarded = {}, [], 0

    def open(self, path, mode, block_size, autocommit):
        return PartsFile(self, path, mode, block_size, autocommit=autocommit)

    def info(self, path):
        return {"type": "file", "size": len(self.objects[path])}

    def invalidate_cache(self, _=None):
        pass

    def pipe_file(self, path, data):
        self.objects[path] = data


@pytest.fixture
def store(monkeypatch, quick_retries):
    store = PartsStore()
    for module in (targets, entries):
        monkeypatch.setattr(module, "filesystem", lambda url: (store, url))
    monkeypatch.setattr(targets, "_PART", 1000)
    return store


def test_a_part_that_fails_is_sent_again_with_its_own_bytes_only(store, rng):
    data = rng.bytes(10_000)
    place = targets.LargeObject("s3://b/x")
    for start in range(0, len(data), 700):
        store.faults = [TimeoutError(), ConnectionResetError()]
        place.write(data[start : start + 700])
    store.faults = [TimeoutError()]
    place.commit()
    assert store.objects == {"s3://b/x": data}


def test_a_part_that_keeps_failing_is_told_and_nothing_is_made(store):
    place = targets.LargeObject("s3://b/x")
    place.write(bytes(900))
    store.faults = [TimeoutError()] * 50
    with pytest.raises(StorageError, match="kept failing"):
        place.write(bytes(900))
    place.discard()
    assert (store.objects, store.discarded) == ({}, 1)


@pytest.mark.parametrize("piece", [1, 999, 1000, 1001, 5000])
@pytest.mark.parametrize("size", [999, 1000, 1001, 2000, 4999])
def test_pieces_of_any_length_make_the_same_object(store, rng, piece, size):
    data = rng.bytes(size)
    place = targets.LargeObject("s3://b/x")
    for start in range(0, size, piece):
        place.write(data[start : start + piece])
    place.commit()
    assert store.objects == {"s3://b/x": data}


@pytest.mark.usefixtures("store")
def test_an_object_of_another_size_than_was_sent_is_told():
    place = targets.LargeObject("s3://b/x")
    place.write(bytes(2500))
    place._file.parts.append(b"twice")
    with pytest.raises(StorageError, match="2500 bytes were sent and 2505 are there"):
        place.commit()


def test_a_small_object_is_put_at_once(store):
    place = targets.LargeObject("s3://b/x")
    place.write(b"abc")
    place.write(b"def")
    assert store.objects == {}
    place.commit()
    assert store.objects == {"s3://b/x": b"abcdef"}
