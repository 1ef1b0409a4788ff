"""Writer: samples in, the bytes of a tar out, the same bytes every time.

Headers are ustar with time, owner and group 0, no names of users, mode 0644, in the order given.
A name over 100 bytes is split at a slash where ustar can; else it goes into a PAX header, and so
does every name that is not ASCII.  The bytes are those of Python's tarfile with the same facts.
"""

from collections.abc import Callable, Mapping, Sequence
from zlib import adler32

from pixelmill.errors import EncodeError
from pixelmill.shards.headers import BLOCK
from pixelmill.shards.index import Index
from pixelmill.shards.naming import is_meta, key_and_field, unsafe

__all__ = ["TarWriter", "sample_size"]

_RECORD = 20 * BLOCK  # a tar ends at a multiple of this, by old custom
_MAX_SIZE = 8**11 - 1  # eleven octal digits
_FLUSH = 1 << 20  # bytes that wait before the sink is called
_PADDING = [bytes(count) for count in range(BLOCK)]

# name (100) | mode, uid, gid | size (12) | mtime | checksum (8) | type | link ... | prefix (155)
_OWNER = b"0000644\0" + b"0000000\0" * 2
_PAX_OWNER = b"0000000\0" * 3
_MTIME = b"00000000000\0"
_LINK_TO_DEVICE = bytes(100) + b"ustar\x0000" + bytes(32 + 32 + 8 + 8)


class TarWriter:
    """A tar that is written into `sink`, in few large pieces.

    With an `index`, the place of every member is kept in it.  After an EncodeError the tar is as if
    the sample had not been given.
    """

    def __init__(self, sink: Callable[[bytes], object], index: Index | None = None) -> None:
        self._sink, self._index = sink, index
        self._parts: list[bytes | memoryview] = []
        self._waiting = 0
        self._checked: set[str] = set()
        self.size = 0

    def add(self, key: str, fields: Mapping[str, bytes]) -> int:
        """Append a sample: its members in the order of `fields`; returns the bytes added.

        Raises EncodeError where a reader would not get back the key and the fields as given.
        """
        self._check(key, fields)
        parts: list[bytes] = []
        places: list[tuple[str, int, int, str]] = []
        at = self.size
        for field, data in fields.items():
            name, size = f"{key}.{field}", len(data)
            header = member_header(name, size)
            parts += (header, data, _PADDING[-size % BLOCK])
            at += len(header)
            places.append((field, at, size, name))
            at += size + -size % BLOCK
        if self._index is not None:
            self._index.add(places)
        added = at - self.size
        self._pass_on(parts, added)
        return added

    def pack(self, key: str, fields: Mapping[str, bytes]) -> list[bytes]:
        """The blocks of a sample as any tar may hold them; nothing is written."""
        self._check(key, fields)
        parts: list[bytes] = []
        for field, data in fields.items():
            size = len(data)
            parts += (member_header(f"{key}.{field}", size), data, _PADDING[-size % BLOCK])
        return parts

    def add_packed(self, blocks: bytes | memoryview) -> None:
        """Append samples that are blocks already; no index is kept of them."""
        if len(blocks) < _FLUSH:
            self._pass_on([blocks], len(blocks))
        else:  # large enough as it is: put together with others, it would be copied
            self._flush()
            self.size += len(blocks)
            self._sink(bytes(blocks))

    def pass_by(self, size: int) -> None:
        """Count so many bytes of blocks that the caller brings into the sink, now."""
        self._flush()
        self.size += size

    def close(self) -> int:
        """Write the end mark; returns the bytes added."""
        added = 2 * BLOCK + -(self.size + 2 * BLOCK) % _RECORD
        self._pass_on([bytes(added)], added)
        self._flush()
        return added

    def _pass_on(self, parts: Sequence[bytes | memoryview], size: int) -> None:
        self._parts += parts
        self._waiting += size
        self.size += size
        if self._waiting >= _FLUSH:
            self._flush()

    def _flush(self) -> None:
        parts, self._parts, self._waiting = self._parts, [], 0
        if parts:
            self._sink(b"".join(parts))

    def _check(self, key: str, fields: Mapping[str, bytes]) -> None:
        # Fields repeat from sample to sample; what is true of one key's form is true of the next's.
        start = key.rfind("/") + 1
        plain = start < len(key) and "." not in key[start:] and "\n" not in key
        if not plain or key[:1] == "/" or ".." in key or "\0" in key or key.startswith("__"):
            self._check_names(key, fields)
        elif not self._checked.issuperset(fields):
            self._check_names(key, fields)
            self._checked.update(fields)

    def _check_names(self, key: str, fields: Mapping[str, bytes]) -> None:
        for field in fields:
            name = f"{key}.{field}"
            if unsafe(name) or is_meta(name) or key_and_field(name) != (key, field):
                raise EncodeError(
                    f"sample {key!r} cannot be written with field {field!r}: a WebDataset key is a "
                    "relative path without a dot in its last part, and a field is in lower case; "
                    "rename it",
                    "unwritable_name",
                )


def sample_size(key: str, fields: Mapping[str, bytes]) -> int:
    """The bytes that TarWriter.add would add."""
    total = 0
    for field, data in fields.items():
        total += len(data) + -len(data) % BLOCK + len(member_header(f"{key}.{field}", len(data)))
    return total


def member_header(name: str, size: int) -> bytes:
    """The header blocks of a plain file."""
    if size > _MAX_SIZE:
        raise EncodeError(f"member {name!r} has {size} bytes, a tar takes {_MAX_SIZE}")
    if not name.isascii():
        return _with_pax(name, size)
    plain = name.encode("ascii")
    if len(plain) <= 100:
        return _header(plain, size)
    split = _split(plain)
    return _header(split[1], size, prefix=split[0]) if split else _with_pax(name, size)


def _header(
    name: bytes, size: int, kind: bytes = b"0", owner: bytes = _OWNER, prefix: bytes = b""
) -> bytes:
    facts = name.ljust(100, b"\0") + owner + b"%011o\0" % size + _MTIME
    rest = kind + _LINK_TO_DEVICE + (prefix.ljust(167, b"\0") if prefix else _PADDING[167])
    # Adler-32 in its low half is 1 + the sum of the bytes, which stays below its modulus for ASCII.
    total = (adler32(facts + rest) & 0xFFFF) - 1 + 8 * 32
    return facts + b"%06o\0 " % total + rest


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Prefix and name at the first slash where both fit; None where there is none."""
    at = name.find(b"/", max(0, len(name) - 101))
    return (name[:at], name[at + 1 :]) if 0 <= at <= 155 else None


def _with_pax(name: str, size: int) -> bytes:
    """A PAX header that holds the whole name, and a ustar header with what fits of it."""
    try:
        record = _pax_record(b"path", name.encode("utf-8"))
    except UnicodeEncodeError:  # bytes that were no UTF-8 where the name was read
        record = b"21 hdrcharset=BINARY\n"
        record += _pax_record(b"path", name.encode("utf-8", "surrogateescape"))
    header = _header(b"././@PaxHeader", len(record), b"x", _PAX_OWNER)
    padded = record + _PADDING[-len(record) % BLOCK]
    return header + padded + _header(name.encode("ascii", "replace")[:100], size)


def _pax_record(keyword: bytes, value: bytes) -> bytes:
    """The record "length keyword=value", whose length counts its own digits."""
    rest = len(keyword) + len(value) + 3
    length = rest
    while length != rest + len(str(length)):
        length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, keyword, value)
