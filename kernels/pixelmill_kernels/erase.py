"""Erase: rectangles of an image made blank, so that a network learns from the rest.

Cutout (DeVries and Taylor 2017) blanks squares; random erasing (Zhong et al. 2017) rectangles of
any area and aspect, with noise or with the image's mean.  Where they lie is for the caller to draw.
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import (
    LEVELS,
    Array,
    expect_choice,
    expect_image,
    expect_out,
    rectangle,
)
from pixelmill_kernels._jit import Untyped, kernel
from pixelmill_kernels.rng import BLOCK, _blocks_for, _draw_bits, _key_of
from pixelmill_kernels.statistics import channel_sums

__all__ = ["erase"]

FILLS = ("constant", "mean", "noise")

_u32: Untyped = np.uint32
_u64: Untyped = np.uint64


def erase(
    image: Array,
    rectangles: Sequence[tuple[int, int, int, int]],
    fill: str = "constant",
    value: int | Sequence[int] = 0,
    key: int = 0,
    out: Array | None = None,
) -> Array:
    """Blank rectangles.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  The fourth, alpha, stays as it is.
    rectangles : sequence of (top, left, height, width)
        In pixels; within the image and not empty.
    fill : "constant", "mean" or "noise"
        `value`; the mean of each channel of the image, rounded; or levels drawn alone, each as
        likely as any other.
    value : int, or one for each channel but alpha
        Level for "constant".
    key : int
        0 to 2**64 - 1, for "noise": a place of the image gets the same levels in any rectangle.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    expect_choice(fill, FILLS, "fill")
    channels = image.shape[2]
    colours = 3 if channels == 4 else channels
    parts = [rectangle(part, (image.shape[0], image.shape[1]), "rectangle") for part in rectangles]
    levels = _mean(image)[:colours] if fill == "mean" else _levels(value, colours, image.dtype)
    out = expect_out(out, image.shape, image.dtype, image)
    out[:] = image
    for top, left, height, width in parts:
        if fill == "noise":
            _noise(_key_of(key), top, left, height, width, colours, out)
        else:
            out[top : top + height, left : left + width, :colours] = levels
    return out


def _mean(image: Array) -> Array:
    """Of each channel, rounded, halves up: in whole numbers, so that no machine rounds its way."""
    count, sums, _ = channel_sums(image)
    mean: Array = (2 * sums + count) // (2 * count)
    return mean


def _levels(value: int | Sequence[int], colours: int, dtype: np.dtype[np.generic]) -> Array:
    full = np.iinfo(np.uint8 if dtype == np.uint8 else np.uint16).max
    levels = np.asarray(value)
    if levels.shape not in ((), (colours,)) or not ((levels >= 0) & (levels <= full)).all():
        raise ValueError(f"value must be 0 to {full}, one number or {colours}, got {value}")
    return levels.astype(dtype)


@kernel
def _noise(
    key: int, top: int, left: int, height: int, width: int, colours: int, target: Array
) -> None:
    channels = target.shape[2]
    drawn, skip = _blocks_for(left * channels, width * channels, _u32(0))
    unused = _u32(16 if np.iinfo(target.dtype).max > 255 else 24)  # of the 32 bits of a word
    for y in range(top, top + height):
        _draw_bits(key, 0, y, left * channels // BLOCK, drawn)
        row = target[y].reshape(target.shape[1] * channels)[left * channels :]
        for i in range(width * channels):
            if channels == colours or i % channels < colours:
                row[_u64(i)] = drawn[_u64(skip + i)] >> unused
