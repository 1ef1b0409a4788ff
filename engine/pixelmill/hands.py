"""Hands: the samples of a task that are being worked on at this instant, and since when."""

import threading
from math import inf
from time import monotonic


class Hands:
    """Each thread takes one sample at a time; waiting for memory is no work on it."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[str, float]] = {}

    def take(self, key: str) -> None:
        self._held[threading.get_ident()] = key, monotonic()

    def wait(self, key: str) -> None:
        self._held[threading.get_ident()] = key, inf

    def free(self) -> None:
        self._held.pop(threading.get_ident(), None)

    def longest(self) -> tuple[str, float]:
        """The sample that is worked on for the longest time, and the seconds; "" where none is."""
        held = list(self._held.values())
        key, since = min(held, key=lambda one: one[1], default=("", inf))
        return ("", 0.0) if since == inf else (key, monotonic() - since)
