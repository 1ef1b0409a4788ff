"""ICC: levels from the embedded profile's colours to sRGB, by Little CMS."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms, features

from pixelmill.errors import DecodeError


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """An "L", "LA", "RGB", "RGBA" or "CMYK" image in sRGB; None where the profile is broken.

    Perceptual intent, as in Pillow's own functions.  Gray stays gray, alpha stays as it is.
    """
    if not features.check("littlecms2"):
        mend = "pip install --upgrade pillow, or decode.icc: ignore"
        raise DecodeError(f"this Pillow is built without Little CMS: {mend}", "missing_codec")
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colors = image.convert(image.mode[:-1]) if alpha else image
    try:
        converted: Image.Image = _transform(profile, colors.mode).apply(colors)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # no profile, or of other colours
        return None
    if colors.mode == "L":
        converted = converted.convert("L")
    if alpha:
        converted.putalpha(alpha)
    return converted


# Building a transform costs milliseconds, and a dataset holds few profiles.  Little CMS copies the
# state that applying a transform changes, so that threads may share one.
@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.ImageCmsTransform(source, srgb, mode, "RGB")
