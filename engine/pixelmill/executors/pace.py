"""Pace: how long a task may be expected to take, by those that are done."""

from collections import deque
from statistics import median

from pixelmill.plan import Task

FEW, MANY = 3, 301


class Pace:
    """The median of the latest tasks, for each byte of input where the bytes are known."""

    def __init__(self) -> None:
        self._latest: deque[tuple[int, float]] = deque(maxlen=MANY)
        self._found: tuple[float | None, float] | None = None

    def add(self, task: Task, seconds: float) -> None:
        self._latest.append((task.bytes, seconds))
        self._found = None

    def expects(self, task: Task) -> float | None:
        """Seconds; None where too few are done to say."""
        if len(self._latest) < FEW:
            return None
        if self._found is None:
            self._found = self._medians()
        rate, typical = self._found
        return typical if rate is None or task.bytes <= 0 else rate * task.bytes

    def _medians(self) -> tuple[float | None, float]:
        rates = [seconds / size for size, seconds in self._latest if size > 0]
        typical = median(seconds for _, seconds in self._latest)
        return (median(rates) if len(rates) >= FEW else None), typical
