"""Survey: where the samples of a tar lie, from its headers alone; no data is read.

Only of local tars without compression in which nothing is unusual: for all others the reader has
to look at every byte, and knows what to do.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple

from pixelmill.errors import ShardError
from pixelmill.shards.extended import KINDS, Extended
from pixelmill.shards.groups import RESERVED
from pixelmill.shards.headers import BLOCK, parse_header
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.shards.naming import is_meta, key_and_field, unsafe
from pixelmill.shards.writer import member_header
from pixelmill.storage import is_local, local_path

__all__ = ["Spot", "spots"]

_WINDOW = 4096  # headers of small members stand close together
_MOST_BETWEEN = 1 << 20  # bytes that belong to no sample and are read with their neighbours
_MAX_EXTENDED = 1 << 20
_PLAIN, _PLAIN_V7, _FOLDER = b"0\x005"
_GLOBAL = b"g"[0]


class Unusual(Exception):
    """The tar holds something that its reader should see."""


class Spot(NamedTuple):
    """One sample: its blocks, and whether they are those that our writer would write."""

    key: str
    fields: list[str]
    offset: int
    end: int
    ours: bool


class _Member(NamedTuple):
    key: str
    field: str
    offset: int
    end: int
    ours: bool


def spots(url: str) -> list[Spot] | None:
    """The samples of a tar in order; None where it has to be read."""
    if not is_local(url):
        return None
    try:
        with open(local_path(url), "rb", buffering=0) as file:
            return list(_spots(_Window(file.fileno(), os.fstat(file.fileno()).st_size)))
    except (Unusual, ShardError, OSError):
        return None


class _Window:
    """Pieces of a file at any place, several from one read where they are close together."""

    def __init__(self, descriptor: int, size: int) -> None:
        self.size = size
        self._descriptor, self._data, self._start = descriptor, b"", 0

    def __call__(self, offset: int, count: int) -> bytes:
        at = offset - self._start
        if at < 0 or at + count > len(self._data):
            self._data = os.pread(self._descriptor, max(_WINDOW, count), offset)
            self._start, at = offset, 0
        if len(self._data) - at < count:
            raise Unusual("it ends here")
        return self._data[at : at + count]


def _spots(file: _Window) -> Iterator[Spot]:
    met: set[str] = set()
    key, fields, offset, end, ours = "", [""], 0, 0, True
    for member in _members(file):
        if member.offset - end > _MOST_BETWEEN:
            raise Unusual("much between its samples")
        if member.key != key:
            if key:
                yield Spot(key, fields, offset, end, ours)
            key, fields, offset, ours = member.key, [], member.offset, True
            if key in met:
                raise Unusual("a key comes again")
            met.add(key)
        elif member.offset != end:
            ours = False  # something stands between its members
        if member.field in fields or member.end - offset > MAX_MEMBER:
            raise Unusual("a field comes again, or it is too large")
        fields.append(member.field)
        ours, end = ours and member.ours, member.end
    if key:
        yield Spot(key, fields, offset, end, ours)


def _members(file: _Window) -> Iterator[_Member]:
    """The members that belong to samples."""
    extended, at, first = Extended(), 0, 0
    while True:
        block = file(at, BLOCK)
        header = parse_header(block)
        if header is None:
            _expect_end(file, at)
            return
        if header[1] in KINDS:
            at = _extend(extended, file, at, header)
            continue
        plain = not extended.pending
        header, fault = (header, "") if plain else extended.apply(header)
        name, kind, size = header
        if fault or kind not in (_PLAIN, _PLAIN_V7, _FOLDER) or not 0 <= size <= MAX_MEMBER:
            raise Unusual("no plain file")
        folder = kind == _FOLDER or (kind == _PLAIN_V7 and name.endswith("/"))
        start, first = first, at + BLOCK + (0 if folder else size + -size % BLOCK)
        at = first
        if at > file.size:
            raise Unusual("it ends in a member")
        if folder:
            continue
        split = key_and_field(name)
        if unsafe(name) or (split is not None and split[1] in RESERVED):
            raise Unusual("a name to be looked at")
        if split is not None and not is_meta(name):
            ours = plain and block == member_header(f"{split[0]}.{split[1]}", size)
            yield _Member(*split, start, at, ours)


def _extend(extended: Extended, file: _Window, at: int, header: tuple[str, int, int]) -> int:
    """Take in an extended header; the place behind it."""
    _, kind, size = header
    if kind == _GLOBAL or not 0 <= size <= _MAX_EXTENDED:
        raise Unusual("what is said of all that follow cannot be cut")
    extended.add(kind, file(at + BLOCK, size))
    return at + BLOCK + size + -size % BLOCK


def _expect_end(file: _Window, at: int) -> None:
    """Unusual where anything but zeros follows."""
    while at < file.size:
        data = file(at, min(1 << 16, file.size - at))
        if any(data):
            raise Unusual("no header, or data behind the end mark")
        at += len(data)
