"""Join: the rows of tables with images by key; what has no counterpart is counted."""

import json
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from typing import Any, cast

import numpy as np

from pixelmill import storage
from pixelmill.errors import OutputInUse, SampleError
from pixelmill.job import Job
from pixelmill.job.labels import FormOfLabels, OwnLabels
from pixelmill.labels.fetched import in_turn
from pixelmill.labels.forms import Documented, Fetching, Form, Lookup, Told
from pixelmill.labels.index import NAME, Index, Keyed, write_index
from pixelmill.labels.kinds import open_form
from pixelmill.labels.matched import Matched, rows_url
from pixelmill.labels.own import OwnJoin, prepare_own
from pixelmill.labels.published import UNLIKE, as_published
from pixelmill.labels.record import record, written
from pixelmill.labels.table import Row, expect_columns, files_of
from pixelmill.sample import Failure, Sample

_EXAMPLES = 10
# Every worker reads the stamps of so many files; of more, a digest says whether one was changed.
_MOST_STAMPS = 1000
# Text packs as well as this, so that a table's size on disk says how large its rows are.
_GZIP, _PARQUET = 8, 8


class Join:
    """Gives images what the tables say of them; used by any number of threads."""

    def __init__(self, job: Job) -> None:
        assert job.source.labels is not None
        self.labels: FormOfLabels = job.source.labels
        self._most, self._listed = job.source.max_sample, job.source.kind == "listed"
        self.index = Index(storage.join(job.output, NAME))
        self.form: Form = open_form(self.labels, self.index.about["classes"])

    def samples(
        self, samples: Iterator[Sample | Failure], matched: Matched | None = None
    ) -> Iterator[Sample | Failure]:
        """The samples with what is said of them; without a row they fail, unless they are kept."""
        matched = Matched() if matched is None else matched
        if self._listed:
            samples = in_turn(self._fetched, samples)
        for sample in samples:
            yield sample if isinstance(sample, Failure) else self._joined(sample, matched)

    def of_rows(self) -> Iterator[Sample]:
        """What is said of every image of the first table, whether it is there or not."""
        for place in range(self.index.keys):
            for key in dict.fromkeys(row.key for row in self.index.at(place) if row.table == 0):
                found = self._joined(Sample(key), Matched())
                if isinstance(found, Sample):
                    yield found

    def _joined(self, sample: Sample, matched: Matched) -> Sample | Failure:
        matched.images += 1
        try:
            for key in self.form.keys(sample.key):
                place, rows = self.index.find(0, key)
                if not rows and not self._named(key):
                    continue
                before = len(matched.places)
                matched.places += [place] if rows else []
                told = self.form.told(sample.key, rows, self._lookup(sample, matched))
                if told is not None:
                    matched.notes.update(told.notes)
                    return _with(sample, told)
                del matched.places[before:]
        except SampleError as error:
            return _failure(sample, error.reason, str(error))
        except UNLIKE as error:
            said = (
                f"{sample.where} {sample.key}: what the tables say of it is not built as it should "
                f"be ({type(error).__name__}: {error}); mend its rows and use a new output folder"
            )
            return _failure(sample, "rows_unreadable", said)
        matched.without_row += 1
        if len(matched.examples) < _EXAMPLES:
            matched.examples.append(sample.key)
        if self.labels.without_row == "keep":
            return _with(sample, Told(record(sample.key, self.form.source)))
        table = storage.masked(self.form.tables[0].url)
        said = (
            f"{sample.where} {sample.key}: no row of {table} names it; add one and use a new "
            "output folder, or say `without_row: keep`"
        )
        return _failure(sample, "no_row", said)

    def _fetched(self, sample: Sample | Failure) -> Sample | Failure:
        """A sample that is a key alone, with the image that its row names."""
        if isinstance(sample, Failure) or sample.fields:
            return sample
        rows = next(filter(None, (self.index.lookup(0, k) for k in self.form.keys(sample.key))), ())
        if not rows:
            return sample
        try:
            field, data = cast(Fetching, self.form).image(sample.key, rows)
        except SampleError as error:
            return _failure(sample, error.reason, str(error))
        if len(data) > self._most:
            said = f"{sample.key}: its image has {len(data):,} bytes; raise source.max_sample"
            return _failure(sample, "member_too_large", said)
        return Sample(sample.key, {field: data}, sample.where, field)

    def _named(self, key: str) -> bool:
        """Whether a table that is enough names it."""
        tables = enumerate(self.form.tables)
        return any(table.enough and self.index.lookup(n, key) for n, table in tables)

    def _lookup(self, sample: Sample, matched: Matched) -> Lookup:
        """What the form may ask for; the rows that it finds are written down."""

        def found(table: int, key: str) -> Sequence[Row]:
            place, rows = self.index.find(table, key)
            if rows:
                matched.places.append(place)
            return rows

        return Lookup(found, sample, self.index.about.get("dataset", {}))


def _with(sample: Sample, told: Told) -> Sample:
    fields = {**sample.fields, **told.fields, "json": written(told.record)}
    if told.label is not None:
        fields["cls"] = b"%d" % told.label
    return Sample(sample.key, fields, sample.where, sample.image_field)


def _failure(sample: Sample, reason: str, message: str) -> Failure:
    return Failure(sample.key, sample.fields, reason, message, sample.where)


def join_of(job: Job) -> Join | OwnJoin | None:
    """What joins a job's labels; None where it has none."""
    if isinstance(job.source.labels, OwnLabels):
        return OwnJoin(job)
    return Join(job) if job.source.labels else None


def expect_tables(job: Job) -> None:
    """JobError where a table of a job's labels, or one of its columns, is not there."""
    if job.source.labels and not isinstance(job.source.labels, OwnLabels):
        for table in open_form(job.source.labels).tables:
            for file in files_of(table.url):
                if table.read:
                    with as_published(file):
                        (table.expect or storage.stat)(file)
                else:
                    expect_columns(file, table.columns, table.names)


def prepare(job: Job) -> dict[str, Any]:
    """Index the tables, unless that was done; what the index says: its classes among others.

    JobError where a table or a column is not there; OutputInUse where a table was changed since.
    """
    labels = job.source.labels
    if isinstance(labels, OwnLabels):
        return prepare_own(job)
    assert labels is not None
    form, url = open_form(labels), storage.join(job.output, NAME)
    files = [files_of(table.url) for table in form.tables]
    entries = storage.stat_all([file for some in files for file in some])
    stamps: Any = [[storage.masked(one.url), one.size, one.stamp] for one in entries]
    if len(stamps) > _MOST_STAMPS:
        stamps = sha256(json.dumps(stamps).encode()).hexdigest()
    if storage.exists(url):
        found = Index(url).about
        if found["tables"] != stamps:
            raise OutputInUse(
                f"{storage.masked(job.output)}: the tables of its labels were changed since it was "
                "begun; name a new folder, or put them back"
            )
        return found
    size = sum(one.size * (_PARQUET if one.url.endswith("parquet") else 1) for one in entries)
    size *= _GZIP if any(one.url.endswith(".gz") for one in entries) else 1
    counts = [0] * len(files)
    ragged: list[str] = []
    write_index(
        url, _keyed(form, files, counts, ragged), size,
        lambda: {
            **_about(form, files[0]),
            "tables": stamps, "rows": counts, "ragged": len(ragged),
            "ragged_rows": ragged[:_EXAMPLES],
        },
    )  # fmt: skip
    return Index(url).about


def _about(form: Form, first: list[str]) -> dict[str, Any]:
    """What the form tells of all images, once its tables were read."""
    with as_published(form.tables[0].url):
        classes = form.classes(row[1:] for row in form.tables[0].rows(first, []))
        facts = form.facts() if isinstance(form, Documented) else {}
    return {"classes": classes, "dataset": facts}


def _keyed(
    form: Form, files: list[list[str]], counts: list[int], ragged: list[str]
) -> Iterator[Keyed]:
    """The rows of all tables; `counts`, and `ragged` of those that are left out, grow."""
    for number, table in enumerate(form.tables):
        for key, *row in table.rows(files[number], ragged):
            counts[number] += 1
            yield Keyed(number, table.keyed(key), tuple(row))


def summary(job: Job, tasks: Collection[str]) -> dict[str, Any]:
    """How many images and rows found each other in these tasks, and some that did not."""
    index = Index(storage.join(job.output, NAME))
    seen = np.zeros(index.keys, bool)
    images = without = 0
    examples: list[str] = []
    for task in tasks:
        head, _, data = storage.read(rows_url(job.output, task)).partition(b"\n")
        told = json.loads(head)
        images, without = images + told["images"], without + told["without_row"]
        examples += told["examples"][: _EXAMPLES - len(examples)]
        seen[np.frombuffer(data, "<u8").astype(np.int64)] = True
    alone = strange = 0
    names: list[str] = []
    for place in np.flatnonzero(~seen).tolist():
        rows = index.at(place)
        keys = sorted({row.key for row in rows if row.table == 0})
        alone += len(keys)
        strange += sum(row.table > 0 for row in rows)
        names += keys[: _EXAMPLES - len(names)]
    return {
        "rows": index.about["rows"],
        "ragged_rows": index.about["ragged"],
        "images": images,
        "images_without_row": without,
        "rows_without_image": alone,
        "annotations_without_image": strange,
        "examples": {
            "ragged_rows": index.about["ragged_rows"],
            "images_without_row": examples,
            "rows_without_image": names,
        },
    }
