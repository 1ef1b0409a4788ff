"""Opening: the one door to Pillow, which knows the format already and asks for that plugin alone.

`Image.open` is not used.  It would try every registered plugin on hostile bytes, and it compares
the size with `Image.MAX_IMAGE_PIXELS`, a global of the whole process: raising that for us would
take the guard away from everyone else in it, and leaving it would cap `decode.max_pixels`.  Our own
limit is checked on the header before a plugin is called, so the classes are called directly.
"""

from importlib import import_module
from io import BytesIO

from PIL import Image, ImageFile, features

from pixelmill.errors import DecodeError

_PLUGINS = {  # format: Pillow's module and class, and the feature that it needs
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile", "jpg"),
    "png": ("PIL.PngImagePlugin", "PngImageFile", "zlib"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile", "webp"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile", None),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile", None),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile", None),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile", "avif"),
}


def opened(data: bytes, format: str) -> Image.Image:
    """The image behind `data`, its pixels not read yet."""
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        # Another part of the process asked Pillow to fill what is missing with gray, silently.
        raise DecodeError(
            f"{format} image cannot be decoded safely: PIL.ImageFile.LOAD_TRUNCATED_IMAGES is set "
            "in this process, so that cut files would pass as whole; set it to False"
        )
    if format == "heif":
        return _heif(data)
    module, name, feature = _PLUGINS[format]
    if feature is not None and not features.check(feature):
        mend = "pip install --upgrade pillow"
        raise DecodeError(f"this Pillow is built without {format}: {mend}", "missing_codec")
    image: Image.Image = getattr(import_module(module), name)(BytesIO(data))
    return image


def _heif(data: bytes) -> Image.Image:
    try:
        heif = import_module("pi_heif")
    except ImportError:
        raise DecodeError(
            "reading HEIF needs a package that is not installed: pip install 'pixelmill[heif]'",
            "missing_codec",
        ) from None
    image: Image.Image = heif.HeifImageFile(BytesIO(data))
    return image
