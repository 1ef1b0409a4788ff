"""Assign: a split of samples that are only named, without a job: of a table, or of shards."""

import csv
from collections.abc import Callable, Iterator
from typing import TextIO

from pixelmill.job.split import Split
from pixelmill.labels.forms import stem
from pixelmill.labels.table import columns_of, files_of, rows_of
from pixelmill.sources import Source
from pixelmill.splits.decided import decided_of
from pixelmill.splits.leaks import Leaks, Row, leaks_among
from pixelmill.splits.sides import Sides
from pixelmill.splits.survey import Known, known

Samples = Callable[[], Iterator[Known]]
COLUMNS = ("key", "split", "group")
# Places of a table are its columns; several classes in one value stand apart by this.
SEPARATOR = "|"


def samples_of_table(url: str, key: str, split: Split) -> Samples:
    """The rows of a table, its columns named in the place of a sample's places."""
    files = files_of(url)
    columns = [key, *(one for one in (split.group, split.stratify) if one)]
    names = columns_of(files[0])

    def samples() -> Iterator[Known]:
        for row in rows_of(files, list(dict.fromkeys(columns)), names):
            told = dict(zip(dict.fromkeys(columns), row, strict=True))
            classes = told[split.stratify].split(SEPARATOR) if split.stratify else ()
            group = told[split.group].strip() if split.group else ""
            yield Known(stem(told[key]), group, tuple(one for one in classes if one))

    return samples


def samples_of_source(source: Source, split: Split) -> Samples:
    """The samples of shards, a folder or Parquet files."""
    parts = source.parts()
    return lambda: (one for part in parts for one in known(source.read(part), split))


def assign(samples: Samples, split: Split) -> Iterator[Row]:
    """A row for each sample that is on a side: key, split, group."""
    decided = decided_of(split, samples() if split.stratify else ())
    sides = Sides(split, lambda: decided)
    for sample in samples():
        side = sides.side(sample.group if split.groups else sample.key)
        if side is not None:
            yield {"key": sample.key, "split": side, "group": sample.group}


def write_assignment(rows: Iterator[Row], file: TextIO) -> int:
    """Write a CSV of them; how many there were."""
    out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    out.writeheader()
    count = 0
    for row in rows:
        out.writerow(row)
        count += 1
    return count


def shared_groups(samples: Samples, split: Split) -> Leaks:
    """How large the sides are, and which groups are on two of them."""
    rows = [*assign(samples, split)]
    return leaks_among(lambda: iter(rows), split)
