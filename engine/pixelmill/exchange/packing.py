"""Packing: a sample as one piece of bytes, as its output's shards will hold it.

For tars these are the tar's own blocks, which a shard takes as they are.  For Parquet, whose rows
stand in columns, they are the fields behind a line of JSON that names them.
"""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pixelmill.errors import EncodeError, ShardError
from pixelmill.shards.index import Index
from pixelmill.shards.reader import read_shard
from pixelmill.shards.writer import TarWriter


class Unpacked(NamedTuple):
    """A sample with its image's field ("" where the format needs none)."""

    key: str
    fields: dict[str, bytes]
    image: str


Pack = Callable[[str, Mapping[str, bytes], str], list[bytes]]


def packer(format: str, index: bool) -> Pack:
    """What packs samples of an output; EncodeError where its shard could not hold one."""
    if format == "parquet":
        return _framed
    tar = TarWriter(lambda _: None)

    def pack(key: str, fields: Mapping[str, bytes], image: str) -> list[bytes]:  # noqa: ARG001
        if index:
            Index().add([(field, 0, 0, f"{key}.{field}") for field in fields])
        return tar.pack(key, fields)

    return pack


def unpacked(format: str, data: bytes, where: str) -> Unpacked:
    """The sample that was packed; ShardError where these bytes are none."""
    if format == "parquet":
        return _unframed(data)
    samples = list(read_shard([data, bytes(1024)], where))  # with the end mark of a tar
    if len(samples) != 1:
        raise ShardError(f"{where}: expected the blocks of one sample, got {len(samples)}")
    return Unpacked(samples[0].key, samples[0].fields, "")


def _framed(key: str, fields: Mapping[str, bytes], image: str) -> list[bytes]:
    facts = [key, image, [[name, len(data)] for name, data in fields.items()]]
    return [json.dumps(facts).encode("ascii") + b"\n", *fields.values()]


def _unframed(data: bytes) -> Unpacked:
    head, _, rest = data.partition(b"\n")
    key, image, sizes = json.loads(head)
    fields, at = {}, 0
    for name, size in sizes:
        fields[name] = rest[at : at + size]
        at += size
    return Unpacked(key, fields, image)


def checked_length(key: str, length: int) -> int:
    """`length`; EncodeError where an index could not hold it."""
    if length >= 2**32:
        raise EncodeError(
            f"sample {key!r} has {length} bytes as written, the exchange takes {2**32 - 1}; leave "
            "out shuffle and equal shards, or make it smaller",
            "too_large_to_exchange",
        )
    return length
