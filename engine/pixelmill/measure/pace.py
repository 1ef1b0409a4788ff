"""Pace: what the engine itself, tasks and all, makes of a job's first samples with some workers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from pixelmill import storage
from pixelmill.errors import InputMissing, PixelmillError
from pixelmill.executors.inline import InlineExecutor
from pixelmill.job import Job
from pixelmill.ledger import Record
from pixelmill.measure.pinning import pinned
from pixelmill.plan import Task
from pixelmill.sample import Failure, Sample
from pixelmill.sources import Part, Source
from pixelmill.task import Worker, peak_rss


@dataclass(frozen=True, slots=True)
class Load:
    """The work of one measurement: the first `samples` of each of these tasks, by turns, until each
    worker has done `tasks_each`; what is written goes into the folder `scratch`."""

    job: Job
    tasks: Sequence[Task]
    scratch: str
    samples: int
    tasks_each: int = 4

    def for_workers(self, workers: int) -> list[Task]:
        """Tasks with ids of their own, however few there are of the job's."""
        many = islice(cycle(self.tasks), workers * self.tasks_each)
        return [replace(task, id=f"{number:06d}") for number, task in enumerate(many)]


@dataclass(frozen=True, slots=True)
class Pace:
    """How it went: `cpu` are this process's CPU seconds, `steps` its threads' seconds by step."""

    images: int
    seconds: float
    cpu: float
    steps: Mapping[str, float]
    bytes_read: int
    bytes_written: int
    peak_rss: int
    failed: int

    @property
    def rate(self) -> float:
        return self.images / max(self.seconds, 1e-9)


class First:
    """A source of which only the first samples of each part are read."""

    def __init__(self, source: Source, samples: int) -> None:
        self._source, self._samples = source, samples

    @property
    def kind(self) -> str:
        return self._source.kind

    def parts(self) -> list[Part]:
        return self._source.parts()

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        with closing(self._source.read(part)) as samples:  # type: ignore[type-var]
            yield from islice(samples, self._samples)

    def about(self) -> dict[str, Any]:
        return self._source.about()


class _Sampling(Worker):
    """Does tasks as any worker does, of the first samples."""

    def __init__(self, samples: int, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._samples = samples

    def source(self, task: Task) -> Source:
        return First(super().source(task), self._samples)


def run_at_pace(load: Load, workers: int) -> Pace:
    """Do the work on as many cores as there are workers, and remove what it wrote."""
    folder = storage.join(load.scratch, "run")
    executor = load.job.executor.model_copy(update={"workers": workers})
    job = load.job.model_copy(update={"output": folder, "executor": executor})
    _forget_peak()
    try:
        with (
            pinned(workers),
            InlineExecutor(job, worker=partial(_Sampling, load.samples)) as inline,
        ):
            start, cpu = perf_counter(), process_time()
            records = [_done(result) for result in inline.results(load.for_workers(workers))]
            pace = _sum(records, perf_counter() - start, process_time() - cpu)
    finally:
        storage.remove_folder(folder)
    expect_images(pace.images, load)
    return pace


def expect_images(count: int, load: Load) -> None:
    """InputMissing where there were none, and so nothing can be measured."""
    if not count:
        urls = dict.fromkeys(part.url for task in load.tasks for part in task.parts)
        where = ", ".join(map(storage.masked, urls))
        raise InputMissing(f"nothing can be measured: no sample could be read from {where}")


def _done(result: Record | PixelmillError) -> Record:
    if isinstance(result, PixelmillError):
        raise result
    return result


def _sum(records: Sequence[Record], seconds: float, cpu: float) -> Pace:
    steps: dict[str, float] = {}
    for record in records:
        for step, spent in record.seconds.items():
            steps[step] = steps.get(step, 0.0) + spent
    return Pace(
        sum(record.tally.read for record in records),
        seconds,
        cpu,
        steps,
        sum(record.bytes_read for record in records),
        sum(record.bytes_written for record in records),
        _peak(),
        sum(record.tally.quarantined.total() for record in records),
    )


def _forget_peak() -> None:
    """Let the peak of resident memory begin anew: proc_pid_clear_refs(5), from Linux 4.0 on."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """Bytes, since the peak was forgotten; where it cannot be, since the process began."""
    try:
        lines = Path("/proc/self/status").read_text("ascii", errors="replace").splitlines()
    except OSError:
        return peak_rss()
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else peak_rss()
