"""CLAHE: contrast-limited adaptive histogram equalization (Zuiderveld, Graphics Gems IV, 1994).

Each tile of the image has a table that would spread its levels evenly, its histogram clipped first
so that noise in flat places is not blown up.  A level becomes the mean of what the tables of the
four nearest tiles make of it, weighed by how near they are.

Of the several definitions this is OpenCV's, bit for bit: what users of `cv2.createCLAHE` know.
scikit-image's `equalize_adapthist` shares out another way and stretches its result to the full
range: on 12 photographs it was 7 levels away on average, and correlated with this by 0.995.
"""

from typing import Any

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.grayscale import grayscale

__all__ = ["clahe"]

# Added and taken away again, it leaves a float32 below 2**22 rounded to the nearest whole number,
# halves to the even one, as OpenCV rounds.
WHOLE = np.float32(1.5 * 2**23)


def clahe(
    image: Array,
    clip_limit: float = 2.0,
    tiles: tuple[int, int] = (8, 8),
    out: Array | None = None,
) -> Array:
    """Even out the contrast of each part of an image.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous, from 1 x 1 up.
    clip_limit : float
        The most that a level may occur in a tile, in multiples of what it would if all were as
        frequent; 0 does not clip.
    tiles : (down, across)
        How many tiles there are.
    out : array of the image's shape and dtype, optional

    Returns
    -------
    array of the image's shape and dtype
        Of gray images what `cv2.createCLAHE` gives.  Of colours the `grayscale` is treated so, and
        its change is added to red, green and blue, which keeps Cb and Cr; alpha stays.
    """
    expect_image(image, LEVELS)
    if not 0 <= clip_limit < np.inf:
        raise ValueError(f"clip_limit must be 0 or more, got {clip_limit}")
    if min(tiles) < 1:
        raise ValueError(f"tiles (down, across) must be 1 or more each, got {tiles}")
    out = expect_out(out, image.shape, image.dtype, image)
    if image.shape[2] == 1:
        _equalized(for_reading(image)[..., 0], clip_limit, tiles, out[..., 0])
    else:
        gray = grayscale(image)
        even = np.empty_like(gray)
        _equalized(gray[..., 0], clip_limit, tiles, even[..., 0])
        _relight(for_reading(image), gray, even, out)
    return out


def _equalized(gray: Array, clip_limit: float, tiles: tuple[int, int], out: Array) -> None:
    bins = 1 << (8 * gray.itemsize)
    high, wide = (
        _tile(size, n, gray.shape, tiles) for size, n in zip(gray.shape, tiles, strict=True)
    )
    limit = max(int(clip_limit * (high * wide) / bins), 1) if clip_limit else high * wide
    tables = np.empty((*tiles, bins), gray.dtype)
    _tables(gray, high, wide, limit, np.empty(bins, np.int32), tables)
    down, across = _between(gray.shape[0], high), _between(gray.shape[1], wide)
    if bins == 256:
        _blend_bytes(gray, tables, *down, *across, out)
    else:
        _blend(gray, tables, *down, *across, out)


def _tile(size: int, count: int, shape: tuple[int, ...], tiles: tuple[int, int]) -> int:
    """The side of a tile.  Where either axis does not divide evenly, OpenCV extends both."""
    if shape[0] % tiles[0] == 0 and shape[1] % tiles[1] == 0:
        return size // count
    return size // count + 1


def _between(size: int, tile: int) -> tuple[Array, Array]:
    """For each pixel of an axis the first of its two tiles, from -1, and the second's weight."""
    place = np.arange(size, dtype=np.float32) * (np.float32(1) / np.float32(tile)) - np.float32(0.5)
    first = np.floor(place)
    return first.astype(np.int64), place - first


@kernel
def _tables(gray: Array, high: int, wide: int, limit: int, counts: Array, tables: Array) -> None:
    height, width = gray.shape
    top = np.float32(counts.size - 1)
    scale = top / np.float32(high * wide)
    for i in range(tables.shape[0]):
        for j in range(tables.shape[1]):
            counts[:] = 0
            for y in range(i * high, (i + 1) * high):
                row = gray[_inside(y, height)]
                inner = min((j + 1) * wide, width)
                for level in row[j * wide : inner]:
                    counts[level] += 1
                for x in range(max(inner, j * wide), (j + 1) * wide):
                    counts[row[_inside(x, width)]] += 1
            _clip(counts, limit)
            total = np.int32(0)
            for level in range(counts.size):
                total += counts[level]
                counts[level] = total
            table = tables[i, j]
            for level in range(counts.size):  # apart from the sum: this is done on vectors
                table[level] = min((np.float32(counts[level]) * scale + WHOLE) - WHOLE, top)


@piece
def _inside(place: int, size: int) -> int:
    """A place beyond the last, reflected without the edge itself, as often as it takes."""
    if size == 1:
        return 0
    place %= 2 * (size - 1)
    return min(place, 2 * (size - 1) - place)


@kernel
def _clip(counts: Array, limit: int) -> None:
    """Share out what exceeds the limit, among all levels evenly."""
    over, most = 0, np.int32(limit)
    for level in range(counts.size):
        over += max(counts[level] - most, 0)
        counts[level] = min(counts[level], most)
    counts += np.int32(over // counts.size)
    rest = over % counts.size
    if rest:
        step = max(counts.size // rest, 1)
        for level in range(0, min(rest * step, counts.size), step):
            counts[level] += 1


@kernel
def _blend(
    gray: Array, tables: Array, rows: Array, lower: Array, columns: Array, right: Array, out: Array
) -> None:
    """Tile i and i + 1 of each axis, where there are both, weighed 1 - w and w."""
    height, width = gray.shape
    down, across = tables.shape[0] - 1, tables.shape[1] - 1
    for y in range(height):
        upper, under = tables[max(rows[y], 0)], tables[min(rows[y] + 1, down)]
        line, target, low = gray[y], out[y], lower[y]
        for x in range(width):
            level = np.uint64(line[x])
            # indices without a sign need no test for it
            j, n = np.uint64(max(columns[x], 0)), np.uint64(min(columns[x] + 1, across))
            four = upper[j, level], upper[n, level], under[j, level], under[n, level]
            target[x] = _mean(four, low, right[x])


@piece
def _mean(four: tuple[int, int, int, int], low: np.float32, right: np.float32) -> np.floating[Any]:
    left, high = np.float32(1) - right, np.float32(1) - low
    upper = np.float32(four[0]) * left + np.float32(four[1]) * right
    lower = np.float32(four[2]) * left + np.float32(four[3]) * right
    return (upper * high + lower * low + WHOLE) - WHOLE


@kernel
def _blend_bytes(
    gray: Array, tables: Array, rows: Array, lower: Array, columns: Array, right: Array, out: Array
) -> None:
    """The same for uint8: what the four tables say of a level is one word, and one look-up."""
    height, width = gray.shape
    down, across = tables.shape[0], tables.shape[1]
    words = np.empty((across + 1, 256), np.uint32)
    four = np.empty(width, np.uint32)
    last = -2
    for y in range(height):
        if rows[y] != last:
            last = rows[y]
            _pack(tables[max(last, 0)], tables[min(last + 1, down - 1)], words)
        line = gray[y]
        for x in range(width):
            four[x] = words[columns[x] + 1, line[x]]
        target, low = out[y], lower[y]
        for x in range(width):
            word = four[x]
            parts = (word & 255, (word >> 8) & 255, (word >> 16) & 255, word >> 24)
            target[x] = _mean(parts, low, right[x])


@kernel
def _pack(upper: Array, lower: Array, words: Array) -> None:
    last = upper.shape[0] - 1
    for j in range(words.shape[0]):
        left, right = max(j - 1, 0), min(j, last)
        for level in range(words.shape[1]):
            top = np.uint32(upper[left, level]) | np.uint32(upper[right, level]) << 8
            bottom = np.uint32(lower[left, level]) | np.uint32(lower[right, level]) << 8
            words[j, level] = top | bottom << 16


@kernel
def _relight(image: Array, before: Array, after: Array, out: Array) -> None:
    """Add the change of the gray to red, green and blue."""
    height, width, channels = image.shape
    top = (1 << (8 * image.itemsize)) - 1
    for y in range(height):
        for x in range(width):
            change = np.int64(after[y, x, 0]) - np.int64(before[y, x, 0])
            for c in range(3):
                out[y, x, c] = min(max(image[y, x, c] + change, 0), top)
            if channels == 4:
                out[y, x, 3] = image[y, x, 3]
