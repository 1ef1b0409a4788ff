"""Salt and pepper: single pixels that are white or black, as dead photosites and lost bits are."""

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel
from pixelmill_kernels.rng import BLOCK, _blocks_for, _draw_bits, _expect_place, _key_of

__all__ = ["salt_and_pepper"]

_u32: Untyped = np.uint32
_u64: Untyped = np.uint64


def salt_and_pepper(
    image: Array,
    amount: float,
    key: int,
    salt: float = 0.5,
    shared: bool = True,
    at: tuple[int, int] = (0, 0),
    out: Array | None = None,
) -> Array:
    """Replace a share of the pixels by full scale (salt) or zero (pepper).

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  The fourth, alpha, stays as it is.
    amount : float
        Share of the pixels that are replaced, 0 to 1.
    key : int
        0 to 2**64 - 1; the same key gives the same noise.
    salt : float
        Share of salt among them, 0 to 1.
    shared : bool
        One draw for all channels of a pixel; otherwise each level is drawn for alone, and the
        specks are coloured.
    at : (top, left)
        Where the image lies in a larger one whose noise it is to have.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
    """
    expect_image(image, LEVELS)
    _expect_place(at)
    if not (0 <= amount <= 1 and 0 <= salt <= 1):
        raise ValueError(f"amount and salt must be 0 to 1, got {amount} and {salt}")
    height, width, channels = image.shape
    out = expect_out(out, image.shape, image.dtype, image)
    # Of the 2**31 draws, which 32 bits can count in full, the lowest are salt, the next pepper.
    white, any_ = round(amount * salt * 2**31), round(amount * 2**31)
    limits = np.array([white, any_], np.uint32)
    pixels = (height, width, channels)
    _scatter(for_reading(image).reshape(pixels), limits, _key_of(key), shared, *at, out)
    return out


@kernel
def _scatter(
    source: Array, limits: Array, key: int, shared: bool, top: int, left: int, target: Array
) -> None:
    height, width, channels = source.shape
    draws = 1 if shared else channels  # of a pixel
    colours = 3 if channels == 4 else channels
    drawn, skip = _blocks_for(left * draws, width * draws, _u32(0))
    for y in range(height):
        _draw_bits(key, 0, top + y, left * draws // BLOCK, drawn)
        words = drawn[skip : skip + width * draws]
        _copy(source[y].reshape(width * channels), target[y].reshape(width * channels))
        if shared:
            _specks(words, limits, channels, colours, target[y].reshape(width * channels))
        else:
            _coloured_specks(words, limits, channels, target[y].reshape(width * channels))


@kernel
def _specks(words: Array, limits: Array, channels: int, colours: int, row: Array) -> None:
    """A test for each pixel, and a write where it holds: there are few of them."""
    full = row.dtype.type(np.iinfo(row.dtype).max)
    for x in range(words.size):
        word = words[x] >> _u32(1)
        if word < limits[1]:
            for c in range(colours):
                row[_u64(x * channels + c)] = full if word < limits[0] else row.dtype.type(0)


@kernel
def _coloured_specks(words: Array, limits: Array, channels: int, row: Array) -> None:
    full = row.dtype.type(np.iinfo(row.dtype).max)
    for i in range(words.size):
        word = words[i] >> _u32(1)
        if word < limits[1] and (channels < 4 or i % 4 < 3):
            row[i] = full if word < limits[0] else row.dtype.type(0)


@kernel
def _copy(source: Array, target: Array) -> None:
    for i in range(source.size):
        target[i] = source[i]
