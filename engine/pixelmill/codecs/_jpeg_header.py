"""The JPEG header: markers up to the first scan, walked as libjpeg does (ITU T.81, annex B)."""

from collections.abc import Iterator

from pixelmill.codecs._refusal import broken
from pixelmill.codecs.exif import orientation
from pixelmill.codecs.header import Header

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn; those three mean other things
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))  # TEM and RSTn carry no length
_TOLD = _FRAMES | {0xE1, 0xE2, 0xEE}  # and EXIF, ICC, Adobe


def read_jpeg(data: bytes) -> Header:
    """Size, colours and EXIF orientation; DecodeError where there is no frame to decode."""
    turn, icc, transform, frame, kind = 1, False, 0, 0, 0
    for marker, start, end in _segments(data):
        if marker in _FRAMES:
            if frame:
                raise broken("jpeg", "it has two frame headers")
            frame, kind = start, marker
        elif marker == 0xE1:
            if turn == 1 and data.startswith(b"Exif\0\0", start):
                turn = orientation(data, start + 6, end)
        elif marker == 0xE2:
            icc = icc or data.startswith(b"ICC_PROFILE\0", start)
        elif marker == 0xEE and data.startswith(b"Adobe", start) and end - start >= 12:
            transform = data[start + 11]
    if not frame or len(data) < frame + 6:
        raise broken("jpeg", "it ends before its frame header")
    height, width = data[frame + 1] << 8 | data[frame + 2], data[frame + 3] << 8 | data[frame + 4]
    color, channels = _color(data[frame + 5], data[frame], transform)
    progressive = kind in _PROGRESSIVE
    return Header("jpeg", width, height, color, channels, 8, turn, 1, icc, False, progressive)


def frame_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in the first frame header, of any precision; None where there is none."""
    for marker, start, _ in _segments(data):
        if marker in _FRAMES and len(data) >= start + 5:
            height, width = data[start + 1 : start + 3], data[start + 3 : start + 5]
            return int.from_bytes(width), int.from_bytes(height)
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each telling segment before the first scan; garbage is skipped."""
    at, size = 2, len(data)
    while at + 4 <= size:
        marker = data[at + 1]
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)
            if at < 0:
                return
        elif marker == 0xFF:  # a fill byte
            at += 1
        elif marker == 0x00 or marker in _BARE:
            at += 2
        elif 0xD8 <= marker <= 0xDA:  # an image begins again, or ends, or the first scan
            return
        else:
            end = at + 2 + max(2, data[at + 2] << 8 | data[at + 3])
            if marker in _TOLD:
                yield marker, at + 4, end
            at = end


def _color(components: int, precision: int, transform: int) -> tuple[str, int]:
    """The stored colours and the channels they decode to."""
    if precision != 8:
        raise broken("jpeg", f"it has {precision} bits a level, and 8 can be read")
    if components == 1:
        return "gray", 1
    if components == 3:
        return "rgb", 3
    if components == 4:
        return ("ycck" if transform == 2 else "cmyk"), 3
    raise broken("jpeg", f"it has {components} components, and 1, 3 or 4 can be read")
