"""FFCV from JPEG in its own format, written beforehand; its reader is all that it offers."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import simplejpeg
from ffcv.fields import RGBImageField
from ffcv.fields.rgb_image import RandomResizedCropRGBImageDecoder
from ffcv.loader import Loader, OrderOption
from ffcv.transforms import NormalizeImage, RandomHorizontalFlip, ToTensor, ToTorchImage
from ffcv.writer import DatasetWriter

from bench.peers.loops import task
from bench.peers.loops.simplejpeg_opencv import images
from bench.peers.loops.task import BATCH, CROP, MEAN, QUALITY, STD


def prepare(tars: Sequence[str], folder: str, cores: int, kind: str = "jpg") -> list[str]:
    """It encodes the pixels again, at the quality that they had."""
    pixels = [simplejpeg.decode_jpeg(data) for _, data in images(tars)]
    field = RGBImageField(write_mode=kind, jpeg_quality=QUALITY)
    DatasetWriter(f"{folder}/images.beton", {"image": field}, num_workers=1).from_indexed_dataset(
        [(image,) for image in pixels]
    )
    return [f"{folder}/images.beton"]


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    for (batch,) in _loader(tars[0], cores):
        yield None, batch.numpy()


@cache
def _loader(file: str, cores: int) -> Loader:
    """One that lives on from epoch to epoch, as in training: it compiles its steps first."""
    levels = [np.array([255 * level for level in three]) for three in (MEAN, STD)]
    steps: list[Any] = [
        RandomResizedCropRGBImageDecoder((CROP, CROP)),
        RandomHorizontalFlip(),
        NormalizeImage(*levels, np.float32),
        ToTensor(),
        ToTorchImage(),
    ]
    return Loader(
        file, BATCH, cores, OrderOption.SEQUENTIAL, pipelines={"image": steps}, drop_last=False
    )


raw = partial(prepare, kind="raw")
