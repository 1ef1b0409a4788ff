"""RGBA: the pixels of any image as red, green, blue and alpha, sixteen at a time, and back.

A gray image is one whose red, green and blue are the same, so that a formula for colours serves it
too.  Alpha goes through untouched; where there is none, it is whatever `take` found.
"""

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels.simd import LANES, RGB, RGBA, load, load_pixels, store, store_pixels


@piece
def take(source: Array, pixel: int, channels: int) -> Untyped:
    """(red, green, blue, alpha) of 16 pixels, as vectors of float32."""
    if channels == 3:
        red, green, blue = load_pixels(source, pixel * 3, RGB)
        return red, green, blue, red
    if channels == 4:
        return load_pixels(source, pixel * 4, RGBA)
    gray = load(source, pixel)
    return gray, gray, gray, gray


@piece
def put(target: Array, pixel: int, channels: int, pixels: Untyped) -> None:
    """Store 16 pixels, each level clamped and cut to a whole one."""
    red, green, blue, alpha = pixels
    if channels == 3:
        store_pixels(target, pixel * 3, (red, green, blue))
    elif channels == 4:
        store_pixels(target, pixel * 4, (red, green, blue, alpha))
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
