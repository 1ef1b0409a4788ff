"""WebDataset: samples into a tar; with a DALI index beside it, if asked."""

from collections.abc import Mapping

from pixelmill.shards.index import Index
from pixelmill.shards.writer import TarWriter, sample_size
from pixelmill.storage import Upload, write

# What closes a tar: two blocks of zeros, and zeros up to a multiple of a record (POSIX ustar).
_END, _RECORD = 1024, 10240


def room_for(limit: int) -> int:
    """How many bytes of samples go into a tar of at most `limit` bytes."""
    return limit // _RECORD * _RECORD - _END


class TarShard:
    """One tar being written."""

    suffix = ".tar"

    def __init__(self, stem: str, index: Index | None = None) -> None:
        self.urls: tuple[str, ...] = (stem + self.suffix,)
        self.samples = 0
        self._upload = Upload(self.urls[0])
        self._tar = TarWriter(self._upload.write, index)

    def size_with(self, key: str, fields: Mapping[str, bytes]) -> int:
        size = self._tar.size + sample_size(key, fields) + _END
        return size + -size % _RECORD

    def add(self, key: str, fields: Mapping[str, bytes], image: str) -> None:  # noqa: ARG002
        self._tar.add(key, fields)
        self.samples += 1

    def add_packed(self, blocks: bytes | memoryview, samples: int) -> None:
        """Append samples that are the blocks of a tar already."""
        self._tar.add_packed(blocks)
        self.samples += samples

    def add_range(self, url: str, start: int, stop: int) -> None:
        """Append these bytes of a file, which are blocks of samples that are counted elsewhere."""
        self._tar.pass_by(stop - start)
        self._upload.copy(url, start, stop)

    def commit(self) -> tuple[int, str]:
        self._tar.close()
        self._upload.commit()
        return self._upload.size, self._upload.sha256

    def abort(self) -> None:
        self._upload.abort()


class IndexedTarShard(TarShard):
    """A tar with the index that NVIDIA DALI reads: where each member's data lies."""

    def __init__(self, stem: str) -> None:
        self._index = Index()
        super().__init__(stem, self._index)
        self.urls = (*self.urls, f"{stem}.idx")

    def commit(self) -> tuple[int, str]:
        facts = super().commit()
        write(self.urls[1], self._index.text().encode("ascii"))
        return facts
