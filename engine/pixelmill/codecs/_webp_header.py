"""The WebP header, by hand: Pillow's decoder allocates the canvas as soon as it opens a file."""

from collections.abc import Iterator
from struct import Struct

from pixelmill.codecs._refusal import broken
from pixelmill.codecs.exif import orientation
from pixelmill.codecs.header import Header

_CHUNK = Struct("<4sI")


def read_webp(data: bytes) -> Header:
    """Size, alpha, frames and EXIF orientation, in either layout (RFC 9649).

    libwebp takes the canvas from the first VP8X, if that comes first of all, and allocates it on
    opening; whatever else states a size can only be believed where it is larger.
    """
    width = height = frames = 0
    turn, icc, alpha = 1, False, False
    for name, start, size in _chunks(data):
        if name in (b"VP8 ", b"VP8L") and not width:
            width, height, alpha = (_lossy if name == b"VP8 " else _lossless)(data, start)
        elif name == b"VP8X" and width:
            raise broken("webp", "it states its size twice")
        elif name == b"VP8X" and len(data) >= start + 10:
            alpha, icc = bool(data[start] & 0x10), bool(data[start] & 0x20)
            width = 1 + int.from_bytes(data[start + 4 : start + 7], "little")
            height = 1 + int.from_bytes(data[start + 7 : start + 10], "little")
        elif name == b"ANMF":
            frames += 1
        elif name == b"EXIF":
            skip = 6 if data.startswith(b"Exif\0\0", start) else 0  # JPEG's prefix
            turn = orientation(data, start + skip, start + size)
    if not width:
        raise broken("webp", "it ends before its size")
    color, channels = ("rgba", 4) if alpha else ("rgb", 3)
    return Header("webp", width, height, color, channels, 8, turn, max(1, frames), icc, alpha)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at, end = 12, len(data) - 8
    while at <= end:
        name, size = _CHUNK.unpack_from(data, at)
        yield name, at + 8, size
        at += 8 + size + (size & 1)


def _lossy(data: bytes, start: int) -> tuple[int, int, bool]:
    if len(data) < start + 10 or data[start + 3 : start + 6] != b"\x9d\x01\x2a":
        raise broken("webp", "its VP8 frame has no start code")
    width = int.from_bytes(data[start + 6 : start + 8], "little") & 0x3FFF
    height = int.from_bytes(data[start + 8 : start + 10], "little") & 0x3FFF
    return width, height, False


def _lossless(data: bytes, start: int) -> tuple[int, int, bool]:
    if len(data) < start + 5 or data[start] != 0x2F:
        raise broken("webp", "its VP8L stream has no signature")
    bits = int.from_bytes(data[start + 1 : start + 5], "little")
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1)
