"""Gather: one final shard, out of the runs that hold its samples."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from pixelmill import storage
from pixelmill.clock import Clock
from pixelmill.exchange.map import PLACED, RunMap
from pixelmill.exchange.order import REBUILD, Entries, order_hash, repeats
from pixelmill.exchange.packing import unpacked
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.outputs import ShardRecord, shard_opener

# Bytes of samples in memory at once.  Of local files few, which stay in the processor's cache until
# they are written; of a bucket many, for its latency; of sorted runs many, since each is read once
# for so many.
BATCH, REMOTE_BATCH, SORTED_BATCH = 1 << 20, 16 << 20, 32 << 20
_AT_ONCE = 16


class Gathering:
    """Fills the shard of one task of the second stage."""

    def __init__(self, job: Job, spec: Output, runs: RunMap, stem: str) -> None:
        self.job, self.spec, self.runs = job, spec, runs
        self.renamed = self.bytes_read = 0
        self.clock = Clock()
        self.shard: Any = shard_opener(spec.format, spec.index)(stem)
        # An index tells where members lie, and Parquet's columns are no blocks.
        self._whole = spec.format == "webdataset" and not spec.index
        self._taken: set[tuple[int, int]] = set()

    def fill(self, start: int, stop: int, look: Callable[[], None]) -> None:
        """Write the samples from `start` to `stop`; `look` may raise between two batches."""
        stretches = [self.runs.stretch(*each) for each in _wrapped(start, stop, self.runs.total)]
        entries = np.concatenate([np.zeros(0, PLACED), *stretches])
        again = repeats(entries)
        if again.any():
            self._taken = set(zip(entries["high"].tolist(), entries["low"].tolist(), strict=True))
        alone = again | ((entries["flags"] & REBUILD) != 0) | (not self._whole)
        at = 0
        for stretch in stretches:
            for size in self._batches(stretch):
                look()
                self._copy(entries[at : at + size], alone[at : at + size], again[at : at + size])
                reach("gather.batch")
                at += size

    def _batches(self, entries: Entries) -> Iterator[int]:
        """How many samples to read at once: as many as reach the limit."""
        limit = SORTED_BATCH
        if not self.runs.sorted and self.runs.runs:
            limit = BATCH if storage.is_local(self.runs.runs[0].data_url) else REMOTE_BATCH
        ends = np.cumsum(entries["length"], dtype=np.int64)
        at = 0
        while at < len(entries):
            before = int(ends[at - 1]) if at else 0
            size = min(int(np.searchsorted(ends, before + limit)) + 1, len(entries)) - at
            yield size
            at += size

    def _copy(self, entries: Entries, alone: Any, again: Any) -> None:
        self.clock.skip()
        data = self._read(entries)
        self.clock.lap("read")
        runs, starts, ends = _places(entries)
        by_itself, twice = alone.tolist(), again.tolist()
        at, count = 0, len(runs)
        while at < count:
            before, piece = data[runs[at]]
            first, at = at, at + 1
            if by_itself[first]:
                sample = piece[starts[first] - before : ends[first] - before]
                self._rebuild(sample, runs[first], twice[first])
                continue
            while at < count and _follows(runs, starts, ends, at) and not by_itself[at]:
                at += 1
            start, end = starts[first] - before, ends[at - 1] - before
            # A slice of bytes would be a copy, unless it is of all of them.
            blocks = piece if end - start == len(piece) else memoryview(piece)[start:end]
            self.shard.add_packed(blocks, at - first)
        self.clock.lap("write")

    def _read(self, entries: Entries) -> dict[int, tuple[int, bytes]]:
        """By run, the bytes from the first of its samples to the last, and where they begin."""
        spans: dict[int, tuple[int, int]] = {}
        for run, start, end in zip(*_places(entries), strict=True):
            first, last = spans.get(run, (start, end))
            spans[run] = min(first, start), max(last, end)

        def piece(span: tuple[int, tuple[int, int]]) -> tuple[int, tuple[int, bytes]]:
            run, (start, end) = span
            data = storage.read_range(self.runs.runs[run].data_url, start, end)
            return run, (start, data)

        self.bytes_read += sum(end - start for start, end in spans.values())
        if len(spans) < 2 or all(storage.is_local(self.runs.runs[r].data_url) for r in spans):
            return dict(map(piece, spans.items()))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(pool.map(piece, spans.items()))

    def _rebuild(self, data: bytes, run: int, twice: bool) -> None:
        key, fields, image = unpacked(self.spec.format, data, self.runs.runs[run].data_url)
        if twice:
            key = self._other_name(key)
            self.renamed += 1
        self.shard.add(key, fields, image)

    def _other_name(self, key: str) -> str:
        """A key that the shard has not: readers would take two samples of one key for one."""
        number = 2
        while (halves := _halves(order_hash(self.job.seed, f"{key}~{number}"))) in self._taken:
            number += 1
        self._taken.add(halves)
        return f"{key}~{number}"

    def abort(self) -> None:
        """Leave nothing of it, even where it was closed."""
        self.drop()
        for url in self.shard.urls:
            storage.remove(url)

    def drop(self) -> None:
        """Leave nothing unfinished; a whole shard stays, for it may be that of another worker."""
        self.shard.abort()

    def close(self, name: str) -> ShardRecord:
        reach("gather.put")
        size, sha256 = self.shard.commit()
        reach("gather.there")
        name += self.shard.suffix
        return ShardRecord(self.spec.name, name, self.shard.samples, size, sha256, self.runs.fields)


def _places(entries: Entries) -> tuple[list[int], list[int], list[int]]:
    """Of each sample its run, and where its bytes begin and end in it."""
    starts = entries["offset"]
    return entries["run"].tolist(), starts.tolist(), (starts + entries["length"]).tolist()


def _follows(runs: list[int], starts: list[int], ends: list[int], at: int) -> bool:
    """Whether a sample stands right behind the one before it."""
    return runs[at] == runs[at - 1] and starts[at] == ends[at - 1]


def _wrapped(start: int, stop: int, total: int) -> Iterator[tuple[int, int]]:
    """Places from `start` to `stop` where the order begins again after its `total`."""
    while start < stop:
        begin = start % total
        size = min(stop - start, total - begin)
        yield begin, begin + size
        start += size


def _halves(digest: bytes) -> tuple[int, int]:
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")
