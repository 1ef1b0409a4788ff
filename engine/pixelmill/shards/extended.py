"""Extended: what GNU's long names and PAX headers say of the member that follows them."""

from pixelmill.errors import ShardError
from pixelmill.shards.headers import Header, parse_pax

__all__ = ["KINDS", "Extended"]

KINDS = b"LKxXg"
_LONG_NAME, _LONG_LINK, _GLOBAL = b"L"[0], b"K"[0], b"g"[0]


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
            self._always |= parse_pax(data)
        elif kind != _LONG_LINK:
            self._once |= parse_pax(data)
        self.pending = True

    def apply(self, header: Header) -> tuple[Header, bool]:
        """The header with what was said of it, and whether its member is sparse."""
        records = {**self._always, **self._once}
        name, kind, size = header
        path = records.get("GNU.sparse.name") or records.get("path", "").rstrip("/")
        text = records.get("size", str(size))
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise ShardError(f"member {name!r} has a size of {text!r} bytes")
        sparse = any(keyword.startswith("GNU.sparse.") for keyword in records)
        said = (path or self._long_name or name, kind, int(text)), sparse
        self._once, self._long_name, self.pending = {}, "", bool(self._always)
        return said
