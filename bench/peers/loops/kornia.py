"""kornia-rs: libjpeg-turbo from Rust, bicubic with antialiasing, which its 0.2.0 has."""

from collections.abc import Callable, Sequence
from typing import Any

import kornia_rs
import numpy as np
from kornia_rs import imgproc

from bench.peers.loops import task, webdataset
from bench.peers.loops.task import CROP, QUALITY, SIGMA, WINDOW


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    return webdataset.each_shard(tars, out, cores, _resized)


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(webdataset.images(tars), _tensor, cores)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(webdataset.images(tars), _random_tensor, cores)


def kernels() -> dict[str, Callable[[Any], Any]]:
    return {
        "resize": _small,
        "flip": imgproc.horizontal_flip,
        "gray": imgproc.gray_from_rgb,
        "blur": lambda a: imgproc.gaussian_blur(a, (WINDOW, WINDOW), (SIGMA, SIGMA)),
        "normalize": task.normalized,
    }


def _small(image: Any) -> Any:
    return np.asarray(imgproc.resize(image, task.target(*image.shape[:2]), "bicubic"))


def _resized(data: bytes) -> bytes:
    small = _small(kornia_rs.io.decode_image_jpegturbo(data, "rgb"))
    return bytes(kornia_rs.io.encode_image_jpegturbo(small, QUALITY, "4:2:0"))


def _tensor(data: bytes) -> Any:
    image = _small(kornia_rs.io.decode_image_jpegturbo(data, "rgb"))
    top, left = task.center(*image.shape[:2])
    return task.normalized(image[top : top + CROP, left : left + CROP])


def _random_tensor(data: bytes) -> Any:
    image = kornia_rs.io.decode_image_jpegturbo(data, "rgb")
    top, left, high, wide = task.random_box(*image.shape[:2])
    piece = np.ascontiguousarray(image[top : top + high, left : left + wide])
    piece = imgproc.resize(piece, (CROP, CROP), "bilinear")
    if task.random.random() < 0.5:
        piece = imgproc.horizontal_flip(piece)
    return task.normalized(np.asarray(piece))
