"""MosaicML streaming: its writer, a process a core, and its reader; torchvision does the images."""

import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import webdataset as wds
from streaming import MDSWriter, Stream, StreamingDataset

from bench.peers.loops import task
from bench.peers.loops import torchvision as images
from bench.peers.loops.task import BATCH

COLUMNS = {"key": "str", "jpg": "bytes", "cls": "bytes"}


def start(cores: int) -> None:
    images.start(cores)


def prepare(tars: Sequence[str], folder: str, cores: int) -> list[str]:
    for tar in tars:
        _one_shard(tar, folder, lambda data: data)
    return _folders(folder)


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    go = partial(_one_shard, out=out, made=images.resized)
    if cores == 1:
        return sum(map(go, tars))
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        return sum(pool.imap_unordered(go, tars))


def as_read(out: str) -> Iterator[task.Keyed]:
    for sample in _dataset(_folders(out)):
        yield sample["key"], sample["jpg"]


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return images.epoch(_loader(tuple(tars), cores))


@cache
def _loader(folders: tuple[str, ...], cores: int) -> Any:
    return images.loader(_dataset(folders, _Random), cores)


class _Random(StreamingDataset):
    def __getitem__(self, at: Any) -> Any:
        sample = super().__getitem__(at)
        return sample["key"], images.RANDOM(images.decoded(sample["jpg"]))


def _dataset(folders: Sequence[str], kind: type[StreamingDataset] = StreamingDataset) -> Any:
    return kind(streams=[Stream(local=folder) for folder in folders], batch_size=BATCH)


def _one_shard(tar: str, out: str, made: Callable[[bytes], bytes]) -> int:
    """Its writer makes a folder; a process cannot share one with another."""
    folder = os.path.join(out, os.path.basename(tar))
    shutil.rmtree(folder, ignore_errors=True)
    count = 0
    with MDSWriter(out=folder, columns=COLUMNS) as sink:
        for sample in wds.WebDataset(tar, shardshuffle=False):
            jpg = made(sample["jpg"])
            sink.write({"key": sample["__key__"], "jpg": jpg, "cls": sample["cls"]})
            count += 1
    return count


def _folders(folder: str) -> list[str]:
    return sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
