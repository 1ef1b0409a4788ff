"""WebDataset: tars of samples, one part a tar."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from pixelmill.errors import ShardError
from pixelmill.sample import Failure, Sample
from pixelmill.shards.expand import expanded
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.shards.reader import read_shard
from pixelmill.sources.part import Part
from pixelmill.storage import chunks, masked


class WebDatasetSource:
    """Samples from tars (plain, .gz, .zst), found by brace ranges, globs, lists and folders."""

    kind = "webdataset"

    def __init__(self, urls: Sequence[str], max_sample: int = MAX_MEMBER) -> None:
        self.urls, self.max_sample = tuple(urls), max_sample

    def parts(self) -> list[Part]:
        return [Part(file.url, file.size, file.stamp) for file in expanded(self.urls)]

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        with closing(chunks(part.url)) as stream:  # type: ignore[type-var]
            try:
                yield from read_shard(stream, masked(part.url), max_member=self.max_sample)
            except ShardError:
                # To its end, where a storage tells of bytes that changed on the way.
                deque(stream, maxlen=0)
                raise

    def about(self) -> dict[str, Any]:
        return {"kind": self.kind}
