"""Tars made and read in a line, for the tests of this folder."""

import io
import os
import tarfile
from pathlib import Path

from pixelmill.errors import ShardError
from pixelmill.sample import Sample
from pixelmill.shards.reader import read_shard
from pixelmill.shards.writer import TarWriter

CORPUS = Path(os.environ.get("PIXELMILL_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))


def pack(samples):
    """The tar that TarWriter makes of (key, fields) pairs."""
    pieces = []
    writer = TarWriter(pieces.append)
    for key, fields in samples:
        writer.add(key, fields)
    writer.close()
    return b"".join(pieces)


def pack_names(members, tar_format=tarfile.PAX_FORMAT):
    """The tar that Python makes of (name, data) pairs; a TarInfo may stand for a name."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tar_format) as tar:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = info.size or len(data)
            tar.addfile(info, io.BytesIO(data))
    return file.getvalue()


def read(data, size=None, **options):
    """(samples, failures, the ShardError or None) of a shard that comes in pieces of `size`."""
    size = size or max(1, len(data))
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    samples, failures, error = [], [], None
    try:
        for one in read_shard(pieces, "shard.tar", **options):
            (samples if isinstance(one, Sample) else failures).append(one)
    except ShardError as caught:
        error = caught
    return samples, failures, error


def plain(samples):
    return [(sample.key, sample.fields) for sample in samples]
