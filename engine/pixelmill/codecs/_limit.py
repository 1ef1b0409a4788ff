"""The limit: what is larger than the job allows is refused before its pixels are allocated."""

from pixelmill.codecs.options import Decode
from pixelmill.errors import LimitError


def within(width: int, height: int, options: Decode) -> None:
    """LimitError where the image holds more than `decode.max_pixels` pixels."""
    if width * height > options.max_pixels:
        raise LimitError(
            f"the image is {width} x {height} = {width * height:,} pixels, more than the limit of "
            f"{options.max_pixels:,}; raise decode.max_pixels to take it"
        )
