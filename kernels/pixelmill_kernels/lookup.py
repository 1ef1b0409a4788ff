"""Lookup: each level replaced by what a table says of it."""

import numpy as np

from pixelmill_kernels._check import BANDS, LEVELS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel

__all__ = ["lookup"]

STORED = (*LEVELS, np.dtype(np.int16))  # as CT scanners store them


def lookup(image: Array, table: Array, first: int = 0, out: Array | None = None) -> Array:
    """Replace levels, as a Modality or VOI LUT of DICOM does (PS3.3 C.11.1.1, C.11.2.1.1).

    Parameters
    ----------
    image : uint8, uint16 or int16, shape (height, width, channels)
        1 to 16 channels, C-contiguous.
    table : uint8 or uint16, shape (entries,)
        Entry n stands for level `first` + n.  Lower levels take the first entry, higher ones the
        last.
    first : int
    out : array of the table's dtype, shape (height, width, channels), optional

    Returns
    -------
    array of the table's dtype, shape (height, width, channels)

    Raises
    ------
    TypeError, ValueError
        A shape, dtype or layout other than the above, or an empty table.
    """
    expect_image(image, STORED, channels=BANDS)
    if not isinstance(table, np.ndarray):
        raise TypeError(f"table must be a NumPy array, got {type(table).__name__}")
    if table.ndim != 1 or table.size == 0 or table.dtype not in LEVELS:
        raise ValueError(
            "table must be uint8 or uint16 of shape (entries,) and not be empty, "
            f"got {table.dtype} of shape {table.shape}"
        )
    places = np.clip(_levels_of(image.dtype) - first, 0, table.size - 1)
    return _looked_up(image, table[places][None], out)


def _levels_of(dtype: np.dtype[np.generic]) -> Array:
    """Every level of a dtype in the order of its bits, as int64: of int16 0, 1 ... -2, -1."""
    bits = np.arange(1 << (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    return bits.view(dtype).astype(np.int64)


def _looked_up(image: Array, tables: Array, out: Array | None) -> Array:
    """`image`, checked, by a full table for all channels or one for each, in the order of bits."""
    out = expect_out(out, image.shape, tables.dtype, image)
    source = for_reading(image).view(f"u{image.itemsize}").reshape(-1)
    if len(tables) == 1:
        _look_up(source, tables[0], out.reshape(-1))
    else:
        _look_up_bands(source, tables, out.reshape(-1))
    return out


@kernel
def _look_up(source: Array, table: Array, target: Array) -> None:
    for i in range(source.size):
        target[i] = table[source[i]]


@kernel
def _look_up_bands(source: Array, tables: Array, target: Array) -> None:
    bands = tables.shape[0]
    for i in range(source.size // bands):
        for c in range(bands):
            at = np.uint64(i * bands + c)  # without a sign: no test for it
            target[at] = tables[c, source[at]]
