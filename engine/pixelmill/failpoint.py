"""Failpoint: named instants at which a test kills, freezes or breaks the process; nothing when off.

    PIXELMILL_FAILPOINT=shard.put:2:kill     the second time this process comes by

`kill` is SIGKILL, `stop` is SIGSTOP until someone sends SIGCONT, `raise` is an error that no one
foresaw, `tree` is SIGKILL of the whole process group.  `name:nth:deed:FILE` happens once in all the
processes that inherit the variable: whichever is first makes the file.
"""

import os
import signal
import threading

VARIABLE = "PIXELMILL_FAILPOINT"
POINTS = {
    "lease.taken": "the folder is this run's, and nothing is in it yet",
    "begin.inputs": "the list of the inputs is written, job.yaml is not",
    "begin.claimed": "job.yaml is written, no task is begun",
    "grow.inputs": "the list holds added inputs too, job.yaml does not know them",
    "sweep": "one leftover of a killed run is removed",
    "task.read": "a sample was read",
    "task.sample": "a sample was written into its open shard",
    "file.synced": "a local file is whole and durable, and has no name yet",
    "file.named": "it has its name, which is not durable yet",
    "object.part": "one part of a large object is sent",
    "shard.put": "a shard is full, its last bytes are not sent",
    "shard.there": "a shard is under its name",
    "quarantine.put": "a quarantine tar is full, its last bytes are not sent",
    "record.put": "all of a task is there, but its commit record",
    "record.there": "its commit record, too",
    "survey.put": "a tar was surveyed, its index is not written",
    "exchange.map": "the first stage is done, the map of its runs is written",
    "exchange.cut": "how shards were cut before so many bytes is written",
    "gather.batch": "some samples of a final shard were copied",
    "gather.put": "a final shard is full, its last bytes are not sent",
    "gather.there": "it is under its name",
    "manifest.card": "the dataset card is written, the manifest is not",
    "manifest.there": "the manifest is written, the exchange is still there",
    "clear.there": "the exchange is removed",
    "lease.left": "all is done, and the folder is free again",
}

_armed: "Failpoint | None" = None


class Failpoint:
    """One point that is armed: what happens there, and the how many-th time."""

    def __init__(self, said: str) -> None:
        self.name, nth, self.deed, *once = said.split(":", 3)
        if self.name not in POINTS or self.deed not in _DEEDS:
            raise ValueError(f"{VARIABLE}={said}: expected name:nth:deed, both known")
        self._left, self._once = int(nth), "".join(once)
        self._lock = threading.Lock()

    def met(self) -> None:
        with self._lock:
            self._left -= 1
            now = self._left == 0
        if now and self._first():
            _DEEDS[self.deed]()

    def _first(self) -> bool:
        try:
            if self._once:
                os.close(os.open(self._once, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True


def reach(name: str) -> None:
    """Tell that this instant has come."""
    if _armed is not None and _armed.name == name:
        _armed.met()


def arm(said: str) -> None:
    """Arm one point of this process, as the variable does; "" disarms."""
    global _armed
    _armed = Failpoint(said) if said else None


def _break() -> None:
    raise RuntimeError("a failpoint broke this off")


_DEEDS = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    # To this thread: of the whole process it would be another that stops, while this one goes on.
    "stop": lambda: signal.raise_signal(signal.SIGSTOP),
    "tree": lambda: os.killpg(0, signal.SIGKILL),
    "raise": _break,
}
arm(os.environ.get(VARIABLE, ""))
