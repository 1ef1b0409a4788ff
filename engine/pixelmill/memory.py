"""Memory: how many bytes of decoded pixels this process may hold at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PixelBudget:
    """Lends bytes; who asks for more than is left waits, and a giant takes all of it alone."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._left = size
        self._changed = threading.Condition()

    @contextmanager
    def lent(self, wanted: int) -> Iterator[None]:
        wanted = min(wanted, self.size)
        with self._changed:
            while wanted > self._left:
                self._changed.wait()
            self._left -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._left += wanted
                self._changed.notify_all()
