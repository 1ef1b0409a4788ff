"""Blocks: a stream of chunks taken apart in pieces of any length, copying each byte once."""

from collections.abc import Iterable
from io import BytesIO

from pixelmill.errors import ShardError

__all__ = ["Blocks"]


class Blocks:
    """Take and skip bytes of a stream.

    When the stream itself is broken (a damaged gzip), it ends there, and `broken` keeps the
    ShardError that says so.
    """

    __slots__ = ("_at", "_before", "_chunk", "_chunks", "broken")

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._at = self._before = 0
        self.broken: ShardError | None = None

    @property
    def offset(self) -> int:
        """How many bytes were taken or skipped so far."""
        return self._before + self._at

    def take(self, count: int, padding: int = 0) -> bytes:
        """The next `count` bytes, fewer at the end; then `padding` bytes are skipped."""
        at = self._at
        stop = at + count
        if stop + padding <= len(self._chunk):
            self._at = stop + padding
            return self._chunk[at:stop]
        data = self._gather(count)
        self.skip(padding)
        return data

    def skip(self, count: int) -> int:
        """Pass over the next `count` bytes; returns how many there were."""
        left = count
        while True:
            here = min(left, len(self._chunk) - self._at)
            self._at += here
            left -= here
            if not left or not self._next():
                return count - left

    def _gather(self, count: int) -> bytes:
        # Grown in place and handed over as it is: pieces that are joined are there twice meanwhile.
        gathered = BytesIO()
        while True:
            piece = memoryview(self._chunk)[self._at : self._at + count]
            self._at += len(piece)
            count -= gathered.write(piece)
            if not count or not self._next():
                return gathered.getvalue()

    def _next(self) -> bool:
        """Go on to the next chunk; False at the end."""
        self._before += len(self._chunk)
        self._chunk, self._at = b"", 0
        try:
            self._chunk = next(self._chunks, b"")
        except ShardError as error:
            self.broken = error
        return bool(self._chunk)
