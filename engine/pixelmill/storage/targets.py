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
from pixelmill.storage.faults import patiently, told
from pixelmill.storage.urls import TEMPORARY, is_local, join, local_path, masked, parent, protocol

__all__ = ["Target", "target"]

# S3 wants parts of 5 MiB or more and at most 10,000 of them: 16 MiB allows objects of 160 GB.
_PART = 16 << 20
_OBJECT_STORES = {"s3", "gs", "az"}


class Target(Protocol):
    """Bytes in order, then one `commit` or one `discard`."""

    def write(self, data: bytes) -> None: ...

    def commit(self) -> None: ...

    def discard(self) -> None: ...


def target(url: str) -> Target:
    """The target that suits the protocol of `url`."""
    kind = protocol(url)
    if is_local(url):
        return LocalFile(url)
    if kind == "http":
        raise StorageError(f"writing {masked(url)} failed: web servers are read, not written to")
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

    def write(self, data: bytes) -> None:
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


class WholeObject:
    """An object that is put at once: its bytes wait in memory until `commit`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.fs, self.path = filesystem(url)
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(bytes(data))

    def commit(self) -> None:
        data = b"".join(self.pieces)
        patiently(lambda: self.fs.pipe_file(self.path, data), self.url, "writing")

    def discard(self) -> None:
        self.pieces.clear()


class LargeObject:
    """An object of any size: put at once while small, else in parts that `commit` completes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.small = WholeObject(url)
        self.size = 0
        self.file: Any = None

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.file is None and self.size <= _PART:
            self.small.write(data)
            return
        if self.file is None:
            self.file = patiently(self._open, self.url, "writing")
            data = b"".join([*self.small.pieces, data])
            self.small.pieces.clear()
        self._append(data)

    def commit(self) -> None:
        if self.file is None:
            self.small.commit()
            return
        # Closing leaves the last part, committing makes the object: one request each, and both may
        # be asked again (the buffer is kept until its part is there).
        patiently(self.file.close, self.url, "writing")
        patiently(self.file.commit, self.url, "writing")

    def discard(self) -> None:
        file, self.file = self.file, None
        self.small.discard()
        if file is not None:
            file.closed = (
                True  # or the garbage collector would close it: Azure then makes the object
            )
            with suppress(Exception):
                file.discard()

    def _open(self) -> Any:
        small = self.small
        return small.fs.open(small.path, "wb", block_size=_PART, autocommit=False)

    def _append(self, data: bytes) -> None:
        asked = False

        def step() -> None:
            nonlocal asked
            if asked:  # the bytes are in the file's buffer since the attempt that failed
                self.file.flush()
            else:
                asked = True
                self.file.write(data)

        patiently(step, self.url, "writing")


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
