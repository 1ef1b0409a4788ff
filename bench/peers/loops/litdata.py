"""litData: its writer from tars, and its reader; torchvision does the images."""

import os
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Any

import litdata
import torch
import webdataset as wds

from bench.peers.loops import task
from bench.peers.loops import torchvision as images
from bench.peers.loops.task import BATCH

# It asks its vendor for the newest version, and keeps copies below the home directory.
os.environ |= {"LITDATA_DISABLE_VERSION_CHECK": "1"}


def start(cores: int) -> None:
    images.start(cores)


def prepare(tars: Sequence[str], folder: str, cores: int) -> list[str]:
    _written(tars, folder, cores, lambda data: data)
    return [folder]


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    _written(tars, out, cores, images.resized)
    return len(litdata.StreamingDataset(out))


def as_read(out: str) -> Iterator[task.Keyed]:
    for sample in litdata.StreamingDataset(out):
        yield sample["key"], sample["jpg"]


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return images.epoch(_loader(tars[0], cores))


@cache
def _loader(folder: str, cores: int) -> Any:
    dataset = litdata.StreamingDataset(folder, transform=_random)
    workers = 0 if cores == 1 else cores
    return litdata.StreamingDataLoader(
        dataset, batch_size=BATCH, num_workers=workers, persistent_workers=workers > 0
    )


def _random(sample: dict[str, Any], *_: object) -> tuple[str, Any]:
    return sample["key"], images.RANDOM(images.decoded(sample["jpg"]))


def _written(tars: Sequence[str], out: str, cores: int, made: Any) -> None:
    litdata.optimize(
        partial(_samples, made=made),
        list(tars),
        out,
        num_workers=cores,
        chunk_bytes="64MB",
        start_method="fork",
        verbose=False,
    )


def _samples(tar: str, made: Any) -> Iterator[dict[str, Any]]:
    torch.set_num_threads(1)
    for sample in wds.WebDataset(tar, shardshuffle=False):
        yield {"key": sample["__key__"], "jpg": made(sample["jpg"]), "cls": sample["cls"]}
