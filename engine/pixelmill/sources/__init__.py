"""sources: where samples come from; one file a kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pixelmill.errors import JobError
from pixelmill.sample import Failure, Sample
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.sources.part import Part, Source

__all__ = ["Part", "Source", "open_source"]

Kind = Literal["auto", "webdataset", "nested", "folder", "parquet"]


def open_source(
    urls: Sequence[str], kind: Kind = "auto", *, image: str = "auto", key: str | None = None,
    batch: int = 1000, max_sample: int = MAX_MEMBER, classes: bool = True,
    mask: str = "",
) -> Source:  # fmt: skip
    """The source of that kind; "auto" finds the kind out, from names where they tell it.

    Nothing is listed or read before `parts` or `about`.  `image` is the image's column of a Parquet
    file, and the extensions ("jpg", or "jpg;png") that make a file of a folder a sample.  `key` is
    the Parquet column that names a sample.  `batch` is the least number of samples in a part of a
    folder or a Parquet file.  `max_sample` is the most bytes that a file or a sample may have.
    Without `classes`, the names of a folder's folders, or of tars in a tar, say nothing.  `mask`
    ends the names of masks beside the images of a folder.
    """
    urls = [urls] if isinstance(urls, str) else list(urls)
    if not urls:
        raise JobError(["source.urls: expected one URL or more, got none"])
    asked = _Asked(image, key, batch, max_sample, classes, mask)
    if kind == "auto":
        return _Auto(urls, asked)
    return _opened(kind, urls, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    image: str
    key: str | None
    batch: int
    max_sample: int
    classes: bool
    mask: str


def _opened(kind: str, urls: Sequence[str], asked: _Asked) -> Source:
    # Imported here: a job of tars needs no pyarrow.
    if kind == "webdataset":
        from pixelmill.sources.webdataset import WebDatasetSource

        return WebDatasetSource(urls, asked.max_sample)
    if kind == "nested":
        from pixelmill.sources.nested import NestedSource

        return NestedSource(urls, asked.max_sample, asked.classes)
    if kind == "folder":
        from pixelmill.sources.folder import FolderSource

        return FolderSource(
            urls, asked.image, asked.batch, asked.max_sample, asked.classes, asked.mask
        )
    if kind == "parquet":
        from pixelmill.sources.parquet import ParquetSource

        return ParquetSource(urls, asked.image, asked.key, asked.batch, asked.max_sample)
    known = "auto, webdataset, nested, folder, parquet"
    raise JobError([f"source.kind: expected one of {known}, got {kind!r}"])


class _Auto:
    """Finds the kind once it is asked for; a part tells its own, so that reading lists nothing."""

    def __init__(self, urls: Sequence[str], asked: _Asked) -> None:
        self._urls, self._asked = urls, asked
        self._found: dict[str, Source] = {}
        self._kind = ""
        self._tars: list[Part] | None = None

    @property
    def kind(self) -> str:
        if not self._kind:
            from pixelmill.sources.detect import detect

            self._kind = detect(self._urls)
            if self._kind == "webdataset":
                self._kind = self._kind_of_tars()
        return self._kind

    def parts(self) -> list[Part]:
        kind = self.kind
        return self._tars if self._tars is not None else self._of(kind).parts()

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        from pixelmill.sources.detect import kind_of_name

        kind = kind_of_name(part.url)
        if kind == "webdataset" and part.stop >= 0:
            kind = "nested"
        elif kind not in ("webdataset", "parquet"):
            kind = "folder" if part.names else "webdataset"
        return self._of(kind).read(part)

    def about(self) -> dict[str, Any]:
        return self._of(self.kind).about()

    def _kind_of_tars(self) -> str:
        """Whether they hold tars themselves: the first one is asked, whatever their number."""
        from pixelmill.shards.nested import is_nested

        tars = self._of("webdataset").parts()
        if tars and is_nested(tars[0].url, tars[0].size):
            return "nested"
        self._tars = tars
        return "webdataset"

    def _of(self, kind: str) -> Source:
        if kind not in self._found:
            self._found[kind] = _opened(kind, self._urls, self._asked)
        return self._found[kind]
