"""The PNG header: IHDR, and the chunks that say more (PNG, third edition)."""

from collections.abc import Iterator
from struct import Struct

from pixelmill.codecs._refusal import broken
from pixelmill.codecs.exif import orientation
from pixelmill.codecs.header import Header

_CHUNK = Struct(">I4s")
_IHDR = Struct(">IIBB")
_COLORS = {  # IHDR's colour type: name, channels when kept, whether alpha is stored
    0: ("gray", 1, False),
    2: ("rgb", 3, False),
    3: ("palette", 3, False),
    4: ("gray+alpha", 4, True),
    6: ("rgba", 4, True),
}


def read_png(data: bytes) -> Header:
    """Size, colours, frames and EXIF orientation; DecodeError where IHDR does not come first."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise broken("png", "it ends before, or does not begin with, its IHDR chunk")
    width, height, depth, kind = _IHDR.unpack_from(data, 16)
    if kind not in _COLORS:
        raise broken("png", f"its colour type is {kind}, and 0, 2, 3, 4 or 6 are known")
    color, channels, alpha = _COLORS[kind]
    turn, frames, icc = 1, 1, False
    for name, start, size in _chunks(data):
        if name == b"tRNS":
            channels, alpha = 4, True
        elif name == b"iCCP":
            icc = True
        elif name == b"acTL" and size >= 4:
            frames = max(1, int.from_bytes(data[start : start + 4], "big"))
        elif name == b"eXIf":
            turn = orientation(data, start, start + size)
    bits = 16 if depth == 16 else 8
    return Header("png", width, height, color, channels, bits, turn, frames, icc, alpha)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, size) of each chunk after IHDR, the last ones too: eXIf may be there."""
    at, end = 33, len(data) - 8
    while at <= end:
        size, name = _CHUNK.unpack_from(data, at)
        if name != b"IDAT":
            yield name, at + 8, size
        at += size + 12
