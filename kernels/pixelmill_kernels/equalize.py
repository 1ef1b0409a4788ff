"""Equalize and autocontrast: levels spread over the full scale by an image's own histogram.

Both are PIL.ImageOps' of the same name, byte for byte, each channel by itself.
"""

import numpy as np

from pixelmill_kernels._check import Array, expect_bytes, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels._tables import look_up

__all__ = ["autocontrast", "equalize"]

_SAME = np.arange(256, dtype=np.uint8)
COLUMNS = 4  # histograms side by side: equal neighbours would wait for each other's count


def equalize(image: Array, out: Array | None = None) -> Array:
    """Make all levels about as frequent: each becomes the share of pixels that are darker.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
        A channel of one level only, or of too few pixels for 255 steps, stays as it is.
    """
    expect_bytes(image)
    return look_up(image, [_equalized(counts) for counts in _histograms(image)], out)


def autocontrast(
    image: Array, cutoff: float | tuple[float, float] = 0, out: Array | None = None
) -> Array:
    """Stretch the levels so that the darkest becomes 0 and the lightest 255.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    cutoff : float or (float, float)
        The per cent of pixels to leave out of account at the dark and at the light end.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
        A channel that has one level left, or none, stays as it is.
    """
    expect_bytes(image)
    ends = cutoff if isinstance(cutoff, tuple) else (cutoff, cutoff)
    if not (min(ends) >= 0 and sum(ends) < 100):
        raise ValueError(f"cutoff must be 0 or more per cent, less than 100 in sum, got {cutoff}")
    return look_up(image, [_stretched(counts, *ends) for counts in _histograms(image)], out)


def _histograms(image: Array) -> Array:
    """How often each level comes in each channel but alpha, int64 (channels, 256)."""
    channels = image.shape[2]
    counts = np.zeros((12, 256), np.uint32)
    _count(for_reading(image).reshape(-1), counts)
    each: Array = counts.reshape(-1, channels, 256).sum(axis=0, dtype=np.int64)
    return each[: min(channels, 3)]


def _equalized(counts: Array) -> Array:
    found = counts[counts > 0]
    step = (counts.sum() - found[-1]) // 255
    if len(found) == 1 or step == 0:
        return _SAME
    darker = np.cumsum(counts) - counts
    table: Array = np.minimum((step // 2 + darker) // step, 255).astype(np.uint8)
    return table


def _stretched(counts: Array, low: float, high: float) -> Array:
    """The table from the darkest to the lightest pixel that is left when both ends are cut off."""
    total = int(counts.sum())
    first, last = int(total * low // 100), total - 1 - int(total * high // 100)
    darkest, lightest = np.searchsorted(np.cumsum(counts), (first, last), side="right")
    if darkest >= lightest:
        return _SAME
    scale = 255.0 / (lightest - darkest)
    table: Array = np.clip(_SAME * scale + -darkest * scale, 0, 255).astype(np.uint8)
    return table


@kernel
def _count(source: Array, counts: Array) -> None:
    """Twelve bytes at a time: four pixels of RGB, of which each has its own column."""
    whole = source.size // 12 * 12
    for i in range(0, whole, 12):
        for j in range(12):
            counts[j, source[i + j]] += 1
    for i in range(whole, source.size):
        counts[i - whole, source[i]] += 1
