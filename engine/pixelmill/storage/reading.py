"""Reading: whole files, ranges, and files in large chunks ahead of need."""

import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from pixelmill.errors import StorageError
from pixelmill.storage.ahead import ahead
from pixelmill.storage.backends import filesystem
from pixelmill.storage.entries import Entry, stat
from pixelmill.storage.faults import patiently, told
from pixelmill.storage.urls import is_local, local_path, masked, protocol

__all__ = ["CHUNK", "chunks", "read", "read_range"]

# Large enough that an object store's latency (some 30 ms) is small beside the transfer, small
# enough that the four that are alive at once stay within 32 MiB.
CHUNK = 8 << 20
# Of local files: 11 GB/s from the page cache where 8 MiB gives 5, since the memory of small chunks
# is used again, and stays in the processor's cache until their members are copied out.
LOCAL_CHUNK = 1 << 20


def read(url: str) -> bytes:
    """The whole file."""
    if is_local(url):
        with told(url, "reading"), open(local_path(url), "rb", buffering=0) as file:
            return file.read()
    fs, path = filesystem(url)
    return bytes(patiently(lambda: fs.cat_file(path), url, "reading"))


def read_range(url: str, start: int, stop: int) -> bytes:
    """Bytes `start` to `stop`, all of them; StorageError where the file ends before."""
    if is_local(url):
        with told(url, "reading"), open(local_path(url), "rb", buffering=0) as file:
            file.seek(start)
            data = file.read(stop - start)
    else:
        fs, path = filesystem(url)
        data = patiently(partial(_range, fs, path, start, stop), url, "reading")
    if len(data) != stop - start:
        raise _too_short(url, start, stop, start + len(data))
    return data


def views(url: str, start: int, stop: int, size: int = LOCAL_CHUNK) -> Iterator[memoryview]:
    """Bytes of a local file, each piece in the memory of the one before: gone at the next.

    StorageError where the file ends before `stop`.
    """
    memory = memoryview(bytearray(min(size, stop - start)))
    with told(url, "reading"), open(local_path(url), "rb", buffering=0) as file:
        file.seek(start)
        at = start
        while at < stop:
            got = file.readinto(memory[: stop - at])
            if not got:
                raise _too_short(url, start, stop, at)
            at += got
            yield memory[:got]


def chunks(url: str, size: int | None = None) -> Iterator[bytes]:
    """The file in chunks of `size` bytes, the last one shorter, read ahead of need.

    A thread fetches at most two chunks that wait; of a local file it has the system fill its page
    cache.  Left out, `size` is what suits the storage.  A fault that may pass is tried again at its
    offset.  A file that ends before or after the size it had at the start, or that is replaced
    meanwhile, is a StorageError.
    Closing the generator ends the thread.
    """
    stop = threading.Event()
    if is_local(url):
        return _local_chunks(url, size or LOCAL_CHUNK)
    return ahead(_remote_chunks(url, size or CHUNK, stop), stop)


def _local_chunks(url: str, size: int) -> Generator[bytes, None, None]:
    with told(url, "reading"), open(local_path(url), "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        got = 0
        cached = ahead(_fill_cache(file.fileno(), before.st_size), threading.Event())
        try:
            ready = 0
            while True:
                if ready <= got < before.st_size:
                    ready = next(cached)
                if not (piece := os.read(file.fileno(), size)):
                    break
                got += len(piece)
                yield piece
                del piece
        finally:
            cached.close()
        after = os.fstat(file.fileno())
        if got != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
            raise _changed(url, before.st_size, got)


def _fill_cache(descriptor: int, size: int) -> Iterator[int]:
    """Have the system read a window ahead of need, and yield where it ends.

    The reader copies from the page cache itself: handed over by the thread, every chunk would wait
    for the interpreter's lock, which a busy reader gives up only every 5 ms.
    """
    for start in range(0, size, CHUNK):
        with suppress(AttributeError, OSError):  # not on macOS and on some mounts, which only guess
            os.posix_fadvise(descriptor, start, CHUNK, os.POSIX_FADV_WILLNEED)
        yield start + CHUNK


def _remote_chunks(url: str, size: int, stop: threading.Event) -> Generator[bytes, None, None]:
    before = stat(url)
    fetch = _fetcher(url, before)
    got = 0
    while before.size < 0 or got < before.size:
        want = size if before.size < 0 else min(size, before.size - got)
        piece = patiently(partial(fetch, got, want), url, "reading", wait=stop.wait)
        if not piece or len(piece) > want:
            break
        got += len(piece)
        yield piece
        del piece
    if before.size >= 0 and (got != before.size or (got > size and stat(url) != before)):
        raise _changed(url, before.size, got)


def _fetcher(url: str, entry: Entry) -> Callable[[int, int], bytes]:
    """How to get `count` bytes at an offset: by ranges, or from a stream where there are none."""
    fs, path = filesystem(url)
    ranges = entry.size >= 0
    if ranges and protocol(url) == "http":
        ranges = patiently(lambda: bool(fs.info(path).get("partial")), url, "reading")
    if ranges:
        return lambda offset, count: _range(fs, path, offset, offset + count)
    return _Stream(fs, path)


def _range(fs: Any, path: str, start: int, stop: int) -> bytes:
    if start == stop:
        return b""
    data = bytes(fs.cat_file(path, start=start, end=stop))
    if len(data) > stop - start:  # a web server that takes no ranges sends the whole file
        data = data[start:stop]
    if not data:
        raise ConnectionError(f"bytes {start} to {stop} were asked for, none came")
    return data


class _Stream:
    """A web server's file without ranges: read forward, opened again at the start after a fault."""

    def __init__(self, fs: Any, path: str) -> None:
        self.fs, self.path = fs, path
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


def _too_short(url: str, start: int, stop: int, end: int) -> StorageError:
    return StorageError(
        f"reading {masked(url)} failed: bytes {start} to {stop} were asked for, "
        f"it ends at {end}; was it replaced? run again"
    )


def _changed(url: str, expected: int, got: int) -> StorageError:
    return StorageError(
        f"reading {masked(url)} failed: it had {expected} bytes when it was opened and {got} were "
        "read, or it was written to meanwhile; let no one write to it and run again"
    )
