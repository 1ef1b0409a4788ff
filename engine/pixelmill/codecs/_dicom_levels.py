"""DICOM's gray levels: stored values -> modality -> window -> MONOCHROME1's inversion -> scale.

Without a window, levels are what the Modality LUT gives, or else the stored values counted from
their lowest possible one, so that images of a series stay comparable: nothing is lost of 16 bits.

References
----------
DICOM PS3.3, C.7.6.3.1.2, C.11.1 and C.11.2.1.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pixelmill.codecs._dicom_header import photometric_of, table_bits
from pixelmill.codecs._refusal import broken
from pixelmill.codecs.options import Dicom
from pixelmill_kernels.lookup import lookup
from pixelmill_kernels.window import window

_Array = npt.NDArray[Any]
_TOP = 65535


class _Values(NamedTuple):
    """Whole numbers, what their values are, and which of them there may be."""

    levels: _Array
    slope: float
    intercept: float
    lowest: int
    bits: int


class _Line(NamedTuple):
    """A window: values around `center`, `width` wide."""

    center: float
    width: float
    function: str = "linear"


def gray_levels(found: Any, stored: _Array, options: Dicom, most: int) -> _Array:
    """uint8 or uint16 levels (height, width, 1) of stored values (height, width), as asked for.

    `most` is how many bits a level may have.
    """
    values = _modality(found, stored[..., None])
    invert = photometric_of(found) == "MONOCHROME1"
    table = found.get("VOILUTSequence") if options.window in ("voi", "auto") else None
    if table:
        return _by_table(found, values, table[0], most, invert)
    line = _line(found, values, options)
    if line is not None:
        return window(
            values.levels, line.center, line.width, line.function, slope=values.slope,
            intercept=values.intercept, bits=most, invert=invert,
        )  # fmt: skip
    top = (1 << values.bits) - 1
    if values.bits > most:  # all that may be stored, over all levels that there are
        center = values.lowest + top / 2
        return window(values.levels, center, top, "linear_exact", bits=most, invert=invert)
    plain = np.arange(top + 1, dtype=np.uint8 if values.bits <= 8 else np.uint16)
    return lookup(values.levels, top - plain if invert else plain, values.lowest)


def _modality(found: Any, stored: _Array) -> _Values:
    bits, signed = int(found.BitsStored), int(found.get("PixelRepresentation", 0)) == 1
    if stored.dtype not in (np.uint8, np.uint16, np.int16):
        stored = stored.astype(np.int16 if stored.dtype.kind == "i" else np.uint8)
    if found.get("ModalityLUTSequence"):
        item = found.ModalityLUTSequence[0]
        entries, first, deep = _table(found, item)
        return _Values(lookup(stored, entries, first), 1.0, 0.0, 0, deep)
    slope, intercept = found.get("RescaleSlope"), found.get("RescaleIntercept")
    both = slope is not None and intercept is not None
    line = (float(slope), float(intercept)) if both else (1.0, 0.0)
    if line[0] <= 0:
        raise broken("dicom", f"its rescale slope is {line[0]:g}, and above 0 can be read")
    return _Values(stored, *line, -(1 << bits - 1) if signed else 0, bits)


def _line(found: Any, values: _Values, options: Dicom) -> _Line | None:
    """The window that is asked for: given, the file's first one, or from darkest to brightest."""
    if isinstance(options.window, tuple):
        return _Line(*options.window)
    if options.window == "none":
        return None
    center, width = _first(found.get("WindowCenter")), _first(found.get("WindowWidth"))
    if center is not None and width is not None:
        function = str(found.get("VOILUTFunction", "") or "linear").lower()
        return _Line(center, width, function)
    if options.window == "voi":
        return None
    low, high = (float(end) for end in (values.levels.min(), values.levels.max()))
    low, high = (values.slope * end + values.intercept for end in (low, high))
    return _Line((low + high) / 2, (high - low) or 1.0, "linear_exact")


def _first(value: Any) -> float | None:
    """The first of the alternatives that a file offers."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except TypeError:
        return float(value[0]) if len(value) else None


def _by_table(found: Any, values: _Values, item: Any, most: int, invert: bool) -> _Array:
    """A VOI LUT, whose own depth is spread over all levels."""
    entries, first, deep = _table(found, item)
    top = (1 << most) - 1
    levels = np.floor(entries / ((1 << deep) - 1) * top + 0.5)
    levels = (top - levels if invert else levels).astype(np.uint8 if most <= 8 else np.uint16)
    if (values.slope, values.intercept) == (1.0, 0.0):
        return lookup(values.levels, levels, first)
    every = values.lowest + np.arange(1 << values.bits)
    places = np.rint(every * values.slope + values.intercept).astype(np.int64) - first
    return lookup(values.levels, levels[np.clip(places, 0, len(levels) - 1)], values.lowest)


def _table(found: Any, item: Any) -> tuple[npt.NDArray[np.uint16], int, int]:
    """(entries, the value that the first one is for, bits of an entry)."""
    count, first, _ = (int(one) for one in item.LUTDescriptor)
    count, bits, data = count or _TOP + 1, table_bits(item), item.LUTData
    if not isinstance(data, bytes):
        entries = np.atleast_1d(np.asarray(data, np.uint16))
    elif bits == 8 and len(data) < 2 * count:
        entries = np.frombuffer(data, np.uint8).astype(np.uint16)
    else:
        order = "<" if found.original_encoding[1] else ">"
        entries = np.frombuffer(data[: len(data) // 2 * 2], f"{order}u2").astype(np.uint16)
    if not 1 <= bits <= 16 or len(entries) < count:
        raise broken("dicom", f"a table of {count} entries of {bits} bits holds {len(entries)}")
    return np.minimum(entries[:count], (1 << bits) - 1), first, bits
