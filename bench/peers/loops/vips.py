"""libvips' thumbnail: decodes at a smaller scale by itself, then Lanczos, antialiased."""

from collections.abc import Callable, Sequence
from typing import Any

import pyvips

from bench.peers.loops import task, webdataset
from bench.peers.loops.task import CROP, QUALITY, SIGMA


def start(cores: int) -> None:
    pyvips.voperation.cache_set_max(0)  # or it remembers the results of the last round


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    return webdataset.each_shard(tars, out, cores, _resized)


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(webdataset.images(tars), _tensor, cores)


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return task.batched(webdataset.images(tars), _random_tensor, cores)


def kernels() -> dict[str, Callable[[Any], Any]]:
    def of(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda a: step(pyvips.Image.new_from_array(a)).numpy()

    return {
        "resize": of(
            lambda i: i.thumbnail_image(_bounds(i)[0], height=_bounds(i)[1], size="force")
        ),
        "flip": of(lambda i: i.fliphor()),
        "gray": of(lambda i: i.colourspace("b-w")),
        "blur": of(lambda i: i.gaussblur(SIGMA)),
        "normalize": task.normalized,
    }


def _bounds(image: Any) -> tuple[int, int]:
    height, width = task.target(image.height, image.width)
    return width, height


def _small(data: bytes) -> Any:
    header = pyvips.Image.new_from_buffer(data, "")
    width, height = _bounds(header)
    return _rgb(
        pyvips.Image.thumbnail_buffer(data, width, height=height, size="force", no_rotate=True)
    )


def _rgb(image: Any) -> Any:
    return image if image.bands == 3 else image.colourspace("srgb")


def _resized(data: bytes) -> bytes:
    found: bytes = _small(data).jpegsave_buffer(Q=QUALITY, subsample_mode="on")
    return found


def _tensor(data: bytes) -> Any:
    image = _small(data)
    top, left = task.center(image.height, image.width)
    return task.normalized(image.crop(left, top, CROP, CROP).numpy())


def _random_tensor(data: bytes) -> Any:
    image = _rgb(pyvips.Image.new_from_buffer(data, "")).copy_memory()
    top, left, high, wide = task.random_box(image.height, image.width)
    piece = image.crop(left, top, wide, high)
    piece = piece.thumbnail_image(CROP, height=CROP, size="force")
    return task.normalized((piece.fliphor() if task.random.random() < 0.5 else piece).numpy())
