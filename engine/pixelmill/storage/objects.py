"""Objects: put at once while small, in parts side by side when large, and compared afterwards."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from pixelmill.errors import InputMissing
from pixelmill.failpoint import reach
from pixelmill.storage.checking import Damaged, Sent, check, check_whole, in_parts
from pixelmill.storage.patience import patiently
from pixelmill.storage.stores import Part, Parts, store

__all__ = ["LargeObject", "write_whole"]

# S3 wants parts of 5 MiB or more and at most 10,000 of them: 8 MiB allows objects of 80 GB.
_PART = 8 << 20
# Parts on their way at once: with one, a large object is written at 0.7 of what s3fs alone reaches.
_FLYING = 2
_AGAIN = 3  # bytes that change on their way do so now and then; thrice is a broken machine


def write_whole(url: str, data: bytes) -> None:
    """Put an object by one request; again where it arrived other than it was sent."""
    place = store(url)
    for attempt in range(_AGAIN):
        said = patiently(lambda: place.put(data), url, "writing")
        try:
            check_whole(url, data, said)
            return
        except Damaged:
            if attempt == _AGAIN - 1:
                raise


class LargeObject:
    """An object of any size: put at once while small, else in parts that `commit` completes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._sent = Sent(in_parts(url))
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._parts: Parts | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._flying: deque[Future[None]] = deque()

    def write(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_size += len(data)
        while self._waiting_size > _PART:  # the last part waits for `commit`
            self._send(_PART)

    def commit(self) -> None:
        if self._parts is None:
            write_whole(self.url, b"".join(self._waiting))
            return
        self._send(self._waiting_size, last=True)
        self._land(0)
        said = ""
        with suppress(InputMissing):  # it was completed, and only the answer lost: the check says
            said = patiently(self._parts.finish, self.url, "writing")
        self._parts = None
        self._end()
        if said != self._sent.checksum:
            check(self.url, self._sent)

    def discard(self) -> None:
        parts, self._parts = self._parts, None
        self._waiting.clear()
        self._end()  # a part that came after it was abandoned would stay, and be paid for
        if parts is not None:
            with suppress(Exception):
                parts.abandon()

    def _send(self, count: int, last: bool = False) -> None:
        """Hand `count` waiting bytes over as one part, once there is room for one more."""
        data = b"".join(self._waiting)
        self._waiting = [data[count:]]
        self._waiting_size -= count
        part = Part(len(self._sent.sizes), self._sent.size, data[:count], last)
        del data
        parts, pool, most = self._begun()
        self._land(most - 1)
        put = partial(patiently, partial(parts.put, part), self.url, "writing")
        self._flying.append(pool.submit(put))
        self._sent.add(part.data)
        reach("object.part")

    def _begun(self) -> tuple[Parts, ThreadPoolExecutor, int]:
        place = store(self.url)
        most = 1 if place.ordered else _FLYING
        self._parts = self._parts or patiently(place.parts, self.url, "writing")
        self._pool = self._pool or ThreadPoolExecutor(most, thread_name_prefix="pixelmill-part")
        return self._parts, self._pool, most

    def _land(self, most: int) -> None:
        """Wait until at most so many parts are on their way; an error of one is raised here."""
        while len(self._flying) > most:
            self._flying.popleft().result()

    def _end(self) -> None:
        self._flying.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None
