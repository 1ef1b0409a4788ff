"""Checking: what a store says of an object's bytes, against those that were sent or that came.

Nearly everywhere the checksum that comes with an object is its md5, or S3's md5 of the md5s of its
parts.  Where it is not (S3 with KMS keys, some gateways) that shows: bytes that come twice the same
outvote it, because damage does not repeat itself, and from then on that bucket's are not looked at.
"""

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from pixelmill.errors import StorageError
from pixelmill.storage.about import about, checksum
from pixelmill.storage.keeping import remove
from pixelmill.storage.patience import patiently
from pixelmill.storage.stores import store
from pixelmill.storage.urls import host, masked, protocol

__all__ = ["Damaged", "Doubt", "Sent", "check", "check_whole", "in_parts", "md5_of", "settled_late"]


class Damaged(StorageError):
    """What is under the URL is not what was sent; it has been removed."""


class Doubt:
    """One object that is read: whether its bytes are what the store says they are."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._came: set[str] = set()

    def settle(self, came: str, said: str) -> None:
        """ConnectionError, to try again, where the md5 of what came is not that which was said."""
        if not said or came == said or _are_odd(self._url):
            return
        if came not in self._came:
            self._came.add(came)
            raise ConnectionError(f"bytes with the md5 {came} came, the storage says {said}")
        _call_odd(self._url)


def settled_late(url: str, came: str, said: str, again: Callable[[], str]) -> bool:
    """The same of one that is not to be had again piece by piece: `again` reads it all."""
    if came == said or _are_odd(url):
        return True
    if again() != came:
        return False
    _call_odd(url)
    return True


class Sent:
    """The length and the checksums of what is sent, piece by piece."""

    def __init__(self, in_parts: bool) -> None:
        self.sizes: list[int] = []
        self._in_parts = in_parts  # as S3 does it; other stores tell the md5 of the whole
        self._whole = hashlib.md5(usedforsecurity=False)
        self._parts = hashlib.md5(usedforsecurity=False)

    def add(self, part: bytes, digest: bytes = b"") -> None:
        """The next part; `digest` is what `digest` says of it, where that was asked already."""
        self.sizes.append(len(part))
        if self._in_parts:
            self._parts.update(digest or self.digest(part))
        else:
            self._whole.update(part)

    def digest(self, part: bytes) -> bytes:
        """What `add` needs of a part by itself, for a thread that has the time; b"" if nothing."""
        return hashlib.md5(part, usedforsecurity=False).digest() if self._in_parts else b""

    @property
    def size(self) -> int:
        return sum(self.sizes)

    @property
    def checksum(self) -> str:
        """As the store gives it of an object that was sent in parts."""
        if self._in_parts:
            return f"{self._parts.hexdigest()}-{len(self.sizes)}"
        return self._whole.hexdigest()


def in_parts(url: str) -> bool:
    """Whether the checksum of an object that was sent in parts is one of parts."""
    return protocol(url) == "s3"


def check(url: str, sent: Sent) -> None:
    """Damaged, and the object removed, where it is not what was sent in parts."""
    info = about(url)
    size, said = int(info.get("size") or 0), checksum(info)
    if size != sent.size:
        _give_up(url, f"{sent.size} bytes were sent and {size} are there")
    if said and said != sent.checksum and not _are_odd(url):
        if not _holds_parts(url, sent):
            _give_up(url, f"what was sent has the checksum {sent.checksum}, what is there {said}")
        _call_odd(url)


def check_whole(url: str, data: bytes, said: str) -> None:
    """The same of an object that was put at once; `said` is what the store answered."""
    sent = md5_of(data)
    if not said:
        size = int(about(url).get("size") or 0)
        if size != len(data):
            _give_up(url, f"{len(data)} bytes were sent and {size} are there")
    elif said != sent and not _are_odd(url):
        if not _holds(url, data):
            _give_up(url, f"what was sent has the md5 {sent}, what is there {said}")
        _call_odd(url)


def _give_up(url: str, why: str) -> None:
    with suppress(StorageError):  # the damage is the news
        remove(url)
    raise Damaged(f"writing {masked(url)} failed: {why}; it was removed, run again")


def _holds(url: str, data: bytes) -> bool:
    """Whether the bytes come back; asked once: where they do not, they are put again."""
    with suppress(Exception):
        return store(url).get(0, None).data == data
    return False


def _holds_parts(url: str, sent: Sent) -> bool:
    """The same, part by part."""
    there, place = Sent(in_parts(url)), store(url)
    with suppress(StorageError):
        for size in sent.sizes:
            start = there.size
            got = patiently(partial(place.get, start, start + size), url, "reading")
            there.add(got.data)
    return there.checksum == sent.checksum


def md5_of(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


_odd: set[str] = set()
_lock = threading.Lock()


def _are_odd(url: str) -> bool:
    """Whether the checksums of this bucket are known to be of another kind."""
    with _lock:
        return host(url) in _odd


def _call_odd(url: str) -> None:
    with _lock:
        _odd.add(host(url))
