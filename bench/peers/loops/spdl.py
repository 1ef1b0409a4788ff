"""SPDL: its tar reader and a pipeline of threads, with FFmpeg's decoder and filters."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spdl.io
from spdl.pipeline import PipelineBuilder

from bench.peers.loops import task
from bench.peers.loops.task import BATCH, CROP, SIDE

# FFmpeg's bicubic is stretched when it reduces; `accurate_rnd` rounds as others do.
_SMALL = f"scale='if(lt(iw,ih),{SIDE},-1)':'if(lt(iw,ih),-1,{SIDE})':flags=bicubic+accurate_rnd"
_RGB = "format=pix_fmts=rgb24"


def start(cores: int) -> None:
    spdl.io.demux_config()  # or its pipeline drops every image where FFmpeg's libraries are missing


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, cores, lambda _: f"{_SMALL},crop={CROP}:{CROP},{_RGB}")


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, cores, _random)


def _random(size: tuple[int, int]) -> str:
    top, left, high, wide = task.random_box(*size)
    flip = ",hflip" if task.random.random() < 0.5 else ""
    scale = f"scale={CROP}:{CROP}:flags=bilinear"
    return f"crop={wide}:{high}:{left}:{top},{scale}{flip},{_RGB}"


def _batches(
    tars: Sequence[str], cores: int, steps: Callable[[tuple[int, int]], str]
) -> task.Batches:
    def tensor(sample: tuple[str, bytes]) -> tuple[str, Any]:
        packets = spdl.io.demux_image(sample[1])
        filters = steps((packets.height, packets.width))
        frames = spdl.io.decode_packets(packets, filter_desc=filters)
        return sample[0], task.normalized(spdl.io.to_numpy(spdl.io.convert_frames(frames)))

    builder = PipelineBuilder().add_source(_images(tars)).pipe(tensor, concurrency=cores)
    pipeline = builder.aggregate(BATCH).add_sink(2).build(num_threads=cores + 1)
    with pipeline.auto_stop():
        for batch in pipeline.get_iterator():
            yield [key for key, _ in batch], np.stack([image for _, image in batch])


def _images(tars: Sequence[str]) -> Iterator[task.Keyed]:
    for tar in tars:
        for name, data in spdl.io.iter_tarfile(Path(tar).read_bytes()):
            if name.endswith(".jpg"):
                yield name.removesuffix(".jpg"), bytes(data)
