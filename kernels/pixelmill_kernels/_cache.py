"""Where compiled kernels are kept: a folder named after the sources they were compiled from.

Numba keeps a kernel's code beside the kernel's file and renews it when that one file changes.  Here
the folder's name is a hash over all sources of this package, so that no code outlives an edit or an
upgrade of what it calls, and a copy of the package elsewhere (Ray unpacks one under a new path each
session) finds the code that the first one compiled.

Of several processes that start together, one compiles a kernel and the others wait for it.  Without
that, two that save at once could also leave an index that names the other's code.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core import caching as _caching

try:
    import fcntl
except ImportError:  # Windows: each process compiles for itself
    fcntl = None  # type: ignore[assignment]

caching: Any = _caching  # Numba carries no types
config: Any = numba.config
NAME = "pixelmill-kernels-"
UNUSED = 30 * 86400.0  # s without a new kernel after which another version's folder is removed
WAIT = 120.0  # s: every kernel of the package compiles in less


@lru_cache(maxsize=1)
def stamp() -> str:
    """One hash for all source files of this package, and for where they lie: a millisecond."""
    return stamp_of(Path(__file__).parent)


def stamp_of(package: Path) -> str:
    """Each file is hashed alone: what moves from one to the next changes the whole."""
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        whole.update(str(path.relative_to(package)).encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def folders() -> Iterator[Path]:
    """Where compiled code may lie, the first that can be written being taken."""
    name = NAME + stamp()[:16]
    if config.CACHE_DIR:  # NUMBA_CACHE_DIR
        yield Path(config.CACHE_DIR, name)
    with suppress(RuntimeError):  # no home folder
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "pixelmill", name)
    yield Path(__file__).parent / "__pycache__" / name


def forget_others(parent: Path) -> None:
    """Remove the folders of versions that nobody has compiled for in a month."""
    for folder in parent.glob(f"{NAME}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > UNUSED:
                shutil.rmtree(folder)


def name_of(function: Callable[..., Any]) -> str:
    """The whole name of the module, since Numba's part of a file's name is only the last of it."""
    return f"{function.__module__}-{function.__code__.co_firstlineno}"


class _Place(caching._CacheLocator):  # type: ignore[misc]
    """The folder, and what tells one kernel's files from another's."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._folder = name, folder

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return stamp()

    def get_disambiguator(self) -> str:
        return self._name

    @classmethod
    def from_function(cls, function: Any, _: str) -> "_Place | None":
        for folder in folders():
            place = cls(name_of(function), folder)
            with suppress(OSError):
                if not folder.exists():
                    forget_others(folder.parent)
                place.ensure_cache_path()
                return place
        return None


class _Kept(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Place,)


class Cache(caching.Cache):  # type: ignore[misc]
    """A kernel's code on disk; what is not there yet is compiled by one process at a time."""

    _impl_class = _Kept

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._path = os.path.join(self.cache_path, f"{self._impl.filename_base}.lock")
        self._lock = -1

    def load_overload(self, signature: Any, context: Any) -> Any:
        found = super().load_overload(signature, context)
        if found is None and self._lock < 0:
            self._take()
            found = super().load_overload(signature, context)  # another may have come first
            if found is not None:
                self._give_back()
        return found

    def save_overload(self, signature: Any, code: Any) -> None:
        try:
            super().save_overload(signature, code)
        finally:
            self._give_back()

    def _take(self) -> None:
        """Wait for the lock, but not for ever: code that is compiled twice is the same code.

        A kernel that failed to compile keeps it to the end of the process, which frees it.
        """
        if fcntl is None:
            return
        with suppress(OSError):  # a file system without locks
            self._lock = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o666)
            until = time.monotonic() + WAIT
            while time.monotonic() < until:
                with suppress(BlockingIOError):
                    fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                time.sleep(0.02)

    def _give_back(self) -> None:
        lock, self._lock = self._lock, -1
        if lock >= 0:
            os.close(lock)


def kept(function: Callable[..., Any]) -> Any:
    """The cache of a kernel; None where no folder can be written, so that it lives in memory."""
    with suppress(RuntimeError):  # what Numba raises for that
        return Cache(function)
    return None
