"""Ray Data: read_webdataset -> map_batches -> write_webdataset, with OpenCV's INTER_AREA."""

import os
import tarfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import ray

from bench.peers.loops import opencv, task

OBJECT_STORE = 512 << 20  # bytes


def start(cores: int) -> None:
    """A Ray of its own: without `address="local"` it would join any that it finds."""
    ray.init(
        address="local",
        num_cpus=cores,
        include_dashboard=False,
        object_store_memory=OBJECT_STORE,
        log_to_driver=False,
    )
    ray.data.DataContext.get_current().enable_progress_bars = False


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    def each(batch: dict[str, Any]) -> dict[str, Any]:
        opencv.start(1)
        return {**batch, "jpg": [opencv.resized(data) for data in batch["jpg"]]}

    # Its readers decode unless told not to, and its writer encodes what is encoded already.
    dataset = ray.data.read_webdataset(list(tars), decoder=None).map_batches(each, batch_size=64)
    dataset.write_webdataset(out, encoder=None)
    return sum(map(_count, os.scandir(out)))


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, opencv.tensor)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, opencv.random_tensor)


def _batches(tars: Sequence[str], tensor: Any) -> task.Batches:
    def each(batch: dict[str, Any]) -> dict[str, Any]:
        opencv.start(1)
        return {"key": batch["__key__"], "image": np.stack([tensor(d) for d in batch["jpg"]])}

    dataset = ray.data.read_webdataset(list(tars), decoder=None).map_batches(each, batch_size=64)
    for batch in dataset.iter_batches(batch_size=task.BATCH):
        yield [str(key) for key in batch["key"]], batch["image"]


def _count(tar: Any) -> int:
    """Images in a tar that has been written, by its headers alone."""
    with tarfile.open(tar.path) as shard:
        return sum(name.endswith(".jpg") for name in shard.getnames())
