"""Own: labels that come with the images, so that no table is joined."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from pixelmill import storage
from pixelmill.errors import SampleError
from pixelmill.job import Job
from pixelmill.job.labels import FolderLabels, HuggingFaceLabels, OwnLabels
from pixelmill.labels.fetched import in_turn
from pixelmill.labels.folder import Folder
from pixelmill.labels.forms import Told
from pixelmill.labels.huggingface import HuggingFace
from pixelmill.labels.index import NAME, Index, write_index
from pixelmill.labels.matched import Matched
from pixelmill.labels.record import written
from pixelmill.sample import Failure, Sample

Noted = tuple[Sample | Failure, dict[str, int]]


class Own(Protocol):
    """A form whose every sample says itself what is in its image."""

    def about(self, urls: Sequence[str], image: str, key: str | None) -> dict[str, Any]:
        """What is known of all: the `classes` in order, and what else its workers need."""

    def told(self, sample: Sample) -> tuple[Sample, Told]:
        """The sample without what its record says now, and that; SampleError where it is wrong."""


def open_own(labels: OwnLabels, about: dict[str, Any]) -> Own:
    if isinstance(labels, FolderLabels):
        return Folder(labels)
    assert isinstance(labels, HuggingFaceLabels)
    return HuggingFace(labels, about)


class OwnJoin:
    """Gives samples the record of what they say; used by any number of threads."""

    def __init__(self, job: Job) -> None:
        assert isinstance(job.source.labels, OwnLabels)
        self.form = open_own(job.source.labels, Index(storage.join(job.output, NAME)).about)

    def samples(
        self, samples: Iterator[Sample | Failure], matched: Matched | None = None
    ) -> Iterator[Sample | Failure]:
        """The samples with their records."""
        matched = Matched() if matched is None else matched
        asked: Iterator[Noted] = ((one, {}) for one in samples)
        for found, notes in in_turn(self._told, asked):
            matched.images += not isinstance(found, Failure)
            matched.notes.update(notes)
            yield found

    def _told(self, asked: Noted) -> Noted:
        """A sample, and what was mended in it."""
        sample = asked[0]
        if isinstance(sample, Failure):
            return asked
        try:
            left, told = self.form.told(sample)
        except SampleError as error:
            said = f"{sample.where} {sample.key}: {error}"
            return Failure(sample.key, sample.fields, error.reason, said, sample.where), {}
        fields = {**left.fields, **told.fields, "json": written(told.record)}
        named = Sample(left.key, dict(sorted(fields.items())), left.where, left.image_field)
        return named, dict(told.notes)


def prepare_own(job: Job) -> dict[str, Any]:
    """What is known of all samples, asked once and kept where an index of tables would be."""
    labels, url = job.source.labels, storage.join(job.output, NAME)
    assert isinstance(labels, OwnLabels)
    if not storage.exists(url):
        source = job.source
        about = open_own(labels, {}).about(source.urls, source.image, source.key)
        nothing: dict[str, Any] = {"tables": [], "rows": [], "ragged": 0, "ragged_rows": []}
        write_index(url, (), 0, lambda: {**nothing, **about})
    return Index(url).about
