"""Table: the rows of CSV or Parquet files, some thousand at a time, every value as text.

Text keeps apart what types would blur: a blank, 0 and 0.0, the key 00000001 and the number 1.
"""

import io
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pixelmill import storage
from pixelmill.errors import JobError, PixelmillError
from pixelmill.shards.expand import expand

_BLOCK = 1 << 20
Row = tuple[str, ...]


def rows_of(
    urls: Sequence[str],
    columns: Sequence[str],
    names: Sequence[str] | None = None,
    ragged: list[str] | None = None,
) -> Iterator[Row]:
    """The values of these columns, row by row; JobError where one is not there.

    `names` are the columns' own, of a CSV whose first line names them wrongly.  Rows with too few
    or too many values are left out, and added to `ragged`, or else a JobError.
    """
    for url in urls:
        with _told(url):
            if url.lower().endswith((".parquet", ".parq")):
                batches = _parquet(url, columns)
            else:
                batches = _csv(url, columns, _header(url, names), ragged)
            for batch in batches:
                yield from zip(*[column.to_pylist() for column in batch], strict=True)


def files_of(url: str | Sequence[str]) -> list[str]:
    """The files that a table's URL, or list of them, stands for; "" is in no file."""
    return expand(url) if url else []


def columns_of(url: str) -> list[str]:
    """The names of a table's columns."""
    if url.lower().endswith((".parquet", ".parq")):
        from pixelmill.sources.ranges import open_parquet

        with _told(url):
            return list(open_parquet(storage.stat(url)).schema_arrow.names)
    return _header(url)


def expect_columns(url: str, columns: Sequence[str], names: Sequence[str] | None = None) -> None:
    """JobError where a table does not have these columns."""
    _expect(url, columns, _header(url, names) if names else columns_of(url))


def _csv(
    url: str, columns: Sequence[str], found: list[str], ragged: list[str] | None
) -> Iterator[list[Any]]:
    import pyarrow as pa
    from pyarrow import csv

    def left_out(row: Any) -> str:
        if ragged is None:
            return "error"
        ragged.append(f"{storage.masked(url)}: {row.text[:200]}")
        return "skip"

    _expect(url, columns, found)
    read = csv.ReadOptions(block_size=_BLOCK, skip_rows=1, column_names=found)
    convert = csv.ConvertOptions(
        include_columns=list(dict.fromkeys(columns)),
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
    )  # fmt: skip
    parse = csv.ParseOptions(newlines_in_values=True, invalid_row_handler=left_out)
    try:
        with csv.open_csv(pa.PythonFile(Stream(url)), read, parse, convert) as reader:
            for batch in reader:
                yield [batch.column(name) for name in columns]
    except pa.ArrowInvalid as error:
        raise JobError(
            [f"{storage.masked(url)}: is no CSV as its first line says: {error}"]
        ) from error


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Whatever a table's bytes bring up inside is a JobError that names it."""
    import csv

    import pyarrow as pa

    try:
        yield
    except PixelmillError:
        raise
    except (OSError, ValueError, EOFError, zlib.error, csv.Error, pa.ArrowException) as error:
        said = f"cannot be read as a table ({error}); mend it or copy it again"
        raise JobError([f"{storage.masked(url)}: {said}"]) from error


def _parquet(url: str, columns: Sequence[str]) -> Iterator[list[Any]]:
    import pyarrow as pa
    from pyarrow import compute

    from pixelmill.sources.ranges import open_parquet

    file = open_parquet(storage.stat(url))
    _expect(url, columns, file.schema_arrow.names)
    for batch in file.iter_batches(8192, columns=list(dict.fromkeys(columns))):
        texts = (_plain(batch.column(name)) for name in columns)
        yield [compute.fill_null(compute.cast(text, pa.string()), "") for text in texts]


def _plain(column: Any) -> Any:
    """A column of lists or structs, such as boxes, as JSON; any other as it is."""
    import pyarrow as pa

    if not pa.types.is_nested(column.type):
        return column
    values = column.to_pylist(maps_as_pydicts="lossy")
    texts = [None if value is None else json.dumps(value, default=str) for value in values]
    return pa.array(texts, pa.string())


def _header(url: str, names: Sequence[str] | None = None) -> list[str]:
    """The columns' names; where a header has too many, as many as the first row has values."""
    import csv

    with (
        _told(url),
        io.TextIOWrapper(io.BufferedReader(Stream(url)), encoding="utf-8-sig", newline="") as text,
    ):
        rows = csv.reader(text)
        said = next(rows, [])
        if names is None:
            return _apart(said)
        first = next(rows, list(names))
    return _apart([*names, *said[len(names) :]][: len(first)])


def _apart(names: Sequence[str]) -> list[str]:
    """The names, those that are there already made different: a broken header has several ""."""
    taken = set(names)
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = count = seen.get(name, 0) + 1
        other = name
        while count > 1 and other in taken:  # one may be called "x.2" by itself
            other, count = f"{name}.{count}", count + 1
        taken.add(other)
        found.append(other)
    return found


def _expect(url: str, columns: Sequence[str], found: Sequence[str]) -> None:
    from difflib import get_close_matches

    lacking = [name for name in columns if name not in found]
    if lacking:
        near = get_close_matches(lacking[0], found, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise JobError(
            [
                f"{storage.masked(url)}: has no column {', '.join(map(repr, lacking))}{hint} "
                f"(it has {', '.join(found)})"
            ]
        )


class Stream(io.RawIOBase):
    """The bytes of a file, gzip undone, as they come."""

    def __init__(self, url: str) -> None:
        chunks: Iterator[Any] = iter(storage.chunks(url))
        self._chunks = _inflated(chunks) if url.lower().endswith(".gz") else chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not len(self._left):
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        count = min(len(into), len(self._left))
        into[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _inflated(chunks: Iterator[Any]) -> Iterator[bytes]:
    """What gzip made of it, a block at a time, however well it was packed."""
    inflate, begun = zlib.decompressobj(wbits=31), False
    for chunk in chunks:
        rest = bytes(chunk)
        begun = begun or bool(rest)
        while rest:
            yield inflate.decompress(rest, _BLOCK)
            rest = inflate.unconsumed_tail
            if inflate.eof:  # gzip files one behind the other are one file, zeros between are none
                rest, inflate = inflate.unused_data.lstrip(b"\0"), zlib.decompressobj(wbits=31)
                begun = bool(rest)
    if begun:
        yield inflate.flush()
        if not inflate.eof:
            raise EOFError("it is gzip that ends before its end")
