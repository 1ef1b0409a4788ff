"""Mix: one image made of two, as their labels are mixed in the same proportion."""

import math

import numpy as np

from pixelmill_kernels._check import Array, expect_image, expect_out, for_reading, rectangle
from pixelmill_kernels._jit import Untyped, kernel

__all__ = ["cutmix", "cutmix_part", "mixup"]

_f32: Untyped = np.float32
_i32: Untyped = np.int32


def mixup(a: Array, b: Array, share: float, out: Array | None = None) -> Array:
    """The weighted mean of two images (Zhang et al. 2017): share * a + (1 - share) * b.

    Parameters
    ----------
    a, b : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous; of one shape and dtype.
    share : float
        Of `a`, 0 to 1; the paper's lambda.
    out : array of the images' shape and dtype, optional

    Returns
    -------
    array of the images' shape and dtype
        Computed in float32; of uint8 and uint16 the nearest level, halves up.
    """
    out = _expect(a, b, out)
    if not 0 <= share <= 1:
        raise ValueError(f"share must be 0 to 1, got {share}")
    half = 0.0 if a.dtype == np.float32 else 0.5
    first, second = for_reading(a).reshape(-1), for_reading(b).reshape(-1)
    if a.dtype == np.float32:
        _mean(first, second, share, 1 - share, out.reshape(-1))
    else:
        _rounded_mean(first, second, share, 1 - share, half, out.reshape(-1))
    return out


def cutmix(a: Array, b: Array, part: tuple[int, int, int, int], out: Array | None = None) -> Array:
    """Paste a rectangle of `b` into `a`, at its own place (Yun et al. 2019).

    Parameters
    ----------
    a, b : uint8, uint16 or float32, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous; of one shape and dtype.
    part : (top, left, height, width)
        In pixels; within the images and not empty.  See `cutmix_part`.
    out : array of the images' shape and dtype, optional

    Returns
    -------
    array of the images' shape and dtype
    """
    out = _expect(a, b, out)
    top, left, height, width = rectangle(part, (a.shape[0], a.shape[1]), "part")
    place = slice(top, top + height), slice(left, left + width)
    out[:] = a
    out[place] = b[place]
    return out


def cutmix_part(
    size: tuple[int, int], share: float, centre: tuple[float, float]
) -> tuple[tuple[int, int, int, int] | None, float]:
    """The rectangle that CutMix pastes, and what share of `a` it leaves.

    Parameters
    ----------
    size : (height, width)
        Of the images, in pixels.
    share : float
        Of `a` that is to be left, 0 to 1: the paper's lambda.  The rectangle has the aspect of the
        image, and its sides are those of the image times sqrt(1 - share), cut to whole pixels.
    centre : (y, x)
        Of the rectangle, as shares of the height and width, 0 to 1.

    Returns
    -------
    part : (top, left, height, width), or None where nothing is left of it
        What sticks out of the image is cut off.
    share : float
        What is really left of `a`, by which the labels are to be mixed.

    Raises
    ------
    ValueError
        A share or centre other than the above.
    """
    if not (0 <= share <= 1 and min(centre) >= 0 and max(centre) <= 1):
        raise ValueError(f"share and centre must be 0 to 1, got {share} and {centre}")
    spans = []
    for side, middle in zip(size, centre, strict=True):
        half = int(side * math.sqrt(1 - share)) / 2
        begin = max(math.floor(side * middle - half + 0.5), 0)
        spans.append((begin, max(min(math.floor(side * middle + half + 0.5), side) - begin, 0)))
    (top, high), (left, wide) = spans
    if not high * wide:
        return None, 1.0
    return (top, left, high, wide), 1 - high * wide / (size[0] * size[1])


def _expect(a: Array, b: Array, out: Array | None) -> Array:
    expect_image(a, name="a")
    expect_image(b, name="b")
    if a.shape != b.shape or a.dtype != b.dtype:
        raise ValueError(
            f"a and b must have one shape and dtype, got {a.dtype} {a.shape} and {b.dtype} "
            f"{b.shape}; resize or crop them to one size first"
        )
    return expect_out(expect_out(out, a.shape, a.dtype, a), a.shape, a.dtype, b)


@kernel
def _mean(a: Array, b: Array, first: float, second: float, target: Array) -> None:
    for i in range(target.size):
        target[i] = a[i] * _f32(first) + b[i] * _f32(second)


@kernel
def _rounded_mean(
    a: Array, b: Array, first: float, second: float, half: float, target: Array
) -> None:
    for i in range(target.size):
        mixed = _f32(a[i]) * _f32(first) + _f32(b[i]) * _f32(second)
        target[i] = _i32(mixed + _f32(half))
