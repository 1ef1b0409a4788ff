"""Groups: an image of many bands taken a few at a time, as kernels for gray and RGBA take them.

So no kernel is compiled for every number of bands, and of the image only a few are copied at once.
"""

from collections.abc import Iterator

import numpy as np

from pixelmill_kernels._check import COLOURS, Array, for_reading
from pixelmill_kernels._jit import kernel

WIDE = max(COLOURS)


def groups(channels: int) -> Iterator[slice]:
    """Slices of one or four bands that together are all; the last overlaps those before it."""
    wide = WIDE if channels >= WIDE else 1
    for first in range(0, channels, wide):
        first = min(first, channels - wide)
        yield slice(first, first + wide)


def taken(image: Array, bands: slice) -> Array:
    """A contiguous copy of some bands."""
    some = np.empty((*image.shape[:2], bands.stop - bands.start), image.dtype)
    _carry(_pixels(for_reading(image)), bands.start, _pixels(some), 0, some.shape[2])
    return some


def put_back(some: Array, image: Array, bands: slice) -> None:
    """The way back: the bands are written, the others stay."""
    _carry(_pixels(some), 0, _pixels(image), bands.start, some.shape[2])


def _pixels(image: Array) -> Array:
    return image.reshape(-1, image.shape[2])


@kernel
def _carry(source: Array, first: int, target: Array, to: int, count: int) -> None:
    i, o = np.uint64(first), np.uint64(to)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    for pixel in range(source.shape[0]):
        target[pixel, o] = source[pixel, i]
        if count == 4:  # spelled out: a loop over 4 costs more than its work
            target[pixel, o + one] = source[pixel, i + one]
            target[pixel, o + two] = source[pixel, i + two]
            target[pixel, o + three] = source[pixel, i + three]
