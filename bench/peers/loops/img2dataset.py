"""img2dataset's Resizer in webdataset's loop: what it does to an image once it is downloaded."""

import io
from collections.abc import Sequence

from img2dataset.resizer import Resizer

from bench.peers.loops import webdataset
from bench.peers.loops.task import QUALITY, SIDE

_RESIZER = Resizer(SIDE, "keep_ratio", False, encode_quality=QUALITY)


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    return webdataset.each_shard(tars, out, cores, _resized)


def _resized(data: bytes) -> bytes:
    found, *_, error = _RESIZER(io.BytesIO(data))
    if error:
        raise ValueError(error)
    return found
