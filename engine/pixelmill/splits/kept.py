"""Kept: the sides that an earlier split gave, from its CSV files."""

import csv
import io
from collections.abc import Iterator

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError


def read_kept(url: str, column: str) -> dict[str, str]:
    """The side of each name in `column` of a CSV, or of all those in a folder."""
    sides: dict[str, str] = {}
    for file in _files(url):
        for row in _rows(file, column):
            sides[row[column]] = row["split"]
    return sides


def _files(url: str) -> list[str]:
    if not storage.is_folder(url):
        return [url]
    files = sorted(one.url for one in storage.listing(url) if one.url.endswith(".csv"))
    if not files:
        raise JobError([f"split.keep: there is no CSV file in {storage.masked(url)}"])
    return files


def _rows(url: str, column: str) -> Iterator[dict[str, str]]:
    try:
        rows = csv.DictReader(io.StringIO(storage.read(url).decode("utf-8-sig"), newline=""))
    except (InputMissing, UnicodeDecodeError) as error:
        raise JobError([f"split.keep: {storage.masked(url)}: {error}"]) from error
    lacking = {column, "split"} - set(rows.fieldnames or ())
    if lacking:
        raise JobError(
            [f"split.keep: {storage.masked(url)} has no column {' and '.join(sorted(lacking))}"]
        )
    return iter(rows)
