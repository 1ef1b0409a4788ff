"""resize + crop + flip + normalize in one go: no more than 1.3 times the resize alone.

pytest bench/kernels/bench_fused.py

The resize alone makes the whole output, of which a crop is then taken, as it is often written; the
fused kernel makes only what is kept.  The two run in turns, so that they meet the same machine.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.geometry import crop, flip
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.resize import resize

MEAN = np.float32([0.485, 0.456, 0.406])
STD = np.float32([0.229, 0.224, 0.225])
CHANGES = {  # before, after, and the side of the square in the middle that is kept
    "468x401-299x256px": ((401, 468), (256, 299), None),
    "468x401-299x256px, 224px": ((401, 468), (256, 299), 224),
    "4000x3000-341x256px": ((3000, 4000), (256, 341), None),
}


@dataclass(frozen=True)
class Work:
    """What is to be made of an image."""

    image: Any
    size: tuple[int, int]
    side: int | None
    dtype: Any
    layout: str

    @property
    def window(self):
        height, width = self.size
        if self.side is None:
            return 0, 0, height, width
        return (height - self.side) // 2, (width - self.side) // 2, self.side, self.side

    @property
    def shape(self):
        _, _, height, width = self.window
        return (3, height, width) if self.layout == "chw" else (height, width, 3)

    def fused(self, out=None):
        return resize_normalize(
            self.image, self.size, MEAN, STD, window=self.window, mirror=True, layout=self.layout,
            dtype=self.dtype, out=out,
        )  # fmt: skip


def ours(work):
    out = np.empty(work.shape, work.dtype)
    return lambda: work.fused(out)


def new_out(work):
    return work.fused


def resize_alone(work):
    out = np.empty((*work.size, 3), np.uint8)
    top, left, height, width = work.window
    return lambda: resize(work.image, work.size, out=out)[top : top + height, left : left + width]


def one_by_one(work):
    def run():
        levels = crop(resize(work.image, work.size), *work.window)
        return normalize(flip(levels), MEAN, STD, work.layout).astype(work.dtype)

    return run


def opencv_and_numpy(work):
    """As it is often written: INTER_AREA, and floats in NumPy."""
    top, left, height, width = work.window

    def run():
        levels = cv2.resize(work.image, work.size[::-1], interpolation=cv2.INTER_AREA)
        levels = cv2.flip(levels[top : top + height, left : left + width], 1)
        floats = (levels / np.float32(255) - MEAN) / STD
        floats = floats.transpose(2, 0, 1) if work.layout == "chw" else floats
        return np.ascontiguousarray(floats, work.dtype)

    return run


IN_TURNS = (ours, resize_alone)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("layout", ["chw", "hwc"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize(
    "rival",
    [ours, resize_alone, new_out, one_by_one, opencv_and_numpy],
    ids=lambda rival: rival.__name__,
)
def bench_fused(timed, photograph, rival, dtype, layout, change):
    (height, width), size, side = CHANGES[change]
    if rival not in IN_TURNS and (layout == "hwc" or height > 1000):
        pytest.skip("other ways are timed once; the bar holds for every layout and size")
    work = Work(photograph(height, width), size, side, dtype, layout)
    assert ours(work)().tobytes() == one_by_one(work)().tobytes()
    beside = ours(work) if rival is resize_alone else resize_alone(work)
    group = f"fused {dtype.__name__} {layout} {change}"
    timed(group, rival(work), height * width, beside)
