"""Ray worker: what one actor runs; names go in and a record comes out, never an image."""

import os
import socket
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Any

from pixelmill import storage
from pixelmill.errors import PixelmillError, TaskFailed
from pixelmill.events import Event
from pixelmill.executors.needs import ORDINARY
from pixelmill.executors.progress import Progress, progress_of
from pixelmill.executors.watchdog import watch
from pixelmill.giants import WideLane
from pixelmill.job import job_from
from pixelmill.ledger import Record
from pixelmill.plan import Task
from pixelmill.task import Stopped, Worker

# Kept until the driver asks, a second later: a job whose every sample fails fills no memory.
EVENTS = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run came to, None where it was stopped; and what its worker has to tell."""

    what: Record | TaskFailed | None
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a worker's tasks are: by id, what moves, the busy seconds, and what is done so far.

    `hung` are those in which a sample takes too long, with its key.
    """

    tasks: dict[str, tuple[tuple[object, ...], float, Progress]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    hung: dict[str, str] = field(default_factory=dict)


class RayWorker:
    """Tasks on some of an actor's threads, questions about them on the others."""

    def __init__(
        self, job: dict[str, Any], options: dict[str, Any], paths: list[str], node: str = ""
    ) -> None:
        # A user's transform lies where the driver found it, which Ray knows only as of ray.init.
        sys.path += [path for path in paths if path not in sys.path and os.path.isdir(path)]
        storage.configure(options)
        self.node, self.name = node, f"{socket.gethostname()}:{os.getpid()}"
        self.stop = threading.Event()
        asked = job_from(job)
        cpus = asked.executor.worker.cpus
        # Not the only one: a run that everybody believed lost may still go on beside its successor.
        self.worker = Worker(asked, self.stop, cpus, sole=False, tell=self._keep)
        self.worker.pipeline.budget.lane = WideLane(ORDINARY)
        never = asked.executor.isolate == "never"
        self.patience = inf if never else asked.executor.sample_seconds
        watch(self.patience)
        self._events: deque[Event] = deque()
        self._left_out = 0

    def hello(self) -> tuple[str, str]:
        """Its node and its name."""
        import ray

        self.node = ray.get_runtime_context().get_node_id()
        return self.node, self.name

    def run(self, task: Task, guarded: bool = False) -> Answer:
        answer = Answer(self._run(task, guarded), self._told())
        if guarded and self.worker.job.executor.isolate != "always":  # it was here alone
            self.worker.close()
        return answer

    def pulse(self) -> Pulse:
        tasks, hung = {}, {}
        for name, live in list(self.worker.live.items()):
            tasks[name] = live.moves, live.busy, progress_of(live)
            key, seconds = live.hands.longest()
            if seconds > self.patience:
                hung[name] = key
        return Pulse(tasks, self._told(), hung)

    def dismiss(self, task: str) -> None:
        """Give this task up; another worker has done it."""
        if task in self.worker.live:
            self.worker.dismissed.add(task)

    def halt(self) -> None:
        self.stop.set()

    def _run(self, task: Task, guarded: bool) -> Record | TaskFailed | None:
        try:
            return self.worker(task, guarded=guarded)
        except TaskFailed as failed:
            return failed
        except Stopped:
            return None
        except PixelmillError as error:
            return TaskFailed(f"task {task.id}: {error}")

    def _keep(self, event: Event) -> None:
        if len(self._events) < EVENTS:
            self._events.append(event | {"worker": self.name, "node": self.node})
        else:
            self._left_out += 1

    def _told(self) -> list[Event]:
        events = []
        while self._events:
            events.append(self._events.popleft())
        if self._left_out:
            more, self._left_out = self._left_out, 0
            events.append({"event": "left_out", "count": more, "worker": self.name})
        return events
