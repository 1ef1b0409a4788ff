"""Weigh: one image made of several, each with a weight of its own (AugMix, Hendrycks 2020)."""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel

__all__ = ["weigh"]

_f32: Untyped = np.float32
_i32: Untyped = np.int32


def weigh(images: Sequence[Array], weights: Sequence[float], out: Array | None = None) -> Array:
    """The weighted sum of images, rounded once.

    Parameters
    ----------
    images : sequence of uint8, shape (height, width, channels)
        One or more of one shape, 1, 3 or 4 channels, C-contiguous.
    weights : sequence of float
        One for each image, 0 or more; usually of the sum one.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels)
        floor(sum + 1/2), at most 255; summed in float32, in the order of `images`.
    """
    if not images or len(images) != len(weights):
        raise ValueError(f"give one weight an image, got {len(images)} and {len(weights)}")
    for image in images:
        expect_image(image, (np.dtype(np.uint8),), "images")
        if image.shape != images[0].shape:
            raise ValueError(f"images must have one shape, got {images[0].shape}, {image.shape}")
    if not all(weight >= 0 for weight in weights):
        raise ValueError(f"weights must be 0 or more, got {list(weights)}")
    out = expect_out(out, images[0].shape, np.uint8, images[0])
    total = np.zeros(out.size, np.float32)
    for image, weight in zip(images, weights, strict=True):
        _add(for_reading(image).reshape(-1), _f32(weight), total)
    _round(total, out.reshape(-1))
    return out


@kernel
def _add(source: Array, weight: float, total: Array) -> None:
    for i in range(source.size):
        total[i] += weight * _f32(source[i])


@kernel
def _round(total: Array, target: Array) -> None:
    for i in range(total.size):
        target[i] = min(_i32(total[i] + _f32(0.5)), 255)
