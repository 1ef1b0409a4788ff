"""Gather: one final shard, out of the runs that hold its samples."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from pixelmill import storage
from pixelmill.clock import Clock
from pixelmill.exchange.map import PLACED, RunMap
from pixelmill.exchange.order import COPY, REBUILD, Entries, order_hash, repeats
from pixelmill.exchange.packing import unpacked
from pixelmill.exchange.spans import Spans, stretches
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.outputs import ShardRecord, shard_opener

# Bytes of samples in memory at once.  Of local files few, which stay in the processor's cache until
# they are written; of a bucket many, for its latency; of sorted runs many, since each is read once
# for so many.
BATCH, REMOTE_BATCH, SORTED_BATCH = 1 << 20, 16 << 20, 32 << 20
# Bytes that are copied from file to file at once; four wait, and the core is held until then.
RANGE = 2 << 20
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
        found = [self.runs.stretch(*each) for each in _wrapped(start, stop, self.runs.total)]
        entries = np.concatenate([np.zeros(0, PLACED), *found])
        again, number = repeats(entries), 1 + (entries["flags"] >> COPY)
        if again.any() or (number > 1).any():
            self._taken = set(zip(entries["high"].tolist(), entries["low"].tolist(), strict=True))
        number[again] = np.maximum(number[again], 2)
        self.renamed = int(again.sum())
        alone = (number > 1) | ((entries["flags"] & REBUILD) != 0) | (not self._whole)
        if not alone.any() and self._from_local_files(entries):
            self._copy_ranges(entries, look)
            return
        at = 0
        for stretch in found:
            for size in self._batches(stretch):
                look()
                self._copy(entries[at : at + size], alone[at : at + size], number[at : at + size])
                reach("gather.batch")
                at += size

    def _from_local_files(self, entries: Entries) -> bool:
        """Whether they are in the order of local files."""
        urls = (self.runs.runs[run].data_url for run in np.unique(entries["run"]).tolist())
        return not self.runs.sorted and all(map(storage.is_local, urls))

    def _copy_ranges(self, entries: Entries, look: Callable[[], None]) -> None:
        """Have them copied from file to file, as they are."""
        self.clock.skip()
        for run, start, end, samples in stretches(entries):
            self.shard.samples += samples
            self.bytes_read += end - start
            url = self.runs.runs[run].data_url
            for at in range(start, end, RANGE):
                look()
                self.shard.add_range(url, at, min(at + RANGE, end))
                reach("gather.batch")
        self.clock.lap("write")

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

    def _copy(self, entries: Entries, alone: Any, number: Any) -> None:
        self.clock.skip()
        spans = Spans(entries)
        data = self._read(spans)
        self.clock.lap("read")
        by_itself, numbers = alone.tolist(), number.tolist()
        at, count = 0, len(numbers)
        while at < count:
            first, at = at, at + 1
            piece, start, end = data[spans.of[first]], spans.start[first], spans.end[first]
            if by_itself[first]:
                self._rebuild(piece[start:end], spans.run[spans.of[first]], numbers[first])
                continue
            while at < count and spans.follows(at) and not by_itself[at]:
                at += 1
            end = spans.end[at - 1]
            # A slice of bytes would be a copy, unless it is of all of them.
            blocks = piece if end - start == len(piece) else memoryview(piece)[start:end]
            self.shard.add_packed(blocks, at - first)
        self.clock.lap("write")

    def _read(self, spans: Spans) -> list[bytes]:
        urls = [self.runs.runs[run].data_url for run in spans.run]
        self.bytes_read += sum(spans.last) - sum(spans.first)
        if len(urls) < 2 or all(map(storage.is_local, urls)):
            return list(map(storage.read_range, urls, spans.first, spans.last))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(storage.read_range, urls, spans.first, spans.last))

    def _rebuild(self, data: bytes, run: int, number: int) -> None:
        key, fields, image = unpacked(self.spec.format, data, self.runs.runs[run].data_url)
        self.shard.add(key if number == 1 else self._other_name(key, number), fields, image)

    def _other_name(self, key: str, number: int) -> str:
        """A key that the shard has not: readers would take two samples of one key for one."""
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


def _wrapped(start: int, stop: int, total: int) -> Iterator[tuple[int, int]]:
    """Places from `start` to `stop` where the order begins again after its `total`."""
    while start < stop:
        begin = start % total
        size = min(stop - start, total - begin)
        yield begin, begin + size
        start += size


def _halves(digest: bytes) -> tuple[int, int]:
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")
