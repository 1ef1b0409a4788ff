"""Ward: one child process, as its guard sees it: asked about samples, and ended when it must be."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from pixelmill.errors import PixelmillError, SampleError
from pixelmill.guard.talk import Facts, packed, packed_sample, unpacked, unpacked_outcome
from pixelmill.headroom import oom_kills
from pixelmill.journey import Outcome
from pixelmill.memory import PixelBudget
from pixelmill.sample import Sample

# s for a child to import the pipeline: 1 to 2 on an idle machine.
STARTS_WITHIN = 120.0
LOOK = 0.2  # s between two looks at whether the job was stopped
_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from pixelmill.guard.child import main; main()"
)


@dataclass(frozen=True, slots=True)
class Asking:
    """How a sample is asked about: with what time and memory, and who may stop it all.

    `look` is called while an answer is waited for; what it raises ends the child.
    """

    seconds: float
    budget: PixelBudget
    look: Callable[[], None]
    alone: bool = False


class Ward:
    """A process that has imported the pipeline of a job."""

    def __init__(self, job: dict[str, Any]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            paths, parent, end = json.dumps(sys.path), str(os.getpid()), theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _CODE, paths, parent, str(end)],
                stdin=subprocess.DEVNULL,
                stdout=2,  # what a transform prints is no part of a report
                pass_fds=[end],
                process_group=0,  # Ctrl-C is for the one that guards it
            )
        self._pipe = Connection(ours.detach())
        self._job: dict[str, Any] | None = job
        self._kills = oom_kills()

    def ask(self, sample: Sample, asking: Asking) -> Outcome:
        """What becomes of the sample; SampleError where that was the end of the process."""
        try:
            self._start(asking)
            with ExitStack() as lent:
                return self._answer(sample, asking, lent)
        except (EOFError, OSError):
            raise self._ended() from None

    def end(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.wait()

    def _start(self, asking: Asking) -> None:
        """Ready for samples; PixelmillError where it cannot be."""
        if self._job is None:
            return
        try:
            self._pipe.send_bytes(json.dumps(self._job).encode())
            facts, _ = unpacked(self._hear(STARTS_WITHIN, asking))
            said = facts.get("unfit")
        except (EOFError, OSError, SampleError):
            said = "it ended, or hung, before it was asked anything"
        if said:
            raise PixelmillError(f"executor.isolate: the process for single samples: {said}")
        self._job = None

    def _answer(self, sample: Sample, asking: Asking, lent: ExitStack) -> Outcome:
        self._pipe.send_bytes(packed_sample(sample))
        while True:
            facts, blobs = unpacked(self._hear(asking.seconds, asking))
            if "wants" not in facts:
                return unpacked_outcome(facts, blobs, sample)
            lent.enter_context(asking.budget.lent(self._wanted(facts, asking)))
            self._pipe.send_bytes(packed({}))

    def _wanted(self, facts: Facts, asking: Asking) -> int:
        return asking.budget.size if asking.alone else int(facts["wants"])

    def _hear(self, seconds: float, asking: Asking) -> bytes:
        """The next message; SampleError where none comes in time."""
        until = monotonic() + seconds
        while not self._pipe.poll(min(LOOK, max(0.0, until - monotonic()))):
            asking.look()
            if monotonic() >= until:
                raise SampleError(f"it was not done within {seconds:g} s", "timed_out")
        return self._pipe.recv_bytes()

    def _ended(self) -> SampleError:
        """By what the process ended that says nothing any more."""
        try:
            code = self._process.wait(timeout=10.0)
        except subprocess.TimeoutExpired:
            return SampleError("its process does not answer any more", "crashed")
        if code == -signal.SIGKILL and oom_kills() > self._kills:
            said = "its process was killed by the system, for want of memory"
            return SampleError(said, "out_of_memory")
        if code < 0:
            return SampleError(f"its process was ended by {_name(-code)}", "crashed")
        return SampleError(f"its process ended itself with exit code {code}", "crashed")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
