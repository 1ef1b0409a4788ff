"""Entries: what is there, how large, and a stamp that changes with it."""

import glob as local_glob
import os
import stat as modes
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pixelmill.errors import InputMissing, StorageError
from pixelmill.storage.about import about, checksum, stamp
from pixelmill.storage.backends import filesystem
from pixelmill.storage.crc import crc
from pixelmill.storage.faults import told
from pixelmill.storage.patience import patiently
from pixelmill.storage.stores.asking import asked
from pixelmill.storage.urls import TEMPORARY, is_local, join, local_path, masked, name, parent

__all__ = [
    "Entry",
    "exists",
    "glob",
    "is_folder",
    "is_glob",
    "listing",
    "stat",
    "stat_all",
    "stat_to_read",
]

_FEW = 8  # below this many in one folder, asking for each is cheaper than listing the folder
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its URL, its size in bytes (-1 where a web server does not say), and a stamp.

    The stamp is the ETag or the time of the last change, "" where neither is known.  `checksum` is
    what the store says of the bytes, or "": an md5 in hex, or S3's `md5-N` of an object in N parts;
    `crc` is another that it may keep (crc.py).
    """

    url: str
    size: int
    stamp: str
    checksum: str = field(default="", compare=False)  # not every way of asking tells it
    crc: str = field(default="", compare=False)


def stat(url: str) -> Entry:
    """The file under `url`; InputMissing where there is none, StorageError where it is a folder."""
    if is_local(url):
        with told(url, "reading"):
            facts = os.stat(local_path(url))
        if modes.S_ISDIR(facts.st_mode):
            raise _folder(url)
        return Entry(url, facts.st_size, str(facts.st_mtime_ns))
    return _file(url, about(url))


def stat_to_read(url: str) -> Entry:
    """The same of one that is not local, with every checksum that its store keeps."""
    try:
        return _file(url, about(url, sums=True))
    except InputMissing:  # or a folder
        return stat(url)


def stat_all(urls: Sequence[str]) -> list[Entry]:
    """The file under each URL, with few requests; InputMissing names the first that are missing."""
    if all(is_local(url) for url in urls):
        found = {url: entry for url in urls if (entry := _stat_or_none(url))}
    else:
        found = _stat_remote(urls)
    missing = [url for url in urls if url not in found]
    if missing:
        shown = ", ".join(masked(url) for url in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise InputMissing(
            f"{len(missing)} of {len(urls)} inputs are missing: {shown}{more}; check the names"
        )
    return [found[url] for url in urls]


def exists(url: str) -> bool:
    """Whether a file or a folder is there; a storage that does not answer is an error, not "no"."""
    if is_local(url):
        with told(url, "reading"):
            return os.path.exists(local_path(url))
    try:
        about(url)
    except InputMissing:
        return False
    return True


def is_folder(url: str) -> bool:
    """Whether `url` names a folder (on object stores: whether anything lies below it)."""
    if is_local(url):
        return os.path.isdir(local_path(url))
    try:
        return bool(about(url)["type"] == "directory")
    except InputMissing:
        return False


def listing(url: str, recursive: bool = False) -> list[Entry]:
    """The files in a folder, or below it, sorted by URL; InputMissing where there is no folder."""
    if is_local(url):
        with told(url, "listing"):
            found = list(_walk(url, local_path(url), recursive, set()))
        return sorted(found, key=lambda entry: entry.url)
    fs, path = filesystem(url)
    depth = None if recursive else 1
    facts = patiently(lambda: _find(fs, path, depth), url, "listing")
    if path in facts:
        raise StorageError(f"listing {masked(url)} failed: it is a file, not a folder")
    if not facts and not is_folder(url):
        raise InputMissing(f"listing {masked(url)} failed: nothing is there; check the path")
    return _entries(url, path, facts)


def is_glob(url: str) -> bool:
    """Whether `url` holds one of the signs * ? [ of a pattern (an http query is none)."""
    start = url.partition("?")[0] if url.startswith(("http://", "https://")) else url
    return any(sign in start for sign in "*?[")


def glob(pattern: str) -> list[Entry]:
    """The files that match a pattern, sorted by URL; ** crosses folders."""
    root = pattern[: pattern.rfind("/", 0, _first_sign(pattern)) + 1]
    if is_local(pattern):
        prefix = root[: len(root) - len(local_path(root))] if "://" in root else ""
        with told(pattern, "listing"):
            names = local_glob.iglob(local_path(pattern), recursive=True)
            urls = sorted(prefix + found for found in names if os.path.isfile(found))
            return [stat(url) for url in urls if not name(url).startswith(TEMPORARY)]
    fs, path = filesystem(pattern)
    base = filesystem(root)[1] if root else ""
    facts = patiently(lambda: _glob(fs, path), pattern, "listing")
    return _entries(root, base, facts)


def _first_sign(pattern: str) -> int:
    return min((pattern.find(sign) for sign in "*?[" if sign in pattern), default=len(pattern))


def _find(fs: Any, path: str, depth: int | None) -> dict[str, dict[str, Any]]:
    fs.invalidate_cache()
    if depth == 1 and "s3" in fs.protocol:
        # One request; `find` makes six, and `ls` also lists the folder above where nothing is.
        if found := asked(fs, fs._lsdir, path.rstrip("/"), True):
            return {entry["name"]: entry for entry in found}
        raise FileNotFoundError(path)
    if depth == 1 and "az" in fs.protocol:  # its `find` knows no depth
        with suppress(FileNotFoundError):
            return {entry["name"]: entry for entry in fs.ls(path, detail=True)}
        return {}
    return dict(fs.find(path, maxdepth=depth, detail=True))


def _glob(fs: Any, path: str) -> dict[str, dict[str, Any]]:
    fs.invalidate_cache()
    return dict(fs.glob(path, detail=True))


def _entries(base: str, path: str, facts: dict[str, dict[str, Any]]) -> list[Entry]:
    """Entries under URLs spelled as `base` is; `path` is the path of `base`."""
    head = path.rstrip("/") + "/"
    found = []
    for full, info in facts.items():
        if info["type"] == "file" and not name(full).startswith(TEMPORARY):
            url = full if "://" in full else join(base, full.removeprefix(head).lstrip("/"))
            found.append(_entry(url, info))
    return sorted(found, key=lambda entry: entry.url)


def _entry(url: str, info: dict[str, Any]) -> Entry:
    size = info.get("size")
    size = -1 if size is None else int(size)
    return Entry(url, size, stamp(info), checksum(info), crc(info))


def _file(url: str, info: dict[str, Any]) -> Entry:
    if info["type"] == "directory":
        raise _folder(url)
    return _entry(url, info)


def _walk(url: str, path: str, recursive: bool, above: set[str]) -> Iterator[Entry]:
    """Files below `path`; links are followed, except back to a folder that is being walked."""
    real = os.path.realpath(path)
    if real in above:
        return
    with os.scandir(path or ".") as found:
        for entry in found:
            inner = join(url, entry.name)
            if entry.is_dir():
                if recursive:
                    yield from _walk(inner, entry.path, True, above | {real})
            elif entry.is_file() and not entry.name.startswith(TEMPORARY):
                facts = entry.stat()
                yield Entry(inner, facts.st_size, str(facts.st_mtime_ns))


def _stat_or_none(url: str) -> Entry | None:
    try:
        return stat(url)
    except InputMissing:
        return None


def _stat_remote(urls: Sequence[str]) -> dict[str, Entry]:
    folders: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        folders[parent(url)].append(url)
    found: dict[str, Entry] = {}
    single: list[str] = []
    for folder, inside in folders.items():
        if len(inside) < _FEW or folder.startswith(("http://", "https://")):
            single += inside
        else:
            found |= {entry.url: entry for entry in _listing_or_none(folder)}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found |= {entry.url: entry for entry in pool.map(_stat_or_none, single) if entry}
    return found


def _listing_or_none(folder: str) -> Iterable[Entry]:
    try:
        return listing(folder)
    except InputMissing:
        return ()


def _folder(url: str) -> StorageError:
    return StorageError(f"reading {masked(url)} failed: it is a folder, not a file")
