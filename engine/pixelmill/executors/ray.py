"""Ray: tasks on a cluster, or on a local one started for the job.

Workers are actors, one a CPU; names go in and a record comes out, never an image.  A worker that
dies is replaced and its task is run again: nothing of it was visible before its commit.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
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
from ray.exceptions import RayActorError, RayTaskError  # noqa: E402

from pixelmill import storage  # noqa: E402
from pixelmill.errors import PixelmillError, TaskFailed  # noqa: E402
from pixelmill.executors import Progress, cores  # noqa: E402
from pixelmill.executors.inline import progress_of  # noqa: E402
from pixelmill.job import Job, job_from  # noqa: E402
from pixelmill.ledger import Record  # noqa: E402
from pixelmill.plan import Task  # noqa: E402
from pixelmill.task import Worker  # noqa: E402

ATTEMPTS = 3


class _RayWorker:
    """What one actor runs: tasks on one of its threads, questions about them on another."""

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


class RayExecutor:
    """One actor a worker, one task at a time in each, so that few tasks are in flight."""

    kind = "ray"

    def __init__(self, job: Job) -> None:
        self.job = job
        self._started = not ray.is_initialized()
        self._connect()
        total = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        self.workers = job.executor.workers or max(1, total)
        self._actors: dict[Any, Any] = {}
        self._seen = Progress()
        # max_concurrency 3: one thread for the task, one for live(), one for halt().
        # Ray's stubs know options of tasks only.
        self._class: Any = ray.remote(num_cpus=1, max_concurrency=3)(_RayWorker)  # type: ignore[call-overload]

    def _connect(self) -> None:
        if not self._started:
            return
        address = self.job.executor.ray_address
        local: dict[str, Any] = {"num_cpus": self.job.executor.workers or cores()}
        local["include_dashboard"] = self.job.executor.dashboard
        try:
            ray.init(
                address=address or "local",
                logging_level=logging.ERROR,
                log_to_driver=False,
                configure_logging=False,
                **({} if address else local),
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise PixelmillError(
                f"executor.ray_address: no Ray cluster answers at {address!r} ({error}); start one "
                "with `ray start --head`, or leave the address out for a local one"
            ) from error

    def __enter__(self) -> "RayExecutor":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and self._actors:
            self._halt()
        if self._started:
            ray.shutdown()

    def _halt(self) -> None:
        """Let running tasks undo what they wrote; what does not answer in time is killed by Ray."""
        halts = [actor.halt.remote() for actor in self._actors.values()]
        ray.wait(halts, num_returns=len(halts), timeout=5)
        ray.wait(list(self._actors), num_returns=len(self._actors), timeout=10)

    def results(self, tasks: Sequence[Task]) -> Iterator[Record | TaskFailed]:
        facts = ray.put(self.job.model_dump(mode="json"))
        waiting = [(task, 1) for task in reversed(tasks)]
        idle = [self._new(facts) for _ in range(min(self.workers, len(waiting)))]
        inflight: dict[Any, tuple[Task, int]] = {}
        while waiting or inflight:
            while waiting and idle:
                (task, attempt), actor = waiting.pop(), idle.pop()
                answer = actor.run.remote(task)
                self._actors[answer], inflight[answer] = actor, (task, attempt)
            done, _ = ray.wait(list(inflight), num_returns=1, timeout=0.5)
            for answer in done:
                task, attempt = inflight.pop(answer)
                actor = self._actors.pop(answer)
                try:
                    yield ray.get(answer)
                    idle.append(actor)
                except (RayActorError, RayTaskError) as error:
                    idle.append(self._new(facts))
                    if attempt < ATTEMPTS:
                        waiting.append((task, attempt + 1))
                    else:
                        yield TaskFailed(
                            f"task {task.id}: its worker died {attempt} times, the last time with "
                            f"{type(error).__name__}: {str(error).splitlines()[0]}"
                        )

    def _new(self, facts: Any) -> Any:
        return self._class.remote(facts, storage.configured(), sys.path)

    def live(self) -> Progress:
        """What the workers said last; one that does not answer at once is not waited for."""
        asked = [actor.live.remote() for actor in list(self._actors.values())]
        done, _ = ray.wait(asked, num_returns=len(asked), timeout=0.2) if asked else ([], [])
        found = Progress()
        for answer in done:
            try:
                found.add(ray.get(answer))
            except RayActorError:
                continue
        return found
