"""Bilateral filter: the mean of the pixels around, of those that are near in colour too.

A pixel q around p weighs exp(-|q - p|^2 / (2 sigma_space^2) - D(q, p)^2 / (2 sigma_color^2)), where
D adds up the differences of the channels.  Edges stay, since what lies beyond them weighs nothing.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._tiles import load_tile, store_row
from pixelmill_kernels.simd import (
    LANES,
    difference,
    divide_pixels,
    exp2,
    fma,
    load_planes,
    splat,
    splat_all,
    splat_at,
    weigh_pixels,
)

__all__ = ["bilateral"]

ROWS, COLUMNS = 32, 128  # a tile: with its surroundings 76 KB of a second-level cache
_LOG2_E = 1.4426950408889634  # exp(x) = 2 ** (x log2 e)


def bilateral(
    image: Array,
    sigma_color: float,
    sigma_space: float = 3.0,
    size: int = 5,
    out: Array | None = None,
) -> Array:
    """Smooth within edges.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Beyond a border it is mirrored, the
        outermost pixel not repeated.
    sigma_color : float
        Above 0, in levels of the image, of the channels' differences added up.
    sigma_space : float
        Above 0, in pixels.
    size : int
        Diameter of the round neighbourhood in pixels: odd, 3 to 31.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Whole levels are rounded to the nearest, halves up.

    References
    ----------
    Tomasi and Manduchi, "Bilateral filtering for gray and color images", 1998; the distance and
    the round neighbourhood are those of cv2.bilateralFilter.
    """
    expect_image(image)
    if not (sigma_color > 0 and sigma_space > 0):
        raise ValueError(
            f"sigma_color and sigma_space must be above 0, got {sigma_color} and {sigma_space}"
        )
    if size % 2 == 0 or not 3 <= size <= 31:
        raise ValueError(f"size must be odd and 3 to 31, got {size}")
    out = expect_out(out, image.shape, image.dtype, image)
    radius = size // 2
    near = [
        (y, x)
        for y in range(-radius, radius + 1)
        for x in range(-radius, radius + 1)
        if y * y + x * x <= radius * radius
    ]
    far = [-(y * y + x * x) * _LOG2_E / (2 * sigma_space**2) for y, x in near]
    steep = np.float32(-_LOG2_E / (2 * sigma_color**2))
    nothing: tuple[Number, ...] = (np.float32(0),) * image.shape[2]
    _bilateral(
        for_reading(image), out, radius, np.array(near), np.array(far, np.float32), steep, nothing
    )
    return out


@kernel
def _bilateral(
    source: Array,
    target: Array,
    radius: int,
    near: Array,
    far: Array,
    steep: Number,
    nothing: tuple[Number, ...],
) -> None:
    """`far`: the binary logarithm of what each of the places `near` (dy, dx) weighs by distance."""
    height, width, channels = source.shape
    columns = COLUMNS + 2 * radius
    planes = np.empty((channels, ROWS + 2 * radius, columns), np.float32)
    flat, out, pitch = planes.reshape(planes.size), target.reshape(target.size), planes[0].size
    shifts = near[:, 0] * columns + near[:, 1]
    edge = np.empty(LANES * channels, target.dtype)
    for top in range(0, height, ROWS):
        for left in range(0, width, COLUMNS):
            load_tile(source, top - radius, left - radius, planes, nothing)
            for r in range(min(ROWS, height - top)):
                for x in range(0, min(COLUMNS, width - left), LANES):
                    i = (r + radius) * columns + radius + x
                    mean = _mean(flat, pitch, i, shifts, far, steep, nothing)
                    store_row(out, top + r, left + x, width, mean, edge)


@piece
def _mean(
    flat: Array,
    pitch: int,
    i: int,
    shifts: Array,
    far: Array,
    steep: Number,
    nothing: tuple[Number, ...],
) -> tuple[Array, ...]:
    """The weighed mean around sixteen pixels: the loop that the time goes into."""
    totals, weights, slope = splat_all(nothing), splat(np.float32(0)), splat(steep)
    middle = load_planes(flat, i, pitch, totals)
    for k in range(shifts.size):
        pixels = load_planes(flat, i + shifts[k], pitch, totals)
        apart = difference(pixels, middle)
        weight = exp2(fma(apart * apart, slope, splat_at(far, k)))
        totals = weigh_pixels(weight, pixels, totals)
        weights = weights + weight
    means: tuple[Array, ...] = divide_pixels(totals, weights)
    return means
