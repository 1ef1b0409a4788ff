"""Standardize: an image scaled by its own levels, where exposure or units say nothing.

Sums of whole levels are exact; those of float32 are float64, in an order that no machine changes.
"""

import math

import numpy as np

from pixelmill_kernels._check import BANDS, Array, expect_choice, expect_image, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.normalize import _lined
from pixelmill_kernels.statistics import _period, channel_sums

__all__ = ["min_max", "standardize"]

PER = ("image", "channel")


def min_max(
    image: Array, per: str = "image", layout: str = "chw", out: Array | None = None
) -> Array:
    """Scale the lowest level to 0 and the highest to 1.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous, finite.
    per : "image" or "channel"
        What has one lowest and one highest level.
    layout : "chw" or "hwc"
        Channels first or last.
    out : float32, (channels, height, width) or (height, width, channels), optional

    Returns
    -------
    float32, shape (channels, height, width) or (height, width, channels)
        Within 0 to 1, and within 1.2e-7 of the formula.  All 0 where all levels are the same.
    """
    _expect(image, per)
    ends = np.empty((2, image.shape[2]), image.dtype)
    _extremes(
        for_reading(image).reshape(-1), np.empty((2, _period(image.shape[2])), image.dtype), ends
    )
    low, high = ends.astype(np.float64)
    if per == "image":
        low[:], high[:] = low.min(), high.max()
    # As the kernel takes them away, in float32: then the highest level comes to 1 and not beyond.
    span = high.astype(np.float32) - low.astype(np.float32)
    return _scaled(image, low, _inverse(span), layout, out)


def standardize(
    image: Array, per: str = "image", layout: str = "chw", out: Array | None = None
) -> Array:
    """Scale to zero mean and unit standard deviation over all pixels.

    Parameters
    ----------
    image, per, layout, out
        As for `min_max`.

    Returns
    -------
    float32, shape (channels, height, width) or (height, width, channels)
        No unit.  All 0 where all levels are the same.
    """
    _expect(image, per)
    mean, variance = _float_moments(image) if image.dtype == np.float32 else _exact_moments(image)
    if per == "image":
        whole = math.fsum(mean) / mean.size
        variance[:] = math.fsum(variance + (mean - whole) ** 2) / mean.size
        mean[:] = whole
    return _scaled(image, mean, _inverse(np.sqrt(variance)), layout, out)


def _expect(image: Array, per: str) -> None:
    expect_image(image, channels=BANDS)
    expect_choice(per, PER, "per")


def _inverse(spread: Array) -> Array:
    """1 / spread in float64; 0 where the levels do not spread."""
    return np.divide(1, spread, out=np.zeros(spread.shape), where=spread > 0)


def _scaled(image: Array, centre: Array, gain: Array, layout: str, out: Array | None) -> Array:
    """(level - centre) * gain.

    A whole level less a whole shift is exact, so that narrow ranges of high levels lose nothing.
    """
    shift = np.round(centre) if image.dtype != np.float32 else centre.astype(np.float32)
    line = np.stack((-shift, gain, (shift - centre) * gain)).astype(np.float32)
    return _lined(image, line, layout, out)


def _exact_moments(image: Array) -> tuple[Array, Array]:
    count, sums, squares = channel_sums(image)
    pairs = [(int(s), int(q)) for s, q in zip(sums, squares, strict=True)]
    variance = [(count * q - s * s) / count**2 for s, q in pairs]
    return sums / count, np.array(variance)


def _float_moments(image: Array) -> tuple[Array, Array]:
    """Two passes: the second takes the squares about the mean that the first has found."""
    channels, count = image.shape[2], image.shape[0] * image.shape[1]
    source, size = for_reading(image).reshape(-1), _period(channels)
    mean = np.zeros(channels)
    for _ in range(2):
        totals = np.zeros((2, channels))
        _moments(source, np.tile(mean, size // channels), np.zeros((2, size)), totals)
        rest, square = totals / count
        mean, variance = mean + rest, square - rest**2
    return mean, np.maximum(variance, 0)


@kernel
def _extremes(source: Array, found: Array, ends: Array) -> None:
    """The lowest and highest level of each channel; `found` holds those of a period."""
    low, high, channels = found[0], found[1], ends.shape[1]
    size = low.size
    for j in range(size):
        low[j] = high[j] = source[j % channels]
    for start in range(0, source.size, size):
        levels = source[start : start + size]
        for j in range(levels.size):
            low[j] = min(low[j], levels[j])
            high[j] = max(high[j], levels[j])
    for c in range(channels):
        ends[0, c], ends[1, c] = low[c::channels].min(), high[c::channels].max()


@kernel
def _moments(source: Array, centre: Array, found: Array, totals: Array) -> None:
    """The sums about `centre` and of their squares; `found` holds those of a period."""
    sums, squares, size = found[0], found[1], centre.size
    for start in range(0, source.size, size):
        levels = source[start : start + size]
        for j in range(levels.size):
            distance = np.float64(levels[j]) - centre[j]
            sums[j] += distance
            squares[j] += distance * distance
    for j in range(size):
        totals[0, j % totals.shape[1]] += sums[j]
        totals[1, j % totals.shape[1]] += squares[j]
