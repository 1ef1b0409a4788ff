"""The DALI index: its places are checked by reading the tar there."""

import pytest
from tars import pack

from pixelmill.errors import EncodeError, ShardError
from pixelmill.shards.index import Index, index_text
from pixelmill.shards.writer import TarWriter

SAMPLES = [(f"{number:03}", {"jpg": bytes([number]) * 700, "cls": b"1"}) for number in range(5)]
SAMPLES.append(("folder/" * 20 + "x" * 50, {"jpg": b"split name"}))
SAMPLES.append(("y" * 150, {"jpg": b"PAX name"}))


def written():
    pieces, index = [], Index()
    writer = TarWriter(pieces.append, index)
    for key, fields in SAMPLES:
        writer.add(key, fields)
    writer.close()
    return b"".join(pieces), index.text()


def test_every_place_holds_the_data_that_it_names():
    data, text = written()
    head, *lines = text.splitlines()
    assert head == f"v1.2 {len(SAMPLES)}"
    for line, (key, fields) in zip(lines, SAMPLES, strict=True):
        words = line.split(" ")
        found = [words[start : start + 4] for start in range(0, len(words), 4)]
        assert [(field, name) for field, _, _, name in found] == [
            (field, f"{key}.{field}") for field in fields
        ]
        for field, at, size, _ in found:
            assert data[int(at) : int(at) + int(size)] == fields[field]


def test_a_finished_shard_gives_the_same_index():
    data, text = written()
    assert index_text([data[:3000], data[3000:]], "x.tar") == text


def test_a_damaged_shard_gives_none():
    with pytest.raises(ShardError, match=r"x\.tar"):
        index_text([pack(SAMPLES)[:3000]], "x.tar")


@pytest.mark.parametrize("key", ["a b", "größe"])
def test_a_name_that_cannot_stand_in_an_index_is_refused_before_it_is_written(key):
    writer = TarWriter(lambda _: None, Index())
    with pytest.raises(EncodeError, match="DALI index") as caught:
        writer.add(key, {"jpg": b""})
    assert caught.value.reason == "unindexable_name"
    assert writer.size == 0
