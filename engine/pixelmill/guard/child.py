"""Child: the process that a guard has in its place; it may be killed by what it is asked."""

import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from pixelmill.guard.talk import packed, packed_outcome, unpacked_sample
from pixelmill.headroom import headroom
from pixelmill.job import job_from
from pixelmill.lifeline import end_with
from pixelmill.loan import Loan
from pixelmill.memory import PixelBudget
from pixelmill.pipeline import Pipeline
from pixelmill_kernels.compiling import tell_of_compiling

# What compiling a kernel takes beside the sample, at most: 180 MB were seen, with LLVM's arenas.
COMPILING = 512 * 2**20


class _Asked(PixelBudget):
    """Memory for pixels is lent by the guard, which knows of all its children."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__(0)
        self._pipe = pipe

    @contextmanager
    def lent(self, wanted: int) -> Iterator[Loan]:
        self._pipe.send_bytes(packed({"wants": wanted}))
        self._pipe.recv_bytes()
        yield Loan(lambda: None)  # given back with the answer


def main() -> None:
    """Answer for a pipeline until nobody asks any more."""
    end_with(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the guard ends it, in good time
    pipe = Connection(int(sys.argv[3]))
    job = job_from(json.loads(pipe.recv_bytes()))
    most = job.executor.worker.memory
    try:
        pipeline = Pipeline(job, _Asked(pipe))
    except Exception as error:  # noqa: BLE001  (told, and raised again by the guard)
        pipe.send_bytes(packed({"unfit": f"{type(error).__name__}: {error}"}))
        return
    pipe.send_bytes(packed({"ready": os.getpid()}))
    tell_of_compiling(lambda begun: pipe.send_bytes(packed({"compiles": begun})))
    while True:
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        _limit(max(headroom() // 2, COMPILING) if most is None else most + COMPILING)
        pipe.send_bytes(packed_outcome(pipeline(unpacked_sample(message))))


def _limit(more: int) -> None:
    """No more data than there is now and so much more: beyond, allocating fails."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        with open("/proc/self/statm", encoding="ascii") as facts:
            data = int(facts.read().split()[5]) * resource.getpagesize()  # proc(5): data + stack
    except OSError:  # no Linux: no limit
        return
    resource.setrlimit(resource.RLIMIT_DATA, (data + more, hard))
