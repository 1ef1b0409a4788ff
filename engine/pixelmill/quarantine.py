"""Quarantine: the original members of every failed sample, and why, in one tar a task."""

import json
from collections.abc import Iterator

from pixelmill import storage
from pixelmill.failpoint import reach
from pixelmill.outputs import ShardRecord
from pixelmill.sample import Failure, Sample
from pixelmill.shards.writer import TarWriter
from pixelmill.storage import Upload

FOLDER, WHY = "quarantine", "why.json"


class Quarantine:
    """The tar of one task; there is none where nothing failed."""

    def __init__(self, folder: str, task: str) -> None:
        self.name = f"{FOLDER}/{task}.tar"
        self._url = storage.join(folder, FOLDER, f"{task}.tar")
        self._upload: Upload | None = None
        self._tar: TarWriter | None = None
        self._count = 0

    def add(self, failure: Failure) -> None:
        if self._tar is None:
            self._upload = Upload(self._url)
            self._tar = TarWriter(self._upload.write)
        why = {
            "key": failure.key,
            "reason": failure.reason,
            "message": failure.message,
            "where": storage.masked(failure.where),
        }
        text = json.dumps(why, indent=1, ensure_ascii=False, default=str)
        self._tar.add(failure.key, {**failure.fields, WHY: text.encode("utf-8", "replace")})
        self._count += 1

    def close(self) -> ShardRecord | None:
        if self._tar is None or self._upload is None:
            return None
        self._tar.close()
        reach("quarantine.put")
        self._upload.commit()
        size, digest = self._upload.size, self._upload.sha256
        return ShardRecord(FOLDER, self.name, self._count, size, digest)

    def drop(self) -> None:
        """Leave nothing of it, unless it was closed."""
        if self._upload is not None:
            self._upload.abort()

    def abort(self) -> None:
        """Leave nothing, even where it was closed: the task is not committed."""
        self.drop()
        if self._upload is not None:
            storage.remove(self._url)


def without_why(samples: Iterator[Sample | Failure]) -> Iterator[Sample | Failure]:
    """Samples of a quarantine tar as they were first read."""
    for sample in samples:
        sample.fields.pop(WHY, None)
        yield sample
