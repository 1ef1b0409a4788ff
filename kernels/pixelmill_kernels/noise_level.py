"""Noise level: how strong the noise of an image is, from the image alone.

A mask that sees neither slopes nor bends (the difference of two Laplacians) answers to noise, and
to edges and texture too: of a detailed photograph with little noise the estimate is too high.
"""

import math

import numpy as np

from pixelmill_kernels._check import Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel

__all__ = ["noise_level"]

PERIOD = 48  # elements after which 1, 3 and 4 channels all begin anew: the inner loop is a vector's
BLOCK = 2048  # periods: so many sums of 8 x 65535 fit 32 bits


def noise_level(image: Array) -> Array:
    """Estimate the standard deviation of each channel's noise.

    sigma = sqrt(pi / 2) / (6 (width - 2) (height - 2)) * the sum of |image * N|, where N is
    ((1, -2, 1), (-2, 4, -2), (1, -2, 1)).

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.

    Returns
    -------
    float64, shape (channels,)
        In levels of the image; 0 for an image that is less than 3 pixels high or wide.

    References
    ----------
    Immerkaer, "Fast noise variance estimation", 1996.
    """
    expect_image(image)
    height, width, channels = image.shape
    if min(height, width) < 3:
        return np.zeros(channels)
    kind = np.float64 if image.dtype == np.float32 else np.int32
    row, part = np.zeros((2, width * channels), kind), np.zeros(PERIOD, kind)
    totals = np.zeros(PERIOD, np.float64 if kind == np.float64 else np.int64)
    _add_up(for_reading(image).reshape(height, width * channels), channels, row, part, totals)
    totals = totals.reshape(-1, channels).sum(axis=0)
    sigma: Array = math.sqrt(math.pi / 2) / (6 * (width - 2) * (height - 2)) * totals
    return sigma


@kernel
def _add_up(source: Array, channels: int, rows: Array, part: Array, totals: Array) -> None:
    """Add |source * N| to `totals`; `rows` and `part` are room for whole numbers where it has."""
    height, wide = source.shape
    bent, answer = rows[0], rows[1]
    inner = wide - 2 * channels
    for y in range(1, height - 1):
        _bend(source[y - 1], source[y], source[y + 1], bent)
        _bend(bent, bent[channels:], bent[2 * channels :], answer[:inner])
        _add(answer[:inner], part, totals)


@kernel
def _bend(first: Array, middle: Array, last: Array, target: Array) -> None:
    """The second differences."""
    for i in range(target.size):
        kind = target.dtype.type
        target[i] = kind(first[i]) + kind(last[i]) - kind(2) * kind(middle[i])


@kernel
def _add(values: Array, part: Array, totals: Array) -> None:
    whole = values.size // PERIOD
    for start in range(0, whole, BLOCK):
        part[:] = 0
        for i in range(start, min(start + BLOCK, whole)):
            line = values[i * PERIOD : (i + 1) * PERIOD]
            for j in range(PERIOD):
                part[j] += abs(line[j])
        for j in range(PERIOD):
            totals[j] += part[j]
    for i in range(whole * PERIOD, values.size):
        totals[i - whole * PERIOD] += abs(values[i])
