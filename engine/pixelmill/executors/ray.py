"""Ray: tasks on a cluster, or on a local one started for the job.

Workers are actors, one a CPU; names go in and a record comes out, never an image.  A worker that
dies is replaced and its task is run again: nothing of it was visible before its commit.
"""

import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# Before ray is imported, or it does not see them: no usage statistics, and a silent partition of
# the network is noticed within half a minute instead of never.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
    "RAY_grpc_client_keepalive_time_ms": "3000",
    "RAY_grpc_client_keepalive_timeout_ms": "5000",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

import ray  # noqa: E402
from ray.exceptions import RayActorError, RayError  # noqa: E402

from pixelmill import storage  # noqa: E402
from pixelmill.errors import PixelmillError, TaskFailed  # noqa: E402
from pixelmill.executors import Progress, cores, in_flight  # noqa: E402
from pixelmill.executors.inline import progress_of  # noqa: E402
from pixelmill.job import Job, job_from  # noqa: E402
from pixelmill.ledger import Record  # noqa: E402
from pixelmill.plan import Task  # noqa: E402
from pixelmill.task import Worker  # noqa: E402

ATTEMPTS = 3
ANSWERS_WITHIN = 10.0  # s: a head node that takes longer to open a connection takes no job either


class _RayWorker:
    """What one actor runs: tasks on some of its threads, questions about them on the others."""

    def __init__(self, job: dict[str, Any], options: dict[str, Any], paths: list[str]) -> None:
        # A user's transform lies where the driver found it, which Ray knows only as of ray.init.
        sys.path += [path for path in paths if path not in sys.path and os.path.isdir(path)]
        storage.configure(options)
        self.stop = threading.Event()
        self.worker = Worker(job_from(job), self.stop)

    def run(self, task: Task) -> Record | TaskFailed:
        try:
            return self.worker(task)
        except TaskFailed as failed:
            return failed
        except PixelmillError as error:
            return TaskFailed(f"task {task.id}: {error}")

    def live(self) -> Progress:
        return progress_of(self.worker)

    def halt(self) -> None:
        self.stop.set()


@dataclass(eq=False, slots=True)
class _Seat:
    """An actor, and what it was given: one task that has its core, and one that waits for it.

    A task that took a worker with it is run again `alone`, so that it takes no other with it.
    """

    actor: Any
    given: int = 0
    alone: bool = False
    dead: bool = False

    def takes(self, attempt: int) -> bool:
        if self.dead or self.alone:
            return False
        return self.given < in_flight(1) if attempt == 1 else self.given == 0


class RayExecutor:
    """One actor a worker and two tasks in each, however many there are."""

    kind = "ray"

    def __init__(self, job: Job) -> None:
        self.job = job
        self._started = not ray.is_initialized()
        self._connect()
        total = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        self.workers = job.executor.workers or max(1, total)
        self._seats: list[_Seat] = []
        self._given: dict[Any, tuple[_Seat, Task, int]] = {}  # by the answer that is awaited
        # Threads for the tasks, one for live(), one for halt().
        threads = in_flight(1) + 2
        # Ray's stubs know options of tasks only.
        self._class: Any = ray.remote(num_cpus=1, max_concurrency=threads)(_RayWorker)  # type: ignore[call-overload]

    def _connect(self) -> None:
        if not self._started:
            return
        address = self.job.executor.ray_address
        local: dict[str, Any] = {"num_cpus": self.job.executor.workers or cores()}
        local["include_dashboard"] = self.job.executor.dashboard
        try:
            _expect_answer(address)
            ray.init(
                address=address or "local",
                logging_level=logging.ERROR,
                log_to_driver=False,
                configure_logging=False,
                **({} if address else local),
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise PixelmillError(
                f"executor.ray_address: no Ray cluster answers at {address!r} ({error}); start one "
                "with `ray start --head`, or leave the address out for a local one"
            ) from error

    def __enter__(self) -> "RayExecutor":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and self._given:
            self._halt()
        for seat in self._seats:
            ray.kill(seat.actor)
        if self._started:
            ray.shutdown()

    def _halt(self) -> None:
        """Let running tasks undo what they wrote; what does not answer in time is killed by Ray."""
        halts = [seat.actor.halt.remote() for seat in self._seats]
        ray.wait(halts, num_returns=len(halts), timeout=5)
        ray.wait(list(self._given), num_returns=len(self._given), timeout=10)

    def results(self, tasks: Sequence[Task]) -> Iterator[Record | TaskFailed]:
        facts = ray.put(self.job.model_dump(mode="json"))
        waiting = [(task, 1) for task in reversed(tasks)]
        missing = min(self.workers, len(waiting)) - len(self._seats)  # of a stage before, if any
        self._seats += [self._new(facts) for _ in range(missing)]
        while waiting or self._given:
            self._hand_out(waiting)
            done, _ = ray.wait(list(self._given), num_returns=1, timeout=0.5)
            for answer in done:
                seat, task, attempt = self._given.pop(answer)
                seat.given, seat.alone = seat.given - 1, False
                try:
                    yield ray.get(answer)
                except RayError as error:
                    self._replace(seat, facts, error)
                    if attempt < ATTEMPTS:
                        waiting.append((task, attempt + 1))
                    else:
                        yield _given_up(task, attempt, error)

    def _hand_out(self, waiting: list[tuple[Task, int]]) -> None:
        """Give out tasks as long as an actor takes the next one; the least busy one comes first."""
        while waiting:
            task, attempt = waiting[-1]
            free = [seat for seat in self._seats if seat.takes(attempt)]
            if not free:
                return
            waiting.pop()
            seat = min(free, key=lambda seat: seat.given)
            seat.given, seat.alone = seat.given + 1, attempt > 1
            self._given[seat.actor.run.remote(task)] = seat, task, attempt

    def _replace(self, seat: _Seat, facts: Any, error: RayError) -> None:
        """Another actor in the place of one that died; its other tasks are told one by one."""
        if isinstance(error, RayActorError) and not seat.dead:
            seat.dead = True
            self._seats.remove(seat)
            self._seats.append(self._new(facts))

    def _new(self, facts: Any) -> _Seat:
        return _Seat(self._class.remote(facts, storage.configured(), sys.path))

    def live(self) -> Progress:
        """What the workers said last; one that does not answer at once is not waited for."""
        asked = [seat.actor.live.remote() for seat in list(self._seats)]
        done, _ = ray.wait(asked, num_returns=len(asked), timeout=0.2) if asked else ([], [])
        found = Progress()
        for answer in done:
            try:
                found.add(ray.get(answer))
            except RayActorError:
                continue
        return found


def _expect_answer(address: str | None) -> None:
    """OSError where nothing listens at host:port; Ray itself would try for minutes."""
    host, colon, port = (address or "").rpartition("://")[2].rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERS_WITHIN).close()


def _given_up(task: Task, attempts: int, error: RayError) -> TaskFailed:
    said = str(error).splitlines()[0]
    return TaskFailed(
        f"task {task.id}: its worker died {attempts} times, the last time with "
        f"{type(error).__name__}: {said}"
    )
