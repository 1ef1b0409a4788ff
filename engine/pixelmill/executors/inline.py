"""Inline: tasks on threads of this process; the codec and the kernels release the GIL."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from math import inf
from time import monotonic
from types import TracebackType

from pixelmill.errors import TaskFailed
from pixelmill.events import Event, Tell, untold
from pixelmill.executors import Progress, cores, in_flight
from pixelmill.executors.progress import progress_of
from pixelmill.job import Job
from pixelmill.ledger import Record
from pixelmill.plan import Task
from pixelmill.task import Live, Stopped, Worker


class InlineExecutor:
    """Tasks side by side, one a core; where there are fewer, their samples share the cores."""

    kind = "inline"

    def __init__(self, job: Job, tell: Tell = untold) -> None:
        self.workers = job.executor.workers or cores()
        self._stop = threading.Event()
        self._names = {"worker": f"{socket.gethostname()}:{os.getpid()}", "node": "driver"}
        self._tell: Tell = lambda event: tell(self._names | event)
        self._worker = Worker(job, self._stop, self.workers, tell=self._tell)
        self._stall = job.executor.stall
        self._moved: dict[str, tuple[tuple[object, ...], float]] = {}
        self._most = in_flight(self.workers)
        self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="task")

    def __enter__(self) -> "InlineExecutor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._stop.set()  # tasks look at it between two samples, and undo what they wrote
        self._pool.shutdown(wait=True, cancel_futures=True)

    def results(self, tasks: Sequence[Task]) -> Iterator[Record | TaskFailed]:
        waiting = list(reversed(tasks))
        lanes = max(1, self.workers // max(len(tasks), 1))
        running: set[Future[Record]] = set()
        while waiting or running:
            while waiting and len(running) < self._most:
                running.add(self._pool.submit(self._worker, waiting.pop(), lanes))
            # A timeout, since a wait without one does not see Ctrl-C on every platform.
            done, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            self._name_the_stalled()
            for future in done:
                try:
                    yield future.result()
                except TaskFailed as failed:
                    yield failed
                except Stopped:
                    continue

    def live(self) -> Progress:
        found = Progress()
        for live in list(self._worker.live.values()):
            found.add(progress_of(live))
        return found

    def _name_the_stalled(self) -> None:
        """Once for each task that hangs; a thread cannot be ended, so that is all that is done."""
        before, self._moved, now = self._moved, {}, monotonic()
        for task, live in list(self._worker.live.items()):
            moves, since = before.get(task, ((), now))
            if moves != live.moves or live.step == "waiting":
                since = now
            elif now - since > self._stall:
                self._tell(_stalled(live, now - since))
                since = inf
            self._moved[task] = live.moves, since


def _stalled(live: Live, seconds: float) -> Event:
    shard = live.task.where
    message = f"task {live.task.id} ({shard}) has not moved for {seconds:.0f} s in step {live.step}"
    return {"event": "stalled", "task": live.task.id, "shard": shard, "message": message}
