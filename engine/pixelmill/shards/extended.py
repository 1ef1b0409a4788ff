"""Extended: what GNU's long names and PAX headers say of the member that follows them."""

from collections.abc import Iterator
from hashlib import blake2b

from pixelmill.errors import ShardError
from pixelmill.shards.headers import Header, parse_pax

__all__ = ["KINDS", "LONGEST_NAME", "Extended"]

KINDS = b"LKxXg"
# PATH_MAX of Linux.  Nobody unpacks a longer one, and the keys of a shard are kept in memory.
LONGEST_NAME = 4096
_SHOWN = 100  # letters of one that is longer; the rest becomes a digest
_LONG_NAME, _LONG_LINK, _GLOBAL = b"L"[0], b"K"[0], b"g"[0]
_SPARSE = "GNU.sparse."
_ASKED = {"path", "size", "GNU.sparse.name"}


class Extended:
    """Collects extended headers, then applies them to one header; global ones stay for all."""

    def __init__(self) -> None:
        self._always: dict[str, str] = {}
        self._once: dict[str, str] = {}
        self._long_name = ""
        self.pending = False  # whether the next header is not to be taken as it stands

    def add(self, kind: int, data: bytes) -> None:
        if kind == _LONG_NAME:
            text = data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
            self._long_name = self._long_name or text
        elif kind == _GLOBAL:
            self._always |= _telling(data)
        elif kind != _LONG_LINK:
            self._once |= _telling(data)
        self.pending = True

    def apply(self, header: Header) -> tuple[Header, str]:
        """The header with what was said of it, and its member's fault, "" where it has none."""
        records = {**self._always, **self._once}
        name, kind, size = header
        path = records.get("GNU.sparse.name") or records.get("path", "").rstrip("/")
        text = records.get("size", str(size))
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise ShardError(f"member {name!r} has a size of {text!r} bytes")
        name = path or self._long_name or name
        self._once, self._long_name, self.pending = {}, "", bool(self._always)
        if len(name) > LONGEST_NAME:
            return (_shortened(name), kind, int(text)), "name_too_long"
        return (name, kind, int(text)), "sparse_member" if _SPARSE in records else ""


def _telling(data: bytes) -> dict[str, str]:
    """The records that are asked for: all others would be kept for as long as a shard has them."""
    return dict(_told(parse_pax(data)))


def _told(records: dict[str, str]) -> Iterator[tuple[str, str]]:
    for keyword, value in records.items():
        if keyword in _ASKED:
            yield keyword, value
        if keyword.startswith(_SPARSE):
            yield _SPARSE, ""


def _shortened(name: str) -> str:
    """A name of its own for a member whose name is too long to be kept."""
    digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    start = name[:_SHOWN].replace(".", "_").rstrip("/")
    return f"{start}~{digest}.{name.rpartition('.')[2][:_SHOWN]}"
