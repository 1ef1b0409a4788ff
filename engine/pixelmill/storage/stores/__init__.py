"""Stores: what each kind of storage is asked for one object, and what it says of the bytes.

fsspec lists, finds and removes.  Bytes go by the requests in this room, because fsspec's files hide
what a store says of them (range, length, checksum), and are not made to be asked again after a
fault.  One file a store, each with the same three words: `get`, `put`, and `parts` of a large one.
Each method is one request, or fails as one: trying again is its caller's affair (patience.py).
"""

from dataclasses import dataclass
from typing import Protocol

from pixelmill.errors import StorageError
from pixelmill.storage.backends import filesystem
from pixelmill.storage.urls import protocol

__all__ = ["Got", "NoRanges", "Part", "Parts", "Store", "store"]


class NoRanges(StorageError):
    """A web server answers with the whole file to a question for a part of it; it was not read."""


@dataclass(frozen=True, slots=True)
class Got:
    """Bytes, where they begin, how long the whole object is (-1: not said), and its md5 (or "").

    `md5` is what the store says, in hex, of the whole object.  `stamp` is that of the object that
    the bytes are of, as a listing tells it; "" where the answer does not say.
    """

    data: bytes
    start: int
    total: int
    md5: str = ""
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a large object; the first has the number 0, all but the last are equally long."""

    number: int
    offset: int
    data: bytes
    last: bool = False


class Parts(Protocol):
    """An object on its way, unseen until all is there; a part may be put again."""

    def put(self, part: Part) -> None: ...

    def finish(self) -> str:
        """Make the object of its parts, once the last one is there; its checksum, or ""."""

    def abandon(self) -> None: ...


class Store(Protocol):
    """One object."""

    ordered: bool  # whether its parts must be put one after another

    def get(self, start: int, stop: int | None) -> Got:
        """Bytes `start` to `stop`, or fewer where the object ends before; all of it with None."""

    def put(self, data: bytes) -> str:
        """Make the object of these bytes; returns what the store says is their md5, or ""."""

    def parts(self) -> Parts: ...


def store(url: str) -> Store:
    """The object under `url`, which is not local."""
    fs, path = filesystem(url)
    kind = protocol(url)
    if kind == "s3":
        from pixelmill.storage.stores.s3 import S3Object

        return S3Object(fs, path)
    if kind == "gs":
        from pixelmill.storage.stores.gcs import GcsObject

        return GcsObject(fs, path)
    if kind == "az":
        from pixelmill.storage.stores.azure import AzureObject

        return AzureObject(fs, path)
    if kind == "http":
        from pixelmill.storage.stores.web import WebFile

        return WebFile(fs, path)
    from pixelmill.storage.stores.other import OtherFile

    return OtherFile(fs, path)
