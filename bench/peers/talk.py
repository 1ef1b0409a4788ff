"""Talk: a peer's process as seen from here: asked, watched while it answers, ended."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import AbstractContextManager, suppress
from typing import Any

import psutil

from bench.family import family, memory_watched
from bench.peers.field import Peer
from bench.peers.venvs import ROOT, python_of
from pixelmill.measure.pinning import pinned

EVERY = 0.05  # seconds between two looks at the memory


class CannotDo(Exception):
    """Why a peer has no figure: its own error, or that it did not answer in time."""


class Talk:
    """A worker process of a peer, on `cores` cores; use it in a `with`.

    `born` is when it was started, by the clock of the day.
    """

    def __init__(self, peer: Peer, cores: int, patience: float) -> None:
        self.peer, self.patience = peer, peer.patience or patience
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        command = [str(python_of(peer)), "-m", "bench.peers.worker", peer.module, str(cores)]
        with pinned(cores):  # its children inherit it
            self.born = time.time()
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=_environment(peer, cores), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True,
            )  # fmt: skip
        self._answers: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def ask(self, **asked: Any) -> dict[str, Any]:
        """Its answer; `CannotDo` where it fails, ends, or takes too long."""
        with suppress(BrokenPipeError):
            print(json.dumps(asked), file=self._process.stdin, flush=True)
        try:
            line = self._answers.get(timeout=self.patience)
        except queue.Empty:
            raise CannotDo(f"did not finish within {self.patience:g} s") from None
        if not line:
            raise CannotDo(f"its process ended: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise CannotDo(answer["error"])
        return answer

    def pause(self) -> None:
        """Nothing of it runs until `go_on`, not even the servers that it has started."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def watched(self) -> AbstractContextManager[list[int]]:
        """The memory of its processes, as long as the block runs."""
        return memory_watched(self._process.pid, EVERY)

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        """End it and all that it started."""
        self.go_on()
        processes = family(self._process.pid)
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        for process in processes:
            with suppress(psutil.Error):
                process.kill()
        self._process.wait()
        self._listener.join()
        self._process.stdout.close()  # type: ignore[union-attr]
        self._log.close()

    def _signal(self, what: int) -> None:
        for process in family(self._process.pid):
            with suppress(psutil.Error):
                process.send_signal(what)

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._answers.put(line)
        self._answers.put("")

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = [line.strip() for line in self._log if line.strip()]
        return lines[-1] if lines else f"exit status {self._process.returncode}"


def _environment(peer: Peer, cores: int) -> dict[str, str]:
    """Threads of libraries held to the cores, modules compiled once; no network is asked."""
    unlike_a_users = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    found = {name: value for name, value in os.environ.items() if name not in unlike_a_users}
    if peer.is_own:
        found["PYTHONPATH"] = os.pathsep.join(str(ROOT / part) for part in ("engine", "kernels"))
    return {
        **found,
        **{
            name: str(cores)
            for name in ("OMP_NUM_THREADS", "VIPS_CONCURRENCY", "RAYON_NUM_THREADS")
        },
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
        "NO_ALBUMENTATIONS_UPDATE": "1",
        **peer.environment,
    }
