"""Pace: how many requests a second a storage is asked, once it has said that they are too many.

One pace for each protocol and bucket (or web server) in a process, shared by its threads.  It sets
no limit until the first 503 or 429.  Then additive increase, multiplicative decrease, as TCP does:
the rate becomes half of what was really asked, grows by five requests a second each second, and the
limit is forgotten when it has grown to twice what was asked when it came.

Processes tell each other nothing: each Ray worker has a pace of its own.  Each is refused its share
of the requests, and each halves: additive increase with multiplicative decrease comes to equal
shares without a word (Chiu and Jain, 1989).  What is not shared is the first moment: a worker that
starts in a throttled job asks at full speed until its own first refusal.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from pixelmill.storage.urls import host

__all__ = ["Pace", "pace_of"]

# All requests in flight fail together: within this time of a cut they say nothing new.
_DEAF = 1.0
# The window in which requests are counted, in seconds and in requests.
_WINDOW, _MOST = 2.0, 4096
_SLOWEST = 2.0  # requests a second: some of S3's refusals have nothing to do with the rate
# Requests a second, each second.  The same for all: in proportion, who begins with more would keep
# more for ever.  A worker that asked forty times a second is back after four seconds.
_GROWTH = 5.0


class Pace:
    """Requests to one place; threads come by `admit` and say how it went."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: deque[float] = deque(maxlen=_MOST)
        self._rate: float | None = None  # at the time `_since`
        self._since = self._next = 0.0
        self._cut_at = float("-inf")
        self._before = 0.0  # what was asked when the limit came
        self.cuts = 0

    @property
    def rate(self) -> float | None:
        """Requests a second at most, now; None where there is no limit."""
        with self._lock:
            return self._limit(self._clock())

    def admit(self, wait: Callable[[float], object] = time.sleep) -> float:
        """Wait for this request's turn; returns for how many seconds."""
        with self._lock:
            now = self._clock()
            rate = self._limit(now)
            turn = now if rate is None else max(now, self._next)
            self._next = turn if rate is None else turn + 1 / rate
            self._asked.append(turn)
        if turn > now:
            wait(turn - now)
        return turn - now

    def slow_down(self) -> None:
        """The storage refused a request as one too many."""
        with self._lock:
            now = self._clock()
            if now - self._cut_at < _DEAF:
                return
            asked, limit = self._recent(now), self._limit(now)
            self._before = asked if limit is None else self._before
            self._rate = max(_SLOWEST, (asked if limit is None else min(asked, limit)) / 2)
            self._since = self._cut_at = now
            self._next = now + 1 / self._rate
            self.cuts += 1

    def _limit(self, now: float) -> float | None:
        if self._rate is None:
            return None
        grown = self._rate + _GROWTH * (now - self._since)
        if grown > 2 * max(_SLOWEST, self._before):
            self._rate = None
            return None
        return grown

    def _recent(self, now: float) -> float:
        """Requests a second of late."""
        times = [then for then in self._asked if now - _WINDOW <= then <= now]
        return max(1, len(times)) / max(0.1, now - times[0] if times else _WINDOW)


_paces: dict[str, Pace] = {}
_lock = threading.Lock()


def pace_of(url: str) -> Pace:
    """The pace of the bucket or server that `url` lies in."""
    place = host(url)
    with _lock:
        return _paces.setdefault(place, Pace())
