"""Warp: rotate, shear, scale, shift and tilt an image, as one map of its pixels.

A map is continuous: an image spans [0, width] x [0, height], pixel i covers [i, i + 1) and its
centre is i + 0.5.  It says where a point of `image` goes; the kernel follows it backwards from the
centre of every output pixel.  (The matrix of OpenCV and scikit-image counts from pixel centres:
theirs is shift(-0.5) after ours after shift(+0.5).)

Nothing is antialiased: to reduce an image to less than half, `resize` it first.
"""

import math
from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._locating import AFFINE, PROJECTIVE, Matrix
from pixelmill_kernels._resampling import BORDERS, FILTERS, NOWHERE, Level, resampled

__all__ = ["BORDERS", "FILTERS", "affine", "perspective"]

STEEPEST = 2.0**20  # source pixels for one of the output: more would leave 32 bits within a run
FLATTEST = 1e-12  # a determinant of a map: less is rounding, which is about 1e-16


def affine(
    image: Array,
    matrix: Array | Sequence[Sequence[float]],
    size: tuple[int, int] | None = None,
    filter: str = "bilinear",
    border: str = "constant",
    value: Level = 0,
    out: Array | None = None,
) -> Array:
    """Move an image's pixels by x' = a x + b y + c and y' = d x + e y + f.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous, from 1 x 1 up; floats are finite.  Also int32 with
        "nearest".
    matrix : numbers, shape (2, 3)
        ((a, b, c), (d, e, f)), in pixels.
    size : (height, width), optional
        Of the output, in pixels; the image's own if left out.
    filter : str
        "nearest": the pixel that covers the place, for masks and labels; of two that meet within
        2**-20 of a pixel either.  "bilinear": 2 x 2 pixels.  "bicubic": 4 x 4 (Keys 1981,
        a = -0.5).
    border : "constant", "edge" or "reflect"
        What lies outside the image: `value`; the nearest pixel; or the mirror image without the
        edge itself (c b | a b c | b a), again and again.
    value : number or one for each channel
        A level of the image's dtype, for "constant".
    out : array of the image's dtype, shape (height, width, channels) of `size`, optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    array of the image's dtype, shape (height, width, channels) of `size`
        uint8 and uint16: rounded to the nearest level and clamped to the full range; within one
        level of the formula in float64.  The same bytes on every machine.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout, size, filter, border or value other than the above, or a matrix
        that has no inverse.
    """
    rows = _expect_matrix(matrix, (2, 3))
    inverse = _inverse((*rows, 0.0, 0.0, 1.0))
    return _warped(image, inverse, size, filter, border, value, out)


def perspective(
    image: Array,
    matrix: Array | Sequence[Sequence[float]],
    size: tuple[int, int] | None = None,
    filter: str = "bilinear",
    border: str = "constant",
    value: Level = 0,
    out: Array | None = None,
) -> Array:
    """Move an image's pixels by a homography, as if the picture were tilted.

    x' = (a x + b y + c) / w and y' = (d x + e y + f) / w, with w = g x + h y + i.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        As `affine` takes it.
    matrix : numbers, shape (3, 3)
        ((a, b, c), (d, e, f), (g, h, i)); any multiple of it is the same map.
    size, filter, border, value, out
        As for `affine`.

    Returns
    -------
    array of the image's dtype, shape (height, width, channels) of `size`
        As `affine` returns it.

    Raises
    ------
    TypeError, ValueError
        As `affine` does.
    """
    inverse = _inverse(_expect_matrix(matrix, (3, 3)))
    return _warped(image, inverse, size, filter, border, value, out)


def _warped(
    image: Array,
    inverse: Matrix,
    size: tuple[int, int] | None,
    filter: str,
    border: str,
    value: Level,
    out: Array | None,
) -> Array:
    steep = max(abs(inverse[0]), abs(inverse[3])) > STEEPEST
    kind = AFFINE if inverse[6:] == (0.0, 0.0, 1.0) and not steep else PROJECTIVE
    fields = NOWHERE, NOWHERE
    size = tuple(image.shape[:2]) if size is None else size
    return resampled(image, size, kind, inverse, fields, filter, border, value, out)


def _expect_matrix(matrix: Array | Sequence[Sequence[float]], shape: tuple[int, int]) -> Matrix:
    numbers = np.asarray(matrix, np.float64)
    if numbers.shape != shape:
        raise ValueError(f"matrix must have shape {shape}, got {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"matrix must be finite, got {numbers.tolist()}")
    return tuple(numbers.ravel().tolist())


def _inverse(m: Matrix) -> Matrix:
    """The map backwards, by its cofactors: plain arithmetic, the same bits on every machine."""
    cofactors = _cofactors(m)
    determinant = sum(m[k] * cofactors[3 * k] for k in range(3))
    # The same sum with nothing cancelled says how much of the determinant is rounding.
    scale = sum(abs(m[k]) * size for k, size in enumerate(_cofactors(m, sign=1.0)[::3]))
    if not abs(determinant) > FLATTEST * scale or not math.isfinite(scale):
        raise ValueError(
            f"matrix {[list(m[row : row + 3]) for row in (0, 3, 6)]} has no inverse: it takes the "
            "image to a line or a point; keep every scale above 0 and every shear below 90 degrees"
        )
    last = cofactors[8] if cofactors[6] == cofactors[7] == 0.0 else determinant
    return tuple(number / last + 0.0 for number in cofactors)  # + 0.0 makes a plain zero of -0.0


def _cofactors(m: Matrix, sign: float = -1.0) -> Matrix:
    if sign > 0:
        m = tuple(map(abs, m))
    a, b, c, d, e, f, g, h, i = m
    return (
        *(e * i + sign * f * h, c * h + sign * b * i, b * f + sign * c * e),
        *(f * g + sign * d * i, a * i + sign * c * g, c * d + sign * a * f),
        *(d * h + sign * e * g, b * g + sign * a * h, a * e + sign * b * d),
    )
