"""Targets: where bytes go until they are a whole file under its name.

Local files are written beside their place under a temporary name, made durable and renamed.
Objects become visible only when their upload is completed.  Anything else is uploaded under a
temporary name and moved.
"""

import os
import secrets
from contextlib import suppress
from typing import Any, Protocol

from pixelmill.errors import StorageError
from pixelmill.storage.backends import filesystem
from pixelmill.storage.entries import stat
from pixelmill.storage.faults import patiently, told
from pixelmill.storage.urls import TEMPORARY, is_local, join, local_path, masked, parent, protocol

__all__ = ["Target", "expect_writable", "target"]

# S3 wants parts of 5 MiB or more and at most 10,000 of them: 16 MiB allows objects of 160 GB.
_PART = 16 << 20
_OBJECT_STORES = {"s3", "gs", "az"}


class Target(Protocol):
    """Bytes in order, then one `commit` or one `discard`."""

    def write(self, data: bytes) -> None: ...

    def commit(self) -> None: ...

    def discard(self) -> None: ...


def expect_writable(url: str) -> None:
    """StorageError where nothing can be written under `url`, whoever asks; nothing is written."""
    if protocol(url) == "http":
        raise StorageError(f"writing {masked(url)} failed: web servers are read, not written to")
    if not is_local(url):
        filesystem(url)


def target(url: str) -> Target:
    """The target that suits the protocol of `url`."""
    expect_writable(url)
    kind = protocol(url)
    if is_local(url):
        return LocalFile(url)
    if kind == "memory":
        return WholeObject(url)
    return LargeObject(url) if kind in _OBJECT_STORES else MovedFile(url)


class LocalFile:
    """A local file: temporary name, fsync, rename, fsync of the folder."""

    def __init__(self, url: str) -> None:
        self.url, self.path = url, local_path(url)
        self.folder = os.path.dirname(self.path) or "."
        self.temporary = os.path.join(self.folder, TEMPORARY + secrets.token_hex(8))
        with told(url, "writing"):
            os.makedirs(self.folder, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
            self.descriptor = os.open(self.temporary, flags, 0o666)

    def write(self, data: bytes | memoryview) -> None:
        with told(self.url, "writing"):
            written = os.write(self.descriptor, data)
            while written < len(data):  # Linux writes at most 2 GiB at once
                written += os.write(self.descriptor, memoryview(data)[written:])

    def commit(self) -> None:
        with told(self.url, "writing"):
            os.fsync(self.descriptor)
            self._close()
            os.replace(self.temporary, self.path)
            _sync_folder(self.folder)

    def discard(self) -> None:
        with suppress(OSError):
            self._close()
        with suppress(OSError):
            os.unlink(self.temporary)

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(url: str, data: bytes) -> None:
    """Put an object by one request."""
    fs, path = filesystem(url)
    patiently(lambda: fs.pipe_file(path, data), url, "writing")


class WholeObject:
    """An object that is put at once: its bytes wait in memory until `commit`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(bytes(data))

    def commit(self) -> None:
        write_whole(self.url, b"".join(self.pieces))

    def discard(self) -> None:
        self.pieces.clear()


class LargeObject:
    """An object of any size: put at once while small, else in parts that `commit` completes.

    fsspec's files are not made to be asked again after a fault, so each step sees to it: every part
    is handed over alone, a beginning that failed is begun again, the size is checked at the end.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.size = 0
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._file: Any = None

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self._waiting.append(data)
        self._waiting_size += len(data)
        while self._waiting_size > _PART:  # the last part waits for `commit`
            self._send(_PART, last=False)

    def commit(self) -> None:
        if self._file is None:
            write_whole(self.url, b"".join(self._waiting))
            return
        self._send(self._waiting_size, last=True)
        self._file.close()
        patiently(self._file.commit, self.url, "writing")
        there = stat(self.url).size
        if there != self.size:
            raise StorageError(
                f"writing {masked(self.url)} failed: {self.size} bytes were sent and {there} are "
                "there; run again"
            )

    def discard(self) -> None:
        file, self._file = self._file, None
        self._waiting.clear()
        if file is not None:
            file.closed = True  # or the garbage collector would close it: Azure makes the object
            with suppress(Exception):
                file.discard()

    def _send(self, count: int, last: bool) -> None:
        """Hand `count` waiting bytes over as one part."""
        data = b"".join(self._waiting)
        self._waiting = [data[count:]]
        self._waiting_size -= count
        self._file = self._file or patiently(self._open, self.url, "writing")
        self._file.buffer.write(data[:count])
        self._file.loc += count
        patiently(lambda: self._flush(last), self.url, "writing")

    def _flush(self, last: bool) -> None:
        """Send what is in the file's buffer, which is kept until it is there."""
        file = self._file
        if file.closed:  # its beginning failed
            file.closed, file.offset = False, None
        file.forced = False
        file.buffer.seek(0, os.SEEK_END)
        file.flush(force=last)

    def _open(self) -> Any:
        fs, path = filesystem(self.url)
        return fs.open(path, "wb", block_size=_PART, autocommit=False)


class MovedFile:
    """A file where unfinished ones are seen: written under a temporary name, then moved."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.fs, self.path = filesystem(url)
        temporary = join(parent(url), TEMPORARY + secrets.token_hex(8))
        self.temporary = filesystem(temporary)[1]
        self.file = patiently(self._open, url, "writing")

    def write(self, data: bytes) -> None:
        with told(self.url, "writing"):
            self.file.write(data)

    def commit(self) -> None:
        with told(self.url, "writing"):
            self.file.close()
            self.fs.mv(self.temporary, self.path)

    def discard(self) -> None:
        with suppress(Exception):
            self.file.close()
        with suppress(Exception):
            self.fs.rm_file(self.temporary)

    def _open(self) -> Any:
        self.fs.makedirs(self.fs._parent(self.path), exist_ok=True)
        return self.fs.open(self.temporary, "wb")
