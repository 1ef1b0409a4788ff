"""NVIDIA DALI's CPU operators; it has no JPEG encoder, simplejpeg takes that part."""

import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import nvidia.dali as dali
import simplejpeg
import webdataset as wds
from nvidia.dali import fn, types

from bench.peers.loops import task, webdataset
from bench.peers.loops.task import BATCH, CROP, MEAN, QUALITY, SIDE, STD

_FEW = 8  # images in memory at full size, where no batch is asked for


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    """Its reader gives the pixels; the members that go along come from webdataset's."""
    resized = (image for _, batch in _run(tars, cores, _small) for image in batch)
    count = 0
    for tar in tars:
        with wds.TarWriter(os.path.join(out, os.path.basename(tar))) as sink:
            for sample in wds.WebDataset(tar, shardshuffle=False):
                jpg = simplejpeg.encode_jpeg(next(resized), QUALITY, "RGB", "420", False)
                sink.write({**webdataset.members(sample), "jpg": jpg})
                count += 1
    return count


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return _run(tars, cores, _tensor, dense=True)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return _run(tars, cores, _random_tensor, dense=True)


def _run(
    tars: Sequence[str], cores: int, graph: Callable[[Any], Any], dense: bool = False
) -> task.Batches:
    pipeline = _pipeline(tuple(tars), cores, graph, BATCH if dense else _FEW)
    left = pipeline.epoch_size("tars")
    while left > 0:
        (batch,) = pipeline.run()
        count = min(left, pipeline.max_batch_size)  # the last batch is filled up
        yield None, (batch.as_array()[:count] if dense else [batch.at(i) for i in range(count)])
        left -= count
    pipeline.reset()


@cache
def _pipeline(
    tars: tuple[str, ...], cores: int, graph: Callable[[Any], Any], most: int
) -> dali.Pipeline:
    """One that lives on from epoch to epoch, as in training; its batches are of one size, or the
    last one would be filled up with images that nobody wants, and decode them."""
    count = sum(1 for _ in webdataset.images(tars))
    size = -(-count // -(-count // most))
    pipeline = dali.Pipeline(size, num_threads=cores, device_id=None)
    with pipeline:
        encoded = fn.readers.webdataset(
            paths=list(tars), ext=["jpg"], name="tars", pad_last_batch=True
        )
        pipeline.set_outputs(graph(encoded))
    pipeline.build()
    return pipeline


def _small(encoded: Any) -> Any:
    image = fn.decoders.image(encoded, output_type=types.RGB)
    return fn.resize(image, resize_shorter=SIDE, interp_type=types.INTERP_CUBIC, antialias=True)


def _tensor(encoded: Any) -> Any:
    return _normalized(_small(encoded), mirror=0)


def _random_tensor(encoded: Any) -> Any:
    image = fn.decoders.image_random_crop(
        encoded, output_type=types.RGB, random_area=(0.08, 1), random_aspect_ratio=(3 / 4, 4 / 3)
    )
    image = fn.resize(image, size=(CROP, CROP), interp_type=types.INTERP_LINEAR, antialias=True)
    return _normalized(image, mirror=fn.random.coin_flip())


_normalized = partial(
    fn.crop_mirror_normalize,
    crop=(CROP, CROP),
    dtype=types.FLOAT,
    output_layout="CHW",
    mean=[255 * level for level in MEAN],
    std=[255 * level for level in STD],
)
