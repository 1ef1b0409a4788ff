"""Blend: brightness, contrast and saturation, as mixtures of an image with a duller one.

out = dull + factor * (image - dull), cut to a whole level and clamped: PIL.ImageEnhance, byte for
byte.  Dull is black, the mean gray of the image, or each pixel's own gray.  A factor of 0 gives the
dull image, 1 the image as it is, and more than 1 goes beyond it.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_bytes, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels._rgba import put, put_rest, rest_of, take
from pixelmill_kernels._tables import _look_up, at_once
from pixelmill_kernels.grayscale import _gray_of, _mean_gray
from pixelmill_kernels.simd import LANES, load, store

__all__ = ["brightness", "contrast", "saturation"]

PERIOD = 48  # elements after which 1, 3 and 4 channels all begin anew


def brightness(image: Array, factor: float, out: Array | None = None) -> Array:
    """Blend an image with black: PIL.ImageEnhance.Brightness.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    factor : float
        0 or more; 1 changes nothing.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
    """
    expect_bytes(image)
    return _with_one(image, 0, _factor_of(factor), out)


def contrast(image: Array, factor: float, out: Array | None = None) -> Array:
    """Blend an image with its mean gray, rounded to a level: PIL.ImageEnhance.Contrast.

    Parameters, result and errors are those of `brightness`.
    """
    expect_bytes(image)
    return _with_one(image, _mean_gray(image), _factor_of(factor), out)


def saturation(image: Array, factor: float, out: Array | None = None) -> Array:
    """Blend an image with its `grayscale`: PIL.ImageEnhance.Color.

    Parameters, result and errors are those of `brightness`.  A gray image stays as it is.
    """
    expect_bytes(image)
    out = expect_out(out, image.shape, image.dtype, image)
    source = for_reading(image).reshape(-1)
    _saturation(source, out.reshape(-1), image.shape[2], _factor_of(factor))
    return out


def _factor_of(factor: float) -> np.float32:
    """`factor` as the kernels take it; raise unless it is 0 or more."""
    if not factor >= 0:
        raise ValueError(f"factor must be 0 or more, got {factor}")
    # Levels are whole: from 256 on, whatever differs from the dull image is black or white, and
    # what is larger still would not fit the 32 bits that it is cut in.
    return np.float32(min(factor, 256.0))


@piece
def _blended(dull: Untyped, factor: Untyped, level: Untyped) -> Untyped:
    return dull + factor * (level - dull)


def _with_one(image: Array, level: int, factor: np.float32, out: Array | None) -> Array:
    out = expect_out(out, image.shape, image.dtype, image)
    source, channels = for_reading(image).reshape(-1), image.shape[2]
    _with_level(source, np.float32(level), factor, channels, out.reshape(-1))
    return out


@kernel
def _with_level(source: Array, level: Number, factor: Number, channels: int, target: Array) -> None:
    """Blend an image with one level."""
    dull, factors = np.empty(PERIOD, np.float32), np.empty(PERIOD, np.float32)
    tables = np.empty(_tables_of(channels), np.uint8)
    _fill_line(level, factor, channels, dull, factors, tables)
    _on_line(source, dull, factors, tables, channels, target)


@kernel
def _tables_of(channels: int) -> int:
    return 1024 if channels == 4 else 256


@kernel
def _fill_line(
    level: Number, factor: Number, channels: int, dull: Array, factors: Array, tables: Array
) -> None:
    """A blend with one level as numbers, and as the tables they make, alpha left as it is."""
    for i in range(PERIOD):  # loops: what NumPy says in a line takes Numba a second to compile
        dull[i], factors[i] = level, factor
    for i in range(tables.size):
        tables[i] = i % 256
    _stripes(tables, dull, factors, tables)
    if channels == 4:
        for i in range(3, PERIOD, 4):
            factors[i] = 1
        for i in range(256):
            tables[768 + i] = i


@kernel
def _on_line(
    source: Array, dull: Array, factors: Array, tables: Array, channels: int, target: Array
) -> None:
    """Looked up where 64 bytes at a time are, and computed elsewhere: the bytes are the same."""
    if at_once():
        _look_up(source, tables, channels if channels == 4 else 1, target)
    else:
        _stripes(source, dull, factors, target)


@kernel
def _stripes(source: Array, dull: Array, factors: Array, target: Array) -> None:
    whole = source.size // LANES * LANES
    for i in range(0, whole, LANES):
        o = i % PERIOD
        store(target, i, _blended(load(dull, o), load(factors, o), load(source, i)))
    if whole < source.size:
        room, o = rest_of(source, whole, 1), whole % PERIOD
        store(room, 0, _blended(load(dull, o), load(factors, o), load(room, 0)))
        put_rest(room, target, whole, 1)


@kernel
def _saturation(source: Array, target: Array, channels: int, factor: Number) -> None:
    pixels = source.size // channels
    whole = pixels // LANES * LANES
    for i in range(0, whole, LANES):
        _sixteen(source, target, i, channels, factor)
    if whole < pixels:
        room = rest_of(source, whole, channels)
        _sixteen(room, room, 0, channels, factor)
        put_rest(room, target, whole, channels)


@piece
def _sixteen(source: Array, target: Array, i: int, channels: int, factor: Number) -> None:
    red, green, blue, alpha = take(source, i, channels)
    red, green, blue = _saturated(red, green, blue, factor)
    put(target, i, channels, (red, green, blue, alpha))


@piece
def _saturated(red: Untyped, green: Untyped, blue: Untyped, factor: Number) -> Untyped:
    """Sixteen pixels, not cut to whole levels yet."""
    gray = _gray_of(red, green, blue)
    return _blended(gray, factor, red), _blended(gray, factor, green), _blended(gray, factor, blue)
