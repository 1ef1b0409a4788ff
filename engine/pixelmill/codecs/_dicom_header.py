"""The DICOM header: the tags of a data set that say what its image is; its pixels are not read."""

from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from pixelmill.codecs._quiet import quiet
from pixelmill.codecs._refusal import broken
from pixelmill.codecs.header import Header
from pixelmill.errors import DecodeError

GRAY = frozenset(("MONOCHROME1", "MONOCHROME2"))
COLORS = frozenset(
    ("RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_420")
)
# Explicit VR little endian, deflated: pydicom inflates all of it at once, however much that is.
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_META_BYTES = 2048
# Where a table of values may stand, what it makes of levels is as deep as it says.
_TABLE = "ModalityLUTSequence"


def opened_dicom(data: bytes, *, pixels: bool) -> Any:
    """The data set, with or without its pixels; DecodeError where it cannot be one."""
    if _DEFLATED in data[:_META_BYTES]:
        raise DecodeError(
            "dicom image is deflated as a whole (1.2.840.10008.1.2.1.99), which has no limit; "
            "inflate it, as by `dcmconv +te`",
            "transfer_syntax",
        )
    pydicom = part_of_pydicom()
    try:
        with quiet:
            return pydicom.dcmread(BytesIO(data), stop_before_pixels=not pixels)
    except pydicom.errors.InvalidDicomError as error:
        raise broken("dicom", str(error)) from error


def part_of_pydicom(name: str = "") -> Any:
    """The package that reads DICOM, or a module of it; DecodeError where it is not installed."""
    try:
        return import_module(f"pydicom.{name}" if name else "pydicom")
    except ImportError:
        raise DecodeError(
            "reading DICOM needs a package that is not installed: pip install 'pixelmill[dicom]'",
            "missing_codec",
        ) from None


def read_dicom(data: bytes) -> Header:
    """Size, colours, depth and frames; DecodeError where there is no image, or one of no use."""
    found = opened_dicom(data, pixels=False)
    with quiet:
        return header_of(found)


def header_of(found: Any) -> Header:
    photometric = photometric_of(found)
    if "Rows" not in found or "Columns" not in found:
        kind = found.get("Modality", "") or "no modality"
        raise DecodeError(f"dicom data set holds no image ({kind}); take it out", "no_image")
    gray = photometric in GRAY
    if not gray and photometric not in COLORS:
        raise broken("dicom", f"its photometric interpretation is {photometric!r}")
    allocated, stored = int(found.BitsAllocated), int(found.get("BitsStored", found.BitsAllocated))
    if allocated not in (1, 8, 16) or not 1 <= stored <= allocated:
        raise broken("dicom", f"{stored} of {allocated} bits hold a level; 1, 8 and 16 are read")
    deep = gray and (stored > 8 or (found.get(_TABLE) and table_bits(found[_TABLE].value[0]) > 8))
    frames = max(1, int(found.get("NumberOfFrames", 1) or 1))
    color, channels = ("gray", 1) if gray else ("rgb", 3)
    width, height = int(found.Columns), int(found.Rows)
    return Header("dicom", width, height, color, channels, 16 if deep else 8, frames=frames)


def photometric_of(found: Any) -> str:
    return str(found.get("PhotometricInterpretation", "")).strip()


def table_bits(item: Any) -> int:
    """How deep the entries of a table are."""
    return int(item.LUTDescriptor[2])


def tags_of(found: Any, keywords: Sequence[str]) -> dict[str, Any]:
    """The tags of these keywords that a data set has: numbers, texts, or lists of them."""
    with quiet:
        tags = {name: found.get(name) for name in keywords}
    return {name: _plain(value) for name, value in tags.items() if value not in (None, "")}


def _plain(value: Any) -> Any:
    if isinstance(value, int | float):
        number = float(value)
        return int(value) if number.is_integer() else number
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(one) for one in value]
    return str(value)
