"""Compression: .tar.gz and .tar.zst told by their first bytes and decompressed as a stream.

No more than `_OUT` bytes are made at a time, however well they were packed.
"""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import IO, cast

from pixelmill.errors import ShardError

__all__ = ["decompressed", "looks_like"]

_OUT = 1 << 20
# What zlib is handed at once.  It gives back what it did not use as a copy, which of 8 MiB that
# hold 400,000 empty streams in a row would come to terabytes.
_IN = 1 << 14
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_KINDS = (
    (_GZIP, "gzip"),
    (_ZSTD, "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x1f\x9d", "a compress (.Z) file"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"PK\x03\x04", "a zip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a rar file"),
    (b"PAR1", "a Parquet file"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\x89HDF", "an HDF5 file"),
    (b"%PDF", "a PDF file"),
    (b"version https://git-lfs", "a Git LFS pointer, whose file was not fetched"),
)
_HTML = (b"<!doctype", b"<html", b"<head")


def looks_like(data: bytes) -> str:
    """What a file that begins with `data` seems to be; "" where that is not known."""
    for magic, kind in _KINDS:
        if data.startswith(magic):
            return kind
    start = bytes(data[:64]).lstrip().lower()
    if start.startswith(_HTML):
        return "a web page, perhaps an error or a login"
    if start.startswith(b"<?xml"):
        return "an XML document, perhaps a storage's error"
    if start[:1] in (b"{", b"["):
        return "a JSON document"
    return "nothing but zeros" if not any(data) else ""


def decompressed(chunks: Iterable[bytes], where: str) -> Iterator[bytes]:
    """The tar in `chunks`: themselves, or what gzip or zstd made of it; never an empty one.

    A stream that is cut ends early; one that is damaged raises ShardError.  What comes before that
    is the same however long the chunks are.
    """
    rest = (chunk for chunk in chunks if chunk)
    head = b""
    for chunk in rest:
        head += chunk
        if len(head) >= len(_ZSTD):
            break
    whole = chain([head], rest) if head else iter(())
    if head.startswith(_GZIP):
        return _gunzipped(whole, where)
    if head.startswith(_ZSTD):
        return _unzstd(whole, where)
    return whole


def _gunzipped(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits=31)
    for data in _slices(chunks):
        while data:
            if stream.eof:  # members may follow one another, and zeros may pad the last
                data = data.lstrip(b"\0")
                if not data:
                    break
                stream = zlib.decompressobj(wbits=31)
            before = stream.copy()
            try:
                made = stream.decompress(data, _OUT)
            except zlib.error as error:
                yield from _to_the_damage(before, data)
                raise _damaged(where, "gzip", error) from error
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
            if made:
                yield made
    # What a full output buffer held back.
    while not stream.eof and (made := stream.decompress(stream.unconsumed_tail, _OUT)):
        yield made


def _to_the_damage(stream: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """What `data` holds before the byte at which `stream` breaks off."""
    with suppress(zlib.error):
        for at in range(len(data)):
            if made := stream.decompress(data[at : at + 1]):
                yield made


def _slices(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), _IN):
            yield chunk[at : at + _IN]


def _unzstd(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    import zstandard

    # The library's own limit on the window (128 MiB) bounds what a frame may ask for.
    source = cast("IO[bytes]", _Readable(chunks))
    reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
    try:
        while made := reader.read(_OUT):
            yield made
    except zstandard.ZstdError as error:
        raise _damaged(where, "zstd", error) from error


class _Readable:
    """Chunks as a file that zstandard reads from, as much at once as it asks for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.left = memoryview(b"")

    def read(self, count: int) -> bytes:
        pieces: list[memoryview] = []
        while count and (self.left or self._next()):
            pieces.append(self.left[:count])
            self.left = self.left[count:]
            count -= len(pieces[-1])
        return b"".join(pieces)

    def _next(self) -> bool:
        self.left = memoryview(next(self.chunks, b""))
        return bool(self.left)


def _damaged(where: str, kind: str, error: Exception) -> ShardError:
    return ShardError(
        f"{where} is damaged: its {kind} stream cannot be decompressed ({error}); "
        "the samples before are good; copy it again or repack it"
    )
