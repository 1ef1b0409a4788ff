"""Objects in parts: a part that fails is sent again, and only its own bytes."""

import hashlib

import pytest

from pixelmill.errors import StorageError
from pixelmill.storage import checking, objects


class Memory:
    """A bucket of one's own; `faults` are raised by the requests to come, one each."""

    def __init__(self):
        self.objects, self.faults, self.abandoned, self.lies = {}, [], 0, []

    def fault(self):
        if self.faults:
            raise self.faults.pop()


class MemoryObject:
    """As S3 has it: parts are kept until `finish` makes the object of them."""

    ordered = False

    def __init__(self, memory, url):
        self.memory, self.url, self.pieces = memory, url, {}

    def parts(self):
        self.memory.fault()
        return self

    def put(self, what):
        self.memory.fault()
        if isinstance(what, bytes):
            return self._made(what)
        self.pieces[what.number] = what.data
        return None

    def finish(self):
        data = b"".join(piece for _, piece in sorted(self.pieces.items()))
        self._made(data)
        self.memory.fault()

    def abandon(self):
        self.memory.abandoned += 1

    def _made(self, data):
        kept = self.memory.lies.pop() if self.memory.lies else data
        self.memory.objects[self.url] = kept
        return hashlib.md5(kept).hexdigest()


@pytest.fixture
def memory(monkeypatch, quick_retries):
    memory = Memory()
    for module in (objects, checking):
        monkeypatch.setattr(module, "store", lambda url: MemoryObject(memory, url))

    def facts(url):
        return {"type": "file", "size": len(memory.objects[url])}

    monkeypatch.setattr(checking, "about", facts)
    monkeypatch.setattr(checking, "remove", lambda url: memory.objects.pop(url))
    monkeypatch.setattr(objects, "_PART", 1000)
    return memory


def test_a_part_that_fails_is_sent_again_with_its_own_bytes_only(memory, rng):
    data = rng.bytes(10_000)
    place = objects.LargeObject("s3://b/x")
    for start in range(0, len(data), 700):
        memory.faults = [TimeoutError(), ConnectionResetError()]
        place.write(data[start : start + 700])
    memory.faults = [TimeoutError()]
    place.commit()
    assert memory.objects == {"s3://b/x": data}


def test_a_part_that_keeps_failing_is_told_and_nothing_is_made(memory):
    place = objects.LargeObject("s3://b/x")
    place.write(bytes(900))
    place._parts = MemoryObject(memory, "s3://b/x")
    memory.faults = [TimeoutError()] * 50
    place.write(bytes(900))
    with pytest.raises(StorageError, match="kept failing"):
        place.commit()
    place.discard()
    assert (memory.objects, memory.abandoned) == ({}, 1)


@pytest.mark.parametrize("piece", [1, 999, 1000, 1001, 5000])
@pytest.mark.parametrize("size", [999, 1000, 1001, 2000, 4999])
def test_pieces_of_any_length_make_the_same_object(memory, rng, piece, size):
    data = rng.bytes(size)
    place = objects.LargeObject("s3://b/x")
    for start in range(0, size, piece):
        place.write(data[start : start + piece])
    place.commit()
    assert memory.objects == {"s3://b/x": data}


def test_a_completion_whose_answer_was_lost_is_done(memory):
    place = objects.LargeObject("s3://b/x")
    place.write(bytes(2500))
    place._parts.memory.faults = []
    finish = place._parts.finish

    def finished_before():
        finish()
        raise FileNotFoundError("NoSuchUpload")  # what the second attempt is told

    place._parts.finish = finished_before
    place.commit()
    assert len(memory.objects["s3://b/x"]) == 2500


def test_a_large_object_of_another_size_is_told_and_removed(memory):
    place = objects.LargeObject("s3://b/x")
    place.write(bytes(2500))
    memory.lies = [bytes(2505)]
    with pytest.raises(StorageError, match="2500 bytes were sent and 2505 are"):
        place.commit()
    assert memory.objects == {}


def test_a_small_object_is_put_at_once(memory):
    place = objects.LargeObject("s3://b/x")
    place.write(b"abc")
    place.write(b"def")
    assert memory.objects == {}
    place.commit()
    assert memory.objects == {"s3://b/x": b"abcdef"}
