"""Runs: what the first stage writes for an output of the exchange; files that only we read.

    packed samples, one behind the other | an ENTRY for each, in the same order | BINS counts

The counts are there where the run is sorted; where samples are drawn from it, the table of their
strata is in their place (see `stratified`).  Where they lie follows from the number of samples and
the bytes of the file, which its commit record tells.
"""

from array import array
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pixelmill.exchange.order import Entries, bin_ends, by_hash, entries_of, order_hash
from pixelmill.exchange.packing import Pack, checked_length, packer
from pixelmill.exchange.strata import Sorter, table_bytes
from pixelmill.job import Draw, Job
from pixelmill.job import Output as OutputSpec
from pixelmill.outputs.output import Output
from pixelmill.outputs.rolling import RollingOutput
from pixelmill.storage import Upload

FOLDER = "exchange"
# A sorted run waits in memory until it is whole.  The larger, the fewer reads for each shard.
RUN_BYTES = 64 << 20

Places = npt.NDArray[np.intp]


def open_runs(job: Job, spec: OutputSpec, task: str) -> Output:
    """An output that leaves runs in the place of shards."""
    pack = packer(spec.format, spec.index)

    def name(part: int) -> str:
        return f"{FOLDER}/{spec.name}/{task}-{part:03d}"

    def opened(stem: str) -> Run:
        if spec.sample is not None:
            return StratifiedRun(stem, pack, job.seed, spec.sample)
        return (SortedRun if job.shuffle else Run)(stem, pack, job.seed)

    limit = RUN_BYTES if job.shuffle else None
    return RollingOutput(opened, job.output, spec.name, name, None, limit, empty=False)


class Run:
    """Samples as they come."""

    suffix = ".run"

    def __init__(self, stem: str, pack: Pack, seed: int) -> None:
        self.urls: tuple[str, ...] = (stem + self.suffix,)
        self.samples = 0
        self.size = 0
        self._pack, self._seed = pack, seed
        self._upload = Upload(self.urls[0])
        self._hashes, self._lengths = bytearray(), array("Q")

    def size_with(self, key: str, fields: Mapping[str, bytes]) -> int:  # noqa: ARG002
        return self.size + sum(map(len, fields.values()))

    def add(self, key: str, fields: Mapping[str, bytes], image: str) -> None:
        parts = self._pack(key, fields, image)
        length = checked_length(key, sum(map(len, parts)))
        self._take(parts)
        self._hashes += order_hash(self._seed, key)
        self._lengths.append(length)
        self.samples += 1
        self.size += length

    def commit(self) -> tuple[int, str]:
        entries = entries_of(self._hashes, np.frombuffer(self._lengths, np.uint64))
        self._upload.write(entries.tobytes())
        self._upload.commit()
        return self._upload.size, self._upload.sha256

    def abort(self) -> None:
        self._upload.abort()

    def _take(self, parts: list[bytes]) -> None:
        for part in parts:
            self._upload.write(part)


class SortedRun(Run):
    """Samples in the order of their hashes."""

    def __init__(self, stem: str, pack: Pack, seed: int) -> None:
        super().__init__(stem, pack, seed)
        self._waiting: list[list[bytes]] = []

    def commit(self) -> tuple[int, str]:
        lengths = np.frombuffer(self._lengths, np.uint64)
        entries = entries_of(self._hashes, lengths)
        order = by_hash(entries)
        for place in order.tolist():
            super()._take(self._waiting[place])
            self._waiting[place] = []
        entries = entries[order]
        entries["offset"] = np.cumsum(lengths[order]) - lengths[order]
        for part in self._ending(entries, order):
            self._upload.write(part)
        self._upload.commit()
        return self._upload.size, self._upload.sha256

    def _ending(self, entries: Entries, order: Places) -> tuple[bytes, ...]:  # noqa: ARG002
        return entries.tobytes(), bin_ends(entries).tobytes()

    def abort(self) -> None:
        self._waiting.clear()
        super().abort()

    def _take(self, parts: list[bytes]) -> None:
        self._waiting.append(parts)


class StratifiedRun(SortedRun):
    """Samples in the order of their hashes, with the class or the weight that they are drawn by."""

    def __init__(self, stem: str, pack: Pack, seed: int, draw: Draw) -> None:
        super().__init__(stem, pack, seed)
        self._sorter = Sorter(draw)

    def add(self, key: str, fields: Mapping[str, bytes], image: str) -> None:
        super().add(key, fields, image)
        self._sorter.add(fields)

    def _ending(self, entries: Entries, order: Places) -> tuple[bytes, ...]:
        entries["flags"] = np.array(self._sorter.flags, np.uint32)[order]
        return entries.tobytes(), table_bytes(self._sorter.table)
