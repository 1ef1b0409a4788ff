"""Keeping: removing files and leftovers, and how much room is left."""

import os
import shutil
from contextlib import suppress
from functools import partial
from typing import Any

from pixelmill.errors import InputMissing
from pixelmill.failpoint import reach
from pixelmill.storage.backends import filesystem
from pixelmill.storage.faults import told
from pixelmill.storage.patience import patiently
from pixelmill.storage.urls import TEMPORARY, is_local, local_path, name, protocol

__all__ = ["free_bytes", "remove", "remove_folder", "sweep"]


def remove(url: str) -> None:
    """Remove a file; no error where it is gone already."""
    with suppress(InputMissing):
        if is_local(url):
            with told(url, "removing"):
                os.unlink(local_path(url))
        else:
            fs, path = filesystem(url)
            patiently(lambda: fs.rm_file(path), url, "removing")


def remove_folder(url: str) -> None:
    """Remove a folder and everything below it; no error where it is gone already."""
    with suppress(InputMissing):
        if is_local(url):
            with told(url, "removing"):
                shutil.rmtree(local_path(url))
        else:
            fs, path = filesystem(url)
            patiently(lambda: fs.rm(path, recursive=True), url, "removing")


def sweep(folder: str) -> int:
    """Remove what killed runs left unfinished in a folder and below; returns how many.

    Only for a folder that no one is writing to: an unfinished file does not tell whose it is.
    """
    if is_local(folder):
        return _sweep_local(folder)
    fs, path = filesystem(folder)
    if protocol(folder) == "s3":
        return patiently(lambda: _sweep_s3(fs, path), folder, "removing")
    found = patiently(lambda: fs.find(path), folder, "listing")
    left = [one for one in found if name(one).startswith(TEMPORARY)]
    for one in left:
        patiently(partial(fs.rm_file, one), folder, "removing")
        reach("sweep")
    return len(left)


def free_bytes(url: str) -> int | None:
    """The room left where `url` would be written; None where there is no such limit."""
    if not is_local(url):
        return None
    path = os.path.abspath(local_path(url))
    while not os.path.exists(path):
        path = os.path.dirname(path)
    with told(url, "reading"):
        facts = os.statvfs(path)
    return facts.f_bavail * facts.f_frsize


def _sweep_local(folder: str) -> int:
    count = 0
    with told(folder, "removing"):
        for path, _, files in os.walk(local_path(folder)):
            for one in files:
                if one.startswith(TEMPORARY):
                    with suppress(FileNotFoundError):  # a run that takes its end renames it
                        os.unlink(os.path.join(path, one))
                        count += 1
                    reach("sweep")
    return count


def _sweep_s3(fs: Any, path: str) -> int:
    """Give up multipart uploads that were never completed: unseen, but stored and paid for."""
    bucket, _, prefix = path.partition("/")
    found = fs.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=prefix and f"{prefix}/")
    left = found.get("Uploads", [])
    for one in left:
        fs.call_s3(
            "abort_multipart_upload", Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"]
        )
        reach("sweep")
    return len(left)
