"""Rolling: shard after shard, each of them whole; the same for every format."""

from collections.abc import Callable, Mapping
from typing import Protocol

from pixelmill import storage
from pixelmill.failpoint import reach
from pixelmill.outputs.fields import written_fields
from pixelmill.outputs.output import ShardRecord
from pixelmill.sample import Sample


class Shard(Protocol):
    """One file being written.  `samples` counts what is in it, `urls` are the files it leaves."""

    suffix: str
    samples: int
    urls: tuple[str, ...]

    def size_with(self, key: str, fields: Mapping[str, bytes]) -> int:
        """The file's size if it were closed after this sample."""

    def add(self, key: str, fields: Mapping[str, bytes], image: str) -> None:
        """Write a sample whole, or raise and write nothing of it; `image` names its image field."""

    def commit(self) -> tuple[int, str]:
        """Put the file under its name; its bytes and sha256."""

    def abort(self) -> None:
        """Leave nothing of it."""


OpenShard = Callable[[str], Shard]


class RollingOutput:
    """Writes shards of at most `samples` samples and `limit` bytes, and at least one sample."""

    def __init__(
        self, open_shard: OpenShard, folder: str, output: str, name: Callable[[int], str],
        samples: int | None, limit: int | None, empty: bool,
    ) -> None:  # fmt: skip
        self._open_shard, self._folder, self._output, self._name = open_shard, folder, output, name
        self._samples, self._limit, self._empty = samples, limit, empty
        self._shard: Shard | None = None
        self._records: list[ShardRecord] = []
        self._left: list[str] = []
        self._fields: set[str] = set()

    def add(self, sample: Sample, image: bytes | None, extension: str) -> None:
        key, fields = sample.key, written_fields(sample, image, extension)
        shard = self._shard
        if shard is not None and shard.samples and self._full(shard, key, fields):
            self._commit(shard)
            shard = None
        if shard is None:
            shard = self._next()
        shard.add(key, fields, sample.image_field if image is None else extension)
        if not self._fields.issuperset(fields):  # half the time of an update
            self._fields.update(fields)

    def close(self) -> list[ShardRecord]:
        shard = self._shard
        if shard is None and self._empty and not self._records:
            shard = self._next()
        if shard is not None and (shard.samples or (self._empty and not self._records)):
            self._commit(shard)
        self.drop()
        return list(self._records)

    def drop(self) -> None:
        """Drop the open shard: a sample that could not be written may have left it without any."""
        if self._shard is not None:
            self._shard.abort()
            self._shard = None

    def abort(self) -> None:
        self.drop()
        for url in self._left:
            storage.remove(url)
        self._left.clear()
        self._records.clear()

    def _full(self, shard: Shard, key: str, fields: Mapping[str, bytes]) -> bool:
        if self._samples is not None and shard.samples >= self._samples:
            return True
        return self._limit is not None and shard.size_with(key, fields) > self._limit

    def _next(self) -> Shard:
        stem = storage.join(self._folder, self._name(len(self._records)))
        self._shard = self._open_shard(stem)
        return self._shard

    def _commit(self, shard: Shard) -> None:
        name = self._name(len(self._records)) + shard.suffix
        self._left += shard.urls
        reach("shard.put")
        size, sha256 = shard.commit()
        reach("shard.there")
        self._shard = None
        fields = tuple(sorted(self._fields))
        self._fields.clear()
        self._records.append(ShardRecord(self._output, name, shard.samples, size, sha256, fields))
