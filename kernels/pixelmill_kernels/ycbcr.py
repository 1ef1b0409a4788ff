"""YCbCr: luma and two colour differences, full range, as in JPEG files (JFIF 1.02).

    Y  = 0.299 R + 0.587 G + 0.114 B            R = Y                           + 1.402 (Cr - 128)
    Cb = 128 - 0.16874 R - 0.33126 G + 0.5 B    G = Y - 0.34414 (Cb - 128) - 0.71414 (Cr - 128)
    Cr = 128 + 0.5 R - 0.41869 G - 0.08131 B    B = Y + 1.772 (Cb - 128)

in Pillow's roundings: each product is a whole number of 64ths, 0.5 added and cut, and the sum of
them is cut down to a whole level.  OpenCV's COLOR_RGB2YCrCb has Cr before Cb, and rounds.
"""

from pixelmill_kernels._check import Array, expect_bytes, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels._rgba import put, put_rest, rest_of, take
from pixelmill_kernels.simd import LANES, truncate

__all__ = ["rgb_to_ycbcr", "ycbcr_to_rgb"]


def rgb_to_ycbcr(image: Array, out: Array | None = None) -> Array:
    """Convert red, green and blue to luma, blue difference and red difference.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
        Y, Cb, Cr: PIL's convert("YCbCr"), byte for byte.  No colour is 128 in Cb and Cr.
    """
    return _run(image, True, out)


def ycbcr_to_rgb(image: Array, out: Array | None = None) -> Array:
    """Convert luma, blue difference and red difference to red, green and blue.

    Parameters, result and errors are those of `rgb_to_ycbcr`, the other way round.
    """
    return _run(image, False, out)


def _run(image: Array, forth: bool, out: Array | None) -> Array:
    expect_bytes(image, (3, 4))
    out = expect_out(out, image.shape, image.dtype, image)
    _ycbcr(for_reading(image).reshape(-1), out.reshape(-1), image.shape[2], forth)
    return out


@kernel
def _ycbcr(source: Array, target: Array, channels: int, forth: bool) -> None:
    pixels = source.size // channels
    whole = pixels // LANES * LANES
    for i in range(0, whole, LANES):
        _sixteen(source, target, i, channels, forth)
    if whole < pixels:
        room = rest_of(source, whole, channels)
        _sixteen(room, room, 0, channels, forth)
        put_rest(room, target, whole, channels)


@piece
def _sixteen(source: Array, target: Array, i: int, channels: int, forth: bool) -> None:
    one, two, three, alpha = take(source, i, channels)
    if forth:
        one, two, three = _ycbcr_of(one, two, three)
    else:
        one, two, three = _rgb_of(one, two, three)
    put(target, i, channels, (one, two, three, alpha))


@piece
def _ycbcr_of(red: Untyped, green: Untyped, blue: Untyped) -> Untyped:
    y = _part(0.299, red) + _part(0.587, green) + _part(0.114, blue)
    cb = _part(-0.16874, red) + _part(-0.33126, green) + 32.0 * blue
    cr = 32.0 * red + _part(-0.41869, green) + _part(-0.08131, blue)
    return y / 64.0, cb / 64.0 + 128.0, cr / 64.0 + 128.0


@piece
def _rgb_of(y: Untyped, cb: Untyped, cr: Untyped) -> Untyped:
    cb, cr = cb - 128.0, cr - 128.0
    return (
        y + _part(1.402, cr) / 64.0,
        y + (_part(-0.34414, cb) + _part(-0.71414, cr)) / 64.0,
        y + _part(1.772, cb) / 64.0,
    )


@piece
def _part(weight: float, level: Untyped) -> Untyped:
    """A product in 64ths."""
    return truncate(weight * 64.0 * level + 0.5)
