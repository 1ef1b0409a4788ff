"""Hands: the samples of a task that are being worked on at this instant, and since when."""

import threading
from dataclasses import dataclass
from math import inf
from time import monotonic

from pixelmill.loan import Loan


@dataclass(frozen=True, slots=True)
class _Held:
    key: str
    since: float
    loan: Loan | None = None


class Hands:
    """Each thread takes one sample at a time; waiting for memory is no work on it."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}

    def take(self, key: str, loan: Loan | None = None) -> None:
        """This thread works on the sample, with the memory that was lent for it."""
        self._held[threading.get_ident()] = _Held(key, monotonic(), loan)

    def wait(self, key: str) -> None:
        self._held[threading.get_ident()] = _Held(key, inf)

    def free(self) -> None:
        self._held.pop(threading.get_ident(), None)

    def longest(self) -> tuple[str, float]:
        """The sample that is worked on for the longest time, and the seconds; "" where none is."""
        held = min(list(self._held.values()), key=lambda one: one.since, default=_Held("", inf))
        return ("", 0.0) if held.since == inf else (held.key, monotonic() - held.since)

    def abandon(self) -> None:
        """Others get the memory: what hangs would keep it for ever."""
        for held in list(self._held.values()):
            if held.loan is not None:
                held.loan.back()
