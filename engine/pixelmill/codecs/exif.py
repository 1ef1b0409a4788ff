"""EXIF orientation: one tag of one directory, read by hand since every sample asks for it."""

from typing import Literal

Order = Literal["little", "big"]

_TAG = {b"II": b"\x12\x01", b"MM": b"\x01\x12"}  # 0x0112 in either byte order
_SIZE = {1: 1, 3: 2, 4: 4}  # BYTE, SHORT (what the standard asks for), LONG


def orientation(data: bytes, start: int = 0, end: int | None = None) -> int:
    """The orientation 1..8 that the EXIF block data[start:end] names.

    An absent, cut or senseless one (0 is seen often) counts as 1: no viewer turns such an image.
    """
    end = len(data) if end is None else min(end, len(data))
    tag = _TAG.get(data[start : start + 2])
    if tag is None:
        return 1
    order: Order = "little" if data[start] == 0x49 else "big"
    at = start + int.from_bytes(data[start + 4 : start + 8], order)
    count = int.from_bytes(data[at : at + 2], order)
    at += 2
    for entry in range(at, min(at + 12 * count, end - 11), 12):
        if data[entry : entry + 2] == tag:
            return _value(data[entry + 2 : entry + 12], order)
    return 1


def tagged(jpeg: bytes, orientation: int) -> bytes:
    """A JPEG with a tag of that orientation before any that it has; the first one counts."""
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00" + orientation.to_bytes(4, "little")
    block = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + bytes(4)
    return jpeg[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]


def _value(entry: bytes, order: Order) -> int:
    size = _SIZE.get(int.from_bytes(entry[:2], order), 0)
    value = int.from_bytes(entry[6 : 6 + size], order)
    return value if 1 <= value <= 8 else 1
