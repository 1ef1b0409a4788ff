"""Header: what an image says of itself before any of its pixels are read."""

from typing import NamedTuple

from pixelmill.codecs.options import Decode


class Header(NamedTuple):
    """The facts of an encoded image.

    `width` and `height` are those of the stored pixels, before the EXIF orientation.  `color` is
    the stored model: "gray", "gray+alpha", "rgb", "rgba", "palette", "cmyk", "ycck", "bands" (those
    of an array) or Pillow's name of a rarer one.  `channels` (1, 3 or 4, of bands up to 16) is what
    `decode` makes of it when colours are kept.  `bits` is 16 where a level takes more than 8 bits,
    32 where it is a float, otherwise 8.  `orientation` is EXIF's 1..8.
    `frames` is 1, or more for an animation or several pages; 2 may stand for "more than one".
    """

    format: str
    width: int
    height: int
    color: str
    channels: int
    bits: int = 8
    orientation: int = 1
    frames: int = 1
    icc: bool = False
    alpha: bool = False
    progressive: bool = False

    def displayed(self, options: Decode) -> tuple[int, int]:
        """(height, width) as `decode` will show the image under these options, at full scale."""
        if self.orientation >= 5 and options.orientation == "apply":
            return self.width, self.height
        return self.height, self.width


def faithful(header: Header, options: Decode) -> bool:
    """True where decoding would change nothing, so that the encoded bytes may be passed through.

    With color "keep" the stored levels count as they are: a palette, 16 bits and alpha stay.  With
    "rgb" or "gray" the bytes must hold exactly that, in 8 bits.  DICOM is never passed through: its
    levels mean something only by its tags, and those tell who the patient is.
    """
    if header.format == "dicom":
        return False
    if header.orientation != 1 and options.orientation == "apply":
        return False
    if header.frames > 1 or (header.icc and options.icc == "srgb"):
        return False
    if options.color == "keep":
        return header.color in _KEPT
    return header.color == options.color and header.bits == 8 and not header.alpha


_KEPT = ("gray", "gray+alpha", "rgb", "rgba", "palette", "bands")
