"""An object in pieces: several on their way at once, each known for what it is of."""

import threading

import pytest

from pixelmill import storage
from pixelmill.errors import StorageError
from pixelmill.storage import fetching
from pixelmill.storage.entries import Entry
from pixelmill.storage.stores import Got

URL = "s3://b/x"


class Shelf:
    """A store of one object; `meet` is called in each request."""

    def __init__(self, data, meet=lambda: None):
        self.data, self.meet, self.stamp, self.looks = data, meet, "1", 0

    def get(self, start, stop):
        self.meet()
        return Got(self.data[start:stop], start, len(self.data), stamp=self.stamp)

    def stat(self, url):
        self.looks += 1
        return Entry(url, len(self.data), self.stamp)


@pytest.fixture
def shelf(monkeypatch, quick_retries):
    def make(*facts):
        shelf = Shelf(*facts)
        monkeypatch.setattr(fetching, "store", lambda _: shelf)
        for name in ("stat", "stat_to_read"):
            monkeypatch.setattr(fetching, name, shelf.stat)
        monkeypatch.setattr(fetching, "encrypted", lambda _: True)
        return shelf

    return make


@pytest.mark.timeout(20)
def test_two_ranges_are_on_their_way_at_once_and_come_in_order(shelf, rng):
    data = rng.bytes(8_000)
    both = threading.Barrier(2)
    shelf(data, lambda: both.wait(10))
    assert b"".join(storage.chunks(URL, 1_000)) == data


def test_no_more_than_four_chunks_are_in_memory(shelf):
    asked = []
    shelf(bytes(100_000), lambda: asked.append(1))
    chunks = storage.chunks(URL, 1_000)
    for taken in range(1, 20):
        next(chunks)
        threading.Event().wait(0.01)
        assert len(asked) - taken <= 3  # beside the one that was taken
    chunks.close()


def test_an_object_that_is_the_same_in_each_answer_is_not_looked_at_again(shelf):
    there = shelf(bytes(5_000))
    assert len(b"".join(storage.chunks(URL, 1_000))) == 5_000
    assert there.looks == 1


def test_an_object_that_is_replaced_in_mid_read_is_told(shelf):
    there = shelf(bytes(50_000))
    chunks = storage.chunks(URL, 1_000)
    next(chunks)
    there.stamp = "2"
    with pytest.raises(StorageError, match="written to meanwhile"):
        list(chunks)
