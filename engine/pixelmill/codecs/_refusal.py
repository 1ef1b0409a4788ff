"""Refusals: the many ways in which a decoder says no, made into one."""

import struct
import zlib
from tokenize import TokenError

from PIL import Image

from pixelmill.errors import DecodeError, LimitError

# What Pillow, simplejpeg, NumPy and their C libraries were seen to raise on broken files.  They are
# named one by one so that a mistake of our own in an unforeseen class still shows as what it is.
DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    AssertionError,
    BufferError,
    TokenError,  # of NumPy, which takes a header that it cannot read for one of Python 2
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def refused(format: str, error: BaseException) -> DecodeError | LimitError:
    """The error to raise for what a decoder of `format` raised."""
    if isinstance(error, DecodeError | LimitError):
        return error
    if isinstance(error, Image.DecompressionBombError):  # three plugins ask it before we can
        limit = f"PIL.Image.MAX_IMAGE_PIXELS = {Image.MAX_IMAGE_PIXELS}"
        return LimitError(f"{format} image is more than twice Pillow's own limit, {limit}: {error}")
    if isinstance(error, MemoryError):
        said = f"{format} image cannot be decoded: it asks for too much memory"
        return DecodeError(said, "out_of_memory")
    return DecodeError(f"{format} image cannot be decoded: {_words(error)}")


def broken(format: str, what: str) -> DecodeError:
    """The error for a header that breaks its format's rules."""
    return DecodeError(f"{format} image cannot be decoded: {what}")


def _words(error: BaseException) -> str:
    """One line of plain words; where the decoder fell over instead of speaking, that is said."""
    text = " ".join(str(error).split())[:200]
    if text == "not identified by this driver":  # how Pillow's base class sums up what it caught
        return "its header is broken"
    if isinstance(error, OSError | ValueError | SyntaxError | zlib.error) and text:
        return text
    return f"it is cut short or damaged ({type(error).__name__}: {text})"
