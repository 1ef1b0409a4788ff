"""Geometry without interpolation: crop, pad, flip, rotate by quarter turns.

Of 1 to 16 channels, the bands of a satellite among them.  Every result is a new C-contiguous array.
What NumPy already does a row at a time is left to it; what it would do pixel by pixel has a loop
here.
"""

import numpy as np

from pixelmill_kernels._check import (
    BANDS,
    Array,
    expect_choice,
    expect_image,
    expect_out,
    for_reading,
    rectangle,
)
from pixelmill_kernels._jit import kernel, piece

__all__ = ["crop", "flip", "pad", "rotate90"]

MODES = ("constant", "edge", "reflect")
AXES = ("horizontal", "vertical")


def crop(
    image: Array, top: int, left: int, height: int, width: int, out: Array | None = None
) -> Array:
    """Cut out a rectangle.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        C-contiguous.
    top, left, height, width : int
        In pixels; within the image and not empty.
    out : array of the image's dtype, shape (height, width, channels), optional
    """
    expect_image(image, channels=BANDS)
    rectangle((top, left, height, width), image.shape[:2], "crop")
    out = expect_out(out, (height, width, image.shape[2]), image.dtype, image)
    out[:] = image[top : top + height, left : left + width]
    return out


def pad(
    image: Array,
    top: int,
    bottom: int,
    left: int,
    right: int,
    mode: str = "constant",
    value: float | tuple[float, ...] = 0,
    out: Array | None = None,
) -> Array:
    """Put a border around an image.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        C-contiguous.
    top, bottom, left, right : int
        Width of the border in pixels, 0 or more.
    mode : "constant", "edge" or "reflect"
        `value`; the nearest pixel of the image; or its mirror image without the edge itself
        (c b | a b c | b a), again and again where the border is wider than the image.
    value : number or one for each channel
        The border's level for "constant".
    out : array of the image's dtype, optional
    """
    expect_image(image, channels=BANDS)
    expect_choice(mode, MODES, "mode")
    if min(top, bottom, left, right) < 0:
        raise ValueError(f"borders must be 0 or more, got {(top, bottom, left, right)}")
    height, width, channels = image.shape
    shape = (top + height + bottom, left + width + right, channels)
    out = expect_out(out, shape, image.dtype, image)
    if mode == "constant":
        out[:top], out[top + height :] = value, value
        out[top : top + height, :left], out[top : top + height, left + width :] = value, value
        out[top : top + height, left : left + width] = image
    else:
        middle = out[top : top + height]
        middle[:, left : left + width] = image
        middle[:, :left] = image[:, _places(mode, -left, 0, width)]
        middle[:, left + width :] = image[:, _places(mode, width, width + right, width)]
        out[:top] = middle[_places(mode, -top, 0, height)]
        out[top + height :] = middle[_places(mode, height, height + bottom, height)]
    return out


def flip(image: Array, axis: str = "horizontal", out: Array | None = None) -> Array:
    """Mirror an image: "horizontal" swaps left and right, "vertical" top and bottom.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        C-contiguous.
    axis : "horizontal" or "vertical"
    out : array of the image's shape and dtype, optional
    """
    expect_image(image, channels=BANDS)
    expect_choice(axis, AXES, "axis")
    out = expect_out(out, image.shape, image.dtype, image)
    if axis == "vertical":
        out[:] = image[::-1]
    else:
        _mirror(for_reading(image), out)
    return out


def rotate90(image: Array, turns: int = 1, out: Array | None = None) -> Array:
    """Turn an image counter-clockwise by `turns` quarters, as numpy.rot90 does.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        C-contiguous.
    turns : int
        Any; 4 are none, and -1 is a quarter clockwise.
    out : array of the image's dtype, optional
        (width, height, channels) after an odd number of turns.
    """
    expect_image(image, channels=BANDS)
    height, width, channels = image.shape
    odd = turns % 2 == 1
    shape = (width, height, channels) if odd else (height, width, channels)
    out = expect_out(out, shape, image.dtype, image)
    if odd:
        _quarter(for_reading(image), out, turns % 4 == 1)
    elif turns % 4 == 2:
        # half a turn is the whole image read backwards, as if it were one row
        _mirror(for_reading(image).reshape(1, -1, channels), out.reshape(1, -1, channels))
    else:
        out[:] = image
    return out


def _places(mode: str, start: int, stop: int, count: int) -> Array:
    """For each place from `start` to `stop` outside an axis, the place it is copied from."""
    places = np.arange(start, stop)
    if mode == "edge" or count == 1:
        return np.clip(places, 0, count - 1)
    period = 2 * (count - 1)
    places %= period
    return np.minimum(places, period - places)


@kernel
def _mirror(source: Array, target: Array) -> None:
    height, width, channels = source.shape
    flat, out = source.reshape(source.size), target.reshape(target.size)
    for y in range(height):
        for x in range(width):
            _move(flat, y * width + x, out, (y + 1) * width - 1 - x, channels)


@kernel
def _quarter(source: Array, target: Array, left: bool) -> None:
    """In squares of 32 pixels, so that the lines written stay in the first-level cache."""
    height, width, channels = source.shape
    flat, out = source.reshape(source.size), target.reshape(target.size)
    for y0 in range(0, height, 32):
        for x0 in range(0, width, 32):
            for x in range(x0, min(x0 + 32, width)):
                row = (width - 1 - x if left else x) * height
                for y in range(y0, min(y0 + 32, height)):
                    to = row + (y if left else height - 1 - y)
                    _move(flat, y * width + x, out, to, channels)


@piece
def _move(source: Array, pixel: int, target: Array, to: int, channels: int) -> None:
    """Copy one pixel.  An index without a sign is not tested for it (a turn: 261 us became 60)."""
    i, o = np.uint64(pixel * channels), np.uint64(to * channels)
    if channels == 3:  # spelled out: a loop over 3 costs more than its work
        target[o] = source[i]
        target[o + np.uint64(1)] = source[i + np.uint64(1)]
        target[o + np.uint64(2)] = source[i + np.uint64(2)]
    else:
        for c in range(channels):
            target[o + np.uint64(c)] = source[i + np.uint64(c)]
