"""Nested: tars of tars, one part an inner tar; its name is the class of all samples in it.

Keys begin with that name, as those of a folder of class folders do: n01440764/n01440764_10026.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from pixelmill.errors import InputMissing, JobError, ShardError
from pixelmill.sample import Failure, Sample
from pixelmill.shards.expand import expand
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.shards.nested import Inner, inner_files
from pixelmill.shards.reader import read_shard
from pixelmill.sources.keys import safe_key
from pixelmill.sources.part import Part
from pixelmill.sources.stems import extension
from pixelmill.storage import Entry, masked, range_chunks, stat_all


class NestedSource:
    """Samples from the tars within uncompressed tars, none of which is unpacked."""

    kind = "nested"

    def __init__(
        self, urls: Sequence[str], max_sample: int = MAX_MEMBER, classes: bool = True
    ) -> None:
        self.urls, self.max_sample, self.classes = tuple(urls), max_sample, classes
        self._about: dict[str, Any] | None = None

    def parts(self) -> list[Part]:
        """A part an inner tar, in the order of the outer, and one for what is damaged of that."""
        ignored: Counter[str] = Counter()
        parts = [part for file in stat_all(expand(self.urls)) for part in _parts(file, ignored)]
        if not any(part.names for part in parts):
            raise InputMissing(f"there are no tars in {masked(', '.join(self.urls))}")
        _refuse_twice(parts)
        names = sorted({part.names[0] for part in parts if part.names}) if self.classes else []
        numbers = {name: number for number, name in enumerate(names)}
        self._about = {
            "kind": self.kind,
            "classes": names,
            "ignored": dict(sorted(ignored.items())),
        }
        return [_labelled(part, numbers) for part in parts]

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        if not part.names:
            deque(inner_files(part.url, part.stop, part.start), maxlen=0)  # says what is wrong
            raise ShardError(f"{masked(part.url)} was damaged when it was listed; list it again")
        where = f"{masked(part.url)}/{part.names[0]}.tar"
        with closing(range_chunks(part.url, part.start, part.stop)) as stream:
            try:
                for found in read_shard(stream, where, max_member=self.max_sample):
                    yield _of_class(found, part)
            except ShardError:
                deque(stream, maxlen=0)
                raise

    def about(self) -> dict[str, Any]:
        if self._about is None:
            self.parts()
        assert self._about is not None
        return self._about


def _parts(file: Entry, ignored: Counter[str]) -> Iterator[Part]:
    """The parts of one outer tar; what is no tar is counted by its extension."""
    end = 0
    try:
        for inner in inner_files(file.url, file.size):
            end = inner.stop
            if inner.is_tar:
                yield _part(file, inner)
            else:
                ignored[extension(inner.name)] += 1
    except ShardError:
        end += -end % 512  # where the next header belongs
        if end <= file.size or not end:
            yield Part(file.url, 0, file.stamp, end, file.size)


def _part(file: Entry, inner: Inner) -> Part:
    size, name = inner.stop - inner.start, safe_key(inner.label)
    return Part(file.url, size, file.stamp, inner.start, inner.stop, (name or "unnamed",))


def _labelled(part: Part, numbers: dict[str, int]) -> Part:
    name = part.names[0] if part.names else ""
    return replace(part, labels=((name, numbers[name]),)) if name in numbers else part


def _refuse_twice(parts: Sequence[Part]) -> None:
    """Two inner tars of one name would give their samples the same keys."""
    count = Counter(part.names[0] for part in parts if part.names)
    twice = [name for name, times in count.items() if times > 1]
    if twice:
        raise JobError(
            [
                f"source.urls: {len(twice)} tars are there twice, such as {twice[0]}.tar; their "
                "samples would get the same keys: name each outer tar once, or run a job for each"
            ]
        )


def _of_class(found: Sample | Failure, part: Part) -> Sample | Failure:
    """The sample with its tar's name before its key, and its class, unless it has one."""
    key = f"{part.names[0]}/{found.key}"
    if isinstance(found, Failure):
        return replace(found, key=key)
    fields = found.fields
    if part.labels and "cls" not in fields:
        fields = {**fields, "cls": b"%d" % part.labels[0][1]}
    return Sample(key, fields, found.where)
