"""About: what a storage says of one file, and the words in which each backend says it."""

import re
from base64 import b64decode
from datetime import datetime
from typing import Any

from pixelmill.storage.backends import filesystem
from pixelmill.storage.patience import patiently
from pixelmill.storage.stores.s3 import S3Object
from pixelmill.storage.urls import protocol

__all__ = ["about", "checksum", "stamp"]

_STAMPS = ("ETag", "etag", "md5Hash", "LastModified", "last_modified", "mtime", "created")
_CHECKSUM = re.compile(r"[0-9a-f]{32}(-\d+)?")


def about(url: str, sums: bool = False) -> dict[str, Any]:
    """What the backend says of a file or a folder that is not local.

    With `sums` all that it keeps, which fsspec leaves out of S3's answers; then of a file only.
    """
    fs, path = filesystem(url)
    whole = sums and protocol(url) == "s3"

    def ask() -> dict[str, Any]:
        fs.invalidate_cache()
        return S3Object(fs, path).about() if whole else dict(fs.info(path))

    return patiently(ask, url, "reading")


def checksum(info: dict[str, Any]) -> str:
    """S3's ETag, Google's md5Hash or Azure's content_md5, where there is one."""
    if coded := info.get("md5Hash"):
        return b64decode(coded).hex()
    settings = info.get("content_settings")
    if settings is not None:
        return bytes(settings.content_md5 or b"").hex()
    etag = str(info.get("ETag") or "").strip('"')
    return etag if _CHECKSUM.fullmatch(etag) else ""


def stamp(info: dict[str, Any]) -> str:
    """What changes with the file: its ETag or its time; "" where neither is known."""
    for name in _STAMPS:
        if value := info.get(name):
            when = value.timestamp() if isinstance(value, datetime) else value
            return str(when).strip('"')
    return ""
