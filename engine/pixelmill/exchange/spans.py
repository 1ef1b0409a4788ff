"""Spans: the pieces of runs that samples are read in, neighbours together."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pixelmill.exchange.order import Entries

Ints = npt.NDArray[np.int64]


class Spans:
    """By span its run and the bytes from `first` to `last`; by sample where it is inside of one.

    Between two samples of a span there are no more bytes than the second one has, so that at most
    twice what is needed is read.
    """

    def __init__(self, entries: Entries) -> None:
        start, length = entries["offset"].astype(np.int64), entries["length"].astype(np.int64)
        run = entries["run"].astype(np.int64)
        order = np.lexsort((start, run))
        at, size, runs = start[order], length[order], run[order]
        apart = (runs[1:] != runs[:-1]) | (at[1:] - at[:-1] - size[:-1] > size[1:])
        begins = np.concatenate([[True], apart]) if len(entries) else np.zeros(0, bool)
        firsts = np.flatnonzero(begins)
        of = np.empty(len(entries), np.int64)
        of[order] = np.cumsum(begins) - 1
        first = at[firsts]
        last = np.maximum.reduceat(at + size, firsts) if len(firsts) else first
        self.run: list[int] = runs[firsts].tolist()
        self.first: list[int] = first.tolist()
        self.last: list[int] = last.tolist()
        self.of: list[int] = of.tolist()
        self.start: list[int] = (start - first[of]).tolist()
        self.end: list[int] = (start + length - first[of]).tolist()

    def follows(self, at: int) -> bool:
        """Whether a sample stands right behind the one before it."""
        return self.of[at] == self.of[at - 1] and self.start[at] == self.end[at - 1]


def stretches(entries: Entries) -> Iterator[tuple[int, int, int, int]]:
    """Samples that stand one behind the other in one run: it, start and end there, how many."""
    run, start = entries["run"], entries["offset"].astype(np.int64)
    end = start + entries["length"]
    apart = (run[1:] != run[:-1]) | (start[1:] != end[:-1])
    begins = [0, *(1 + np.flatnonzero(apart)).tolist()] if len(entries) else []
    for first, last in pairwise([*begins, len(entries)]):
        yield int(run[first]), int(start[first]), int(end[last - 1]), last - first
