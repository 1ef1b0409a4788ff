"""The limits: what is larger than the job allows is refused before its pixels are allocated."""

from pixelmill.codecs.options import Decode
from pixelmill.errors import LimitError

_SCAN = b"\xff\xda"  # JPEG's start of scan; within a scan's own bytes 0xFF is followed by 0


def within(width: int, height: int, options: Decode, what: str = "the image") -> None:
    """LimitError where the image holds more than `decode.max_pixels` pixels."""
    if width * height > options.max_pixels:
        raise LimitError(
            f"{what} is {width} x {height} = {width * height:,} pixels, more than the limit of "
            f"{options.max_pixels:,}; raise decode.max_pixels to take it"
        )


def few_scans(data: bytes, options: Decode) -> None:
    """LimitError where a progressive JPEG has more than `decode.max_scans` scans.

    Each of them, though it be 14 bytes long, makes libjpeg pass over all of the image again.
    """
    scans = data.count(_SCAN)
    if scans > options.max_scans:
        raise LimitError(
            f"the progressive JPEG has {scans:,} scans, more than the limit of "
            f"{options.max_scans:,}; raise decode.max_scans to take it",
            "too_many_scans",
        )
