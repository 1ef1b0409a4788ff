"""JPEG: libjpeg-turbo through simplejpeg, which releases the GIL.

CMYK and YCCK.  Adobe's programs store ink inverted (255 is no ink) and others follow them, so, as
in Pillow and the browsers, every four-component JPEG is read that way.  YCCK becomes CMYK in
libjpeg-turbo; then, of the inverted levels as stored, R = C K / 255, G = M K / 255, B = Y K / 255.

A JPEG's gray is its Y: color "gray" decodes that plane alone, as Pillow's draft("L") does, instead
of weighing the decoded R, G and B, which differs by rounding and where RGB was clipped.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image

from pixelmill.codecs import pillow
from pixelmill.codecs._limit import few_scans
from pixelmill.codecs._opened import opened
from pixelmill.codecs._quiet import quiet
from pixelmill.codecs._refusal import broken
from pixelmill.codecs._room import room
from pixelmill.codecs.colors import painted
from pixelmill.codecs.header import Header
from pixelmill.codecs.options import Decode
from pixelmill.errors import DecodeError

# libjpeg's warnings (jerror.h) after which pixels are gray or guessed.  Its other warnings, such as
# extraneous bytes or a bad ICC marker, cost no pixel; and after "Premature end of JPEG file" only
# the end marker may be missing, which Pillow tells apart from missing pixels.
_LOST = ("premature end of data segment", "bad Huffman code", "instead of RST")


def decode(
    data: bytes, header: Header, options: Decode, least: tuple[int, int] | None, notes: list[str]
) -> npt.NDArray[Any]:
    """The stored pixels in the colours of `options`; `least` is that of the stored image."""
    if header.progressive:
        few_scans(data, options)
    factor = 1 if least is None else scale_factor(header.height, header.width, *least)
    plain = header.color in ("gray", "rgb") and not header.icc
    colorspace = _colorspace(header, options, plain or options.icc == "ignore")
    try:
        levels = _strict(data, header, colorspace, factor)
    except ValueError as error:
        if isinstance(error, DecodeError) or any(words in str(error) for words in _LOST):
            raise
        return pillow.decode(data, header, options, notes)  # the second opinion, at full scale
    if factor > 1:
        notes.append("scaled_decode")
    if colorspace == "CMYK" or (header.icc and options.icc == "srgb"):
        return painted(_image(levels, data, header), header, options, notes)
    if header.icc:
        notes.append("icc_ignored")
    if header.color == "gray" and options.color == "rgb":
        notes.append("gray_expanded")
    return levels


def scale_factor(height: int, width: int, least_height: int, least_width: int) -> int:
    """8, 4 or 2 where the image decoded at 1/factor is still large enough, otherwise 1."""
    if max(height, width) < 8:  # two scales may give one size, and either be taken
        return 1
    for factor in (8, 4, 2):
        if -(-height // factor) >= least_height and -(-width // factor) >= least_width:
            return factor
    return 1


def _colorspace(header: Header, options: Decode, ignore_icc: bool) -> str:
    """What libjpeg-turbo is asked for; it repeats gray as RGB, and takes Y for gray, at no cost."""
    if header.color in ("cmyk", "ycck"):
        return "CMYK"
    if not ignore_icc or options.color == "keep":
        return "GRAY" if header.color == "gray" else "RGB"
    return "GRAY" if options.color == "gray" else "RGB"


def _strict(data: bytes, header: Header, colorspace: str, factor: int) -> npt.NDArray[np.uint8]:
    """Decode at exactly 1/factor; ValueError on anything odd.

    simplejpeg takes the smallest n/8 scale of at least a given size.  Asked for the size that
    1/factor gives, ceil(side / factor), it can only take that: from 8 pixels on, (n - 1)/8 is
    smaller.
    """
    height, width = -(-header.height // factor), -(-header.width // factor)
    channels = {"GRAY": 1, "CMYK": 4}.get(colorspace, 3)
    levels: npt.NDArray[np.uint8] = simplejpeg.decode_jpeg(
        data, colorspace, min_height=height, min_width=width, buffer=room(height * width * channels)
    )
    if levels.shape[:2] != (height, width):
        raise broken("jpeg", f"it decodes to {levels.shape[:2]}, its header says {(height, width)}")
    return levels


def _image(levels: npt.NDArray[np.uint8], data: bytes, header: Header) -> Image.Image:
    height, width, channels = levels.shape
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[channels]
    stored = "CMYK;I" if channels == 4 else mode
    image = Image.frombuffer(mode, (width, height), levels, "raw", stored, 0, 1)
    if header.icc:
        with quiet:
            image.info["icc_profile"] = opened(data, "jpeg").info.get("icc_profile")
    return image
