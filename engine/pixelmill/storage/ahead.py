"""Ahead: an iterator run by a thread of its own, so that its waits pass while others work."""

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Queue
from typing import TypeVar

__all__ = ["ahead"]

_Piece = TypeVar("_Piece")


class _End:
    """What the thread leaves last: that it is done, or the error it met."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(
    pieces: Iterator[_Piece], stop: threading.Event, waiting: int = 2
) -> Generator[_Piece, None, None]:
    """Yield what `pieces` yields, made by a thread that keeps at most `waiting` of them ready.

    Closing this generator sets `stop`, which `pieces` may heed in its waits, and ends the thread.
    """
    queue: Queue[_Piece | _End] = Queue(maxsize=waiting)
    thread = threading.Thread(
        target=_run, args=(pieces, queue, stop), name="pixelmill-read-ahead", daemon=True
    )
    thread.start()
    try:
        while not isinstance(piece := queue.get(), _End):
            yield piece
            del piece  # a chunk that waits here would be one more in memory
        if piece.error is not None:
            raise piece.error
    finally:
        stop.set()
        while thread.is_alive():
            with suppress(Empty):
                queue.get_nowait()  # it may be waiting to leave one more
            thread.join(0.02)


def _run(pieces: Iterator[_Piece], queue: Queue[_Piece | _End], stop: threading.Event) -> None:
    error: BaseException | None = None
    try:
        for piece in pieces:
            queue.put(piece)
            del piece
            if stop.is_set():
                break
    except BaseException as caught:  # noqa: BLE001  (raised again in the thread that reads)
        error = caught
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    queue.put(_End(error))
