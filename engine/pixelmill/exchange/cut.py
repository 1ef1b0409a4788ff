"""Cut: into how many shards an output's samples go, and which of them go into each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pixelmill.job import Shards


@dataclass(frozen=True, slots=True)
class Cut:
    """`count` shards of `total` samples: `size` in each but the last, or as equal as can be.

    With `starts`, they begin at these places.
    `left_out` samples at the end are in no shard; `repeated` ones, from the start again, fill up.
    """

    total: int
    count: int
    size: int | None = None
    left_out: int = 0
    repeated: int = 0
    starts: tuple[int, ...] = ()

    def bounds(self, number: int) -> tuple[int, int]:
        """The places in the order that a shard takes; those beyond `total` start again at 0."""
        if self.starts:
            return self.starts[number], (*self.starts[number + 1 : number + 2], self.total)[0]
        used = self.total - self.left_out + self.repeated
        if self.size is not None:
            return number * self.size, min((number + 1) * self.size, used)
        return number * used // self.count, (number + 1) * used // self.count


def cut(shards: Shards, total: int, tasks: int) -> Cut:
    """The shards that the words of a job make of so many samples; there is one at least."""
    if shards.samples is None:
        return _balanced(total, shards.count or tasks, shards.last)
    size, full = shards.samples, max(1, -(-total // shards.samples))
    if shards.divisible_by:
        return _balanced(total, -(-full // shards.divisible_by) * shards.divisible_by, shards.last)
    if shards.last == "drop" and total > size:
        return Cut(total, total // size, size, left_out=total % size)
    if shards.last == "pad" and total:
        return Cut(total, full, size, repeated=full * size - total)
    return Cut(total, full, size)


def _balanced(total: int, count: int, last: str) -> Cut:
    """`count` shards as equal as can be: exactly equal where the rest is dropped or padded."""
    if last == "drop":
        return Cut(total, count, total // count, left_out=total % count)
    if last == "pad" and total:
        return Cut(total, count, -(-total // count), repeated=-total % count)
    return Cut(total, count)


def cut_by_bytes(lengths: Iterable[npt.NDArray[np.int64]], limit: int) -> Cut:
    """Shards of samples of these lengths, one run after the other, each as full as it can be.

    `limit` is what goes into a shard; one that is larger alone gets a shard of its own.
    """
    starts, place, room = [0], 0, limit
    for some in lengths:
        ends = np.cumsum(some)
        at = 0
        while at < len(some):
            before = int(ends[at - 1]) if at else 0
            fits = int(np.searchsorted(ends, before + room, "right"))
            if fits <= at and starts[-1] < place + at:
                starts.append(place + at)
                room = limit
                continue
            fits = max(fits, at + 1)
            room -= int(ends[fits - 1]) - before
            at = fits
        place += len(some)
    return Cut(place, len(starts), starts=tuple(starts))
