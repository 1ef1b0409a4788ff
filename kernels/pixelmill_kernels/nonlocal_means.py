"""Non-local means: the mean of the pixels whose surroundings look alike, wherever they are.

A pixel q of the search window around p weighs exp(-max(D - 2 sigma^2, 0) / h^2), where D is the
mean squared difference between the patches around q and p, of all channels together.

For one shift at a time, the squared differences of a whole tile and its shifted self are summed up
over patches, first down, then across (Darbon et al. 2008): the cost does not grow with the area of
the patch.  Of 8-bit images all these sums are whole numbers below 2^24, exact in float32.
"""

import math
from typing import NamedTuple

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._tiles import aligned, load_tile, store_row
from pixelmill_kernels.simd import (
    LANES,
    divide_pixels,
    exp2,
    fma,
    load,
    load_planes,
    minimum,
    pushed,
    splat,
    splat_all,
    squared_difference,
    store,
    store_planes,
    sum_all,
    sum_along,
    weigh_pixels,
)

__all__ = ["nonlocal_means"]

ROWS, COLUMNS = 32, 128  # of a tile: with all that belongs to it 220 KB of a second-level cache


def nonlocal_means(
    image: Array,
    h: float,
    sigma: float = 0.0,
    patch: int = 7,
    search: int = 21,
    out: Array | None = None,
) -> Array:
    """Smooth, and keep what repeats: texture, edges, print.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Beyond a border it is mirrored, the
        outermost pixel not repeated.
    h : float
        Above 0, in levels of the image: how unlike patches may be and still weigh.
    sigma : float
        0 or more, in levels: the noise's standard deviation, by which equal patches differ.
    patch, search : int
        Sides of the patches and of the window that is searched: odd, 1 to 15 and 3 to 63.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Whole levels are rounded to the nearest, halves up.

    References
    ----------
    Buades, Coll and Morel, "A non-local algorithm for image denoising", 2005; Darbon et al., "Fast
    nonlocal filtering applied to electron cryomicroscopy", 2008.  The weights are those of
    skimage.restoration.denoise_nl_means(fast_mode=True).
    """
    expect_image(image)
    if not (h > 0 and sigma >= 0):
        raise ValueError(f"h must be above 0 and sigma 0 or more, got {h} and {sigma}")
    for side, least, most, name in ((patch, 1, 15, "patch"), (search, 3, 63, "search")):
        if side % 2 == 0 or not least <= side <= most:
            raise ValueError(f"{name} must be odd and {least} to {most}, got {side}")
    out = expect_out(out, image.shape, image.dtype, image)
    channels = image.shape[2]
    # exp(x) = 2 ** (x log2 e), with x linear in a patch's sum of squares
    slope = -math.log2(math.e) / (h * h * patch * patch * channels)
    start = math.log2(math.e) * 2 * sigma * sigma / (h * h)
    _nonlocal_means(
        for_reading(image), out, search, np.float32(slope), np.float32(start),
        (np.float32(0),) * channels, (np.float32(0),) * patch,
    )  # fmt: skip
    return out


class _Tile(NamedTuple):
    """A tile with its surroundings, and what is gathered for it."""

    flat: Array  # float32 planes, `pitch` elements apart, of rows of `columns`
    pitch: int
    columns: int
    rows: int  # of the tile alone, as is
    across: int
    sums: Array  # float32 (ROWS, COLUMNS + LANES), flat: squares added up down the patch
    totals: Array  # float32: for sixteen pixels the channels' sums, then that of the weights


@kernel
def _nonlocal_means(
    source: Array,
    target: Array,
    search: int,
    slope: Number,
    start: Number,
    nothing: tuple[Number, ...],
    patch: tuple[Number, ...],
) -> None:
    """`nothing` has a zero for each channel, `patch` one for each pixel of a patch's side."""
    height, width, channels = source.shape
    reach, border = search // 2, len(patch) // 2
    margin, lead = reach + border, -reach % LANES  # behind `lead`, vectors of a tile are aligned
    high, columns = ROWS + 2 * margin, (lead + COLUMNS + 2 * margin + 2 * LANES) // LANES * LANES
    flat, out = aligned(channels * high * columns), target.reshape(target.size)
    planes = flat.reshape(channels, high, columns)
    sums = aligned(ROWS * (COLUMNS + LANES))
    totals = aligned((channels + 1) * ROWS * COLUMNS)
    edge = np.empty(LANES * channels, target.dtype)
    for top in range(0, height, ROWS):
        for left in range(0, width, COLUMNS):
            load_tile(source, top - margin, left - margin - lead, planes, nothing)
            rows, across = min(ROWS, height - top), min(COLUMNS, width - left)
            tile = _Tile(flat, high * columns, columns, rows, across, sums, totals)
            totals[:] = 0
            here = reach * columns + lead + reach
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    there = here + dy * columns + dx
                    _sum_down(tile, here, there, nothing, patch)
                    middle = there + border * columns + border
                    _weigh(tile, middle, slope, start, nothing, patch)
            _store_means(tile, out, top, left, width, edge, nothing)


@piece
def _sum_down(
    tile: _Tile,
    here: int,
    there: int,
    nothing: tuple[Number, ...],
    patch: tuple[Number, ...],
) -> None:
    """Add up, down the patch, the squared differences of the tiles that begin here and there."""
    like, border = splat_all(nothing), len(patch) - 1
    for x in range(0, tile.across + LANES, LANES):
        window = splat_all(patch)
        for r in range(tile.rows + border):
            i = r * tile.columns + x
            left = load_planes(tile.flat, here + i, tile.pitch, like)
            right = load_planes(tile.flat, there + i, tile.pitch, like)
            window = pushed(window, squared_difference(left, right))
            if r >= border:
                store(tile.sums, (r - border) * (COLUMNS + LANES) + x, sum_all(window))


@piece
def _weigh(
    tile: _Tile,
    there: int,
    slope: Number,
    start: Number,
    nothing: tuple[Number, ...],
    patch: tuple[Number, ...],
) -> None:
    """Add up the sums across the patch, and add the pixels there with the weight they give."""
    like, window, zero = splat_all(nothing), splat_all(patch), splat(np.float32(0))
    steep, offset, channels = splat(slope), splat(start), len(nothing)
    for r in range(tile.rows):
        line = r * (COLUMNS + LANES)
        low = load(tile.sums, line)
        for x in range(0, tile.across, LANES):
            high = load(tile.sums, line + x + LANES)
            weight = exp2(minimum(fma(sum_along(low, high, window), steep, offset), zero))
            low = high
            o = (r * COLUMNS + x) * (channels + 1)
            pixels = load_planes(tile.flat, there + r * tile.columns + x, tile.pitch, like)
            totals = weigh_pixels(weight, pixels, load_planes(tile.totals, o, LANES, like))
            store_planes(tile.totals, o, LANES, totals)
            o += channels * LANES
            store(tile.totals, o, load(tile.totals, o) + weight)


@piece
def _store_means(
    tile: _Tile,
    out: Array,
    top: int,
    left: int,
    width: int,
    edge: Array,
    nothing: tuple[Number, ...],
) -> None:
    like, channels = splat_all(nothing), len(nothing)
    for r in range(tile.rows):
        for x in range(0, tile.across, LANES):
            o = (r * COLUMNS + x) * (channels + 1)
            weights = load(tile.totals, o + channels * LANES)
            means = divide_pixels(load_planes(tile.totals, o, LANES, like), weights)
            store_row(out, top + r, left + x, width, means, edge)
