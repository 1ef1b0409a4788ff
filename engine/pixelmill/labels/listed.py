"""Listed: a source of the images that the rows of labels name, in the order in which they do.

Its samples are keys; what fetches an image, by what its row says, is the join.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from pixelmill import storage
from pixelmill.errors import JobError
from pixelmill.job.labels import FormOfLabels
from pixelmill.labels.kinds import open_form
from pixelmill.labels.table import files_of
from pixelmill.sample import Failure, Sample
from pixelmill.sources import Part

_UNNAMED = "unnamed"  # the key of rows that name nothing: no row has it, so they are told


class Listed:
    """Samples by key alone; `batch` of them to a part."""

    kind = "listed"

    def __init__(self, labels: FormOfLabels, batch: int) -> None:
        self.labels, self.batch = labels, batch

    def parts(self) -> list[Part]:
        table = open_form(self.labels).tables[0]
        entries = storage.stat_all(files_of(table.url))
        rows = table.rows([one.url for one in entries], [])
        keys = list(dict.fromkeys(table.keyed(row[0]) or _UNNAMED for row in rows))
        if not keys:
            raise JobError([f"source.urls: no row of {storage.masked(table.url)} names an image"])
        stamp = "\n".join(f"{storage.masked(one.url)}\t{one.size}\t{one.stamp}" for one in entries)
        size = sum(one.size for one in entries)
        return [
            self._part(table.url, keys[at : at + self.batch], at, size // len(keys), stamp)
            for at in range(0, len(keys), self.batch)
        ]

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        for key in part.names:
            yield Sample(key, {}, storage.masked(part.url))

    def about(self) -> dict[str, Any]:
        return {"kind": self.kind, "classes": []}

    def _part(self, url: str, keys: list[str], start: int, size: int, stamp: str) -> Part:
        told = "\n".join([stamp, *keys]).encode("utf-8", "surrogateescape")
        digest = blake2b(told, digest_size=16).hexdigest()
        stop = start + len(keys)
        return Part(url, size * len(keys), digest, start, stop, tuple(keys))
