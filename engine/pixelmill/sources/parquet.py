"""Parquet: a sample a row, image bytes in a column; one part some row groups of a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Event
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, ShardError, StorageError
from pixelmill.sample import Failure, Sample
from pixelmill.shards.expand import expanded
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.sources.columns import ColumnError, Columns, columns_of
from pixelmill.sources.detect import kind_of_name
from pixelmill.sources.keys import safe_key
from pixelmill.sources.part import Part
from pixelmill.sources.ranges import open_parquet
from pixelmill.sources.rows import Rows
from pixelmill.sources.stems import below, hidden
from pixelmill.storage import Entry
from pixelmill.storage.ahead import ahead

# A batch of rows in memory, at the row group's average row.
BATCH_BYTES, BATCH_ROWS = 16 << 20, 1024
# Footers asked for at once: a bucket takes some 30 ms for each of two requests a file.
THREADS = 32


class ParquetSource:
    """Samples from the rows of Parquet files, found by name, glob, list or folder."""

    kind = "parquet"

    def __init__(
        self, urls: Sequence[str], image: str = "auto", key: str | None = None, batch: int = 1000,
        max_sample: int = MAX_MEMBER,
    ) -> None:  # fmt: skip
        self.urls, self.image, self.key, self.batch = tuple(urls), image, key, batch
        self.max_sample = max_sample
        self._about: dict[str, Any] | None = None

    def parts(self) -> list[Part]:
        files = _files(self.urls)
        stems = _stems([file.url for file in files])
        with ThreadPoolExecutor(min(THREADS, len(files))) as pool:
            footers = list(pool.map(_footer, files))
        self._about = self._told(files, footers)
        together = zip(files, stems, footers, strict=True)
        return [part for file, stem, footer in together for part in self._cut(file, stem, footer)]

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        """The rows of the part; at the end ShardError, if some of them cannot be read."""
        file = open_parquet(storage.stat(part.url))
        stop = file.num_row_groups if part.stop < 0 else part.stop
        first = sum(file.metadata.row_group(i).num_rows for i in range(part.start))
        stem = part.names[0] if part.names else _stems([part.url])[0]
        columns = self._columns(file.schema_arrow, part.url)
        where = storage.masked(part.url)
        rows = Rows(columns, where, stem, first, lambda path: _beside(part.url, path))
        rows.most = self.max_sample
        damaged = []
        with closing(ahead(_batches(file, range(part.start, stop)), Event(), waiting=1)) as batches:
            for group, batch in batches:
                if isinstance(batch, pa.RecordBatch):
                    yield from rows.samples(batch)
                    continue
                after = sum(file.metadata.row_group(i).num_rows for i in range(group + 1))
                damaged.append(f"row group {group}, {after - rows.row} rows ({batch})")
                rows.row = after
        if damaged:
            lost = "; ".join(damaged)
            raise ShardError(f"{where} is damaged; all of it was read but {lost}.")

    def about(self) -> dict[str, Any]:
        if self._about is None:
            self.parts()
        assert self._about is not None
        return self._about

    def _told(
        self, files: Sequence[Entry], footers: Sequence[pq.FileMetaData | None]
    ) -> dict[str, Any]:
        """The classes, from the first readable file; JobError where its columns are unclear."""
        for file, footer in zip(files, footers, strict=True):
            if footer is not None:
                try:
                    columns = columns_of(footer.schema.to_arrow_schema(), self.image, self.key)
                except ColumnError as error:
                    raise JobError([f"source: {storage.masked(file.url)}: {error}"]) from error
                return {"kind": self.kind, "classes": list(columns.classes)}
        return {"kind": self.kind, "classes": []}

    def _columns(self, schema: pa.Schema, url: str) -> Columns:
        try:
            return columns_of(schema, self.image, self.key)
        except ColumnError as error:
            raise ShardError(f"{storage.masked(url)}: {error}") from error

    def _cut(self, file: Entry, stem: str, footer: pq.FileMetaData | None) -> Iterator[Part]:
        """Row groups until they hold `batch` rows together; an unreadable file stays whole."""
        if footer is None or footer.num_rows <= self.batch or footer.num_row_groups < 2:
            yield Part(file.url, file.size, file.stamp, names=(stem,))
            return
        start = rows = size = 0
        for group in range(footer.num_row_groups):
            rows += footer.row_group(group).num_rows
            size += _stored(footer.row_group(group))
            if rows >= self.batch or group == footer.num_row_groups - 1:
                yield Part(file.url, size, file.stamp, start, group + 1, (stem,))
                start, rows, size = group + 1, 0, 0


def _files(urls: Sequence[str]) -> list[Entry]:
    """The Parquet files of the URLs, folders searched to the bottom."""
    found: dict[str, Entry] = {}
    for url in (part for text in urls for part in text.split("::")):
        listed = _inside(url) if _is_folder(url) else expanded([url])
        twice = [entry.url for entry in listed if entry.url in found]
        if twice:
            raise JobError(
                [f"source.urls: {storage.masked(twice[0])} is named twice; name it once"]
            )
        found.update((entry.url, entry) for entry in listed)
    if not found:
        raise InputMissing(f"There are no Parquet files in {storage.masked(', '.join(urls))}.")
    return list(found.values())


def _is_folder(url: str) -> bool:
    """Whether `url` is a folder; no bucket is asked about a plain file or a pattern."""
    if url.startswith("@") or "{" in url or storage.is_glob(url):
        return False
    return (storage.is_local(url) or not kind_of_name(url)) and storage.is_folder(url)


def _inside(folder: str) -> list[Entry]:
    return [
        entry
        for entry in storage.listing(folder, recursive=True)
        if kind_of_name(entry.url) == "parquet" and not hidden(below(entry.url, folder))
    ]


def _stems(urls: Sequence[str]) -> list[str]:
    """What row-number keys begin with: the file's name and as many folders as tell it apart."""
    names = [safe_key(url.rpartition(".")[0]).split("/") for url in urls]
    for depth in range(1, max(map(len, names)) + 1):
        stems = ["/".join(name[-depth:]) for name in names]
        if max(Counter(stems).values()) == 1:
            return stems
    twice = Counter(stems).most_common(1)[0][0]
    raise JobError(
        [f"source.urls: two files would give the keys {twice}-000000000 ...; rename one"]
    )


def _footer(file: Entry) -> pq.FileMetaData | None:
    """The file's metadata; None where it is damaged, which whoever reads it will be told."""
    with suppress(ShardError):
        return open_parquet(file).metadata
    return None


def _batches(
    file: pq.ParquetFile, groups: Iterable[int]
) -> Iterator[tuple[int, pa.RecordBatch | Exception]]:
    """The rows of these row groups in bounded batches; an error in the place of what is damaged."""
    for group in groups:
        facts = file.metadata.row_group(group)
        rows = BATCH_BYTES * facts.num_rows // max(1, facts.total_byte_size)
        try:
            for batch in file.iter_batches(min(max(1, rows), BATCH_ROWS), row_groups=[group]):
                yield group, batch
        except StorageError:
            raise
        except (pa.ArrowException, OSError, ValueError) as error:
            yield group, error


def _stored(group: pq.RowGroupMetaData) -> int:
    return sum(group.column(i).total_compressed_size for i in range(group.num_columns))


def _beside(url: str, path: str) -> bytes | None:
    """The file at a row's path, relative to the Parquet file's folder; None where there is none."""
    if path.startswith(("/", "~")) or ".." in path.split("/") or "://" in path:
        return None  # a data set of somebody else's has no business elsewhere on this machine
    place = storage.join(storage.parent(url), path)
    try:
        return storage.read(place)
    except StorageError as error:
        if isinstance(error, InputMissing) or storage.is_folder(place):
            return None
        raise
