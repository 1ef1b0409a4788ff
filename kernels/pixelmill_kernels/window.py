"""Window: the part of a medical image's values that is worth seeing, as levels of gray.

DICOM PS3.3 C.11.1 (rescale) and C.11.2.1.2 (window), in float64 for every stored value once; the
image itself is then looked up, or computed where a straight line gives the same table to the bit.
Order: stored value -> rescale -> window -> inversion.
"""

from functools import lru_cache

import numpy as np

from pixelmill_kernels._check import BANDS, Array, expect_choice, expect_image
from pixelmill_kernels._jit import kernel
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._series import _exp
from pixelmill_kernels._straight import Line, followed, line_of
from pixelmill_kernels.lookup import STORED, _levels_of, _looked_up

__all__ = ["window"]

FUNCTIONS = ("linear", "linear_exact", "sigmoid")
_LINEAR, _EXACT, _SIGMOID = range(3)


def window(
    image: Array,
    center: float,
    width: float,
    function: str = "linear",
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    bits: int = 8,
    invert: bool = False,
    out: Array | None = None,
) -> Array:
    """Spread the values around `center` over all levels of gray.

    Parameters
    ----------
    image : uint8, uint16 or int16, shape (height, width, channels)
        1 to 16 channels, C-contiguous: stored values.
    center, width : float
        In the unit of slope * stored value + intercept: Hounsfield units for CT.
    function : "linear", "linear_exact" or "sigmoid"
        As DICOM's VOI LUT Function.  "linear" is its default, in which center - 0.5 and width - 1
        are meant (width 1 or more); the others take any width above 0.
    slope, intercept : float
        DICOM's Rescale Slope and Rescale Intercept.
    bits : int, 1 to 16
        Of the result: its highest level is 2**bits - 1.
    invert : bool
        The highest level less each: for MONOCHROME1, whose low values are white.
    out : uint8 up to 8 bits, uint16 above, of the image's shape, optional

    Returns
    -------
    uint8 or uint16, shape (height, width, channels)
        Rounded to the nearest level, halves up.

    References
    ----------
    DICOM PS3.3, C.7.6.3.1.2, C.11.1.1.2 and C.11.2.1.2.
    """
    expect_image(image, STORED, channels=BANDS)
    expect_choice(function, FUNCTIONS, "function")
    _expect_bits(bits)
    narrowest = "1 or more" if function == "linear" else "above 0"
    if not (width >= 1 if function == "linear" else width > 0):
        raise ValueError(f"width must be {narrowest} for {function}, got {width}")
    if not np.isfinite((center, width, slope, intercept)).all():
        raise ValueError(f"numbers must be finite, got {(center, width, slope, intercept)}")
    line = float(center), float(width), float(slope), float(intercept)
    table, straight = _table(image.dtype, FUNCTIONS.index(function), *line, bits, invert)
    if straight is None or image.size < LANES:
        return _looked_up(image, table, out)
    return followed(image, straight, table.dtype, out)


def _expect_bits(bits: int) -> None:
    """Raise unless a level may have so many bits."""
    if not 1 <= bits <= 16:
        raise ValueError(f"bits must be 1 to 16, got {bits}")


def _levels_for(bits: int) -> type[np.unsignedinteger]:
    """The dtype that holds levels of so many bits."""
    return np.uint8 if bits <= 8 else np.uint16


# The images of one job share few windows; a table takes up to 128 KB.
@lru_cache(maxsize=64)
def _table(
    dtype: np.dtype[np.generic],
    function: int,
    center: float,
    width: float,
    slope: float,
    intercept: float,
    bits: int,
    invert: bool,
) -> tuple[Array, Line | None]:
    """One row of levels, an entry for every stored value; and the line that gives the same."""
    values = _levels_of(dtype) * slope + intercept
    table, top = np.empty(values.size, _levels_for(bits)), (1 << bits) - 1
    _fill(values, function, center, width, top, table)
    table = (top - table if invert else table).astype(table.dtype)
    if function == _SIGMOID or (function == _LINEAR and width == 1):
        return table[None], None
    if function == _LINEAR:
        center, width = center - 0.5, width - 1.0
    gain = (-top if invert else top) / width
    bias = gain * (intercept - center) + 0.5 * top + 0.5
    return table[None], line_of(table, dtype, gain * slope, bias)


@kernel
def _fill(
    values: Array, function: int, center: float, width: float, top: int, table: Array
) -> None:
    if function == _LINEAR:
        center, width = center - 0.5, width - 1.0
    for n in range(values.size):
        distance = values[n] - center
        if function == _SIGMOID:
            share = 1.0 / (1.0 + _exp(-4.0 * distance / width))
        elif distance <= -width / 2.0:
            share = 0.0
        elif distance > width / 2.0:
            share = 1.0
        else:
            share = distance / width + 0.5
        table[n] = int(share * top + 0.5)
