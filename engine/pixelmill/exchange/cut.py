"""Cut: into how many shards an output's samples go, and which of them go into each."""

from dataclasses import dataclass

from pixelmill.job import Shards


@dataclass(frozen=True, slots=True)
class Cut:
    """`count` shards of `total` samples: `size` in each but the last, or as equal as can be.

    `left_out` samples at the end are in no shard; `repeated` ones, from the start again, fill up.
    """

    total: int
    count: int
    size: int | None = None
    left_out: int = 0
    repeated: int = 0

    def bounds(self, number: int) -> tuple[int, int]:
        """The places in the order that a shard takes; those beyond `total` start again at 0."""
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
