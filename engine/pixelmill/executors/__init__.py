"""executors: what runs tasks; in threads of this process, or on Ray.  The bytes are the same.

An executor is a context manager; `results(tasks)` yields a Record or a TaskFailed for each, as they
come; `live()` tells what the running ones have done so far.
"""

import os
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol

from pixelmill import storage
from pixelmill.errors import TaskFailed
from pixelmill.events import Tell, untold
from pixelmill.executors.progress import Progress
from pixelmill.job import Job
from pixelmill.ledger import Record
from pixelmill.plan import Task

__all__ = ["Executor", "Progress", "cores", "in_flight", "open_executor"]

# Below this many cores, or bytes of input, starting Ray (7 to 23 s) costs more than it brings.
RAY_CORES, RAY_BYTES = 16, 100 * 2**30
# Tasks in flight beyond those that have a core: each has its shard open, or its output under way to
# the storage, and holds 48 MiB of a bucket's bytes at most.  A disk needs one for each core.  A
# bucket that answers after 50 ms takes 0.3 s to open a shard and 0.5 s to commit one, in nine
# requests that wait for one another, beside 0.5 s of a core's work: two, and one for what is late.
SPARE, SPARE_AFAR = 4, 8
AFAR = 3


class Executor(Protocol):
    kind: str
    workers: int

    def __enter__(self) -> "Executor": ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def results(self, tasks: Sequence[Task]) -> Iterator[Record | TaskFailed]: ...

    def live(self) -> Progress: ...


def open_executor(job: Job, tasks: Sequence[Task], tell: Tell = untold) -> Executor:
    """The executor that the job names; "auto" takes Ray where there is a cluster or much to do."""
    if chosen_kind(job, tasks) == "ray":
        from pixelmill.executors.ray import RayExecutor

        return RayExecutor(job, tell)
    from pixelmill.executors.inline import InlineExecutor

    return InlineExecutor(job, tell)


def chosen_kind(job: Job, tasks: Sequence[Task]) -> str:
    """Either "inline" or "ray"."""
    if job.executor.kind != "auto":
        return job.executor.kind
    large = cores() >= RAY_CORES and sum(task.bytes for task in tasks) >= RAY_BYTES
    return "ray" if job.executor.ray_address or large else "inline"


def cores() -> int:
    """The cores that this process may use; a container's share, not the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_flight(job: Job, workers: int) -> int:
    """How many tasks one process has at once, so that its `workers` never wait for storage."""
    if all(map(storage.is_local, (job.output, *job.source.urls))):
        return workers + min(workers, SPARE)
    return workers + min(AFAR * workers, SPARE_AFAR)
