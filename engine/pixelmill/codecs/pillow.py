"""Pillow: every format that is not a plain JPEG, and every colour model on its way to ours."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from pixelmill.codecs._limit import within
from pixelmill.codecs._opened import opened
from pixelmill.codecs._quiet import quiet
from pixelmill.codecs._refusal import broken
from pixelmill.codecs.colors import painted, straight
from pixelmill.codecs.header import Header
from pixelmill.codecs.levels import to_eight_bits
from pixelmill.codecs.options import Decode
from pixelmill.codecs.orient import unturned

_PHOTOMETRIC, _BITS, _TILE_WIDTH, _TILE_HEIGHT = 262, 258, 322, 323  # TIFF 6.0
_MIN_IS_WHITE = 0


def decode(data: bytes, header: Header, options: Decode, notes: list[str]) -> npt.NDArray[Any]:
    """The stored pixels of the first frame, in the colours that `options` ask for."""
    with quiet:
        image = opened(data, header.format)
        within(*image.size, options)  # a crafted file may tell Pillow another size than it told us
        tags = dict(getattr(image, "tag_v2", {}))
        _tile_within(tags, options)
        image.load()
    if image.mode.startswith("I;16"):
        pixels = _deep(image, header, options, notes, tags)
    else:
        pixels = painted(straight(image), header, options, notes)
    if header.format == "tiff":  # Pillow turns these itself; here everyone gets stored pixels
        pixels = unturned(pixels, header.orientation)
    _expect_size(pixels, header)
    return pixels


def _expect_size(pixels: npt.NDArray[Any], header: Header) -> None:
    """DecodeError where a crafted file told us another size: what follows the image believed it."""
    height, width = pixels.shape[:2]
    if (height, width) != (header.height, header.width):
        told = f"its header tells {header.width} x {header.height} pixels"
        raise broken(header.format, f"{told}, and those found are {width} x {height}")


def _tile_within(tags: dict[int, Any], options: Decode) -> None:
    """LimitError for a TIFF of one huge tile: libtiff unpacks it whole, however small the image."""
    width, height = tags.get(_TILE_WIDTH), tags.get(_TILE_HEIGHT)
    if isinstance(width, int) and isinstance(height, int):
        within(width, height, options, "a tile of the image")


def _deep(
    image: Image.Image, header: Header, options: Decode, notes: list[str], tags: dict[int, Any]
) -> npt.NDArray[Any]:
    """16-bit gray: kept as it is, or rounded to 8 bits where other colours are asked for."""
    levels: npt.NDArray[np.uint16] = np.array(image, np.uint16)  # native byte order, and writable
    if tags.get(_BITS) == (12,):
        levels = (levels << 4 | levels >> 8).astype(np.uint16)
    if tags.get(_PHOTOMETRIC) == _MIN_IS_WHITE:
        levels = ~levels
    key = image.info.get("transparency")
    if options.color == "keep" and key is None:
        if header.icc:
            notes.append("icc_ignored")  # Little CMS is reached through 8-bit modes only
        return levels[..., None]
    notes.append("bits_reduced")
    gray = Image.fromarray(to_eight_bits(levels))
    if isinstance(key, int):
        gray.putalpha(Image.fromarray(np.where(levels == key, np.uint8(0), np.uint8(255))))
    gray.info["icc_profile"] = image.info.get("icc_profile")
    return painted(gray, header._replace(bits=8), options, notes)
