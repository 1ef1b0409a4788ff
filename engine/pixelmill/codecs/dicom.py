"""DICOM: images of radiology, through pydicom; gray levels by their own rules, colours as RGB.

Only pixels leave: whatever else a data set says, the patient's name among it, is not written.
"""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from pixelmill.codecs._dicom_header import (
    header_of,
    opened_dicom,
    part_of_pydicom,
    photometric_of,
    tags_of,
)
from pixelmill.codecs._dicom_levels import gray_levels
from pixelmill.codecs._jpeg_header import frame_size
from pixelmill.codecs._limit import within
from pixelmill.codecs._quiet import quiet
from pixelmill.codecs._refusal import broken
from pixelmill.codecs.colors import painted
from pixelmill.codecs.header import Header
from pixelmill.codecs.levels import to_eight_bits
from pixelmill.codecs.options import Decode
from pixelmill.errors import DecodeError

_J2K = b"\xff\x4f\xff\x51"  # SOC and SIZ, with which a JPEG 2000 codestream begins
_SIDES = struct.Struct(">II")
_OPENJPEG = "pip install pylibjpeg pylibjpeg-openjpeg"
_GDCM = "pip install python-gdcm (or pylibjpeg pylibjpeg-libjpeg, which is under the GPL)"
_MENDS = {  # transfer syntaxes that pydicom and Pillow alone do not decode
    "1.2.840.10008.1.2.4.57": _GDCM,
    "1.2.840.10008.1.2.4.70": _GDCM,
    "1.2.840.10008.1.2.4.80": _GDCM,
    "1.2.840.10008.1.2.4.81": _GDCM,
    "1.2.840.10008.1.2.4.201": _OPENJPEG,
    "1.2.840.10008.1.2.4.202": _OPENJPEG,
    "1.2.840.10008.1.2.4.203": _OPENJPEG,
}


__all__ = ["decode", "opened_dicom", "part_of_pydicom", "tags_of"]


def decode(data: bytes, header: Header, options: Decode, notes: list[str]) -> npt.NDArray[Any]:
    """The first frame, (height, width, 1 or 3), of 16 bits only where colours are kept."""
    found = opened_dicom(data, pixels=True)
    with quiet:
        if header_of(found)[:4] != header[:4]:
            raise broken("dicom", "its header was read otherwise before")
        pixels = _stored(found, options)
        if str(found.get("BurnedInAnnotation", "")).upper() == "YES":
            notes.append("burned_in_annotation")
        if pixels.shape[:2] != (header.height, header.width):
            raise broken("dicom", f"it decodes to {pixels.shape}, its header says otherwise")
        if header.color == "rgb":
            return painted(Image.fromarray(_eight(pixels, notes)), header, options, notes)
        kept = options.color == "keep" and options.dicom.bits == 16
        windowed = options.dicom.window != "none"
        deep = header.bits == 16 or windowed
        levels = gray_levels(found, pixels, options.dicom, 16 if kept and deep else 8)
    if header.bits == 16 and levels.dtype == np.uint8:
        notes.append("bits_reduced")
    if options.color != "rgb":
        return levels
    return painted(Image.fromarray(levels[..., 0]), header._replace(bits=8), options, notes)


def _stored(found: Any, options: Decode) -> npt.NDArray[Any]:
    """The stored values of the first frame, (height, width), or (height, width, 3) of colours."""
    pixels = part_of_pydicom("pixels")
    if "PixelData" not in found:
        raise DecodeError("dicom data set holds no pixels; take it out", "no_image")
    syntax = found.file_meta.TransferSyntaxUID
    _expect_decoder(syntax)
    if syntax.is_encapsulated:
        _frame_within(found, options)
    try:
        levels: npt.NDArray[Any] = pixels.pixel_array(found, index=0)
    except RuntimeError as error:  # Pillow's JPEG has 8 bits, and pydicom finds out as it decodes
        if "12-bit" not in str(error):
            raise
        raise _undecodable(syntax, _GDCM, " of 12 bits") from error
    if photometric_of(found) == "PALETTE COLOR":
        levels = pixels.apply_color_lut(levels, found)
    return levels


def _expect_decoder(syntax: Any) -> None:
    """DecodeError, with what to install, where pixels in this transfer syntax cannot be decoded."""
    try:
        if part_of_pydicom("pixels").get_decoder(syntax).is_available:
            return
    except NotImplementedError:
        pass
    mend = _MENDS.get(str(syntax), "convert it, as by `gdcmconv --raw`")
    raise _undecodable(syntax, mend)


def _undecodable(syntax: Any, mend: str, of: str = "") -> DecodeError:
    said = f"its transfer syntax is {syntax.name} ({syntax}){of}"
    return DecodeError(f"dicom image cannot be decoded: {said}; {mend}", "transfer_syntax")


def _frame_within(found: Any, options: Decode) -> None:
    """LimitError where the compressed frame says a larger size than the data set does."""
    frames = header_of(found).frames
    frame = part_of_pydicom("encaps").get_frame(found.PixelData, 0, number_of_frames=frames)
    at = frame.find(_J2K)
    if at >= 0 and len(frame) >= at + 16:
        size: tuple[int, ...] | None = _SIDES.unpack_from(frame, at + 8)
    else:
        size = frame_size(frame) if frame.startswith(b"\xff\xd8") else None
    if size:
        within(size[0], size[1], options, "the frame")


def _eight(pixels: npt.NDArray[Any], notes: list[str]) -> npt.NDArray[np.uint8]:
    """Colours of 8 bits; those of 16 are rounded."""
    if pixels.dtype == np.uint8:
        return pixels
    notes.append("bits_reduced")
    return to_eight_bits(pixels.astype(np.uint16))
