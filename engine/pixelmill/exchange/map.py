"""Map: the runs of an output, and which of them hold a stretch of its order.

The driver writes it once between the stages; it has a line a run and no line a sample.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from pixelmill import storage
from pixelmill.exchange.order import BINS, ENTRY, Entries, by_hash
from pixelmill.exchange.runs import FOLDER
from pixelmill.job import Job
from pixelmill.ledger import Record

# An entry and the run that it is in.
PLACED = np.dtype([*ENTRY.descr, ("run", "<u4")])
_COUNTS = BINS * 4
_WHOLE = 256 << 10  # a run's index up to this size is read at once, counts and all
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class RunFile:
    """One run: where it is, and where the samples are that its index tells of (itself if "")."""

    url: str
    samples: int
    bytes: int
    data: str = ""

    @property
    def data_url(self) -> str:
        return self.data or self.url


@dataclass(frozen=True, slots=True)
class RunMap:
    """Every run of an output, in the order of the tasks.

    `ends` are sums of samples: by bins of the hash where the runs are sorted, else by runs.
    """

    runs: tuple[RunFile, ...]
    ends: npt.NDArray[np.int64]
    fields: tuple[str, ...]
    sorted: bool

    @property
    def total(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    def stretch(self, start: int, stop: int) -> Entries:
        """The samples at these places of the order, PLACED."""
        if start >= stop:
            return np.zeros(0, PLACED)
        first, last = (int(np.searchsorted(self.ends, at, "right")) for at in (start, stop - 1))
        before = int(self.ends[first - 1]) if first else 0
        if self.sorted:
            found = self._of_bins(first, last)
            found = found[by_hash(found)]
        else:
            found = self._of_runs(range(first, last + 1))
        return found[start - before : stop - before]

    def _of_bins(self, first: int, last: int) -> Entries:
        return _placed(_each(lambda run: _bins_of(run, first, last), self.runs))

    def _of_runs(self, numbers: range) -> Entries:
        chosen = [self.runs[number] for number in numbers]
        return _placed(_each(index_of, chosen), numbers.start)


def _each(read: Any, runs: Sequence[RunFile]) -> Iterator[Entries]:
    if not runs or storage.is_local(runs[0].url):  # they are all in one folder
        yield from map(read, runs)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(read, runs)


def _placed(found: Iterable[Entries], first: int = 0) -> Entries:
    pieces = [np.zeros(0, PLACED)]
    for number, entries in enumerate(found, first):
        piece = np.empty(len(entries), PLACED)
        for name in ENTRY.names or ():
            piece[name] = entries[name]
        piece["run"] = number
        pieces.append(piece)
    return np.concatenate(pieces)


def index_of(run: RunFile) -> Entries:
    """All entries of a run that is not sorted."""
    start = run.bytes - run.samples * ENTRY.itemsize
    return np.frombuffer(storage.read_range(run.url, start, run.bytes), ENTRY)


def _bins_of(run: RunFile, first: int, last: int) -> Entries:
    """The entries in these bins of a sorted run."""
    index = run.bytes - _COUNTS - run.samples * ENTRY.itemsize
    if run.bytes - index <= _WHOLE:
        tail = storage.read_range(run.url, index, run.bytes)
        begin, end = _ends(tail[-_COUNTS:], first, last)
        return np.frombuffer(tail, ENTRY, run.samples)[begin:end]
    begin, end = _ends(storage.read_range(run.url, run.bytes - _COUNTS, run.bytes), first, last)
    size = ENTRY.itemsize
    found = storage.read_range(run.url, index + begin * size, index + end * size)
    return np.frombuffer(found, ENTRY)


def _ends(counts: bytes, first: int, last: int) -> tuple[int, int]:
    ends = np.frombuffer(counts, "<u4")
    return int(ends[first - 1]) if first else 0, int(ends[last])


def write_map(job: Job, output: str, runs: Sequence[RunFile], fields: Sequence[str]) -> None:
    """Write the map of an output; the runs under names that hold wherever the folder is seen."""
    lines = [[run.url, run.samples, run.bytes, run.data] for run in runs]
    facts = {"sorted": job.shuffle, "fields": fields, "runs": lines}
    if job.shuffle:
        here = [replace(run, url=storage.join(job.output, run.url)) for run in runs]
        facts["bins"] = bin_sums(_counts_of(here)).tolist()
    storage.write(_url(job.output, output), json.dumps(facts).encode())


def fields_of(output: str, records: Iterable[Record]) -> list[str]:
    """The fields of the samples in the runs of an output."""
    runs = (run for record in records for run in record.runs if run.output == output)
    return sorted({name for run in runs for name in run.fields})


def runs_of(folder: str, output: str, records: Iterable[Record]) -> list[RunFile]:
    """The runs of an output in the order of their tasks, whatever that of the records."""
    found = []
    for record in records:  # one at a time: of a hundred thousand only the runs are kept
        for run in record.runs:
            if run.output == output:
                data = record.parts[0].url if run.bytes == run.samples * ENTRY.itemsize else ""
                url = storage.join(folder, run.name)
                place = len(record.task), record.task
                found.append((place, RunFile(url, run.samples, run.bytes, data)))
    return [run for _, run in sorted(found, key=itemgetter(0))]


def bin_sums(counts: Iterable[npt.NDArray[np.uint32]]) -> npt.NDArray[np.int64]:
    """The sums over all runs of how many samples come before the end of each bin."""
    ends = np.zeros(BINS, np.int64)
    for one in counts:
        ends += one
    return ends


def _counts_of(runs: Sequence[RunFile]) -> Iterator[npt.NDArray[np.uint32]]:
    def counts(run: RunFile) -> npt.NDArray[np.uint32]:
        data = storage.read_range(run.url, run.bytes - _COUNTS, run.bytes)
        return np.frombuffer(data, "<u4")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for at in range(0, len(runs), 1024):  # map() alone would hold the counts of all
            yield from pool.map(counts, runs[at : at + 1024])


def read_map(folder: str, output: str) -> RunMap:
    """The map of an output, as a task of the second stage needs it."""
    facts = json.loads(storage.read(_url(folder, output)))
    runs = tuple(_seen_from(folder, RunFile(*line)) for line in facts["runs"])
    ends = facts["bins"] if facts["sorted"] else np.cumsum([run.samples for run in runs] or [0])
    return RunMap(runs, np.asarray(ends, np.int64), tuple(facts["fields"]), facts["sorted"])


def _seen_from(folder: str, run: RunFile) -> RunFile:
    """A run of the map; what it is drawn from lies in the same folder."""
    ours = run.data.startswith(f"{FOLDER}/")
    data = storage.join(folder, run.data) if ours else run.data
    return replace(run, url=storage.join(folder, run.url), data=data)


def _url(folder: str, output: str) -> str:
    return storage.join(folder, FOLDER, output, "map.json")
