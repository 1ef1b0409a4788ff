"""Hands: the samples of a task that are being worked on at this instant, and since when."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from time import monotonic

from pixelmill.loan import Loan
from pixelmill_kernels.compiling import compiling_of_this_thread


@dataclass(frozen=True, slots=True)
class _Held:
    key: str
    since: float
    loan: Loan | None = None
    compiling: Callable[[], float] = lambda: 0.0
    before: float = 0.0  # what that said then

    def seconds(self, now: float) -> float:
        return now - self.since - (self.compiling() - self.before)


class Hands:
    """Each thread takes one sample at a time; waiting for memory is no work on it.

    Nor is compiling or loading a kernel that it happens to be the first to need.
    """

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}

    def take(self, key: str, loan: Loan | None = None) -> None:
        """This thread works on the sample, with the memory that was lent for it."""
        compiling = compiling_of_this_thread()
        held = _Held(key, monotonic(), loan, compiling, compiling())
        self._held[threading.get_ident()] = held

    def wait(self, key: str) -> None:
        self._held[threading.get_ident()] = _Held(key, inf)

    def free(self) -> None:
        self._held.pop(threading.get_ident(), None)

    def longest(self) -> tuple[str, float]:
        """The sample that is worked on for the longest time, and the seconds; "" where none is."""
        now = monotonic()
        worked_on = [one for one in list(self._held.values()) if one.since != inf]
        return max(((one.seconds(now), one.key) for one in worked_on), default=(0.0, ""))[::-1]

    def abandon(self) -> None:
        """Others get the memory: what hangs would keep it for ever."""
        for held in list(self._held.values()):
            if held.loan is not None:
                held.loan.back()
