"""Levels: what becomes of a level, whatever pixel it is in: invert, solarize, posterize, gamma."""

from decimal import Decimal
from functools import lru_cache

import numpy as np

from pixelmill_kernels._check import (
    LEVELS,
    Array,
    expect_bytes,
    expect_image,
    expect_out,
    for_reading,
)
from pixelmill_kernels._jit import kernel
from pixelmill_kernels._tables import look_up

__all__ = ["gamma", "invert", "posterize", "solarize"]


def invert(image: Array, out: Array | None = None) -> Array:
    """Full scale minus each level: PIL.ImageOps.invert.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255 or 0..65535, C-contiguous.  Alpha stays.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    out = expect_out(out, image.shape, image.dtype, image)
    if image.shape[2] < 4:
        np.invert(image, out=out)
        return out
    whole = np.dtype(f"u{4 * image.itemsize}")  # a pixel as one number
    colours = np.array([-1, -1, -1, 0]).astype(image.dtype).view(whole)
    np.bitwise_xor(image.view(whole), colours, out=out.view(whole))
    return out


def solarize(image: Array, threshold: int = 128, out: Array | None = None) -> Array:
    """Invert the levels from `threshold` on: PIL.ImageOps.solarize.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255 or 0..65535, C-contiguous.  Alpha stays.
    threshold : int
        0..256 (65536 of 16 bits): 0 inverts everything, the highest nothing.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    full = np.iinfo(image.dtype).max
    if not 0 <= threshold <= full + 1:
        raise ValueError(f"threshold must be 0..{full + 1} for {image.dtype}, got {threshold}")
    out = expect_out(out, image.shape, image.dtype, image)
    if threshold > full:
        out[:] = image
    else:
        level = image.dtype.type(threshold)
        _solarize(for_reading(image).reshape(-1), level, image.dtype.type(full), out.reshape(-1))
        _keep_alpha(image, out)
    return out


def posterize(image: Array, bits: int, out: Array | None = None) -> Array:
    """Keep the highest bits of each level and clear the others: PIL.ImageOps.posterize.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255 or 0..65535, C-contiguous.  Alpha stays.
    bits : int
        1..8 (16 of 16 bits); the highest changes nothing.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    most = image.dtype.itemsize * 8
    if not 1 <= bits <= most:
        raise ValueError(f"bits must be 1..{most} for {image.dtype}, got {bits}")
    out = expect_out(out, image.shape, image.dtype, image)
    np.bitwise_and(image, image.dtype.type((1 << most) - (1 << (most - bits))), out=out)
    _keep_alpha(image, out)
    return out


def gamma(image: Array, exponent: float, out: Array | None = None) -> Array:
    """Raise each level, as a part of full scale, to a power: 255 * (level / 255) ** exponent.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    exponent : float
        Above 0: less than 1 is lighter, more than 1 darker.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
        Rounded to the nearest level, as skimage.exposure.adjust_gamma does.
    """
    expect_bytes(image)
    if not 0 < exponent < np.inf:
        raise ValueError(f"exponent must be above 0 and finite, got {exponent}")
    table = np.empty(256, np.uint8)
    _powers(_logarithms(), float(exponent), table)
    return look_up(image, (table,), out)


@lru_cache(maxsize=1)
def _logarithms() -> Array:
    """ln(level / 255).  Decimal rounds them right on every machine, which no C library promises."""
    return np.array([float((Decimal(max(level, 1)) / 255).ln()) for level in range(256)])


def _keep_alpha(image: Array, out: Array) -> None:
    if image.shape[2] == 4:
        out[..., 3] = image[..., 3]


@kernel
def _solarize(source: Array, threshold: int, full: int, target: Array) -> None:
    for i in range(source.size):
        target[i] = full - source[i] if source[i] >= threshold else source[i]


@kernel
def _powers(logarithms: Array, exponent: float, table: Array) -> None:
    """e to the power of exponent * logarithm, by its series: of a 16th, squared four times over.

    The power of the C library differs in its last bit between machines, and once in many tables
    that would be another byte.
    """
    table[0] = 0
    for level in range(1, 256):
        # below e**-7 a level is less than a quarter; above, the term after the last is below 1e-17
        x = max(exponent * logarithms[level], -7.0) / 16
        power = 1.0
        for n in range(15, 0, -1):
            power = 1.0 + power * x / n
        for _ in range(4):
            power *= power
        table[level] = int(255 * power + 0.5)
