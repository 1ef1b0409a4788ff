"""Fetching: the bytes of a remote file piece by piece, none believed that were not asked for."""

import threading
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

from pixelmill.errors import StorageError
from pixelmill.lanes import in_order
from pixelmill.storage.backends import encrypted, filesystem
from pixelmill.storage.checking import Doubt, Sent, md5_of, settled_late
from pixelmill.storage.crc import Crc
from pixelmill.storage.entries import Entry, stat, stat_to_read
from pixelmill.storage.patience import patiently
from pixelmill.storage.stores import Got, NoRanges, store
from pixelmill.storage.urls import OBJECT_STORES, masked, protocol

__all__ = ["CHUNK", "Fetch", "changed", "lanes", "remote_chunks"]

# Large enough that an object store's latency (some 30 ms) is small beside the transfer, small
# enough that the four that are alive at once stay within 32 MiB.
CHUNK = 8 << 20
# Ranges of one object on their way at once: while one is waited for, another fills the line.
FLYING = 2
Sums = Sent | Crc


def lanes(url: str) -> int:
    """How many ranges of the file are on their way at once."""
    return FLYING if protocol(url) in OBJECT_STORES else 1


def remote_chunks(url: str, size: int, stop: threading.Event) -> Generator[bytes, None, None]:
    before = stat_to_read(url)
    fetch = Fetch(url, before)
    said = _said(before, size)
    sums = _sums(said) if said else None
    got = 0
    for piece, digest in _pieces(fetch, before, size, sums, stop):
        got += len(piece)
        if sums:
            sums.add(piece, digest)
        yield piece
        del piece
    again = got > size and not fetch.knows_each
    if before.size >= 0 and (got != before.size or (again and stat(url) != before)):
        raise changed(url, before.size, got)
    if sums:
        _settle_late(before, said, sums.checksum)


def _pieces(
    fetch: "Fetch", entry: Entry, size: int, sums: Sums | None, stop: threading.Event
) -> Iterator[tuple[bytes, bytes]]:
    """The file in pieces, each with what `sums` needs of it; an object's come side by side."""

    def at(start: int) -> tuple[bytes, bytes]:
        want = size if entry.size < 0 else min(size, entry.size - start)
        piece = patiently(partial(fetch, start, want), entry.url, "reading", wait=stop.wait)
        return piece, sums.digest(piece) if sums else b""

    if lanes(entry.url) > 1:
        yield from in_order(at, range(0, entry.size, size), FLYING, FLYING - 1)
        return
    got = 0  # others may answer with less than was asked for
    while entry.size < 0 or got < entry.size:
        piece, digest = at(got)
        if not piece:
            break
        got += len(piece)
        yield piece, digest
        del piece


def _said(entry: Entry, size: int) -> str:
    """The checksum to compare of a whole that comes in several chunks; "" where there is none.

    By TLS that is done already.  A CRC costs a hundredth of what a core has to do for photographs;
    an md5, for stores that keep nothing else, a tenth.
    """
    fit = partial(_fits, entry, size)
    found = next(filter(fit, (entry.crc, entry.checksum)), "") if entry.size > size else ""
    return "" if found and encrypted(entry.url) else found


def _fits(entry: Entry, size: int, checksum: str) -> bool:
    """Whether the checksum is one of the whole, or of parts as long as the chunks.

    Parts of 8 MiB are what this package, boto and the AWS command line make.
    """
    parts = checksum.partition("-")[2]
    same = size == CHUNK and int(parts or 0) == -(-entry.size // CHUNK)
    return bool(checksum) and (not parts or same)


def _sums(said: str) -> Sums:
    """Of the kind that the store's is."""
    return Crc(said) if said.startswith("crc") else Sent("-" in said)


def _settle_late(entry: Entry, said: str, came: str) -> None:
    """StorageError where what was read is not what the store holds; the reader has it by now."""
    if not settled_late(entry.url, came, said, lambda: _read_again(entry, said)):
        raise StorageError(
            f"reading {masked(entry.url)} failed: bytes with the checksum {came} came, the storage "
            f"says {said}; they changed on their way: use https, or run again"
        )


def _read_again(entry: Entry, said: str) -> str:
    fetch, sums = Fetch(entry.url, entry), _sums(said)
    for start in range(0, entry.size, CHUNK):
        want = min(CHUNK, entry.size - start)
        sums.add(patiently(partial(fetch, start, want), entry.url, "reading"))
    return sums.checksum


class Fetch:
    """Bytes at an offset: by ranges, or from a stream where a web server takes none."""

    def __init__(self, url: str, entry: Entry | None = None) -> None:
        self._url, self._store, self._doubt = url, store(url), Doubt(url)
        self._total = entry.size if entry else -1
        self._stamp = entry.stamp if entry else ""
        self._stream = _Stream(url) if entry and entry.size < 0 else None
        self.knows_each = bool(self._stamp)  # whether each answer told that it is of that object

    def __call__(self, start: int, count: int) -> bytes:
        if not count:
            return b""
        if self._stream is None:
            try:
                return self._checked(self._store.get(start, start + count), start, count)
            except NoRanges:
                self._stream = _Stream(self._url)
        return self._stream(start, count)

    def _checked(self, got: Got, start: int, count: int) -> bytes:
        """The bytes, where they are those that were asked for; a server may send others."""
        length = len(got.data)
        if got.start != start or not 0 < length <= count:
            asked = f"bytes {start} to {start + count} were asked for"
            raise ConnectionError(f"{asked}, {length} from {got.start} came")
        if got.total >= 0:
            total = got.total if self._total < 0 else self._total
            if got.total != total or length != min(start + count, total) - start:
                raise ConnectionError(
                    f"bytes {start} to {start + count} of {total} were asked for, "
                    f"{length} of {got.total} came"
                )
        if got.stamp != self._stamp:
            self.knows_each = False
        if length == got.total and got.md5 and not encrypted(self._url):
            self._doubt.settle(md5_of(got.data), got.md5)
        return got.data


class _Stream:
    """A web server's file without ranges: read forward, opened again at the start after a fault."""

    def __init__(self, url: str) -> None:
        self.fs, self.path = filesystem(url)
        self.file: Any = None
        self.offset = 0

    def __call__(self, offset: int, count: int) -> bytes:
        if self.file is None or self.offset != offset:
            self._close()
            self.file, self.offset = self.fs.open(self.path, "rb", block_size=0), 0
        try:
            self._skip(offset - self.offset)
            return self._read(count)
        except BaseException:
            self._close()
            raise

    def _skip(self, count: int) -> None:
        while count > 0 and (piece := self._read(min(count, CHUNK))):
            count -= len(piece)

    def _read(self, count: int) -> bytes:
        pieces: list[bytes] = []
        while count > 0 and (piece := self.file.read(count)):
            pieces.append(piece)
            count -= len(piece)
            self.offset += len(piece)
        return b"".join(pieces)

    def _close(self) -> None:
        if self.file is not None:
            self.file.close()
        self.file = None


def changed(url: str, expected: int, got: int) -> StorageError:
    return StorageError(
        f"reading {masked(url)} failed: it had {expected} bytes when it was opened and {got} were "
        "read, or it was written to meanwhile; let no one write to it and run again"
    )
