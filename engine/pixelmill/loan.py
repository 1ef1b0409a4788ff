"""Loan: what is lent to a run, a core or memory; given back once, by it or by who gives it up."""

import threading
from collections.abc import Callable


class Loan:
    """`back` may be called from any thread, and again."""

    def __init__(self, give: Callable[[], object]) -> None:
        self._give, self._lent, self._lock = give, True, threading.Lock()

    def back(self) -> None:
        with self._lock:
            lent, self._lent = self._lent, False
        if lent:
            self._give()
