"""Kernels: one of each class, on a photograph, on one core."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from pixelmill.measure.figures import Sheet
from pixelmill.measure.pinning import pinned
from pixelmill_kernels.denoise import wavelet
from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.hashing import perceptual_hash
from pixelmill_kernels.jitter import jitter
from pixelmill_kernels.noise import gaussian
from pixelmill_kernels.resize import resize
from pixelmill_kernels.warp import affine

Image = npt.NDArray[np.uint8]

_SECONDS = 0.03  # a kernel a round: a hundred calls of most of them
_TURN = ((0.996, -0.087, 0.0), (0.087, 0.996, 0.0))  # by five degrees
_JITTER = (("brightness", 1.1), ("contrast", 1.1), ("saturation", 1.1), ("hue", 0.02))
_HALF = (0.5, 0.5, 0.5)


def _shorter(image: Image, side: int) -> tuple[int, int]:
    height, width = image.shape[:2]
    return round(height * side / min(height, width)), round(width * side / min(height, width))


CLASSES: dict[str, Callable[[Image], Any]] = {
    "resize to 256, bicubic": lambda image: resize(image, _shorter(image, 256)),
    "resize and normalize to 224": lambda image: resize_normalize(image, (224, 224), _HALF, _HALF),
    "warp, bicubic": lambda image: affine(image, _TURN, image.shape[:2], "bicubic"),
    "colour jitter": lambda image: jitter(image, _JITTER),
    "denoise, wavelet": lambda image: wavelet(image, 8.0),
    "noise, Gaussian": lambda image: gaussian(image, 5.0, 1),
    "perceptual hash": perceptual_hash,
}


def note_kernels(sheet: Sheet, image: Image) -> None:
    """Megapixels that come in a second, of each class."""
    with pinned(1):
        for name, kernel in CLASSES.items():
            kernel(image)
            calls, start = 0, perf_counter()
            while (seconds := perf_counter() - start) < _SECONDS or not calls:
                kernel(image)
                calls += 1
            pixels = calls * image.shape[0] * image.shape[1]
            sheet.note("kernels", name, pixels / seconds / 1e6, "MP/s")
