"""Uploading: files that are seen whole or not at all, written while the next bytes are made."""

import hashlib
import threading
from queue import Queue
from types import TracebackType

from pixelmill.errors import StorageError
from pixelmill.storage.reading import views
from pixelmill.storage.targets import LocalFile, target
from pixelmill.storage.urls import masked

__all__ = ["Upload", "write"]

_PIECE = 1 << 20  # smaller writes are put together first: a hand-over costs some 20 us
_WAITING = 4

# Bytes of a local file: its URL, from where to where.
Range = tuple[str, int, int]


def write(url: str, data: bytes) -> None:
    """Write a whole file: afterwards it is there, durable and complete, or nothing has changed."""
    place = target(url)
    try:
        place.write(data)
        place.commit()
    except BaseException:
        place.discard()
        raise


class Upload:
    """A file that grows by `write` and appears under its name by `commit`.

    A thread writes and hashes while the caller makes the next bytes; at most four pieces wait.
    An error of the thread is raised by the next `write` or by `commit`.  As a context manager it
    leaves nothing behind unless `commit` was reached.  `sha256` (hex) and `size` are those of the
    whole file once committed.  The bytes handed to `write` must not change afterwards.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.size = 0
        self._hash = hashlib.sha256()
        self._target = target(url)
        self._error: BaseException | None = None
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._queue: Queue[bytes | Range | None] = Queue(maxsize=_WAITING)
        self._thread: threading.Thread | None = None
        self._state = "open"

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Take `data`; returns its length."""
        self._expect_open()
        self.size += len(data)
        self._pending.append(data)
        self._pending_size += len(data)
        if self._pending_size >= _PIECE:
            self._hand_over()
        return len(data)

    def copy(self, url: str, start: int, stop: int) -> None:
        """Take these bytes of a local file, which the thread reads: it costs the caller nothing."""
        self._expect_open()
        self.size += stop - start
        self._hand_over()
        self._put((url, start, stop))

    def commit(self) -> None:
        """Wait until the file is durable and visible under its name."""
        try:
            self._hand_over()
            self._join()
            if self._error is not None:
                raise self._error
            self._target.commit()
        except BaseException:
            self.abort()
            raise
        self._state = "committed"

    def abort(self) -> None:
        """Leave nothing of it; no error where it is aborted or committed already."""
        if self._state == "open":
            self._state = "aborted"
            self._pending.clear()
            self._error = self._error or StorageError(f"writing {masked(self.url)} was given up")
            self._join()
            self._target.discard()

    def __enter__(self) -> "Upload":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()

    def _hand_over(self) -> None:
        if not self._pending:
            return
        pieces, self._pending, self._pending_size = self._pending, [], 0
        self._put(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def _put(self, piece: bytes | Range) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pixelmill-upload", daemon=True)
            self._thread.start()
        self._queue.put(piece)

    def _expect_open(self) -> None:
        if self._state != "open":
            raise StorageError(f"writing {masked(self.url)} failed: it is {self._state} already")
        if self._error is not None:
            raise self._error

    def _join(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (piece := self._queue.get()) is not None:
            if self._error is None:  # after an error the queue is only emptied
                try:
                    self._take(piece)
                except BaseException as error:  # noqa: BLE001  (raised again by the caller's thread)
                    self._error = error

    def _take(self, piece: bytes | Range) -> None:
        if not isinstance(piece, tuple):
            self._hash.update(piece)
            self._target.write(piece)
            return
        for view in views(*piece):
            self._hash.update(view)
            if isinstance(self._target, LocalFile):
                self._target.write(view)
            else:  # what a target keeps must not change with the next piece
                self._target.write(bytes(view))
