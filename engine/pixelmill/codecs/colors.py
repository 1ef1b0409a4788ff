"""Colors: from the many colour models of files to gray, RGB or RGBA."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from pixelmill.codecs.header import Header
from pixelmill.codecs.icc import to_srgb
from pixelmill.codecs.options import Decode

_KEPT = {1: "L", 3: "RGB", 4: "RGBA"}
_PLAIN = {"1": "L", "PA": "RGBA", "RGBX": "RGB", "RGBa": "RGBA", "La": "LA", "YCbCr": "RGB"}


def straight(image: Image.Image) -> Image.Image:
    """The image in mode L, LA, RGB, RGBA or CMYK, a transparent colour turned into alpha."""
    profile = image.info.get("icc_profile")
    if "transparency" in image.info or image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode in _PLAIN:
        image = image.convert(_PLAIN[image.mode])
    image.info["icc_profile"] = profile
    return image


def painted(
    image: Image.Image, header: Header, options: Decode, notes: list[str]
) -> npt.NDArray[np.uint8]:
    """(height, width, channels) in the colours of `options`; what was done goes to `notes`."""
    if header.bits == 16:
        notes.append("bits_reduced")
    image = _in_srgb(image, options, notes)
    if image.mode == "CMYK":
        notes.append("cmyk_converted")
        image = image.convert("RGB")
    if options.color == "keep":
        wanted = _KEPT[header.channels]
    else:
        wanted = "RGB" if options.color == "rgb" else "L"
        image = _flattened(image, options, notes)
        if image.mode == "L" and wanted == "RGB":
            notes.append("gray_expanded")
    if image.mode != wanted:
        image = image.convert(wanted)
    return as_levels(image)


def as_levels(image: Image.Image) -> npt.NDArray[Any]:
    """A writable (height, width, channels) array of a Pillow image's levels."""
    levels = np.array(image)
    return levels[..., None] if levels.ndim == 2 else levels


def _in_srgb(image: Image.Image, options: Decode, notes: list[str]) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    if options.icc == "ignore":
        notes.append("icc_ignored")
        return image
    converted = to_srgb(image, profile)
    if converted is None:
        notes.append("icc_broken")
        return image
    if image.mode == "CMYK":
        notes.append("cmyk_converted")
    notes.append("icc_converted")
    return converted


def _flattened(image: Image.Image, options: Decode, notes: list[str]) -> Image.Image:
    """Laid on the background: c * a + b * (1 - a) in each channel; gray stays gray on gray."""
    if image.mode not in ("LA", "RGBA"):
        return image
    notes.append("alpha_flattened")
    background = Image.new("RGBA", image.size, background_of(options.background))
    return Image.alpha_composite(background, image.convert("RGBA")).convert("RGB")


@lru_cache(maxsize=32)
def background_of(name: str) -> tuple[int, ...]:
    """The opaque (r, g, b, 255) of a colour's name; ValueError where there is none."""
    return (*ImageColor.getrgb(name)[:3], 255)
