"""Headers through Pillow's lazy open, for formats too rare or too wide to parse by hand."""

from PIL import Image

from pixelmill.codecs._opened import opened
from pixelmill.codecs._quiet import quiet
from pixelmill.codecs._refusal import broken
from pixelmill.codecs.exif import orientation
from pixelmill.codecs.header import Header

_WIDTH, _HEIGHT, _BITS, _ORIENTATION, _SAMPLES = 256, 257, 258, 274, 277  # TIFF 6.0
# What Pillow says of bands that it has no mode for.
_NO_MODE = ("unknown pixel mode", "Invalid value for samples per pixel")
_AS_ARRAY = "make it an array with bands last (numpy.save, .npy), which may have up to 16"

_COLORS = {  # Pillow's mode: stored colours, channels when kept, whether alpha is stored
    "1": ("gray", 1, False),
    "L": ("gray", 1, False),
    "I;16": ("gray", 1, False),
    "I;16B": ("gray", 1, False),
    "LA": ("gray+alpha", 4, True),
    "P": ("palette", 3, False),
    "PA": ("palette", 4, True),
    "RGB": ("rgb", 3, False),
    "RGBX": ("rgb", 3, False),
    "RGBA": ("rgba", 4, True),
    "RGBa": ("rgba", 4, True),
    "CMYK": ("cmyk", 3, False),
    "YCbCr": ("ycbcr", 3, False),
}
_REFUSED = {
    "F": "its levels are floats, which have no agreed white; store 8- or 16-bit levels",
    "I": "its levels are signed or 32-bit integers; store 8- or 16-bit levels",
    "LAB": "its colours are CIE Lab; store RGB",
}


def read_bmp(data: bytes) -> Header:
    """Size and colours of a BMP."""
    with quiet:
        return _described(opened(data, "bmp"), "bmp")


def read_tiff(data: bytes) -> Header:
    """Size, colours, orientation of a TIFF's first page, and whether there are more pages."""
    with quiet:
        image = _opened_tiff(data)
        tags = image.tag_v2  # type: ignore[attr-defined]
        _expect_all_bands(image, tags.get(_SAMPLES, 1))
        header = _described(image, "tiff")
    bits = tags.get(_BITS, (1,))
    turn = tags.get(_ORIENTATION, 1)
    return header._replace(
        width=int(tags[_WIDTH]),  # Pillow's own size is turned already
        height=int(tags[_HEIGHT]),
        bits=16 if max(bits if isinstance(bits, tuple) else (bits,)) > 8 else 8,
        orientation=turn if turn in range(1, 9) else 1,
    )


def _opened_tiff(data: bytes) -> Image.Image:
    try:
        return opened(data, "tiff")
    except SyntaxError as error:
        if str(error) in _NO_MODE:
            raise broken("tiff", f"its bands are neither gray nor colours; {_AS_ARRAY}") from error
        raise


def _expect_all_bands(image: Image.Image, samples: int) -> None:
    """DecodeError where Pillow would leave bands out, without a word: those of unnamed meaning."""
    bands = len(image.getbands())
    if samples > bands:
        what = f"it has {samples} bands, of which {bands} would be read as {image.mode}"
        raise broken("tiff", f"{what} and the others lost; {_AS_ARRAY}")


def read_avif(data: bytes) -> Header:
    """Size, alpha, frames of an AVIF, and its turn, which Pillow hands on as EXIF."""
    with quiet:
        image = opened(data, "avif")
        header = _described(image, "avif")
    exif = image.info.get("exif", b"")
    return header._replace(orientation=orientation(exif, 6 if exif.startswith(b"Exif\0\0") else 0))


def read_heif(data: bytes) -> Header:
    """Size, alpha and frames of a HEIF; libheif turns the pixels itself."""
    with quiet:
        return _described(opened(data, "heif"), "heif")


def _described(image: Image.Image, format: str) -> Header:
    if image.mode not in _COLORS:
        raise broken(
            format, _REFUSED.get(image.mode, f"its pixels are of Pillow's mode {image.mode}")
        )
    color, channels, alpha = _COLORS[image.mode]
    if "transparency" in image.info:
        channels, alpha = 4, True
    frames = 2 if getattr(image, "is_animated", False) else 1
    icc, (width, height) = bool(image.info.get("icc_profile")), image.size
    return Header(format, width, height, color, channels, 8, 1, frames, icc, alpha)
