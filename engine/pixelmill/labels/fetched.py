"""Fetched: a file that a row names; one that is not there, or expired, costs its image alone."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from pixelmill import storage
from pixelmill.errors import NotAllowed, SampleError, StorageError
from pixelmill.lanes import in_order
from pixelmill.storage.faults import transient

# As many as a folder's reader has: a bucket answers a small GET in 20-50 ms.
_THREADS, _AHEAD = 8, 16
_T = TypeVar("_T")


def in_turn(fetch: Callable[[_T], _T], asked: Iterator[_T]) -> Iterator[_T]:
    """What `fetch` makes of each, in their order, some at a time."""
    return in_order(fetch, asked, _THREADS, _AHEAD)


def path_below(root: str, path: str) -> str:
    """The path from `root`, which it may begin with."""
    return path.strip().removeprefix(root.rstrip("/") + "/")


def fetched_below(root: str, path: str, key: str, what: str) -> bytes:
    """The file at a row's path; SampleError where that is not there, or leads out of `root`."""
    inside = path_below(root, path)
    if inside.startswith(("/", "~")) or ".." in inside.split("/") or "://" in inside or not inside:
        said = f"{key}: the path {storage.masked(path)!r} of its {what} is not below "
        raise SampleError(said + storage.masked(root), f"{what}_outside")
    return fetched(storage.join(root, inside), key, what, "add it, or mend the path in its row")


def fetched(url: str, key: str, what: str, mend: str) -> bytes:
    """The bytes of the file; SampleError with the reason <what>_missing or <what>_not_allowed.

    StorageError where the storage itself is away: the others would fare no better.
    """
    try:
        return storage.read(url)
    except StorageError as error:
        if transient(error):
            raise
        reason = "not_allowed" if isinstance(error, NotAllowed) else "missing"
        raise SampleError(
            f"{key}: its {what} is not there: {error}; {mend}", f"{what}_{reason}"
        ) from error
