"""Inline: tasks on threads of this process; the codec and the kernels release the GIL."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType

from pixelmill.errors import TaskFailed
from pixelmill.executors import Progress, cores, in_flight
from pixelmill.job import Job
from pixelmill.ledger import Record
from pixelmill.plan import Task
from pixelmill.task import Stopped, Worker


class InlineExecutor:
    """Tasks side by side, one a core; where there are fewer, their samples share the cores."""

    kind = "inline"

    def __init__(self, job: Job) -> None:
        self.workers = job.executor.workers or cores()
        self._stop = threading.Event()
        self._worker = Worker(job, self._stop, self.workers)
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
            for future in done:
                try:
                    yield future.result()
                except TaskFailed as failed:
                    yield failed
                except Stopped:
                    continue

    def live(self) -> Progress:
        return progress_of(self._worker)


def progress_of(worker: Worker) -> Progress:
    """What a worker's running tasks have done so far, read while they go on."""
    found = Progress()
    for live in list(worker.live.values()):
        tally = live.tally
        found.add(
            Progress(
                tally.read,
                tally.written,
                sum(list(tally.dropped.values())),
                sum(list(tally.quarantined.values())),
                live.bytes_read,
                live.bytes_written,
                1,
                live.clock.seconds,
            )
        )
    return found
