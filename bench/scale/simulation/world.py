"""World: virtual time, what happens in it, and the driver's own time, which is real.

Simulated things happen at their moments, in order.  The driver is this very process: while its code
runs, the CPU time that it takes passes in the world, too; while it waits, nothing is waited for.
"""

import time
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class World:
    """`now` is the time of what happens, `driver_now` that of the driver, which may be ahead.

    A decision of the driver costs the CPU time that it is measured to take, or `fixed` seconds each
    time it waits, so that the same seed gives the same world.
    """

    def __init__(self, fixed: float | None = None) -> None:
        self.now = self.driver_now = 0.0
        self.code_seconds = self.call_seconds = 0.0
        self._fixed, self._mark = fixed, time.thread_time()
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()

    def at(self, moment: float, happens: Callable[[], object]) -> None:
        """Have it happen then; what happens at one moment happens in the order of the calls."""
        heappush(self._events, (moment, next(self._order), happens))

    def after(self, seconds: float, happens: Callable[[], object]) -> None:
        self.at(self.now + seconds, happens)

    def pause(self) -> None:
        """The driver's code ends here for now: what it took has passed."""
        if self._fixed is None:
            self._passes(time.thread_time() - self._mark)

    def resume(self) -> None:
        """The driver's code goes on."""
        self._mark = time.thread_time()

    def waits(self) -> None:
        """The driver's code is done with what it had heard."""
        self.pause()
        if self._fixed is not None:
            self._passes(self._fixed)

    def costs(self, seconds: float) -> None:
        """The driver called Ray, which takes so long of its time."""
        self.call_seconds += seconds
        self.driver_now += seconds

    def catch_up(self) -> None:
        """All that has happened while the driver worked."""
        while self._events and self._events[0][0] <= self.driver_now:
            self._happen()

    def sleep(self, until: float, unless: Callable[[], object]) -> None:
        """The driver waits until then, or until `unless` is true, if that is sooner."""
        while not unless():
            if not self._events or self._events[0][0] > until:
                self.driver_now = max(self.driver_now, until)
                return
            self._happen()
            self.driver_now = max(self.driver_now, self.now)

    def _happen(self) -> None:
        self.now, _, happens = heappop(self._events)
        happens()

    def _passes(self, seconds: float) -> None:
        self.code_seconds += seconds
        self.driver_now += seconds
