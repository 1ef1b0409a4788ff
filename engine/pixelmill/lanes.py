"""Lanes: threads for work that may never come back; the process does not wait for them to end."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")

_Work = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


class Lanes:
    """A pool of threads; ThreadPoolExecutor's would hold up the end of the process if one hung."""

    def __init__(self, count: int, name: str) -> None:
        self._most, self._name = count, name
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []

    def submit(self, function: Callable[..., B], *values: Any) -> "Future[B]":
        future: Future[B] = Future()
        self._work.put((future, function, values))
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
            name = f"{self._name}-{len(self._threads)}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def one_more(self) -> None:
        """Another thread, in the place of one that is taken for lost."""
        self._most += 1

    def close(self, wait: bool = True) -> None:
        """What has not begun is cancelled; `wait` for what has."""
        try:
            while work := self._work.get_nowait():
                work[0].cancel()
                work[0].set_running_or_notify_cancel()  # or whoever waits for it waits for ever
        except Empty:
            pass
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _run(self) -> None:
        while work := self._work.get():
            future, function, values = work
            del work
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function(*values))
                except BaseException as error:  # noqa: BLE001  (raised again where it is waited for)
                    future.set_exception(error)
            del future, function, values  # a thread that waits holds no sample
            if self._work.empty():
                self._idle.release()


def both(one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """What the two answer, asked at once; where both fail, the error of the first.

    For what waits on a storage: behind 50 ms, the second costs nothing.
    """
    pool = Lanes(1, "both")
    try:
        beside = pool.submit(other)
        return one(), beside.result()
    finally:
        pool.close(wait=False)


def in_order(
    function: Callable[[A], B], values: Iterable[A], lanes: int, ahead_of: int | None = None
) -> Iterator[B]:
    """`map`, on so many threads; the order of the answers is that of the values.

    At most `ahead_of` values beside the one that is waited for are begun; 2 a thread if left out.
    """
    if lanes <= 1:
        yield from map(function, values)
        return
    most = 2 * lanes if ahead_of is None else ahead_of
    pool = Lanes(lanes, "lane")
    ahead: deque[Future[B]] = deque()
    try:
        for value in values:
            ahead.append(pool.submit(function, value))
            if len(ahead) > most:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.close()
