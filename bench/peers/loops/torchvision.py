"""torchvision v2 on the CPU: bicubic, antialiased; DataLoader's processes make the batches."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import torch
import webdataset as wds
from torchvision.io import ImageReadMode, decode_jpeg, encode_jpeg
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from bench.peers.loops import task, webdataset
from bench.peers.loops.task import BATCH, CROP, MEAN, QUALITY, SIDE, SIGMA, STD, WINDOW

BICUBIC = InterpolationMode.BICUBIC
_SMALL = v2.Resize(SIDE, BICUBIC, antialias=True)
_NORMALIZE = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
_TENSOR = v2.Compose([_SMALL, v2.CenterCrop(CROP), *_NORMALIZE])
RANDOM = v2.Compose(
    [v2.RandomResizedCrop(CROP, antialias=True), v2.RandomHorizontalFlip(), *_NORMALIZE]
)


def start(cores: int) -> None:
    torch.set_num_threads(1)  # processes take the cores


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    return webdataset.each_shard(tars, out, cores, resized)


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return epoch(_loader(tuple(tars), cores, _TENSOR))


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return epoch(_loader(tuple(tars), cores, RANDOM))


def kernels() -> dict[str, Callable[[Any], Any]]:
    """From and to NumPy; the tensors are views of the arrays, channels last in memory."""
    steps = {
        "resize": _SMALL,
        "flip": functional.horizontal_flip,
        "gray": functional.rgb_to_grayscale,
        "blur": lambda t: functional.gaussian_blur(t, [WINDOW, WINDOW], [SIGMA, SIGMA]),
    }

    def of(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda a: step(torch.from_numpy(a).permute(2, 0, 1)).permute(1, 2, 0).numpy()

    normalize = v2.Compose(_NORMALIZE)
    return {
        **{name: of(step) for name, step in steps.items()},
        "normalize": lambda a: normalize(torch.from_numpy(a).permute(2, 0, 1)).numpy(),
    }


def resized(data: bytes) -> bytes:
    return encode_jpeg(_SMALL(decoded(data)), QUALITY).numpy().tobytes()


def decoded(data: bytes) -> Any:
    array = np.frombuffer(data, np.uint8).copy()  # torch warns of memory that it may not write to
    return decode_jpeg(torch.from_numpy(array), ImageReadMode.RGB)


@cache
def _loader(tars: tuple[str, ...], cores: int, transform: Any) -> Any:
    dataset = wds.WebDataset(list(tars), shardshuffle=False)
    return loader(dataset.map(partial(_keyed, transform)), cores)


def _keyed(transform: Any, sample: dict[str, Any]) -> tuple[str, Any]:
    return sample["__key__"], transform(decoded(sample["jpg"]))


def loader(dataset: Any, cores: int) -> Any:
    """One that lives on from epoch to epoch, as in training."""
    workers = 0 if cores == 1 else cores
    return torch.utils.data.DataLoader(
        dataset, BATCH, num_workers=workers, persistent_workers=workers > 0
    )


def epoch(loader: Any) -> task.Batches:
    for keys, images in loader:
        yield list(keys), images.numpy()
