"""What a job may ask of decoding and encoding."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

# 200 megapixels hold every camera's photograph; as RGB that is 600 MB, a worker's whole memory.
MAX_PIXELS = 200_000_000
# Encoders write about ten; 500 is what libjpeg-turbo's own fuzzers stop at.
MAX_SCANS = 500


@dataclass(frozen=True, slots=True)
class Dicom:
    """From the values of a gray DICOM image to levels.

    `window`: "none" keeps what the Modality LUT gives, or the stored values counted from their
    lowest possible one; [center, width] is one in its units; "voi" is the file's own first VOI LUT
    or window, none where it has none; "auto" then reaches from its darkest to its brightest value.
    `bits`: of a level, where colours are kept; 8 where gray or RGB is asked for.  The values that a
    window shows, or all that may be stored, are spread over them.
    """

    window: Literal["none", "voi", "auto"] | tuple[float, float] = "none"
    bits: Literal[8, 16] = 16

    def __post_init__(self) -> None:
        if isinstance(self.window, tuple) and not self.window[1] >= 1:
            raise ValueError(f"the width of a window must be 1 or more, got {self.window[1]}")


@dataclass(frozen=True, slots=True)
class Decode:
    """From bytes to pixels.

    `color`: "rgb", "gray", or "keep" (gray, RGB, RGBA or the bands of an array, 8 or 16 bits or
    floats, as stored).
    `background`: the colour that transparent pixels are laid on ("white", "#rrggbb"), without keep.
    `orientation`: "apply" turns the pixels as the EXIF tag says, "ignore" leaves them as stored.
    `icc`: "ignore" leaves the levels as stored, "srgb" converts them from the embedded profile.
    `animation`: "first" takes the first frame, "refuse" sends the sample to quarantine.
    `scale`: "auto" decodes a JPEG at 1/2, 1/4 or 1/8 while it stays at least twice the size that
    the first resize asks for; "exact" always decodes at full scale.
    `max_pixels`: a larger image goes to quarantine before its pixels are allocated.  An AVIF whose
    container lies about its size is the exception: libavif decodes up to its own limit, 268
    megapixels, and scales to what the container says; Pillow gives no way to lower that.
    `max_scans`: so does a progressive JPEG of more scans, each of which is a pass over all of it.
    `dicom`: how the values of DICOM images become levels.
    `verify`: decode an image even where it is passed through byte for byte, to find broken ones.
    """

    color: Literal["rgb", "gray", "keep"] = "rgb"
    background: str = "white"
    orientation: Literal["apply", "ignore"] = "apply"
    icc: Literal["ignore", "srgb"] = "ignore"
    animation: Literal["first", "refuse"] = "first"
    scale: Literal["auto", "exact"] = "auto"
    max_pixels: Annotated[int, Ge(1)] = MAX_PIXELS
    max_scans: Annotated[int, Ge(1)] = MAX_SCANS
    dicom: Dicom = Dicom()
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Encode:
    """From pixels to bytes.

    `format`: "jpeg", "png", "webp", "npy", or "keep" (as the source: jpeg, png and webp stay,
    others become png).  `quality` is that of JPEG and WebP; WebP takes `lossless` too.
    `subsampling` is JPEG's chroma.  `dtype` and `layout` are those of npy: levels of 8 or 16 bits,
    floats as they come, or levels / full scale where no transform made floats of them.
    """

    format: Literal["jpeg", "png", "webp", "npy", "keep"] = "jpeg"
    quality: Annotated[int, Ge(1), Le(100)] = 90
    subsampling: Literal["420", "422", "444"] = "420"
    lossless: bool = False
    dtype: Literal["uint8", "uint16", "float16", "float32"] = "uint8"
    layout: Literal["hwc", "chw"] = "hwc"
