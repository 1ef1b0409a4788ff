"""HSV: hue, saturation and value of colours, and a turn of the hue.

The model is Smith's ("Color gamut transform pairs", 1978), kept in three bytes as Pillow's
convert("HSV") keeps it, byte for byte in both directions.  All three span 0..255, cut and not
rounded on the way there.  OpenCV's COLOR_RGB2HSV halves the degrees to 0..179 and rounds; its
COLOR_RGB2HSV_FULL has 256 units a turn where there are 255 here.
"""

import math

from pixelmill_kernels._check import Array, expect_bytes, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels._rgba import put, put_rest, rest_of, take
from pixelmill_kernels.simd import LANES, absolute, floor, maximum, minimum, rint, where_less

__all__ = ["hsv_to_rgb", "hue", "rgb_to_hsv"]

TO_HSV, TO_RGB, TURN = range(3)


def rgb_to_hsv(image: Array, out: Array | None = None) -> Array:
    """Convert red, green and blue to hue, saturation and value.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels)
        Hue: 255 is a whole turn; 0 is red, 85 green, 170 blue, and 0 where there is no colour.
        Saturation: 255 * (highest - lowest) / highest.  Value: the highest channel.
    """
    expect_bytes(image, (3, 4))
    return _run(image, TO_HSV, 0, out)


def hsv_to_rgb(image: Array, out: Array | None = None) -> Array:
    """Convert hue, saturation and value to red, green and blue, rounded to the nearest level.

    Parameters, result and errors are those of `rgb_to_hsv`, the other way round.
    """
    expect_bytes(image, (3, 4))
    return _run(image, TO_RGB, 0, out)


def hue(image: Array, shift: float, out: Array | None = None) -> Array:
    """Turn the hue of every colour: torchvision's adjust_hue of a Pillow image.

    The image goes to HSV, int(255 * shift) is added to the hue modulo 256, and it comes back.  HSV
    in bytes has fewer colours than RGB, so that even a turn of 0 changes most of them a little.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Gray and alpha stay.
    shift : float, -0.5..0.5
        In turns: 1/3 takes red to green, and either end to the opposite colour.
    out : uint8, shape (height, width, channels), optional

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
    """
    expect_bytes(image)
    return _run(image, TURN, _turn_of(shift), out)


def _turn_of(shift: float) -> int:
    """`shift` in units of the hue, 0..255; raise unless it is half a turn or less."""
    if not abs(shift) <= 0.5:
        raise ValueError(f"shift must be -0.5..0.5 of a turn, got {shift}")
    return math.trunc(shift * 255) % 256


def _run(image: Array, way: int, turn: int, out: Array | None) -> Array:
    out = expect_out(out, image.shape, image.dtype, image)
    _hsv(for_reading(image).reshape(-1), out.reshape(-1), image.shape[2], way, turn)
    return out


@kernel
def _hsv(source: Array, target: Array, channels: int, way: int, turn: int) -> None:
    pixels = source.size // channels
    whole = pixels // LANES * LANES
    for i in range(0, whole, LANES):
        _sixteen(source, target, i, channels, way, turn)
    if whole < pixels:
        room = rest_of(source, whole, channels)
        _sixteen(room, room, 0, channels, way, turn)
        put_rest(room, target, whole, channels)


@piece
def _sixteen(source: Array, target: Array, i: int, channels: int, way: int, turn: int) -> None:
    one, two, three, alpha = take(source, i, channels)
    if way == TO_HSV:
        one, two, three = _hsv_of(one, two, three)
    elif way == TO_RGB:
        one, two, three = _rgb_of(one, two, three)
    else:
        one, two, three = _turned(one, two, three, turn)
    put(target, i, channels, (one, two, three, alpha))


@piece
def _hsv_of(red: Untyped, green: Untyped, blue: Untyped) -> Untyped:
    """The division and the roundings are Pillow's: of all 16,777,216 colours none is another."""
    highest = maximum(red, maximum(green, blue))
    lowest = minimum(red, minimum(green, blue))
    chroma = highest - lowest
    middle = red + green + blue - highest - lowest
    part = (highest - middle) / maximum(chroma, 1.0)
    # The highest channel is a corner of the hexagon; the next one is before or behind it.
    corner = where_less(red, highest, where_less(green, highest, 4.0, 2.0), 0.0)
    before = where_less(red, highest, where_less(green, highest, red, blue), green)
    behind = where_less(red, highest, where_less(green, highest, green, red), blue)
    place = where_less(behind, before, corner + 1.0 - part, corner - 1.0 + part) / 6.0
    place = where_less(place, 0.0, place + 1.0, place)
    hue = where_less(0.0, chroma, floor(place * 255.0), 0.0)
    return hue, floor(chroma / maximum(highest, 1.0) * 255.0), highest


@piece
def _rgb_of(hue: Untyped, saturation: Untyped, value: Untyped) -> Untyped:
    """Each channel lacks a part of the value, by how far the hue is from its corner.

    Half a level more or less never occurs, since 65025 is odd; and float32 divides what lies next
    to it right, 1 / 130050 being more than half a unit in the last place of 255.
    """
    place, depth = hue * 6.0, value * saturation
    red = minimum(maximum(510.0 - absolute(place - 765.0), 0.0), 255.0)
    green = minimum(maximum(absolute(place - 510.0) - 255.0, 0.0), 255.0)
    blue = minimum(maximum(absolute(place - 1020.0) - 255.0, 0.0), 255.0)
    return (
        value - rint(depth * red / 65025.0),
        value - rint(depth * green / 65025.0),
        value - rint(depth * blue / 65025.0),
    )


@piece
def _turned(red: Untyped, green: Untyped, blue: Untyped, turn: float) -> Untyped:
    """Sixteen pixels with so many units added to their hue, modulo 256."""
    hue, saturation, value = _hsv_of(red, green, blue)
    hue = hue + turn
    return _rgb_of(where_less(hue, 256.0, hue, hue - 256.0), saturation, value)
