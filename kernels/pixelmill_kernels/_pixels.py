"""Pixels: sixteen at a time, taken apart into red, green, blue and alpha and put together again.

A gray image is one whose red, green and blue are the same, so that a formula for colours serves it
too.  Alpha goes through untouched; where there is none, it is whatever `take` found.
"""

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels.simd import LANES, channels_of, load, store, store_channels_of

_load_rgb, _load_rgba = channels_of(3), channels_of(4)
_store_rgb, _store_rgba = store_channels_of(3), store_channels_of(4)


@piece
def take(source: Array, pixel: int, channels: int) -> Untyped:
    """(red, green, blue, alpha) of 16 pixels, as vectors of float32."""
    if channels == 3:
        red, green, blue = _load_rgb(source, pixel * 3)
        return red, green, blue, red
    if channels == 4:
        return _load_rgba(source, pixel * 4)
    gray = load(source, pixel)
    return gray, gray, gray, gray


@piece
def put(target: Array, pixel: int, channels: int, pixels: Untyped) -> None:
    """Store 16 pixels, each level clamped and cut to a whole one."""
    red, green, blue, alpha = pixels
    if channels == 3:
        _store_rgb(target, pixel * 3, (red, green, blue))
    elif channels == 4:
        _store_rgba(target, pixel * 4, (red, green, blue, alpha))
    else:
        store(target, pixel, red)


@kernel
def rest_of(source: Array, pixel: int, channels: int) -> Array:
    """The last pixels, fewer than 16, in room for 16; the others are black."""
    room = np.zeros(LANES * channels, source.dtype)
    begin = pixel * channels
    for i in range(source.size - begin):
        room[i] = source[begin + i]
    return room


@kernel
def put_rest(room: Array, target: Array, pixel: int, channels: int) -> None:
    """The way back."""
    begin = pixel * channels
    for i in range(target.size - begin):
        target[begin + i] = room[i]
