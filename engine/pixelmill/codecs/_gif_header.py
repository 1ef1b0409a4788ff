"""The GIF header, by hand: opening a file in Pillow may already allocate a frame."""

from collections.abc import Iterator
from struct import Struct

from pixelmill.codecs._refusal import broken
from pixelmill.codecs.header import Header

_SCREEN = Struct("<HHB")
_FRAME = Struct("<HHHHB")


def read_gif(data: bytes) -> Header:
    """Size, transparency and whether a second frame follows (GIF89a)."""
    if len(data) < 13:
        raise broken("gif", "it ends before its size")
    width, height, _ = _SCREEN.unpack_from(data, 6)
    frames, alpha = 0, False
    for kind, start in _blocks(data):
        if kind == 0xF9 and not frames:
            alpha = alpha or bool(data[start + 3] & 1)
        elif kind == 0x2C:
            frames += 1
            if frames == 1:  # a first frame that is larger than the screen widens it, as in Pillow
                left, top, wide, high, _ = _FRAME.unpack_from(data, start + 1)
                width, height = max(width, left + wide), max(height, top + high)
            else:
                break
    if not frames:
        raise broken("gif", "it holds no frame")
    channels = 4 if alpha else 3
    return Header("gif", width, height, "palette", channels, frames=frames, alpha=alpha)


def _blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """(0x2C, start) of each frame and (label, start) of each extension."""
    at = 13 + _table(data[10])
    while at + 10 <= len(data):
        kind = data[at]
        if kind == 0x2C:
            yield kind, at
            at = _after(data, at + 11 + _table(data[at + 9]))
        elif kind == 0x21:
            yield data[at + 1], at
            at = _after(data, at + 2)
        elif kind == 0x3B:
            return
        else:  # a stray byte: stepped over, as browsers and Pillow do
            at += 1


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after(data: bytes, at: int) -> int:
    """The place after the sub-blocks that begin at `at`."""
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
