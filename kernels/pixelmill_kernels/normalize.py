"""Normalize: levels to floats, and channels last to channels first, in one pass.

out[c, y, x] = image[y, x, c] * gain[c] + bias[c], with gain = 1 / (full * std), bias = -mean / std.
`standardize` takes the numbers from the image itself.
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import (
    BANDS,
    Array,
    expect_choice,
    expect_image,
    expect_out,
    for_reading,
)
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.simd import LANES, RGB, RGBA, Vector, fma, load, load_pixels, splat, store

__all__ = ["normalize"]

LAYOUTS = ("chw", "hwc")
STRIPE = 3 * LANES  # elements after which 1, 3 and 4 channels begin anew
_FULL = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0, np.dtype(np.float32): 1.0}


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
        1 to 16 channels, C-contiguous.  Full scale is 255, 65535 or 1.0.
    mean, std : numbers, shape (channels,)
        In full scale: 1.0 is level 255 of uint8.  Every `std` is above 0.
    layout : "chw" or "hwc"
        Channels first (PyTorch) or last (TensorFlow).
    out : float32, (channels, height, width) or (height, width, channels), optional

    Returns
    -------
    float32, shape (channels, height, width) or (height, width, channels)
        No unit: 0.0 is `mean`, and 1.0 lies one `std` above it.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype or layout other than the above, or a `std` of 0 or less.
    """
    expect_image(image, channels=BANDS)
    line = np.empty((3, image.shape[2]), np.float32)
    line[0] = -0.0  # x + -0.0 is x, whatever its sign
    line[1:] = _line(mean, std, image.shape[2], _FULL[image.dtype])
    return _lined(image, line, layout, out)


def _lined(image: Array, line: Array, layout: str, out: Array | None) -> Array:
    """(level + shift) * gain + bias of an image that was checked.

    `line` holds the three, float32, shape (3, channels).
    """
    expect_choice(layout, LAYOUTS, "layout")
    height, width, channels = image.shape
    shape = (channels, height, width) if layout == "chw" else (height, width, channels)
    out = expect_out(out, shape, np.float32, image)
    source = for_reading(image).reshape(-1)
    if layout == "chw" and channels in (3, 4):
        _planes(source, line[0], line[1], line[2], out.reshape(channels, -1))
        return out
    last = out if layout == "hwc" or channels == 1 else np.empty(image.shape, np.float32)
    if STRIPE % channels == 0:
        stripe = np.empty((3, STRIPE // channels, channels), np.float32)
        stripe[:] = line[:, None]
        _stripes(source, stripe.reshape(3, -1), last.reshape(-1))
    else:
        padded = np.zeros((3, LANES), np.float32)
        padded[:, :channels] = line
        _pixels(source, padded, channels, last.reshape(-1))
    if last is not out:
        out[:] = last.transpose(2, 0, 1)
    return out


def _line(
    mean: Sequence[float] | Array, std: Sequence[float] | Array, channels: int, full: float
) -> tuple[Array, Array]:
    """Gain and bias of each channel, float32."""
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
def _stripes(source: Array, line: Array, target: Array) -> None:
    """Channels last, of 1, 2, 3, 4, 6, 8, 12 or 16: 48 elements and their line at a time."""
    lines = _thirds(line[0]), _thirds(line[1]), _thirds(line[2])
    whole = source.size // STRIPE * STRIPE
    for i in range(0, whole, STRIPE):
        _stripe(source, lines, target, i)
    if whole < source.size:
        rest, ends = np.zeros(STRIPE, source.dtype), np.empty(STRIPE, np.float32)
        for i in range(source.size - whole):
            rest[i] = source[whole + i]
        _stripe(rest, lines, ends, 0)
        for i in range(source.size - whole):
            target[whole + i] = ends[i]


@piece
def _thirds(values: Array) -> tuple[Vector, Vector, Vector]:
    return load(values, 0), load(values, LANES), load(values, 2 * LANES)


@piece
def _stripe(
    source: Array, lines: tuple[tuple[Vector, Vector, Vector], ...], target: Array, i: int
) -> None:
    shifts, gains, biases = lines
    j, k = i + LANES, i + 2 * LANES
    store(target, i, fma(gains[0], load(source, i) + shifts[0], biases[0]))
    store(target, j, fma(gains[1], load(source, j) + shifts[1], biases[1]))
    store(target, k, fma(gains[2], load(source, k) + shifts[2], biases[2]))


@kernel
def _pixels(source: Array, line: Array, channels: int, target: Array) -> None:
    """Channels last, of 16 or less: a pixel at a time, and what is written beyond it is written
    over by the next.  The last ones are computed apart."""
    shift, gain, bias = load(line[0], 0), load(line[1], 0), load(line[2], 0)
    rest, ends = np.zeros(LANES, source.dtype), np.empty(LANES, np.float32)
    for i in range(0, source.size, channels):
        if i + LANES <= source.size:
            store(target, i, fma(gain, load(source, i) + shift, bias))
        else:
            for c in range(channels):
                rest[c] = source[i + c]
            store(ends, 0, fma(gain, load(rest, 0) + shift, bias))
            for c in range(channels):
                target[i + c] = ends[c]


@kernel
def _planes(source: Array, shift: Array, gain: Array, bias: Array, target: Array) -> None:
    """Channels first, of 3 or 4: 16 pixels are taken apart at a time."""
    channels, pixels = target.shape
    line = _splats(shift, channels), _splats(gain, channels), _splats(bias, channels)
    whole = pixels // LANES * LANES
    for i in range(0, whole, LANES):
        _sixteen(source, i * channels, line, target, i, pixels)
    if whole < pixels:
        rest = np.zeros(LANES * channels, source.dtype)
        ends = np.empty((channels, LANES), np.float32)
        for i in range(source.size - whole * channels):
            rest[i] = source[whole * channels + i]
        _sixteen(rest, 0, line, ends, 0, LANES)
        for c in range(channels):
            for i in range(pixels - whole):
                target[c, whole + i] = ends[c, i]


@piece
def _splats(values: Array, channels: int) -> tuple[Vector, Vector, Vector, Vector]:
    return splat(values[0]), splat(values[1]), splat(values[2]), splat(values[channels - 1])


@piece
def _sixteen(
    source: Array,
    i: int,
    line: tuple[tuple[Vector, Vector, Vector, Vector], ...],
    target: Array,
    o: int,
    plane: int,
) -> None:
    shifts, gains, biases = line
    if target.shape[0] == 3:
        red, green, blue = load_pixels(source, i, RGB)
    else:
        red, green, blue, alpha = load_pixels(source, i, RGBA)
        store(target, o + 3 * plane, fma(gains[3], alpha + shifts[3], biases[3]))
    store(target, o, fma(gains[0], red + shifts[0], biases[0]))
    store(target, o + plane, fma(gains[1], green + shifts[1], biases[1]))
    store(target, o + 2 * plane, fma(gains[2], blue + shifts[2], biases[2]))
