"""Artefacts: what JPEG does to an image, without the codec: no Huffman codes, no bytes, no file.

The way is that of libjpeg as Pillow calls it: YCbCr (JFIF), chroma halved both ways, blocks of
8 x 8 transformed and quantised by the tables of ITU-T T.81, Annex K, chroma back by a triangle
filter.  libjpeg computes in integers, this in float32, so that now and then a coefficient between
two steps goes the other way: the PSNR against Pillow's own JPEG is 48 dB or more in 4:2:0, and 44
in 4:4:4, where the image itself is 31 dB away.
"""

import numpy as np

from pixelmill_kernels._check import Array, expect_image, expect_out, for_reading
from pixelmill_kernels._dct import _quantise, scales
from pixelmill_kernels._jit import Untyped, kernel, piece

__all__ = ["jpeg_artefacts"]

# ITU-T T.81, tables K.1 and K.2.
LUMA = np.array(
    [
        *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
        *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
        *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
        *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
    ]
).reshape(8, 8)
CHROMA = np.full((8, 8), 99)
CHROMA[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]

_f32: Untyped = np.float32
_i32: Untyped = np.int32
_u64: Untyped = np.uint64


def jpeg_artefacts(
    image: Array, quality: int, subsample: bool = True, out: Array | None = None
) -> Array:
    """Compress and decompress.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  The fourth, alpha, stays as it is.
    quality : int
        libjpeg's, 1 to 100.
    subsample : bool
        Chroma at half the resolution ("4:2:0"); else at the full one ("4:4:4").
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels)
    """
    expect_image(image, (np.dtype(np.uint8),))
    luma, chroma = (scales(_quantisation(table, quality)) for table in (LUMA, CHROMA))
    out = expect_out(out, image.shape, image.dtype, image)
    height, width, channels = image.shape
    source = for_reading(image)
    if channels == 1:
        plane = np.empty((_up(height, 8), _up(width, 8)), np.uint8)
        _extend(source.reshape(height, width), plane)
        _quantise(plane, luma)
        out[..., 0] = plane[:height, :width]
        return out
    block = 16 if subsample else 8
    planes = np.empty((3, _up(height, block), _up(width, block)), np.uint8)
    _to_planes(source, planes)
    chroma_planes = planes[1:]
    if subsample:
        chroma_planes = np.empty((2, planes.shape[1] // 2, planes.shape[2] // 2), np.uint8)
        for full, half in zip(planes[1:], chroma_planes, strict=True):
            _halve(full, half)
    _quantise(planes[0], luma)
    for plane in chroma_planes:
        _quantise(plane, chroma)
    if subsample:
        size = (height + 1) // 2, (width + 1) // 2
        for half, full in zip(chroma_planes, planes[1:], strict=True):
            _double(half, *size, full)
    _to_pixels(planes, source, out)
    return out


def _quantisation(table: Array, quality: int) -> Array:
    """A table of Annex K scaled as libjpeg does: as it is at 50, nothing but ones at 100."""
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must be 1 to 100, got {quality}")
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    scaled: Array = np.clip((table * percent + 50) // 100, 1, 255)
    return scaled


def _up(side: int, block: int) -> int:
    return -(-side // block) * block


@kernel
def _extend(source: Array, plane: Array) -> None:
    """Copy an image into a larger plane, its last row and column repeated."""
    height, width = source.shape
    for y in range(plane.shape[0]):
        row = source[min(y, height - 1)]
        for x in range(width):
            plane[y, x] = row[x]
        for x in range(width, plane.shape[1]):
            plane[y, x] = row[width - 1]


@kernel
def _to_planes(source: Array, planes: Array) -> None:
    """Y, Cb and Cr of JFIF, the last row and column repeated."""
    height, width, channels = source.shape
    for y in range(planes.shape[1]):
        if y < height:
            row = source[y].reshape(width * channels)
            if channels == 3:
                _row_to_planes(row, 3, width, planes[0, y], planes[1, y], planes[2, y])
            else:
                _row_to_planes(row, 4, width, planes[0, y], planes[1, y], planes[2, y])
            for c in range(3):
                for x in range(width, planes.shape[2]):
                    planes[c, y, x] = planes[c, y, width - 1]
        else:
            for c in range(3):
                for x in range(planes.shape[2]):
                    planes[c, y, x] = planes[c, y - 1, x]


@piece
def _row_to_planes(row: Array, step: int, width: int, luma: Array, blue: Array, red: Array) -> None:
    for x in range(width):
        r, g, b = (
            _f32(row[_u64(x * step)]),
            _f32(row[_u64(x * step + 1)]),
            _f32(row[_u64(x * step + 2)]),
        )
        luma[x] = _i32(_f32(0.299) * r + _f32(0.587) * g + _f32(0.114) * b + _f32(0.5))
        blue[x] = _i32(
            _f32(0.5) * b - _f32(0.168735892) * r - _f32(0.331264108) * g + _f32(128.49999)
        )
        red[x] = _i32(
            _f32(0.5) * r - _f32(0.418687589) * g - _f32(0.081312411) * b + _f32(128.49999)
        )


@kernel
def _halve(full: Array, half: Array) -> None:
    """The mean of 2 x 2; what is between two levels goes up and down in turns, as in libjpeg."""
    for y in range(half.shape[0]):
        upper, lower, row = full[2 * y], full[2 * y + 1], half[y]
        for x in range(row.size):
            i = _u64(2 * x)
            total = _i32(upper[i]) + _i32(upper[i + _u64(1)])
            total += _i32(lower[i]) + _i32(lower[i + _u64(1)])
            row[x] = (total + _i32(1) + _i32(x & 1)) >> _i32(2)


@kernel
def _double(half: Array, height: int, width: int, full: Array) -> None:
    """Each new level lies a quarter from the nearest old one: 3/4 of it and 1/4 of the next."""
    sums = np.empty(width, np.int32)
    for y in range(2 * height):
        near = half[y // 2]
        far = half[min(max(y // 2 + 2 * (y % 2) - 1, 0), height - 1)]
        for x in range(width):
            sums[x] = _i32(3) * _i32(near[x]) + _i32(far[x])
        row = full[y]
        row[0] = (4 * sums[0] + 8) >> 4
        for x in range(width - 1):
            row[_u64(2 * x + 1)] = (_i32(3) * sums[x] + sums[x + 1] + _i32(7)) >> _i32(4)
            row[_u64(2 * x + 2)] = (_i32(3) * sums[x + 1] + sums[x] + _i32(8)) >> _i32(4)
        row[2 * width - 1] = (4 * sums[width - 1] + 7) >> 4


@kernel
def _to_pixels(planes: Array, source: Array, target: Array) -> None:
    height, width, channels = target.shape
    for y in range(height):
        row = target[y].reshape(width * channels)
        if channels == 3:
            _row_to_pixels(planes[0, y], planes[1, y], planes[2, y], 3, width, row)
        else:
            _row_to_pixels(planes[0, y], planes[1, y], planes[2, y], 4, width, row)
            for x in range(width):
                target[y, x, 3] = source[y, x, 3]


@piece
def _row_to_pixels(luma: Array, blue: Array, red: Array, step: int, width: int, row: Array) -> None:
    for x in range(width):
        level, cb, cr = _f32(luma[x]), _f32(blue[x]) - _f32(128), _f32(red[x]) - _f32(128)
        row[_u64(x * step)] = _level(level + _f32(1.402) * cr)
        row[_u64(x * step + 1)] = _level(level - _f32(0.344136286) * cb - _f32(0.714136286) * cr)
        row[_u64(x * step + 2)] = _level(level + _f32(1.772) * cb)


@piece
def _level(value: Untyped) -> Untyped:
    return _i32(min(max(value + _f32(0.5), _f32(0)), _f32(255)))
