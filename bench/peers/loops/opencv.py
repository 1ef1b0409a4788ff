"""OpenCV with INTER_AREA, its filter for shrinking, which img2dataset uses too."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np

from bench.peers.loops import task, webdataset
from bench.peers.loops.task import CROP, QUALITY, SIGMA, WINDOW

FLAGS = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
FLAGS += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
Decode = Callable[[bytes], Any]


def start(cores: int) -> None:
    cv2.setNumThreads(1)  # the loop's own threads or processes take the cores


def decoded(data: bytes) -> Any:
    """BGR, as OpenCV has it."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def scaled(data: bytes) -> Any:
    """At 1/2, 1/4 or 1/8 where at least twice the target is left."""
    flag = _REDUCED[task.reduction(*_size(data))]
    return cv2.imdecode(np.frombuffer(data, np.uint8), flag)


def shards_to_shards(tars: Sequence[str], out: str, cores: int, decode: Decode = decoded) -> int:
    return webdataset.each_shard(tars, out, cores, partial(resized, decode=decode))


def tensors(tars: Sequence[str], cores: int, decode: Decode = decoded) -> task.Batches:
    return task.batched(webdataset.images(tars), partial(tensor, decode=decode), cores)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(webdataset.images(tars), random_tensor, cores)


def kernels() -> dict[str, Callable[[Any], Any]]:
    return {
        "resize": small,
        "flip": lambda a: cv2.flip(a, 1),
        "gray": lambda a: cv2.cvtColor(a, cv2.COLOR_RGB2GRAY),
        "blur": lambda a: cv2.GaussianBlur(a, (WINDOW, WINDOW), SIGMA),
        "normalize": task.normalized,
    }


def small(image: Any) -> Any:
    height, width = task.target(*image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def resized(data: bytes, decode: Decode = decoded) -> bytes:
    return cv2.imencode(".jpg", small(decode(data)), FLAGS)[1].tobytes()


def tensor(data: bytes, decode: Decode = decoded) -> Any:
    image = small(decode(data))
    top, left = task.center(*image.shape[:2])
    return task.normalized(image[top : top + CROP, left : left + CROP, ::-1])


def random_tensor(data: bytes) -> Any:
    return task.normalized(cropped(decoded(data))[..., ::-1])


def cropped(image: Any) -> Any:
    top, left, high, wide = task.random_box(*image.shape[:2])
    piece = image[top : top + high, left : left + wide]
    piece = cv2.resize(piece, (CROP, CROP), interpolation=cv2.INTER_LINEAR)
    return cv2.flip(piece, 1) if task.random.random() < 0.5 else piece


def _size(data: bytes) -> tuple[int, int]:
    """Height and width from the frame header of a JPEG, which OpenCV does not tell beforehand."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(
        data[at + 7 : at + 9], "big"
    )
