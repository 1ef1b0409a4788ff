"""URLs: what a place is called, taken apart, put together, and shown without its secrets.

A path without a protocol is local.  Aliases are one thing here: s3a is s3, gcs is gs, abfs is az.
"""

import os
import re

from pixelmill.errors import StorageError

__all__ = [
    "OBJECT_STORES",
    "TEMPORARY",
    "host",
    "is_local",
    "join",
    "lists_at_once",
    "local_path",
    "masked",
    "name",
    "parent",
    "protocol",
]

# Every file of ours that is not yet whole begins like this; listings leave it out.
TEMPORARY = ".pixelmill-tmp-"
# Those whose objects are seen whole or not at all, and whose listings see what was just written.
OBJECT_STORES = frozenset({"s3", "gs", "az"})

_PROTOCOL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_ALIASES = {"local": "file", "s3a": "s3", "gcs": "gs", "abfs": "az", "abfss": "az", "https": "http"}
_USER = re.compile(r"(?<=://)[^/\s]*@")
_BETWEEN = re.compile(r"(::|,? )")  # what separates URLs in a source's words, and in a message


def protocol(url: str) -> str:
    """The protocol under its one name; "file" for a path."""
    if url.startswith("pipe:"):
        raise StorageError(f"{url!r} is a shell command, which is never run; name a file or a URL")
    match = _PROTOCOL.match(url)
    found = match.group(1).lower() if match else "file"
    return _ALIASES.get(found, found)


def is_local(url: str) -> bool:
    return protocol(url) == "file"


def lists_at_once(url: str) -> bool:
    """Whether a listing surely tells what another machine has just written or removed."""
    return protocol(url) in OBJECT_STORES


def local_path(url: str) -> str:
    """The path that a local URL names."""
    match = _PROTOCOL.match(url)
    return os.path.expanduser(url[match.end() :] if match else url)


def host(url: str) -> str:
    """The server or the bucket that `url` lies in, with its protocol: what is asked as one."""
    match = _PROTOCOL.match(url)
    place = url[match.end() :].partition("?")[0].partition("/")[0] if match else ""
    return f"{protocol(url)}://{place.rpartition('@')[2] if protocol(url) != 'az' else place}"


def join(base: str, *names: str) -> str:
    """`base/name/...`; what follows the `?` of an http URL stays at the end."""
    query = ""
    if base.startswith(("http://", "https://")):
        base, mark, rest = base.partition("?")
        query = mark + rest
    for part in names:
        base = f"{base}{part}" if not base or base.endswith("/") else f"{base}/{part}"
    return base + query


def parent(url: str) -> str:
    """The folder that `url` lies in, in the same spelling; "." for a bare name."""
    match = _PROTOCOL.match(url)
    start = match.end() if match else 0
    head = url[start:].rpartition("/")[0]
    if match:
        return url[:start] + (head or "/" * url[start:].startswith("/"))
    return head or ("/" if url.startswith("/") else ".")


def name(url: str) -> str:
    """The last part of `url`."""
    return url.rstrip("/").rpartition("/")[2]


def masked(url: str) -> str:
    """`url`, or several, as it may be shown: without user, password and query (its signature)."""
    if "://" not in url:
        return url
    return "".join(one if "://" not in one else _masked(one) for one in _BETWEEN.split(url))


def _masked(url: str) -> str:
    kind = protocol(url) if not url.startswith("pipe:") else "pipe"
    if kind == "file":
        return url
    user = _USER.search(url)
    if user and (kind != "az" or ":" in user.group()):  # abfs://container@account is no secret
        url = url[: user.start()] + "***@" + url[user.end() :]
    base, mark, query = url.partition("?")
    if mark and (kind == "http" or "=" in query):  # in a bucket, "?" is a pattern's
        return f"{base}?***"
    return url
