"""Lease: one run at a time has an output folder, and says every few seconds that it lives.

    lease/000001.json     who has the folder: host, process, since when, and a beat that changes

The highest number has it.  A run makes the next number, which only one of several can; it rewrites
its own while it lives, and removes it at its end.  Whoever finds one does not compare clocks: the
run is gone when its process is (on the same machine), or when its beat was SEEN not to change for
`TERM`.  A run that was away for so long finds a higher number, or none, before it commits anything.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from time import monotonic

from pixelmill import storage
from pixelmill.errors import InputMissing, LeaseLost, OutputInUse, StorageError
from pixelmill.events import Tell, untold
from pixelmill.failpoint import reach
from pixelmill.holder import Holder, ourselves

FOLDER = "lease"
# s between two signs of life, and without one until the run counts as gone: six may fail in a row
# (a throttling bucket), and who waits for a run that died on another machine waits half a minute.
BEAT, TERM = 5.0, 30.0
LOOK = 0.5  # s between two looks of who waits
_SIZE = 1024  # bytes; all of one length, so that a full disk has room for the next


class Lease:
    """A folder that this run has, from `take` on until `leave`."""

    def __init__(self, folder: str, number: int, holder: Holder) -> None:
        self.folder, self.number, self.holder = folder, number, holder
        self._url = _url(folder, number)
        self._end, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True, name="pixelmill-lease")
        self._thread.start()

    @property
    def is_lost(self) -> bool:
        """Whether the last beat, or a try to beat, found that another run has taken the folder."""
        return self._lost.is_set()

    def expect_kept(self) -> None:
        """LeaseLost where another run has taken the folder."""
        Claim(self.folder, self.number).expect_kept()

    def leave(self) -> None:
        """The folder is free again."""
        self._end.set()
        self._thread.join()
        storage.remove(self._url)
        if storage.is_local(self.folder):
            with suppress(OSError):
                os.rmdir(storage.local_path(storage.join(self.folder, FOLDER)))

    def _live(self) -> None:
        while not self._end.wait(BEAT):
            self.holder = self.holder.alive()
            try:
                self.expect_kept()
                storage.rewrite(self._url, _packed(self.holder))
            except (LeaseLost, InputMissing):
                self._lost.set()
                return
            except StorageError:
                continue  # the next one may get through, and if none does the lease is lost


@dataclass(frozen=True, slots=True)
class Claim:
    """A folder's lease as a worker knows it: its number, 0 where it works for no run."""

    folder: str
    number: int

    @property
    def kept(self) -> bool:
        """Whether that is certain."""
        try:
            self.expect_kept()
        except (LeaseLost, StorageError):
            return False
        return True

    def expect_kept(self) -> None:
        """LeaseLost where another run has taken the folder, or had it and is done."""
        if not self.number:
            return
        numbers = _numbers(self.folder)
        found = max(numbers, default=0)
        if found > self.number or not self._is_there(numbers):
            other = _read(self.folder, found)
            who = f"to {other}" if other else "to another, which has ended"
            raise LeaseLost(
                f"{storage.masked(self.folder)}: this run was away for more than {TERM:.0f} s and "
                f"lost the folder {who}; it stops, and nothing that it wrote since is committed; "
                "run it again once the other has ended"
            )

    def _is_there(self, listed: list[int]) -> bool:
        """A bucket's listing is as of now, and costs one request; a network share's may be old."""
        if storage.lists_at_once(self.folder):
            return self.number in listed
        return _read(self.folder, self.number) is not None


@contextmanager
def held(folder: str, tell: Tell = untold) -> Iterator[Lease]:
    """Have the folder; OutputInUse, naming it, while another run does."""
    lease = take(folder, tell)
    try:
        yield lease
    finally:
        try:
            lease.leave()
        except StorageError as error:
            tell({"event": "lease_left", "message": f"{error}; it ends by itself in {TERM:.0f} s"})
        reach("lease.left")


def take(folder: str, tell: Tell = untold) -> Lease:
    """The folder's lease; one of a run that is gone is taken over."""
    while True:
        numbers = sorted(_numbers(folder))
        if numbers:
            _outlive(folder, numbers[-1], tell)
        number, holder = max(numbers, default=0) + 1, ourselves()
        unseen = storage.lists_at_once(folder)
        if storage.create(_url(folder, number), _packed(holder), unseen):
            for old in numbers:
                storage.remove(_url(folder, old))
            reach("lease.taken")
            return Lease(folder, number, holder)


def holder_of(folder: str) -> Holder | None:
    """Who has the folder, or had it when it died; None where no one does."""
    number = max(_numbers(folder), default=0)
    return _read(folder, number) if number else None


def _outlive(folder: str, number: int, tell: Tell) -> None:
    """Return once that lease is one of a run that is gone; OutputInUse where the run lives."""
    first = found = _read(folder, number)
    since, told = monotonic(), False
    while found is not None and not found.is_gone:
        if found.is_here or found != first:
            raise OutputInUse(
                f"{storage.masked(folder)} is being written by another run: {found}; wait for it "
                "to end, stop it, or name another folder"
            )
        if monotonic() - since > TERM:
            return
        if not told and monotonic() - since > BEAT:
            told = True
            tell({"event": "waiting", "message": _waiting(folder, found)})
        threading.Event().wait(LOOK)
        found = _read(folder, number)


def _waiting(folder: str, holder: Holder) -> str:
    return (
        f"{storage.masked(folder)}: its run gives no sign of life ({holder}); "
        f"going on in its place if there is none for {TERM:.0f} s"
    )


def _numbers(folder: str) -> list[int]:
    try:
        names = [storage.name(one.url) for one in storage.listing(storage.join(folder, FOLDER))]
    except InputMissing:
        return []
    return [int(name[:6]) for name in names if name[:6].isdigit()]


def _read(folder: str, number: int) -> Holder | None:
    try:
        return Holder(**json.loads(storage.read(_url(folder, number))))
    except InputMissing:
        return None
    except ValueError:  # in mid-write, or of another make: alive if it changes, like any other
        return Holder("?", 0, "", "", "?")


def _url(folder: str, number: int) -> str:
    return storage.join(folder, FOLDER, f"{number:06d}.json")


def _packed(holder: Holder) -> bytes:
    return json.dumps(asdict(holder)).encode().ljust(_SIZE)
