"""Targets: where bytes go until they are a whole file under its name.

Local files are written beside their place under a temporary name, made durable and renamed.
Objects become visible only when their upload is completed.  Anything else is uploaded under a
temporary name and moved.
"""

import errno
import os
import secrets
from contextlib import suppress
from typing import Any, Protocol

from pixelmill.errors import StorageError
from pixelmill.failpoint import reach
from pixelmill.storage.backends import filesystem
from pixelmill.storage.faults import told
from pixelmill.storage.objects import LargeObject, write_whole
from pixelmill.storage.patience import patiently
from pixelmill.storage.urls import (
    OBJECT_STORES,
    TEMPORARY,
    is_local,
    join,
    local_path,
    masked,
    parent,
    protocol,
)

__all__ = ["Target", "expect_writable", "target"]


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
    return LargeObject(url) if kind in OBJECT_STORES else MovedFile(url)


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
            reach("file.synced")
            os.replace(self.temporary, self.path)
            reach("file.named")
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
    except OSError as error:
        # Network shares and FUSE know no fsync of folders, only of files (as PostgreSQL does it:
        # src/backend/storage/file/fd.c, fsync_fname_ext).  A fault, EIO say, is one.
        if error.errno not in {errno.EINVAL, errno.EBADF, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


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
