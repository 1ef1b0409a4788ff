"""Rivals: the same job, tar to tar, as people write it without pixelmill, and the codec floor.

The job: shorter side 256, JPEG quality 90 4:2:0.  Each function reads `shards`, writes one tar a
shard into `folder`, and returns the number of images.
"""

import io
import os
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

import cv2
import numpy as np
import simplejpeg
import webdataset as wds
from PIL import Image

from pixelmill import Job
from pixelmill.run import run
from pixelmill_kernels.resize import resize

SIDE, QUALITY = 256, 90
Rival = Callable[[Sequence[str], str], int]


def target(height: int, width: int) -> tuple[int, int]:
    scale = SIDE / min(height, width)
    return round(height * scale), round(width * scale)


def pixelmill(shards: Sequence[str], folder: str) -> int:
    """This engine, inline, one worker."""
    return pixelmill_with(shards, folder, workers=1)


def pixelmill_exact(shards: Sequence[str], folder: str) -> int:
    """The same, always decoding at full scale."""
    return pixelmill_with(shards, folder, workers=1, decode={"scale": "exact"})


def pixelmill_with(shards: Sequence[str], folder: str, workers: int = 1, **more: object) -> int:
    executor = {"kind": "inline", "workers": workers}
    facts = {"transforms": [{"resize": SIDE}], "executor": executor, **more}
    job = Job(source=list(shards), output=folder, **facts)
    report = run(job)
    assert report.exit_code == 0, report.to_json()
    return report.tally.written


def pillow(shards: Sequence[str], folder: str) -> int:
    """webdataset and Pillow, the straightforward loop; no draft mode."""
    return _webdataset_loop(shards, folder, pillow_resized)


def pillow_resized(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    height, width = target(image.height, image.width)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return sink.getvalue()


def kernels_resized(data: bytes) -> bytes:
    """This engine's codec and kernel, without the engine."""
    image = simplejpeg.decode_jpeg(data)
    small = resize(image, target(*image.shape[:2]))
    found: bytes = simplejpeg.encode_jpeg(small, QUALITY, "RGB", "420", False)
    return found


def pillow_draft(shards: Sequence[str], folder: str) -> int:
    """The same with draft: a scaled decode that stays at least twice the target, as pixelmill's."""

    def resized(data: bytes) -> bytes:
        image = Image.open(io.BytesIO(data))
        height, width = target(image.height, image.width)
        image.draft("RGB", (2 * width, 2 * height))
        image = image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
        sink = io.BytesIO()
        image.save(sink, "JPEG", quality=QUALITY, subsampling="4:2:0")
        return sink.getvalue()

    return _webdataset_loop(shards, folder, resized)


def opencv(shards: Sequence[str], folder: str) -> int:
    """webdataset and OpenCV with INTER_AREA, its filter for shrinking."""
    return _webdataset_loop(shards, folder, opencv_resized())


def opencv_resized() -> Callable[[bytes], bytes]:
    cv2.setNumThreads(1)
    flags = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    flags += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]

    def resized(data: bytes) -> bytes:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        height, width = target(*image.shape[:2])
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        return cv2.imencode(".jpg", image, flags)[1].tobytes()

    return resized


def _webdataset_loop(shards: Sequence[str], folder: str, resized: Callable[[bytes], bytes]) -> int:
    count = 0
    for index, shard in enumerate(shards):
        with wds.TarWriter(os.path.join(folder, f"train-{index:06d}.tar")) as sink:
            for sample in wds.WebDataset(shard, shardshuffle=False):
                sink.write({**_members(sample), "jpg": resized(sample["jpg"])})
                count += 1
    return count


def _members(sample: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in sample.items() if k == "__key__" or not k.startswith("__")}


class CodecFloor:
    """Decode and encode alone, with the library and the images of the job; no tar, no resize.

    `scaled` decodes at the scale that pixelmill decodes at.  What is encoded is what the job would
    encode, made outside the timing.
    """

    def __init__(self, shards: Sequence[str], scaled: bool = False) -> None:
        self.images = [(data, *self._prepared(data, scaled)) for data in jpegs(shards)]

    def _prepared(self, data: bytes, scaled: bool) -> tuple[dict[str, int], np.ndarray]:
        height, width = simplejpeg.decode_jpeg_header(data)[:2]
        least = target(height, width)
        factor = max(
            (f for f in (1, 2, 4, 8) if height >= 2 * least[0] * f and width >= 2 * least[1] * f),
            default=1,
        )
        asked = {"min_height": -(-height // factor), "min_width": -(-width // factor)}
        options = {**asked, "min_factor": factor} if scaled and factor > 1 else {}
        image = Image.fromarray(simplejpeg.decode_jpeg(data))
        small = image.resize(least[::-1], Image.Resampling.BICUBIC)
        return options, np.ascontiguousarray(np.asarray(small))

    def seconds(self) -> tuple[float, float]:
        """Of decoding all, and of encoding all."""
        start = perf_counter()
        for data, options, _ in self.images:
            simplejpeg.decode_jpeg(data, "RGB", **options)
        middle = perf_counter()
        for _, _, small in self.images:
            simplejpeg.encode_jpeg(small, QUALITY, "RGB", "420", False)
        return middle - start, perf_counter() - middle


def jpegs(shards: Sequence[str]) -> Iterator[bytes]:
    for shard in shards:
        for sample in wds.WebDataset(shard, shardshuffle=False):
            yield sample["jpg"]
