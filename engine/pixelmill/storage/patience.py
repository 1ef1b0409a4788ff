"""Patience: faults that may pass are tried again, ever later, within a budget of time.

Retrying is done here and nowhere else: the backends' own retries are off (backends.py), since three
layers of five attempts each would be 125, and since only here all requests slow down together.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pixelmill.storage.faults import expired, throttled, transient, translated
from pixelmill.storage.pace import pace_of
from pixelmill.storage.renewing import renew

__all__ = ["PATIENCE", "Patience", "patiently"]

_Answer = TypeVar("_Answer")
# A mistake in code, not a fault of the storage.
_MISTAKES = (TypeError, AttributeError, NameError, AssertionError)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and for how long, one request is tried.

    The waits are 0.2, 0.4 ... 6.4, 8, 8 s: some 36 s, in which S3 splits a busy prefix and a proxy
    starts again.  Where attempts themselves take long (a stall is cut after 20 s), the budget ends
    it: a task that waits longer than a minute is better run again.
    """

    attempts: int = 10
    budget: float = 60.0  # seconds
    first_wait: float = 0.2
    longest_wait: float = 8.0

    def wait(self, attempt: int) -> float:
        """Seconds after the attempt of this number, the first being 0.

        Jitter, so that a thousand workers that failed together do not return together.
        """
        even = min(self.first_wait * 2.0**attempt, self.longest_wait)
        return even * random.uniform(0.5, 1.5)


PATIENCE = Patience()


def patiently(
    call: Callable[[], _Answer],
    url: str,
    doing: str,
    wait: Callable[[float], object] = time.sleep,
) -> _Answer:
    """What `call` answers; tried again, ever later, where the fault may pass."""
    patience, pace = PATIENCE, pace_of(url)
    end = time.monotonic() + patience.budget
    for attempt in range(patience.attempts):
        end += pace.admit(wait)
        began = time.monotonic()
        try:
            return call()
        except _MISTAKES:
            raise
        except Exception as error:  # each backend raises classes of its own
            pause = patience.wait(attempt)
            late = attempt + 1 == patience.attempts or time.monotonic() + pause > end
            if throttled(error):
                pace.slow_down()
            may_pass = transient(error) or (expired(error) and renew(url, began))
            if late or not may_pass:
                raise translated(error, url, doing) from error
        wait(pause)
    raise AssertionError("the last attempt answers or raises")
