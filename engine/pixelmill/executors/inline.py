"""Inline: tasks on threads of this process; the codec and the kernels release the GIL.

What a sample can do to a thread is hang, which ends that thread's use: the task is run again,
guarded.  What it can do to the process is known to its supervisor, where it has one, which begins
it again: the tasks that ran when it died are the first then, guarded, and each of them alone.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext
from math import inf
from time import monotonic
from types import TracebackType

from pixelmill import inflight, storage
from pixelmill.errors import StorageError, TaskFailed
from pixelmill.events import Event, Tell, untold
from pixelmill.executors import Progress, cores, in_flight
from pixelmill.executors.progress import progress_of
from pixelmill.job import Job
from pixelmill.lanes import Lanes
from pixelmill.ledger import Record
from pixelmill.live import Live
from pixelmill.plan import Task
from pixelmill.task import Stopped, Worker

# Times that the process may die of a task, the last one of it alone, before that is given up.
ATTEMPTS = 3
# Times that it may die at all, before every task is guarded: beginning again has its price.
RESTARTS = 5


class InlineExecutor:
    """Tasks side by side, one a core; where there are fewer, their samples share the cores."""

    kind = "inline"

    def __init__(
        self, job: Job, tell: Tell = untold, worker: Callable[..., Worker] = Worker
    ) -> None:
        self.workers = job.executor.workers or cores()
        self._stop = threading.Event()
        self._names = {"worker": f"{socket.gethostname()}:{os.getpid()}", "node": "driver"}
        self._tell: Tell = lambda event: tell(self._names | event)
        self._worker = worker(job, self._stop, self.workers, tell=self._tell)
        self._stall = job.executor.stall
        never = job.executor.isolate == "never"
        self._patience = inf if never else job.executor.sample_seconds
        self._notes = None if never else inflight.supervised
        if self._notes:
            self._notes.beat(job.executor.sample_seconds)
        self._all_guarded = bool(self._notes and self._notes.restarts >= RESTARTS)
        self._moved: dict[str, tuple[tuple[object, ...], float]] = {}
        self._most = in_flight(job, self.workers)
        self._pool = Lanes(self._most, "task")
        self._running: dict[Future[Record], Task] = {}
        self._given_up = False

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
        self._pool.close(wait=False)
        wait(self._running)
        self._worker.close()
        if self._given_up:
            self._sweep()

    def results(self, tasks: Sequence[Task]) -> Iterator[Record | TaskFailed]:
        crashes = self._notes.crashes if self._notes else {}
        suspects = [task for task in tasks if crashes.get(task.id)]
        for task in suspects:
            yield from self._suspect(task, crashes[task.id])
        if suspects and not self._all_guarded:
            self._worker.close()
        waiting = [task for task in reversed(tasks) if task not in suspects]
        lanes = max(1, self.workers // max(len(tasks), 1))
        while waiting or self._running:
            while waiting and len(self._running) < self._most:
                self._begin(waiting.pop(), lanes, self._all_guarded)
            yield from self._done()
            self._look_after(lanes)

    def live(self) -> Progress:
        found = Progress()
        for live in list(self._worker.live.values()):
            found.add(progress_of(live))
        return found

    def _suspect(self, task: Task, crashes: int) -> Iterator[Record | TaskFailed]:
        """A task that the process has died of, with nothing beside it."""
        if crashes >= ATTEMPTS:
            said = f"task {task.id}: the process died {crashes} times while it ran"
            yield TaskFailed(f"{said}, the last time of it alone, and not in one of its samples")
            return
        self._tell(_guarded(task, "the process died while it ran"))
        self._begin(task, self.workers, guarded=True)
        while self._running:
            yield from self._done()

    def _begin(self, task: Task, lanes: int, guarded: bool = False) -> None:
        self._running[self._pool.submit(self._run, task, lanes, guarded)] = task

    def _run(self, task: Task, lanes: int, guarded: bool) -> Record:
        with self._notes.noted(task.id) if self._notes else nullcontext():
            return self._worker(task, lanes, guarded)

    def _done(self) -> Iterator[Record | TaskFailed]:
        # A timeout, since a wait without one does not see Ctrl-C on every platform.
        for future in wait(self._running, timeout=0.5, return_when=FIRST_COMPLETED).done:
            del self._running[future]
            try:
                yield future.result()
            except TaskFailed as failed:
                yield failed
            except Stopped:
                continue

    def _look_after(self, lanes: int) -> None:
        """Tasks in which a sample hangs are run again, guarded; others that hang are named once."""
        before, self._moved, now = self._moved, {}, monotonic()
        for task, live in list(self._worker.live.items()):
            key, seconds = live.hands.longest()
            if seconds > self._patience:
                self._give_up(live, key, lanes)
                continue
            moves, since = before.get(task, ((), now))
            if moves != live.moves or live.step == "waiting":
                since = now
            elif now - since > self._stall:
                self._tell(_stalled(live, now - since))
                since = inf
            self._moved[task] = live.moves, since

    def _give_up(self, live: Live, key: str, lanes: int) -> None:
        """A thread cannot be ended, but it can be left alone; what it holds then is a core."""
        future = next(future for future, task in self._running.items() if task is live.task)
        if future.done():
            return
        del self._running[future]
        self._given_up = True
        live.abandon()
        self._pool.one_more()
        self._tell(_guarded(live.task, f"sample {key} takes more than {self._patience:g} s"))
        self._begin(live.task, lanes, guarded=True)

    def _sweep(self) -> None:
        """What was given up cleaned nothing up."""
        try:
            storage.sweep(self._worker.job.output)
        except StorageError as error:  # the next run sweeps, too; this one is done
            self._tell({"event": "not_swept", "message": f"unfinished files may be left: {error}"})


def _guarded(task: Task, why: str) -> Event:
    message = (
        f"task {task.id} ({task.where}) is run again, each sample in a process of its own: {why}"
    )
    return {"event": "guarded", "task": task.id, "shard": task.where, "message": message}


def _stalled(live: Live, seconds: float) -> Event:
    shard = live.task.where
    message = f"task {live.task.id} ({shard}) has not moved for {seconds:.0f} s in step {live.step}"
    return {"event": "stalled", "task": live.task.id, "shard": shard, "message": message}
