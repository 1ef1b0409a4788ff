"""The codec floor: decoding, and in J1 encoding; what it leaves out is all the rest of a job."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import simplejpeg

from bench.peers.loops import task
from bench.pipeline.rivals import CodecFloor

_FLOORS: dict[str, CodecFloor] = {}  # by shard


def prepare(tars: Sequence[str], folder: str, cores: int, scaled: bool = False) -> Sequence[str]:
    """Hold the images of each shard, and what a job would encode of them."""
    _FLOORS.update({tar: CodecFloor([tar], scaled) for tar in tars})
    return tars


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    return _on(cores, tars, _both)


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    yield None, range(_on(cores, tars, _decoded))


reader = tensors


def _on(cores: int, tars: Sequence[str], work: Callable[[CodecFloor], int]) -> int:
    with ThreadPoolExecutor(cores) as pool:
        return sum(pool.map(work, [_FLOORS[tar] for tar in tars]))


def _both(floor: CodecFloor) -> int:
    floor.seconds()
    return len(floor.images)


def _decoded(floor: CodecFloor) -> int:
    for data, options, _ in floor.images:
        simplejpeg.decode_jpeg(data, "RGB", **options)
    return len(floor.images)
