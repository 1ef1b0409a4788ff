"""simplejpeg and OpenCV over tarfile, by hand: what people write who count milliseconds."""

import os
import tarfile
from collections.abc import Iterator, Sequence
from typing import Any

import simplejpeg

from bench.peers.loops import opencv, task
from bench.peers.loops.task import CROP

start = opencv.start


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(images(tars), _tensor, cores)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(images(tars), _random_tensor, cores)


def images(tars: Sequence[str]) -> Iterator[task.Keyed]:
    for tar in tars:
        with tarfile.open(tar) as shard:
            for member in shard:
                key, extension = os.path.splitext(member.name)
                if extension == ".jpg":
                    yield key, shard.extractfile(member).read()  # type: ignore[union-attr]


def _tensor(data: bytes) -> Any:
    height, width = simplejpeg.decode_jpeg_header(data)[:2]
    factor = task.reduction(height, width)
    image = simplejpeg.decode_jpeg(
        data, "RGB", min_height=-(-height // factor), min_width=-(-width // factor),
        min_factor=factor,
    )  # fmt: skip
    image = opencv.small(image)
    top, left = task.center(*image.shape[:2])
    return task.normalized(image[top : top + CROP, left : left + CROP])


def _random_tensor(data: bytes) -> Any:
    return task.normalized(opencv.cropped(simplejpeg.decode_jpeg(data)))
