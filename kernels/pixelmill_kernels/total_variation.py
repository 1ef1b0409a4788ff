"""Total variation: the image nearest to this one among those whose levels go up and down less.

It minimises TV(u) + |u - image|^2 / (2 weight) channel by channel: flat parts become flat, edges
stay.  Chambolle's fixed point is iterated on a vector field p of two numbers a pixel, and the
answer is image + div p.

All iterations go down the image together, each one row behind the one before it, so that a row is
still in the cache when the next iteration comes, and memory does not grow with the height.
"""

from typing import NamedTuple

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._tiles import store_levels
from pixelmill_kernels.simd import LANES, fma, load, root, splat, store

__all__ = ["total_variation"]

TAU = 0.25  # the step: 1 / (2 * dimensions), below which the iteration converges


def total_variation(
    image: Array, weight: float, iterations: int = 20, out: Array | None = None
) -> Array:
    """Flatten what varies little.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Each channel is an image of its own.
    weight : float
        Above 0, in levels of the image: more is flatter.
    iterations : int
        1 to 1000, of the field p.  Always so many: bytes do not hang on a test for convergence.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Whole levels are rounded to the nearest, halves up.

    References
    ----------
    Chambolle, "An algorithm for total variation minimization and applications", 2004, in the form
    of skimage.restoration.denoise_tv_chambolle, whose `max_num_iter` is one more than `iterations`
    and whose `weight` is in parts of its full scale.
    """
    expect_image(image)
    if not weight > 0:
        raise ValueError(f"weight must be above 0, got {weight}")
    if not 1 <= iterations <= 1000:
        raise ValueError(f"iterations must be 1 to 1000, got {iterations}")
    out = expect_out(out, image.shape, image.dtype, image)
    half = np.float32(0 if image.dtype == np.float32 else 0.5)
    _total_variation(for_reading(image), out, np.float32(TAU / weight), half, iterations)
    return out


class _Rows(NamedTuple):
    """Rings of rows, float32: row y is in row y % depth, element i of the image in LANES + i.

    Left of the image nothing flows: those elements of `across` stay 0.
    """

    levels: Array
    down: Array  # p, from a pixel to the one below it
    across: Array  # p, to the one on its right
    none: Array  # a row of nothing: what flows into the first row


@kernel
def _total_variation(
    source: Array, target: Array, slope: Number, half: Number, iterations: int
) -> None:
    height, width, channels = source.shape
    wide = width * channels
    pitch = (wide // LANES + 4) * LANES
    depth = iterations + 3
    shape = (depth, pitch)
    rows = _Rows(np.zeros(shape, np.float32), np.zeros(shape, np.float32),
                 np.zeros(shape, np.float32), np.zeros(pitch, np.float32))  # fmt: skip
    answers = np.zeros((iterations, 2, pitch), np.float32)
    done, whole = np.zeros(pitch, np.float32), np.empty(pitch, target.dtype)
    flat, out = source.reshape(height, wide), target.reshape(height, wide)
    _take(flat[0], rows, 0)
    for k in range(height + iterations - 1):
        if k + 1 < height:
            _take(flat[k + 1], rows, (k + 1) % depth)
        for t in range(max(0, k - height + 1), min(iterations, k + 1)):
            y = k - t
            here = answers[t, y % 2]
            if y == 0:
                _answer(rows, 0, depth, wide, channels, here)
            below = here
            if y + 1 < height:
                below = answers[t, (y + 1) % 2]
                _answer(rows, y + 1, depth, wide, channels, below)
            _flow(here, below, wide, channels, slope, rows.down[y % depth], rows.across[y % depth])
        y = k - iterations + 1
        if y >= 0:
            _answer(rows, y, depth, wide, channels, done)
            store_levels(done, half, whole, out[y])


@piece
def _take(line: Array, rows: _Rows, at: int) -> None:
    levels = rows.levels[at, LANES:]
    for i in range(line.size):
        levels[i] = line[i]
    rows.down[at, :] = 0
    rows.across[at, :] = 0


@piece
def _answer(rows: _Rows, y: int, depth: int, wide: int, channels: int, answer: Array) -> None:
    """image + div p, and the last pixel once more, so that nothing flows out on the right."""
    levels, down, across = rows.levels[y % depth], rows.down[y % depth], rows.across[y % depth]
    above = rows.down[(y - 1) % depth] if y > 0 else rows.none
    for i in range(LANES, LANES + wide, LANES):
        inward = load(above, i) + load(across, i - channels)
        outward = load(down, i) + load(across, i)
        store(answer, i, load(levels, i) + (inward - outward))
    end = LANES + wide
    for c in range(channels):
        answer[end + c] = answer[end + c - channels]


@piece
def _flow(
    here: Array,
    below: Array,
    wide: int,
    channels: int,
    slope: Number,
    down: Array,
    across: Array,
) -> None:
    """One step of p down the gradient, and back to a length of 1."""
    one, steep, step = splat(np.float32(1)), splat(slope), splat(np.float32(-TAU))
    for i in range(LANES, LANES + wide, LANES):
        middle = load(here, i)
        falls, runs = load(below, i) - middle, load(here, i + channels) - middle
        length = root(fma(falls, falls, runs * runs))
        shrink = one / fma(length, steep, one)
        store(down, i, fma(step, falls, load(down, i)) * shrink)
        store(across, i, fma(step, runs, load(across, i)) * shrink)
