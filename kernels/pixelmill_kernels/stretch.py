"""Stretch: contrast that uses all levels, whatever sensor and exposure left unused.

The lowest and highest few percent of the pixels, which are specks and glints, become black and
white; the levels between are spread on a straight line.
"""

import numpy as np

from pixelmill_kernels._check import BANDS, LEVELS, Array, expect_choice, expect_image
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.histogram import histogram, percentiles
from pixelmill_kernels.lookup import _looked_up
from pixelmill_kernels.standardize import PER
from pixelmill_kernels.window import _expect_bits, _levels_for

__all__ = ["stretch"]


def stretch(
    image: Array,
    low: float = 1.0,
    high: float = 99.0,
    per: str = "image",
    *,
    bits: int = 8,
    out: Array | None = None,
) -> Array:
    """Spread the levels between two percentiles over all levels.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1 to 16 channels, C-contiguous.
    low, high : float, 0 to 100
        In percent of the pixels: what becomes level 0, and what the highest.
    per : "image" or "channel"
        One pair of levels for all channels keeps colours; one for each balances bands.
    bits : int, 1 to 16
        Of the result: its highest level is 2**bits - 1.
    out : uint8 up to 8 bits, uint16 above, of the image's shape, optional

    Returns
    -------
    uint8 or uint16, shape (height, width, channels)
        (level - lower) / (higher - lower) of the highest level, rounded, halves up.  Where both
        percentiles are one level, what lies above it is white and the rest black.
    """
    expect_image(image, LEVELS, channels=BANDS)
    expect_choice(per, PER, "per")
    _expect_bits(bits)
    if not 0 <= low < high <= 100:
        raise ValueError(f"percentiles must be 0 <= low < high <= 100, got {low} and {high}")
    counts = histogram(image)
    ends = percentiles(counts if per == "channel" else counts.sum(axis=0)[None], (low, high))
    tables = np.empty((len(ends), counts.shape[1]), _levels_for(bits))
    for table, (lower, higher) in zip(tables, ends, strict=True):
        _line(lower, higher, (1 << bits) - 1, table)
    return _looked_up(image, tables, out)


@kernel
def _line(lower: float, higher: float, top: int, table: Array) -> None:
    for level in range(table.size):
        if level <= lower:
            table[level] = 0
        elif level >= higher:
            table[level] = top
        else:
            table[level] = int((level - lower) / (higher - lower) * top + 0.5)
