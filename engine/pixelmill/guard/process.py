"""Process: a child that may die of what it is given, as whoever gave it sees it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic

from pixelmill.errors import SampleError
from pixelmill.headroom import oom_kills

LOOK = 0.2  # s between two looks at whether the job was stopped
_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from pixelmill.guard.{module} import main; main()"
)


class Process:
    """A process that runs the `main` of a module of this room; bytes go to it and come back.

    It ends with the thread that makes it, however that ends.
    """

    def __init__(self, module: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            paths, parent, end = json.dumps(sys.path), str(os.getpid()), theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _CODE.format(module=module), paths, parent, str(end)],
                stdin=subprocess.DEVNULL,
                stdout=2,  # what a transform prints is no part of a report
                pass_fds=[end],
                process_group=0,  # Ctrl-C is for the one that guards it
            )
        self._pipe = Connection(ours.detach())
        self._kills = oom_kills()

    def send(self, message: bytes) -> None:
        """EOFError or OSError where it is gone."""
        self._pipe.send_bytes(message)

    def hear(self, seconds: float, look: Callable[[], None]) -> bytes:
        """The next message; SampleError where none comes in time, EOFError where it is gone.

        `look` is called while it is waited for; what it raises is for the caller.
        """
        until = monotonic() + seconds
        while not self._pipe.poll(min(LOOK, max(0.0, until - monotonic()))):
            look()
            if monotonic() >= until:
                raise SampleError(f"it was not done within {seconds:g} s", "timed_out")
        return self._pipe.recv_bytes()

    def ended(self) -> SampleError:
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

    def close(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.wait()


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
