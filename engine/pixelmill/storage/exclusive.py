"""Exclusive: files that only one of many writers makes, and their signs of life."""

import os
import secrets
from contextlib import suppress

from pixelmill.errors import InputMissing
from pixelmill.storage.backends import filesystem
from pixelmill.storage.entries import exists
from pixelmill.storage.faults import told
from pixelmill.storage.patience import patiently
from pixelmill.storage.reading import read
from pixelmill.storage.targets import expect_writable
from pixelmill.storage.urls import TEMPORARY, is_local, local_path, masked

__all__ = ["create", "rewrite"]


def create(url: str, data: bytes, unseen: bool = False) -> bool:
    """Write a small file, whole, where nothing is; False where another was first.

    `unseen` says that whoever asks has just looked, and nothing was there.

    Of several that try at once exactly one succeeds: object stores refuse with If-None-Match, local
    file systems by a hard link.
    """
    expect_writable(url)
    if is_local(url):
        with told(url, "writing"):
            return _create_local(local_path(url), data)
    # Stores that know no condition are asked, at least; small as it is, by one request.
    if not unseen and _is_there(url):
        return False
    fs, path = filesystem(url)
    attempts = 0

    def put() -> bool:
        nonlocal attempts
        attempts += 1
        try:
            fs.pipe_file(path, data, mode="create")
        except FileExistsError:
            # After an attempt whose answer was lost it may be ours.
            return attempts > 1 and bool(fs.cat_file(path) == data)
        return True

    return patiently(put, url, "writing")


def _is_there(url: str) -> bool:
    with suppress(InputMissing):
        read(url)
        return True
    return False


def rewrite(url: str, data: bytes) -> None:
    """Put other bytes of the same length into a small file; InputMissing where it is gone.

    On a local disk in place: it needs no room, and what was removed meanwhile does not come back.
    """
    if is_local(url):
        with told(url, "writing"):
            descriptor = os.open(local_path(url), os.O_WRONLY)
            try:
                os.pwrite(descriptor, data, 0)
            finally:
                os.close(descriptor)
        return
    if not exists(url):
        raise InputMissing(f"writing {masked(url)} failed: it was removed meanwhile")
    fs, path = filesystem(url)
    patiently(lambda: fs.pipe_file(path, data), url, "writing")


def _create_local(path: str, data: bytes) -> bool:
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, TEMPORARY + secrets.token_hex(8))
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        return _linked(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _linked(temporary: str, path: str) -> bool:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except PermissionError:  # a file system without links (FAT, some network shares): rarely racing
        if os.path.exists(path):
            return False
        os.rename(temporary, path)
    return True
