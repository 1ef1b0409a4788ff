"""Giants: images so large that a machine works on one of them at a time."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext


class WideLane:
    """One giant at a time on this machine, whichever process of this user's it is in.

    The lock is the kernel's: it ends with the process that has it.
    """

    def __init__(self, ordinary: int, path: str = "") -> None:
        self._ordinary = ordinary
        self._path = path or os.path.join(tempfile.gettempdir(), f"pixelmill-giant-{os.getuid()}")

    def for_(self, size: int) -> AbstractContextManager[None]:
        """To be held while an image of so many decoded bytes is worked on."""
        return nullcontext() if size <= self._ordinary else self._taken()

    @contextmanager
    def _taken(self) -> Iterator[None]:
        with open(self._path, "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
