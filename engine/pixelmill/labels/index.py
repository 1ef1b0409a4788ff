"""Index: the rows of all tables by key, in one file that workers map and need not hold.

    labels/index            a line of JSON, then for every key, sorted by their 64-bit numbers: the
                            numbers, where the rows of each end, and the rows as JSON

It is made by hash: rows go to partitions on the local disk, of which one at a time is sorted in
memory.  A worker far from a bucket copies the file to its disk, once.
"""

import json
import mmap
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from pixelmill import storage
from pixelmill.labels.table import Row

NAME = "labels/index"
# Rows of a partition are in memory at once, ten times as large as in their file.
PARTITION_BYTES, MOST_PARTITIONS = 16 << 20, 1024
_BUFFER = 1 << 16
_COPY = 8 << 20


class Keyed(NamedTuple):
    """A row of the n-th table under its key."""

    table: int
    key: str
    row: Row


def number_of(table: int, key: str) -> int:
    text = f"{table}\0{key}".encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def write_index(url: str, rows: Iterable[Keyed], size: int, about: Any) -> None:
    """Write the index of these rows, some `size` bytes; `about()` says more once all were read."""
    with tempfile.TemporaryDirectory(prefix="pixelmill-labels-") as folder:
        parts = _Partitions(folder, max(1, min(MOST_PARTITIONS, size // PARTITION_BYTES)))
        for row in rows:
            parts.add(row)
        files = {name: Path(folder, name) for name in ("numbers", "ends", "rows")}
        keys = 0
        with (
            files["numbers"].open("wb") as numbers,
            files["ends"].open("wb") as ends,
            files["rows"].open("wb") as texts,
        ):
            for found in parts.sorted():
                number, text = found
                texts.write(text)
                numbers.write(number.to_bytes(8, "little"))
                ends.write(texts.tell().to_bytes(8, "little"))
                keys += 1
        head = json.dumps({"keys": keys, **about()}).encode()
        head += b" " * (-(len(head) + 1) % 8) + b"\n"
        with storage.Upload(url) as upload:
            upload.write(head)
            for file in files.values():
                with file.open("rb") as data:
                    while chunk := data.read(_COPY):
                        upload.write(chunk)
            upload.commit()


class _Partitions:
    """Rows apart by the highest bits of their numbers, so that sorted parts make a sorted whole."""

    def __init__(self, folder: str, count: int) -> None:
        self._files = [Path(folder, f"part-{number}") for number in range(count)]
        self._buffers = [bytearray() for _ in self._files]

    def add(self, row: Keyed) -> None:
        number = number_of(row.table, row.key)
        text = json.dumps([row.table, row.key, *row.row]).encode()
        place = number * len(self._files) >> 64
        buffer = self._buffers[place]
        buffer += number.to_bytes(8, "little") + len(text).to_bytes(4, "little") + text
        if len(buffer) > _BUFFER:
            self._flush(place)

    def sorted(self) -> Iterator[tuple[int, bytes]]:
        """Every number with a list of its rows, which are in the order in which they came."""
        for place, file in enumerate(self._files):
            self._flush(place)
            data = file.read_bytes()
            file.unlink()
            rows: dict[int, list[bytes]] = {}
            for number, text in _cut(data):
                rows.setdefault(number, []).append(text)
            for number in sorted(rows):
                yield number, b"[" + b",".join(rows.pop(number)) + b"]"

    def _flush(self, place: int) -> None:
        with self._files[place].open("ab") as file:
            file.write(self._buffers[place])
        self._buffers[place].clear()


def _cut(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        number = int.from_bytes(data[at : at + 8], "little")
        end = at + 12 + int.from_bytes(data[at + 8 : at + 12], "little")
        yield number, data[at + 12 : end]
        at = end


class Index:
    """The rows by key; used by any number of threads, and by no more memory than the system has."""

    def __init__(self, url: str) -> None:
        with _local(url) as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start = self._map.find(b"\n") + 1
        self.about: dict[str, Any] = json.loads(self._map[:start])
        self.keys = int(self.about["keys"])
        self._numbers = np.frombuffer(self._map, "<u8", self.keys, start)
        self._ends = np.frombuffer(self._map, "<u8", self.keys, start + 8 * self.keys)
        self._rows = start + 16 * self.keys

    def find(self, table: int, key: str) -> tuple[int, Sequence[Row]]:
        """Where the rows of a key stand, and they; of none it is where they would."""
        number = np.uint64(number_of(table, key))
        place = int(self._numbers.searchsorted(number))
        if place == self.keys or self._numbers[place] != number:
            return place, ()
        # Chance may have given another key the same number.
        return place, [row[2] for row in self.at(place) if row[1] == key and row[0] == table]

    def lookup(self, table: int, key: str) -> Sequence[Row]:
        return self.find(table, key)[1]

    def at(self, place: int) -> list[Keyed]:
        start = self._rows + (int(self._ends[place - 1]) if place else 0)
        found = json.loads(self._map[start : self._rows + int(self._ends[place])])
        return [Keyed(row[0], row[1], tuple(row[2:])) for row in found]


def _local(url: str) -> IO[bytes]:
    """The file, open on the local disk; a copy of one that is elsewhere goes when it is closed."""
    if storage.is_local(url):
        return open(storage.local_path(url), "rb")
    copy = tempfile.TemporaryFile(prefix="pixelmill-labels-")  # noqa: SIM115  # whoever asked closes it
    for chunk in storage.chunks(url):
        copy.write(chunk)
    copy.flush()
    return copy
