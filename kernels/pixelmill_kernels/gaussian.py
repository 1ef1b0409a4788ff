"""Gaussian blur: each pixel becomes a mean of those around it, weighed by a bell curve.

A blur is a resampling to the same size: only the weights differ from those of `filters`, and what
is beyond a border is folded onto its mirror image.
"""

from decimal import Decimal
from functools import lru_cache

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_image, expect_out, for_reading
from pixelmill_kernels._separable import _separable

__all__ = ["gaussian"]

MOST = 512  # taps to one side: the bell of sigma 170


def gaussian(image: Array, sigma: float, truncate: float = 3.0, out: Array | None = None) -> Array:
    """Blur, channel by channel.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Beyond a border it is mirrored, the
        outermost pixel not repeated (OpenCV's BORDER_REFLECT_101).
    sigma : float
        Above 0: standard deviation of the bell curve in pixels.
    truncate : float
        The curve is cut at the whole number of pixels next to `truncate * sigma`, at least 1 and at
        most 512, and scaled to a sum of one.  OpenCV cuts that of 8-bit images at 3, SciPy at 4.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Computed in float32; whole levels are rounded to the nearest.
    """
    expect_image(image)
    if not (sigma > 0 and truncate > 0 and sigma * truncate <= MOST):
        raise ValueError(
            f"sigma and truncate must be above 0 and their product {MOST} at most, "
            f"got {sigma} and {truncate}"
        )
    out = expect_out(out, image.shape, image.dtype, image)
    down, across = (_table(side, sigma, truncate) for side in image.shape[:2])
    half = np.float32(0 if image.dtype == np.float32 else 0.5)
    nothings: tuple[Number, ...] = (np.float32(0),) * 6  # as many as `resize` has: compiled once
    height, width, channels = image.shape
    _separable(
        for_reading(image), out.reshape(-1), (height, width), (0, 0), (0, 0), down, across,
        nothings, (half,) * channels, (0, 0), None, None, (width * channels, channels, 1), False,
        None,
    )  # fmt: skip
    return out


@lru_cache(maxsize=32)  # photographs of one job share few sizes
def _table(count: int, sigma: float, truncate: float) -> tuple[Array, Array]:
    """Weights float32 (count, taps) and first taps int64 (count,), as those of `filters.Table`."""
    curve = _curve(sigma, truncate)
    radius = curve.size // 2
    place = np.arange(count)
    taps = min(2 * radius + 1, count)
    first = np.clip(place - radius, 0, count - taps)
    weights = np.zeros((count, taps))
    period = max(2 * (count - 1), 1)
    for k, weight in enumerate(curve):
        there = np.abs(place + k - radius) % period
        there = np.minimum(there, period - there) if count > 1 else np.zeros_like(there)
        weights[place, there - first] += weight
    table = weights.astype(np.float32), first
    for array in table:
        array.flags.writeable = False  # shared by every thread
    return table


def _curve(sigma: float, truncate: float) -> Array:
    radius = max(1, int(truncate * sigma + 0.5))
    # Decimal rounds exp rightly; that of the C library differs between machines in its last bit.
    half = [float(Decimal(-i * i / (2 * sigma * sigma)).exp()) for i in range(radius + 1)]
    curve = np.array(half[:0:-1] + half)
    return curve / (half[0] + 2 * sum(half[1:]))
