"""In flight: the tasks that run now, noted where whoever supervises this process can read them.

They are in memory that a process shares with its children: it outlives a crash of the child, and
costs nothing.  Without a supervisor nothing is noted.
"""

import mmap
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_HEAD = struct.Struct("<Qd")  # beats; seconds without one that are too long, 0 for no limit
_SLOT = struct.Struct("<256p")  # a task's id
SLOTS = 1024  # more tasks than one process has cores for
BEAT = 1.0  # s between two beats


class InFlight:
    """What the child tells (`noted`, `beats`), and what came of its forerunners (`crashes`)."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _HEAD.size + SLOTS * _SLOT.size)
        self._lock = threading.Lock()
        self._free = list(reversed(range(SLOTS)))
        self.crashes: Counter[str] = Counter()
        self.restarts = 0

    def clear(self) -> None:
        self._memory[:] = bytes(len(self._memory))

    @property
    def tasks(self) -> list[str]:
        found = (_SLOT.unpack_from(self._memory, _at(slot))[0].decode() for slot in range(SLOTS))
        return sorted(set(found) - {""})

    @property
    def pulse(self) -> tuple[int, float]:
        """A number that changes while the child lives, and how long it may stay the same."""
        beats, patience = _HEAD.unpack_from(self._memory)
        return beats, patience

    def beat(self, patience: float) -> None:
        """Go on changing the number, from a thread: it stops where one holds the GIL for ever."""
        never = threading.Event()

        def beats() -> None:
            count = 1
            _HEAD.pack_into(self._memory, 0, count, patience)
            while not never.wait(BEAT):
                count += 1
                _HEAD.pack_into(self._memory, 0, count, patience)

        threading.Thread(target=beats, daemon=True, name="beat").start()

    @contextmanager
    def noted(self, task: str) -> Iterator[None]:
        with self._lock:
            slot = self._free.pop()
        _SLOT.pack_into(self._memory, _at(slot), task.encode())
        try:
            yield
        finally:
            _SLOT.pack_into(self._memory, _at(slot), b"")
            with self._lock:
                self._free.append(slot)


def _at(slot: int) -> int:
    return _HEAD.size + slot * _SLOT.size


supervised: InFlight | None = None
"""That of this process, where it has a supervisor."""
