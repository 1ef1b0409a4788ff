"""webdataset: the loop around an image that its users write; one process a core, shard by shard."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import webdataset as wds

from bench.peers.loops.task import Keyed

Resized = Callable[[bytes], bytes]


def each_shard(tars: Sequence[str], out: str, cores: int, resized: Resized) -> int:
    """Write a tar for each, its images through `resized`, all other members as they are."""
    go = partial(_one_shard, out=out, resized=resized)
    if cores == 1:
        return sum(map(go, tars))
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        return sum(pool.imap_unordered(go, tars))


def _one_shard(tar: str, out: str, resized: Resized) -> int:
    count = 0
    with wds.TarWriter(os.path.join(out, os.path.basename(tar))) as sink:
        for sample in wds.WebDataset(tar, shardshuffle=False):
            sink.write({**members(sample), "jpg": resized(sample["jpg"])})
            count += 1
    return count


def members(sample: dict[str, Any]) -> dict[str, Any]:
    """Without what webdataset adds of its own."""
    return {k: v for k, v in sample.items() if k == "__key__" or not k.startswith("__")}


def images(tars: Sequence[str]) -> Iterator[Keyed]:
    for sample in wds.WebDataset(list(tars), shardshuffle=False):
        yield sample["__key__"], sample["jpg"]
