"""Memory: how many bytes of decoded pixels this process may hold at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from pixelmill.giants import WideLane
from pixelmill.loan import Loan


class PixelBudget:
    """Lends bytes; who asks for more than is left waits, and a giant takes all of it alone.

    With a wide `lane` giants wait for those of other processes, too.
    """

    def __init__(self, size: int, lane: WideLane | None = None) -> None:
        self.size, self.lane = size, lane
        self._left = size
        self._changed = threading.Condition()

    @contextmanager
    def lent(self, wanted: int) -> Iterator[Loan]:
        wanted = min(wanted, self.size)
        with self._changed:
            while wanted > self._left:
                self._changed.wait()
            self._left -= wanted
        loan = Loan(lambda: self._back(wanted))
        try:
            with self.lane.for_(wanted) if self.lane else nullcontext():
                yield loan
        finally:
            loan.back()

    def _back(self, lent: int) -> None:
        with self._changed:
            self._left += lent
            self._changed.notify_all()
