"""Nested: a tar of tars, whose inner ones are found by the outer headers alone and read by ranges.

So is the official ILSVRC2012_img_train.tar packed, one inner tar a class.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pixelmill.errors import ShardError, StorageError
from pixelmill.shards.expand import SUFFIXES
from pixelmill.shards.extended import KINDS, Extended
from pixelmill.shards.headers import BLOCK, Header, parse_header
from pixelmill.storage import masked, read_range

__all__ = ["Inner", "inner_files", "is_nested"]


_WINDOW = 4096  # a header and, nearly always, the long name before it
_MAX_EXTENDED = 1 << 20
_FILES = b"0\x007"  # regular, regular in V7, contiguous

Read = Callable[[int, int], bytes]


class Inner(NamedTuple):
    """A file in an outer tar, and the bytes of the outer one that are its own."""

    name: str
    start: int
    stop: int

    @property
    def is_tar(self) -> bool:
        last = self.name.rpartition("/")[2]
        return last.lower().endswith(SUFFIXES) and not last.startswith(".")

    @property
    def label(self) -> str:
        """The name without folders and suffixes: the class of what is in it."""
        return self.name.rpartition("/")[2].partition(".")[0]


def is_nested(url: str, size: int) -> bool:
    """Whether the first file in an uncompressed tar is a tar itself; one short read tells."""
    if not url.partition("?")[0].lower().endswith(".tar"):
        return False
    try:
        first = next(inner_files(url, size), None)
    except (ShardError, StorageError):
        return False  # whoever reads all of it says what is wrong
    return first is not None and first.is_tar


def inner_files(url: str, size: int, at: int = 0) -> Iterator[Inner]:
    """The files in a tar of `size` bytes, in order, from the header at `at` on.

    The last one of a tar that is cut short ends where the tar does.

    Raises
    ------
    ShardError
        After all files before, where a header is damaged or the end mark is missing.
    """

    def read(start: int, stop: int) -> bytes:
        return read_range(url, start, min(stop, size)) if start < size else b""

    extended = Extended()
    while True:
        window = read(at, at + _WINDOW)
        header = _header(window[:BLOCK], masked(url), at)
        if header is None:
            return
        at += BLOCK
        name, kind, length = header
        if kind in KINDS:
            extended.add(kind, _said(read, at, length, masked(url)))
        else:
            name, kind, length = extended.apply(header)[0]
            if kind in _FILES and not name.endswith("/"):
                yield Inner(name, at, min(at + length, size))
            else:
                length = 0  # what a link or a folder says of its size means nothing
        at += length + -length % BLOCK


def _header(block: bytes, where: str, at: int) -> Header | None:
    """The header in a block; None where it is the end mark."""
    if len(block) == BLOCK and not any(block):
        return None
    header = parse_header(block) if len(block) == BLOCK else None
    if header is None or header[2] < 0:
        found = "it ends" if len(block) < BLOCK else f"there is {block[:8].hex(' ')}"
        raise ShardError(
            f"{where} is cut short or damaged: at byte {at}, where a header or the end mark "
            f"belongs, {found}; the tars before are good; copy it again"
        )
    return header


def _said(read: Read, at: int, length: int, where: str) -> bytes:
    data = read(at, at + length) if length <= _MAX_EXTENDED else b""
    if len(data) < length:
        raise ShardError(f"{where} is cut short or damaged in a long name at byte {at}")
    return data
