"""Noise: normal numbers added to an image, as large everywhere or as the level is (speckle).

out = clip(floor(level + (base + share * level) * z + 1/2)), with z of `rng` at (y, x) of the row's
levels, so that a part of an image gets the noise that it has in the whole.
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel
from pixelmill_kernels.rng import BLOCK, _blocks_for, _draw_normals, _expect_place, _key_of

__all__ = ["gaussian", "speckle"]

_f32: Untyped = np.float32
_i32: Untyped = np.int32
_u64: Untyped = np.uint64


def gaussian(
    image: Array,
    sigma: float | Sequence[float],
    key: int,
    shared: bool = False,
    at: tuple[int, int] = (0, 0),
    out: Array | None = None,
) -> Array:
    """Add normal noise, rounded to whole levels and clamped.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  The fourth, alpha, stays as it is.
    sigma : number, or one for each channel but alpha
        Spread in levels, 0 to 65535.
    key : int
        0 to 2**64 - 1; the same key gives the same noise.
    shared : bool
        One draw for all channels of a pixel: noise of the brightness, not of the colour.
    at : (top, left)
        Where the image lies in a larger one whose noise it is to have.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    return _noisy(image, sigma, 0.0, key, shared, at, out)


def speckle(
    image: Array,
    sigma: float | Sequence[float],
    key: int,
    shared: bool = False,
    at: tuple[int, int] = (0, 0),
    out: Array | None = None,
) -> Array:
    """Multiply each level by a normal number of mean 1, as coherent light does (radar, ultrasound).

    Parameters
    ----------
    sigma : number, or one for each channel but alpha
        Spread as a share of the level: 0.1 makes 100 +- 10 of 100.

    The others, what is returned and what is raised: as `gaussian`.
    """
    return _noisy(image, 0.0, sigma, key, shared, at, out)


def _noisy(
    image: Array,
    base: float | Sequence[float],
    share: float | Sequence[float],
    key: int,
    shared: bool,
    at: tuple[int, int],
    out: Array | None,
) -> Array:
    expect_image(image, LEVELS)
    _expect_place(at)
    height, width, channels = image.shape
    out = expect_out(out, image.shape, image.dtype, image)
    always, scaled = (np.tile(_for_channels(part, channels), width) for part in (base, share))
    flat = (height, width * channels)
    repeat = channels if shared else 1
    begin = (at[0], at[1] * (channels // repeat))
    source = for_reading(image).reshape(flat)
    _add_normals(source, always, scaled, _key_of(key), begin, repeat, out.reshape(flat))
    return out


def _for_channels(sigma: float | Sequence[float], channels: int) -> Array:
    """The spread of each channel, 0 for alpha."""
    colours = 3 if channels == 4 else channels
    given = np.asarray(sigma, np.float32)
    if given.shape not in ((), (colours,)) or not ((given >= 0) & (given <= 65535)).all():
        raise ValueError(f"sigma must be 0 to 65535, one number or {colours}, got {sigma}")
    spread = np.zeros(channels, np.float32)
    spread[:colours] = given
    return spread


@kernel
def _add_normals(
    source: Array,
    base: Array,
    share: Array,
    key: int,
    at: tuple[int, int],
    repeat: int,
    target: Array,
) -> None:
    height, wide = source.shape
    drawn, skip = _blocks_for(at[1], wide // repeat, _f32(0))
    row = np.empty(wide, np.float32)
    for y in range(height):
        _draw_normals(key, 0, at[0] + y, at[1] // BLOCK, drawn)
        normals = drawn[skip : skip + wide // repeat]
        if repeat > 1:
            _repeat(normals, repeat, row)
            normals = row
        _add(source[y], normals, base, share, target[y])


@kernel
def _repeat(values: Array, times: int, row: Array) -> None:
    for x in range(values.size):
        for c in range(times):
            row[_u64(x * times + c)] = values[x]


@kernel
def _add(source: Array, normals: Array, base: Array, share: Array, target: Array) -> None:
    full = _f32(np.iinfo(target.dtype).max)
    for x in range(source.size):
        level = _f32(source[x])
        noisy = level + _f32(0.5) + (base[x] + share[x] * level) * normals[x]
        # clamped before it is cut: what a float too large for an integer becomes, machines disagree
        target[x] = _i32(min(max(noisy, _f32(0)), full))
