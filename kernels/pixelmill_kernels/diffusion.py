"""Anisotropic diffusion: levels flow between neighbours, and not across an edge.

Each step adds to a pixel `RATE` times the sum of g(d) d over its four neighbours, where d is how
much higher the neighbour is, and g(d) = exp(-(d / edge)^2).  Nothing flows through a border.

All steps go down the image together, each one row behind the one before it, so that a row is still
in the cache when the next step comes, and memory does not grow with the height.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._tiles import store_levels
from pixelmill_kernels.simd import LANES, exp2, fma, load, splat, store

__all__ = ["diffusion"]

RATE = 0.2  # stable up to 0.25 with four neighbours
_LOG2_E = 1.4426950408889634  # exp(x) = 2 ** (x log2 e)


def diffusion(image: Array, edge: float, iterations: int = 4, out: Array | None = None) -> Array:
    """Smooth within edges, little by little.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Each channel is an image of its own.
    edge : float
        Above 0, in levels of the image: from what difference on neighbours are kept apart.
    iterations : int
        1 to 1000.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Computed in float32; whole levels are rounded to the nearest, halves up.

    References
    ----------
    Perona and Malik, "Scale-space and edge detection using anisotropic diffusion", 1990.
    """
    expect_image(image)
    if not edge > 0:
        raise ValueError(f"edge must be above 0, got {edge}")
    if not 1 <= iterations <= 1000:
        raise ValueError(f"iterations must be 1 to 1000, got {iterations}")
    out = expect_out(out, image.shape, image.dtype, image)
    half = np.float32(0 if image.dtype == np.float32 else 0.5)
    _diffusion(for_reading(image), out, np.float32(-_LOG2_E / edge**2), half, iterations)
    return out


@kernel
def _diffusion(source: Array, target: Array, steep: Number, half: Number, steps: int) -> None:
    """Row y after step t is kept in row y % 3 of ring t, element i of the image in LANES + i."""
    height, width, channels = source.shape
    wide = width * channels
    pitch = (wide // LANES + 4) * LANES
    rings = np.zeros((steps + 1, 3, pitch), np.float32)
    whole = np.empty(pitch, target.dtype)
    flat, out = source.reshape(height, wide), target.reshape(height, wide)
    for k in range(height + steps):
        if k < height:
            levels = rings[0, k % 3]
            for i in range(wide):
                levels[LANES + i] = flat[k, i]
            _repeat_ends(levels, wide, channels)
        for t in range(max(1, k - height + 1), min(steps, k) + 1):
            y = k - t
            above, below = max(y - 1, 0) % 3, min(y + 1, height - 1) % 3
            before, after = rings[t - 1], rings[t, y % 3]
            _flow(before[above], before[y % 3], before[below], channels, wide, steep, after)
            _repeat_ends(after, wide, channels)
        if k >= steps:
            store_levels(rings[steps, (k - steps) % 3], half, whole, out[k - steps])


@piece
def _flow(
    above: Array,
    here: Array,
    below: Array,
    channels: int,
    wide: int,
    steep: Number,
    after: Array,
) -> None:
    slope, rate = splat(steep), splat(np.float32(RATE))
    for i in range(LANES, LANES + wide, LANES):
        level = load(here, i)
        up, down = load(above, i) - level, load(below, i) - level
        left, right = load(here, i - channels) - level, load(here, i + channels) - level
        upright = exp2(slope * up * up) * up + exp2(slope * down * down) * down
        across = exp2(slope * left * left) * left + exp2(slope * right * right) * right
        store(after, i, fma(rate, upright + across, level))


@piece
def _repeat_ends(row: Array, wide: int, channels: int) -> None:
    """A pixel more on each side, no higher than the one beside it: nothing flows."""
    end = LANES + wide
    for c in range(channels):
        row[LANES - channels + c] = row[LANES + c]
        row[end + c] = row[end - channels + c]
