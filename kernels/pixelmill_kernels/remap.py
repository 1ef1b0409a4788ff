"""Remap: read an image wherever two fields say, one place for each output pixel.

Places are continuous: pixel i covers [i, i + 1) and its centre is i + 0.5.  (OpenCV's maps count
from pixel centres: theirs are ours - 0.5.)
"""

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._locating import PLACES, SHIFTS
from pixelmill_kernels._resampling import STAY, Level, resampled

__all__ = ["displace", "remap"]


def remap(
    image: Array,
    x: Array,
    y: Array,
    filter: str = "bilinear",
    border: str = "constant",
    value: Level = 0,
    out: Array | None = None,
) -> Array:
    """Read each output pixel at the place (x, y) of an image.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous, from 1 x 1 up; floats are finite.  Also int32 with
        "nearest".
    x, y : float32, shape (rows, columns)
        Places in `image`, in pixels; finite.  Those outside are the border's.
    filter : "nearest", "bilinear" or "bicubic"
        As for `warp.affine`; so are `border` and `value`.
    out : array of the image's dtype, shape (rows, columns, channels), optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    array of the image's dtype, shape (rows, columns, channels)
        uint8 and uint16: rounded to the nearest level and clamped to the full range; within one
        level of the formula in float64.  The same bytes on every machine.

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout, filter, border or value other than the above, or a place that is
        not finite: `out` may then be written in part.
    """
    _expect_fields(x, y, "xy")
    return resampled(image, x.shape, PLACES, STAY, (x, y), filter, border, value, out)


def displace(
    image: Array,
    dx: Array,
    dy: Array,
    filter: str = "bilinear",
    border: str = "reflect",
    value: Level = 0,
    out: Array | None = None,
) -> Array:
    """Read each output pixel (dx, dy) away from where it is.

    As `remap` at x = column + 0.5 + dx and y = row + 0.5 + dy, but a small shift loses nothing of
    its precision in a large image.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        As `remap` takes it.
    dx, dy : float32, shape (rows, columns)
        Distances in pixels; finite.
    filter, border, value, out
        As for `remap`.

    Returns
    -------
    array of the image's dtype, shape (rows, columns, channels)

    Raises
    ------
    TypeError, ValueError
        As `remap` does.
    """
    _expect_fields(dx, dy, ("dx", "dy"))
    return resampled(image, dx.shape, SHIFTS, STAY, (dx, dy), filter, border, value, out)


def _expect_fields(one: Array, other: Array, names: tuple[str, str] | str) -> None:
    for field, name in zip((one, other), names, strict=True):
        if not isinstance(field, np.ndarray) or field.dtype != np.float32:
            found = field.dtype if isinstance(field, np.ndarray) else type(field).__name__
            raise TypeError(f"{name} must be a float32 array, got {found}")
        if field.ndim != 2 or field.size == 0 or not field.flags.c_contiguous:
            raise ValueError(
                f"{name} must have shape (rows, columns), not be empty and be C-contiguous, got "
                f"shape {field.shape}, strides {field.strides}; pass np.ascontiguousarray({name})"
            )
    if one.shape != other.shape:
        raise ValueError(f"{names[0]} and {names[1]} differ: shapes {one.shape} and {other.shape}")
