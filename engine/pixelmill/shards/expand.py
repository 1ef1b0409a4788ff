"""Expand: what a user writes for a list of shards, made the list.

    train-{000..009}.tar        braces, as in a shell; every shard that they name must be there
    photos/*.tar                a pattern: what matches, sorted
    photos/                     a folder: its .tar, .tar.gz, .tgz and .tar.zst, sorted
    a.tar::b.tar                several in one word, as webdataset has it
    @shards.txt                 a text file of such words, one a line, # for comments

Words in a text file mean what they would mean on the command line: relative paths start at the
current folder, not at the text file's, as with `find photos -name '*.tar' > shards.txt`.  A file
that is really there under a name with signs of a pattern is meant as it stands.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError
from pixelmill.storage import masked

__all__ = ["SUFFIXES", "expand", "expanded"]

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst")


def expand(spec: str | Sequence[str]) -> list[str]:
    """The URLs that `spec` names, in its order; the errors of `expanded`."""
    return [entry.url for entry in expanded(spec)]


def expanded(spec: str | Sequence[str]) -> list[storage.Entry]:
    """The files that `spec` names, in its order.

    Raises
    ------
    InputMissing
        A shard is not there (the first missing are named and all are counted), or a pattern, a
        folder or a list names none.
    JobError
        Two words name one shard, or braces do not match.
    """
    words = [spec] if isinstance(spec, str) else list(spec)
    found: list[storage.Entry | str] = []
    for part in (part for word in words for part in _parts(word)):
        if _names_folder(part):
            found += _folder(part)
        elif storage.is_glob(part) and not _is_there(part):
            found += _pattern(part)
        else:
            found.append(part)
    if not found:
        raise InputMissing("no input is named; give at least one shard")
    _refuse_twice([one if isinstance(one, str) else one.url for one in found])
    # Looked for together: one by one they are as many requests.
    named = iter(storage.stat_all([one for one in found if isinstance(one, str)]))
    return [next(named) if isinstance(one, str) else one for one in found]


def _parts(word: str, listed_in: str = "") -> Iterator[str]:
    """The paths and patterns in a word: lists read, braces opened."""
    for part in [word] if _is_there(word) else word.split("::"):
        if not part.startswith("@"):
            yield from _braces(part)
        elif listed_in:
            raise JobError([f"inputs: the list {masked(listed_in)} names another list, {part}"])
        else:
            yield from _listed(part[1:])


def _listed(url: str) -> Iterator[str]:
    lines = [line.strip() for line in storage.read(url).decode("utf-8-sig").splitlines()]
    words = [line for line in lines if line and not line.startswith("#")]
    if not words:
        raise InputMissing(f"the list {masked(url)} names no shard; give one a line")
    for word in words:
        yield from _parts(word, listed_in=url)


def _is_there(word: str) -> bool:
    """Whether a local file has this very name, whatever signs are in it."""
    return storage.is_local(word) and os.path.isfile(storage.local_path(word))


def _names_folder(url: str) -> bool:
    """Whether `url` is a folder; a remote name with a dot is taken for a file without asking."""
    if storage.is_glob(url) and not storage.is_local(url):
        return False
    asked = storage.is_local(url) or url.endswith("/") or "." not in storage.name(url)
    return asked and storage.is_folder(url)


def _refuse_twice(urls: list[str]) -> None:
    twice = [url for url, count in Counter(urls).items() if count > 1]
    if twice:
        more = f" and {len(twice) - 1} more" if len(twice) > 1 else ""
        raise JobError([f"inputs: {masked(twice[0])}{more} is named twice; name each shard once"])


def _braces(word: str) -> list[str]:
    """The words that braces stand for; webdataset also puts in ${NAME}, from WDS_NAME."""
    if ("{" not in word and "}" not in word) or _is_there(word):
        return [word]
    from webdataset.shardlists import expand_urls  # type: ignore[import-untyped]

    try:
        return list(expand_urls(word))
    except ValueError:
        raise JobError([f"inputs: the braces in {masked(word)} do not match"]) from None
    except AssertionError as error:
        raise JobError([f"inputs: {masked(word)}: {error}"]) from None


def _pattern(url: str) -> list[storage.Entry]:
    found = storage.glob(url)
    if not found:
        raise InputMissing(f"nothing matches {masked(url)}; check the path, and quote the pattern")
    return found


def _folder(url: str) -> list[storage.Entry]:
    found = [entry for entry in storage.listing(url) if entry.url.endswith(SUFFIXES)]
    if not found:
        kinds = ", ".join(SUFFIXES)
        raise InputMissing(f"the folder {masked(url)} holds no shard ({kinds}); name another")
    return found
