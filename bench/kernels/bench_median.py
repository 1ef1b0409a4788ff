"""median against OpenCV and Pillow, one core.  pytest bench/kernels/bench_median.py"""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from pixelmill_kernels.denoise import median

SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}


def ours(image, side):
    return lambda: median(image, side)


def opencv(image, side):
    return lambda: cv2.medianBlur(image, side)


def pillow(image, side):
    picture, filter = Image.fromarray(image), ImageFilter.MedianFilter(side)
    return lambda: picture.filter(filter)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


KINDS = {
    "RGB": lambda image: image,
    "gray": lambda image: image[..., :1].copy(),
    "RGB 16 bit": lambda image: image.astype(np.uint16) * 257,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("side", [3, 5], ids=lambda side: f"{side}x{side}")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.replace(" ", "-"))
@pytest.mark.parametrize("rival", [ours, opencv, pillow], ids=lambda rival: rival.__name__)
def bench_median(timed, photograph, rival, kind, side, size):
    if rival is pillow and kind != "RGB":
        pytest.skip("Pillow is timed once")
    image = KINDS[kind](photograph(*SIZES[size]))
    theirs = cv2.medianBlur(image, side).reshape(image.shape)
    np.testing.assert_array_equal(median(image, side), theirs)
    named = "" if kind == "RGB" else f"{kind} "
    timed(f"median {side}x{side} {named}{size}", rival(image, side), np.prod(SIZES[size]))
