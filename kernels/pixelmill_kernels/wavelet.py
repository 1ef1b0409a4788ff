"""Wavelet shrinkage: differences that are no larger than the noise's are taken back.

Three steps: (1) RGB is turned to luminance and two opponent colours, each with the same noise; (2)
each plane is split, level by level, into means and differences of neighbours (Haar's wavelet, at
every shift, so that no grid shows), and every difference is scaled by what part of the energy
around it exceeds the noise's; (3) all is put together again.
"""

import numpy as np

from pixelmill_kernels._check import Array, Number, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels._tiles import aligned, load_tile, store_row
from pixelmill_kernels.simd import (
    LANES,
    fma,
    load,
    load_planes,
    maximum,
    pushed,
    splat,
    splat_all,
    splat_at,
    store,
    sum_all,
    sum_along,
)

__all__ = ["wavelet"]

ROWS, COLUMNS = 96, 128  # of a tile: of three levels, 1 MB with all that belongs to it
SIDE = 5  # of the window that energy is averaged over
# Of the noise's energy in a window, which at times is more than its mean: of 1, 1.1, 1.2, 1.3 and
# 1.5 the one with the best PSNR on photographs with noise of 10, 15 and 25 levels (side 5; at side
# 7, 1.3 is as good).
EXCESS = 1.5

_OPPONENT = np.array([[1, 1, 1], [1, 0, -1], [0.5, -1, 0.5]])
_OPPONENT /= np.sqrt((_OPPONENT**2).sum(axis=1, keepdims=True))


def wavelet(image: Array, sigma: float, levels: int = 3, out: Array | None = None) -> Array:
    """Take noise of a known strength away.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.  Beyond a border it is mirrored, the
        outermost pixel not repeated.
    sigma : float
        0 or more, in levels of the image: the noise's standard deviation.
    levels : int
        1 to 5: noise in grains of up to 2 ** levels pixels is taken away.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Whole levels are rounded to the nearest, halves up.

    References
    ----------
    Coifman and Donoho, "Translation-invariant de-noising", 1995 (every shift); Mihcak et al.,
    "Low-complexity image denoising based on statistical modeling of wavelet coefficients", 1999
    (the scaling by local energy).
    """
    expect_image(image)
    if not sigma >= 0:
        raise ValueError(f"sigma must be 0 or more, got {sigma}")
    if not 1 <= levels <= 5:
        raise ValueError(f"levels must be 1 to 5, got {levels}")
    out = expect_out(out, image.shape, image.dtype, image)
    noise = np.float32(EXCESS * (sigma * SIDE) ** 2)  # summed up over a window
    nothing: tuple[Number, ...] = (np.float32(0),) * image.shape[2]
    matrix = _OPPONENT.astype(np.float32)
    back = np.ascontiguousarray(matrix.T)
    _wavelet(for_reading(image), out, levels, noise, matrix, back, nothing)
    return out


@kernel
def _wavelet(
    source: Array,
    target: Array,
    levels: int,
    noise: Number,
    matrix: Array,
    back: Array,
    nothing: tuple[Number, ...],
) -> None:
    height, width, channels = source.shape
    margin = 2**levels - 1 + SIDE // 2  # how far away what a pixel depends on may be
    lead = -margin % LANES
    high, columns = ROWS + 2 * margin, (lead + COLUMNS + 2 * margin + 2 * LANES) // LANES * LANES
    size = high * columns
    flat, out = aligned(channels * size), target.reshape(target.size)
    planes, edge = flat.reshape(channels, high, columns), np.empty(LANES * channels, target.dtype)
    room = aligned((4 * levels + 1) * size)
    room[:] = 0
    for top in range(0, height, ROWS):
        for left in range(0, width, COLUMNS):
            rows, across = min(ROWS, height - top), min(COLUMNS, width - left)
            load_tile(source, top - margin, left - margin - lead, planes, nothing)
            if channels > 1:
                _turn(flat, size, matrix)
            for c in range(channels):
                plane = flat[c * size : (c + 1) * size]
                _shrink(plane, room, columns, levels, margin, rows, noise)
            if channels > 1:
                _turn(flat, size, back)
            for r in range(rows):
                begin = (r + margin) * columns + margin + lead
                for x in range(0, across, LANES):
                    pixels = load_planes(flat, begin + x, size, splat_all(nothing))
                    store_row(out, top + r, left + x, width, pixels, edge)


@kernel
def _turn(flat: Array, size: int, matrix: Array) -> None:
    """Multiply the first three planes by a 3 x 3 matrix."""
    rows = matrix.reshape(9)
    for i in range(0, size, LANES):
        a, b, c = load(flat, i), load(flat, i + size), load(flat, i + 2 * size)
        for k in range(3):
            mixed = splat_at(rows, 3 * k) * a
            mixed = fma(splat_at(rows, 3 * k + 1), b, mixed)
            mixed = fma(splat_at(rows, 3 * k + 2), c, mixed)
            store(flat, i + k * size, mixed)


@kernel
def _shrink(
    plane: Array, room: Array, columns: int, levels: int, margin: int, rows: int, noise: Number
) -> None:
    """Denoise the tile inside `margin`; of `room`, sums, coarser planes and differences are made.

    A level needs `step` more pixels below than it makes, its differences two more on each side.
    """
    size, end = plane.size, rows + 2 * margin
    sums, fine = room[:size], plane
    for level in range(levels):
        step = 1 << level
        coarse, bands = _parts(room, size, level, levels)
        end -= step
        _split(fine, coarse, bands, columns, step, end)
        noise = np.float32(noise * np.float32(0.25))  # a mean of four has half the deviation
        for band in range(3):
            _scale(bands[band * size : (band + 1) * size], sums, columns, end, noise)
        fine = coarse
    for level in range(levels - 1, -1, -1):
        step = 1 << level
        coarse, bands = _parts(room, size, level, levels)
        fine = _parts(room, size, level - 1, levels)[0] if level else plane
        first = margin - (step - 1)
        _join(fine, coarse, bands, columns, step, first, margin + rows)


@piece
def _parts(room: Array, size: int, level: int, levels: int) -> tuple[Array, Array]:
    """A level's plane of means and its three planes of differences, one behind the other."""
    coarse, bands = (1 + level) * size, (1 + levels + 3 * level) * size
    return room[coarse : coarse + size], room[bands : bands + 3 * size]


@kernel
def _split(fine: Array, coarse: Array, bands: Array, columns: int, step: int, rows: int) -> None:
    quarter, size, down = splat(np.float32(0.25)), fine.size, step * columns
    for i in range(0, rows * columns - step - LANES + 1, LANES):
        a, b = load(fine, i), load(fine, i + step)
        c, d = load(fine, i + down), load(fine, i + down + step)
        upper, lower, right, left = a + b, c + d, a - b, c - d
        store(coarse, i, (upper + lower) * quarter)
        store(bands, i, (upper - lower) * quarter)
        store(bands, i + size, (right + left) * quarter)
        store(bands, i + 2 * size, (right - left) * quarter)


@kernel
def _join(
    fine: Array, coarse: Array, bands: Array, columns: int, step: int, first: int, end: int
) -> None:
    """The mean of the four answers that the four groups a pixel was in give for it."""
    quarter, size = splat(np.float32(0.25)), fine.size
    for i in range(first * columns, end * columns, LANES):
        total = splat(np.float32(0))
        for k in range(4):
            at = i - (k & 1) * step - (k >> 1) * step * columns
            above = splat(np.float32(1 - (k >> 1) * 2))  # -1: the pixel was the lower one
            before = splat(np.float32(1 - (k & 1) * 2))
            mean = fma(above, load(bands, at), load(coarse, at))
            side = fma(above, load(bands, at + 2 * size), load(bands, at + size))
            total = total + fma(before, side, mean)
        store(fine, i, total * quarter)


@kernel
def _scale(band: Array, sums: Array, columns: int, rows: int, noise: Number) -> None:
    """Scale each difference by max(0, 1 - noise / energy), of the SIDE x SIDE ones around it."""
    zero, border = np.float32(0), SIDE // 2
    window = splat_all((zero, zero, zero, zero, zero))
    for x in range(0, columns, LANES):
        around = window
        for r in range(rows):
            value = load(band, r * columns + x)
            around = pushed(around, value * value)
            if r >= SIDE - 1:
                store(sums, (r - border) * columns + x, sum_all(around))
    least, floor, level = splat(zero), splat(np.float32(1e-20)), splat(noise)
    for i in range(border * columns, (rows - border) * columns, LANES):
        at = i - border
        energy = sum_along(load(sums, at), load(sums, at + LANES), window)
        share = maximum(energy - level, least) / maximum(energy, floor)
        store(band, i, load(band, i) * share)
