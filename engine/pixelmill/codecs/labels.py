"""Labels: PNG masks whose levels are names; read and written as stored, a palette's numbers too."""

import io
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from pixelmill.codecs._limit import within
from pixelmill.codecs._opened import opened
from pixelmill.codecs._refusal import DECODER_ERRORS, refused
from pixelmill.codecs.options import Decode
from pixelmill.codecs.readers import peek
from pixelmill.errors import DecodeError

_MODES = ("L", "P", "I;16", "RGB", "RGBA")


class Labels(NamedTuple):
    """uint8 or uint16, (height, width, 1, 3 or 4 channels), and a palette's bytes."""

    levels: npt.NDArray[Any]
    palette: bytes | None


def read_labels(data: bytes, options: Decode, name: str) -> Labels:
    """The mask in a PNG; DecodeError, which calls it `name`, where there is none."""
    try:
        header = peek(data)
        if header.format != "png":
            raise DecodeError(f"{name} is a {header.format}, not a png", "mask_broken")
        within(header.width, header.height, options, name)
        image = opened(data, "png")
        if image.mode not in _MODES:
            raise DecodeError(f"{name} is of mode {image.mode}, not one of {_MODES}", "mask_broken")
        image.load()
    except DECODER_ERRORS as error:
        raise refused(name, error) from error
    levels = np.array(image)
    palette = image.palette.tobytes() if image.mode == "P" and image.palette else None
    return Labels(levels.reshape(*levels.shape[:2], -1), palette)


def write_labels(labels: Labels) -> bytes:
    """The PNG of a mask."""
    levels = labels.levels
    image = Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
    if labels.palette is not None:
        image.putpalette(labels.palette)  # makes it one of mode P
    out = io.BytesIO()
    image.save(out, "png")
    return out.getvalue()
