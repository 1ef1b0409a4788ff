"""Normalize: levels to floats, and channels last to channels first, in one pass.

out[c, y, x] = image[y, x, c] * gain[c] + bias[c], with gain = 1 / (full * std), bias = -mean / std
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import Array, expect_choice, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.simd import LANES, channels_of, fma, load, splat, store

LAYOUTS = ("chw", "hwc")
_FULL = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0, np.dtype(np.float32): 1.0}

_load_rgb = channels_of(3)
_load_rgba = channels_of(4)


def normalize(
    image: Array,
    mean: Sequence[float] | Array,
    std: Sequence[float] | Array,
    layout: str = "chw",
    out: Array | None = None,
) -> Array:
    """Scale each channel to zero mean and unit spread, as a network takes it.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  Full scale is 255, 65535 or 1.0.
    mean, std : numbers, shape (channels,)
        In full scale: 1.0 is level 255 of uint8.  Every `std` is above 0.
    layout : "chw" or "hwc"
        Channels first (PyTorch) or last (TensorFlow).
    out : float32, (channels, height, width) or (height, width, channels), optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    float32, shape (channels, height, width) or (height, width, channels)
        No unit: 0.0 is `mean`, and 1.0 lies one `std` above it.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype or layout other than the above, or a `std` of 0 or less.
    """
    expect_image(image)
    expect_choice(layout, LAYOUTS, "layout")
    height, width, channels = image.shape
    shape = (channels, height, width) if layout == "chw" else (height, width, channels)
    out = expect_out(out, shape, np.float32, image)
    gain, bias = _line(mean, std, channels, _FULL[image.dtype])
    source = for_reading(image).reshape(-1)
    if layout == "chw" and channels > 1:
        _planes(source, gain, bias, out.reshape(channels, -1))
    else:
        _stripes(source, np.tile(gain, 48 // channels), np.tile(bias, 48 // channels), out.ravel())
    return out


def _line(
    mean: Sequence[float] | Array, std: Sequence[float] | Array, channels: int, full: float
) -> tuple[Array, Array]:
    centre, spread = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    if centre.shape != (channels,) or spread.shape != (channels,):
        raise ValueError(
            f"mean and std must have one number for each of {channels} channels, "
            f"got shapes {centre.shape} and {spread.shape}"
        )
    if not (spread > 0).all():
        raise ValueError(f"every std must be above 0, got {spread.tolist()}")
    return (1 / (full * spread)).astype(np.float32), (-centre / spread).astype(np.float32)


@kernel
def _stripes(source: Array, gain: Array, bias: Array, target: Array) -> None:
    """Channels last: `gain` and `bias` repeat every 48 elements, for 1, 3 and 4 channels."""
    whole = source.size // LANES * LANES
    for i in range(0, whole, LANES):
        o = i % 48
        store(target, i, fma(load(gain, o), load(source, i), load(bias, o)))
    if whole < source.size:
        rest, ends = np.zeros(LANES, source.dtype), np.empty(LANES, np.float32)
        for i in range(source.size - whole):
            rest[i] = source[whole + i]
        o = whole % 48
        store(ends, 0, fma(load(gain, o), load(rest, 0), load(bias, o)))
        for i in range(source.size - whole):
            target[whole + i] = ends[i]


@kernel
def _planes(source: Array, gain: Array, bias: Array, target: Array) -> None:
    """Channels first: 16 pixels are taken apart at a time."""
    channels, pixels = target.shape
    whole = pixels // LANES * LANES
    for i in range(0, whole, LANES):
        _sixteen(source, i * channels, gain, bias, target, i, pixels)
    if whole < pixels:
        rest = np.zeros(LANES * channels, source.dtype)
        ends = np.empty((channels, LANES), np.float32)
        for i in range(source.size - whole * channels):
            rest[i] = source[whole * channels + i]
        _sixteen(rest, 0, gain, bias, ends, 0, LANES)
        for c in range(channels):
            for i in range(pixels - whole):
                target[c, whole + i] = ends[c, i]


@kernel
def _sixteen(
    source: Array, i: int, gain: Array, bias: Array, target: Array, o: int, plane: int
) -> None:
    if target.shape[0] == 3:
        red, green, blue = _load_rgb(source, i)
    else:
        red, green, blue, alpha = _load_rgba(source, i)
        store(target, o + 3 * plane, fma(splat(gain[3]), alpha, splat(bias[3])))
    store(target, o, fma(splat(gain[0]), red, splat(bias[0])))
    store(target, o + plane, fma(splat(gain[1]), green, splat(bias[1])))
    store(target, o + 2 * plane, fma(splat(gain[2]), blue, splat(bias[2])))
