"""resize + flip + normalize in one go against the same one by one.

pytest bench/kernels/bench_fused.py
"""

import cv2
import numpy as np
import pytest

from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.geometry import flip
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.resize import resize

MEAN = np.float32([0.485, 0.456, 0.406])
STD = np.float32([0.229, 0.224, 0.225])
CHANGES = {
    "468x401-299x256px": ((401, 468), (256, 299)),
    "2000x1500-341x256px": ((1500, 2000), (256, 341)),
}


def ours(image, size, dtype):
    out = np.empty((3, *size), dtype)
    return lambda: resize_normalize(image, size, MEAN, STD, mirror=True, dtype=dtype, out=out)


def resize_alone(image, size, dtype):
    out = np.empty((*size, 3), np.uint8)
    return lambda: resize(image, size, out=out)


def one_by_one(image, size, dtype):
    return lambda: normalize(flip(resize(image, size)), MEAN, STD).astype(dtype)


def opencv_and_numpy(image, size, dtype):
    """As it is often written: INTER_AREA, and floats in NumPy."""

    def run():
        levels = cv2.flip(cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA), 1)
        floats = (levels / np.float32(255) - MEAN) / STD
        return np.ascontiguousarray(floats.transpose(2, 0, 1), dtype)

    return run


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("dtype", [np.float32, np.float16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize(
    "rival", [ours, resize_alone, one_by_one, opencv_and_numpy], ids=lambda rival: rival.__name__
)
def bench_fused(timed, photograph, rival, dtype, change):
    (height, width), size = CHANGES[change]
    image = photograph(height, width)
    expected = one_by_one(image, size, dtype)()
    assert ours(image, size, dtype)().tobytes() == expected.tobytes()
    timed(f"fused {dtype.__name__} {change}", rival(image, size, dtype), height * width)
