"""Sides: the side of one sample, by what was decided before the job, or else by a hash."""

import threading
from collections.abc import Callable
from itertools import accumulate

from pixelmill.job.split import Split
from pixelmill.sample import Sample
from pixelmill.splits.decided import Decided
from pixelmill.splits.units import group_of, number_of


class Sides:
    """Tells the sides of samples; used by any number of threads."""

    def __init__(self, split: Split, decided: Callable[[], Decided]) -> None:
        self.split, self._decide = split, decided
        self.looks = self.split.leaks != "off"  # whether images are looked at, too
        self._ends = ends_of(self.split.shares)
        self._decided: Decided | None = None
        self._lock = threading.Lock()

    def of(self, sample: Sample) -> tuple[str | None, str]:
        """Its side, None where it is on none, and its group; SampleError without a needed group."""
        group = group_of(self.split, sample)
        unit = group if self.split.groups else sample.key
        return self.side(unit), group

    def side(self, unit: str) -> str | None:
        if self.split.is_decided:
            names = [unit] if self.split.groups else list(dict.fromkeys([unit, last_of(unit)]))
            for name in names:
                found = self._known().side(number_of(name))
                if found is not None:
                    return found
        if not self._ends:
            return self.split.rest
        return by_hash(self._ends, number_of(unit, self.split.seed))

    def _known(self) -> Decided:
        with self._lock:  # read once, when the first sample asks
            if self._decided is None:
                self._decided = self._decide()
            return self._decided


def last_of(key: str) -> str:
    """The last component of a key: lists name files without their folders."""
    return key.rpartition("/")[2]


def ends_of(shares: dict[str, float]) -> list[tuple[str, int]]:
    """Where the part of each side ends on the line of 2**64 numbers."""
    ends = [
        (side, int(end * 2**64))
        for side, end in zip(shares, accumulate(shares.values()), strict=True)
    ]
    return [*ends[:-1], (ends[-1][0], 2**64)] if ends else []


def by_hash(ends: list[tuple[str, int]], number: int) -> str:
    """The side in whose part a unit's number lies: which, no other unit has a say in."""
    return next(side for side, end in ends if number < end)
