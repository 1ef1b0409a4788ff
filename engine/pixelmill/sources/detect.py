"""Detect: which kind of source URLs name, by their names, and a folder by what lies in it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, StorageError
from pixelmill.shards.expand import SUFFIXES, expand
from pixelmill.sources.stems import IMAGES, below, hidden


def kind_of_name(name: str) -> str:
    """ "webdataset", "parquet" or "folder" by a file's name; "" where it tells nothing."""
    lower = name.lower()
    if lower.startswith(("http://", "https://")):
        lower = lower.partition("?")[0]  # what a signed URL says behind its name
    if lower.endswith(SUFFIXES):
        return "webdataset"
    if lower.endswith((".parquet", ".parq")):
        return "parquet"
    return "folder" if PurePosixPath(lower).suffix[1:] in IMAGES else ""


def detect(urls: Sequence[str]) -> str:
    """The one kind of all URLs; JobError where there are several or none, with what was found."""
    found: Counter[str] = Counter()
    for url in (part for text in urls for part in text.split("::")):
        found.update(_kinds(url))
    known = [kind for kind in found if kind]
    if len(known) == 1:
        return known[0]
    where = storage.masked(", ".join(urls))
    if known:
        told = ", ".join(f"{found[kind]} for {kind}" for kind in sorted(known))
        raise JobError(
            [f"source.urls: {where} names files of several kinds ({told}); name one, or set `kind`"]
        )
    told = f"{found['']} other files" if found[""] else "nothing"
    raise JobError(
        [f"source.urls: no tars, Parquet files or images in {where}, found {told}; name them"]
    )


def _kinds(url: str) -> Counter[str]:
    if url.startswith("@"):
        return Counter(map(kind_of_name, expand([url])))
    by_name = kind_of_name(url)
    if by_name:
        return Counter([by_name])
    if storage.is_glob(url):
        return _count(entry.url for entry in storage.glob(url))
    here = _listed(url, recursive=False)
    return here if any(here[kind] for kind in here if kind) else _listed(url, recursive=True)


def _listed(url: str, recursive: bool) -> Counter[str]:
    try:
        found = storage.listing(url, recursive=recursive)
    except InputMissing:
        raise
    except StorageError as error:
        raise JobError(
            [
                f"source.urls: the name of {storage.masked(url)} tells no kind, and {error}; "
                "set `source.kind`"
            ]
        ) from error
    return _count(below(entry.url, url) for entry in found)


def _count(names: Iterable[str]) -> Counter[str]:
    return Counter(kind_of_name(name) for name in names if not hidden(name))
