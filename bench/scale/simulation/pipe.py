"""Pipe: so much a second and no more: a network card, a bucket's bytes, its requests."""

from math import inf


class Pipe:
    """First come, first served; its sum is exact, whoever in a crowd is served first."""

    def __init__(self, rate: float = inf) -> None:
        self.rate, self.passed = rate, 0.0
        self._free = 0.0

    def take(self, amount: float, now: float) -> float:
        """When so much, asked for now, is through."""
        self.passed += amount
        self._free = max(self._free, now) + amount / self.rate
        return self._free
