"""Daft: read_webdataset -> a function of the image with OpenCV; it has no writer for tars."""

import io
import os
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import daft
import numpy as np

from bench.peers.loops import opencv, task


def start(cores: int) -> None:
    opencv.start(cores)


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    """The rows come back as they are ready; tarfile writes them, by the shard they are of."""
    count = 0
    with ExitStack() as stack:
        sinks: dict[str, Any] = defaultdict(lambda: None)
        for row in _rows(tars, opencv.resized):
            name = os.path.basename(row["url"])
            if sinks[name] is None:
                sinks[name] = stack.enter_context(tarfile.open(os.path.join(out, name), "w"))
            for extension in ("jpg", "cls"):
                _add(sinks[name], f"{row['key']}.{extension}", row[extension])
            count += 1
    return count


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, opencv.tensor)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, opencv.random_tensor)


def _batches(tars: Sequence[str], tensor: Callable[[bytes], Any]) -> task.Batches:
    keys, images = [], []
    for row in _rows(tars, lambda data: tensor(data).tobytes()):
        keys.append(row["key"])
        images.append(np.frombuffer(row["jpg"], np.float32).reshape(3, task.CROP, task.CROP))
        if len(images) == task.BATCH:
            yield keys, np.stack(images)
            keys, images = [], []
    if images:
        yield keys, np.stack(images)


def _rows(tars: Sequence[str], made: Callable[[bytes], bytes]) -> Iterator[dict[str, Any]]:
    @daft.func(return_dtype=daft.DataType.binary())
    def each(file: daft.File) -> bytes:
        with file.open() as image:
            return made(image.read())

    # Of as many shards as it has cores its reader never ends: one after the other, then.
    for tar in tars:
        chosen = daft.read_webdataset(tar).select(
            daft.col("__key__").alias("key"),
            daft.col("__url__").alias("url"),
            each(daft.col("jpg")).alias("jpg"),
            daft.col("cls"),
        )
        yield from chosen.iter_rows()


def _add(sink: tarfile.TarFile, name: str, value: Any) -> None:
    data = value if isinstance(value, bytes) else str(value).encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    sink.addfile(member, io.BytesIO(data))
