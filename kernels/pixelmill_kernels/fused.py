"""Fused: resize, mirror and normalize in one go, with no image in between."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pixelmill_kernels._check import BANDS, Array, expect_choice, expect_image, expect_out
from pixelmill_kernels.normalize import _FULL, LAYOUTS, _line, normalize
from pixelmill_kernels.resize import Rectangle, Sink, checked, resize, scale, whole_factor

__all__ = ["resize_normalize"]

FLOATS = (np.dtype(np.float32), np.dtype(np.float16))
PIXELS = 16  # that are stored together


def resize_normalize(
    image: Array,
    size: tuple[int, int],
    mean: Sequence[float] | Array,
    std: Sequence[float] | Array,
    filter: str = "bicubic",
    *,
    crop: Rectangle | None = None,
    window: Rectangle | None = None,
    antialias: bool = True,
    mirror: bool = False,
    layout: str = "chw",
    dtype: Any = np.float32,
    out: Array | None = None,
) -> Array:
    """Scale an image, or a rectangle of it, and give it as a network takes it.

    The same bytes as `resize`, then `flip`, then `normalize`: levels are rounded in between, but
    stay in the first-level cache.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous, from 1 x 1 up.
    size, filter, crop, window, antialias
        As `resize` takes them.
    mean, std : numbers, shape (channels,)
        As `normalize` takes them: in full scale, every `std` above 0.
    mirror : bool
        Swap left and right of what `window` leaves.
    layout : "chw" or "hwc"
        Channels first or last.
    dtype : float32 or float16
        float16 is float32 rounded to nearest, ties to even.
    out : array of `dtype`, (channels, height, width) or (height, width, channels), optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    array of `dtype`, shape (channels, height, width) or (height, width, channels)
        height and width are those of `window`, or else of `size`.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout, size, rectangle, filter or `std` other than the above.
    """
    expect_image(image, channels=BANDS)
    crop, window = checked(image, size, filter, crop, window)
    expect_choice(layout, LAYOUTS, "layout")
    dtype = np.dtype(dtype)
    if dtype not in FLOATS:
        raise TypeError(f"dtype must be float32 or float16, got {dtype}")
    channels, (height, width) = image.shape[2], window[2:]
    planar = layout == "chw"
    gain, bias = _lines(tuple(mean), tuple(std), channels, _FULL[image.dtype], planar)
    shape = (channels, height, width) if planar else (height, width, channels)
    out = expect_out(out, shape, dtype, image)
    others = filter == "nearest" or crop[2:] == tuple(size)
    if others or whole_factor(image, crop, size, filter, antialias) > 1:
        levels = resize(
            image, size, filter, crop=crop, window=window, antialias=antialias, mirror=mirror
        )
        out[:] = normalize(levels, mean, std, layout)
        return out
    places = (width, 1, height * width) if planar else (width * channels, channels, 1)
    flat = out.reshape(-1)
    flat = flat.view(np.uint16) if dtype == np.float16 else flat
    scale(image, crop, size, window, filter, antialias, Sink(flat, places, gain, bias, mirror))
    return out


@lru_cache(maxsize=16)
def _lines(
    mean: tuple[float, ...], std: tuple[float, ...], channels: int, full: float, planar: bool
) -> tuple[Array, Array]:
    """Gain and bias for every element of a tile's row."""
    gain, bias = _line(mean, std, channels, full)
    spread = np.repeat if planar else np.tile
    return spread(gain, PIXELS), spread(bias, PIXELS)
