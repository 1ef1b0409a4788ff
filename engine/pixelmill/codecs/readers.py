"""Readers: an image's header, whichever format it is in, without allocating a pixel."""

from collections.abc import Callable

from pixelmill.codecs import _pillow_header, array
from pixelmill.codecs._dicom_header import read_dicom
from pixelmill.codecs._gif_header import read_gif
from pixelmill.codecs._jpeg_header import read_jpeg
from pixelmill.codecs._png_header import read_png
from pixelmill.codecs._refusal import DECODER_ERRORS, broken, refused
from pixelmill.codecs._webp_header import read_webp
from pixelmill.codecs.header import Header
from pixelmill.codecs.sniff import sniff
from pixelmill.errors import DecodeError

# By hand where every sample pays for it (JPEG, PNG) or where Pillow allocates pixels as it opens
# (WebP, GIF); Pillow's lazy open reads the others.
_READERS: dict[str, Callable[[bytes], Header]] = {
    "jpeg": read_jpeg,
    "png": read_png,
    "webp": read_webp,
    "gif": read_gif,
    "tiff": _pillow_header.read_tiff,
    "bmp": _pillow_header.read_bmp,
    "avif": _pillow_header.read_avif,
    "heif": _pillow_header.read_heif,
    "npy": array.read_npy,
    "dicom": read_dicom,
}


def peek(data: bytes) -> Header:
    """The header of encoded bytes; DecodeError where there is none to be read."""
    format = sniff(data)
    if format is None:
        raise _unknown(data)
    try:
        header = _READERS[format](data)
    except DECODER_ERRORS as error:
        raise refused(format, error) from error
    if header.width < 1 or header.height < 1:
        raise broken(format, f"its size is {header.width} x {header.height}")
    return header


def _unknown(data: bytes) -> DecodeError:
    start = f"it begins with {data[:8]!r}" if data else "it is empty"
    known = ", ".join(_READERS)
    return DecodeError(
        f"not an image of a known format: {start}; known are {known}", "unknown_format"
    )
