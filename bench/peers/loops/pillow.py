"""Pillow, and Pillow-SIMD under the same name: bicubic, antialiased; NumPy for what it lacks."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from bench.peers.loops import task, webdataset
from bench.peers.loops.task import CROP, QUALITY, SIGMA

BICUBIC = Image.Resampling.BICUBIC
Decode = Callable[[bytes], Image.Image]


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def drafted(data: bytes) -> Image.Image:
    """At 1/2, 1/4 or 1/8 where at least twice the target is left."""
    image = Image.open(io.BytesIO(data))
    height, width = task.target(image.height, image.width)
    image.draft("RGB", (2 * width, 2 * height))
    return image.convert("RGB")


def shards_to_shards(tars: Sequence[str], out: str, cores: int, decode: Decode = decoded) -> int:
    return webdataset.each_shard(tars, out, cores, partial(_resized, decode))


def tensors(tars: Sequence[str], cores: int, decode: Decode = decoded) -> task.Batches:
    return task.batched(webdataset.images(tars), partial(_tensor, decode), cores)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(webdataset.images(tars), _random_tensor, cores)


def kernels() -> dict[str, Callable[[Any], Any]]:
    """From and to NumPy: the way into an Image and out of it is part of it."""
    return {
        "resize": lambda a: np.asarray(_small(Image.fromarray(a))),
        "flip": lambda a: np.asarray(Image.fromarray(a).transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        "gray": lambda a: np.asarray(Image.fromarray(a).convert("L")),
        "blur": lambda a: np.asarray(Image.fromarray(a).filter(ImageFilter.GaussianBlur(SIGMA))),
        "normalize": task.normalized,
    }


def _small(image: Image.Image) -> Image.Image:
    height, width = task.target(image.height, image.width)
    return image.resize((width, height), BICUBIC)


def _resized(decode: Decode, data: bytes) -> bytes:
    sink = io.BytesIO()
    _small(decode(data)).save(sink, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return sink.getvalue()


def _tensor(decode: Decode, data: bytes) -> Any:
    image = _small(decode(data))
    top, left = task.center(image.height, image.width)
    return task.normalized(np.asarray(image.crop((left, top, left + CROP, top + CROP))))


def _random_tensor(data: bytes) -> Any:
    image = decoded(data)
    top, left, high, wide = task.random_box(image.height, image.width)
    image = image.resize((CROP, CROP), BICUBIC, box=(left, top, left + wide, top + high))
    if task.random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return task.normalized(np.asarray(image))
