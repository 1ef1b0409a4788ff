"""Estimate: what a job will cost, from a few samples of a few of its tasks, before any is spent."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from time import perf_counter
from typing import Any

from pixelmill import storage
from pixelmill.errors import DiskFull, ShardError
from pixelmill.exchange.cut import cut
from pixelmill.exchange.forecast import Forecast
from pixelmill.executors import chosen_kind, cores
from pixelmill.executors.needs import CHUNKS, exchange_memory
from pixelmill.job import Job, step_name
from pixelmill.journey import Written
from pixelmill.pipeline import Pipeline
from pixelmill.plan import Plan, Task, source_of
from pixelmill.sample import Failure, Sample
from pixelmill.shards.writer import sample_size
from pixelmill.task import peak_rss

TASKS, SAMPLES, SECONDS = 5, 64, 4.0


@dataclass
class Estimate:
    """What a plan comes to; samples, bytes and seconds are extrapolated from `probed` samples.

    `dropped` and `quarantined` are shares of them; `worker_bytes` is one process's peak memory.
    `exchange_bytes` of the output are stored twice until the job is done.  `drawn` has, for each
    output that draws its samples, what it will draw, in words.  `users_code` are the transforms
    that are no part of pixelmill, as `package.module:Class`.
    """

    tasks: int
    input_bytes: int
    probed: int
    samples: int
    shards: int
    output_bytes: int
    dropped: float
    quarantined: float
    images_per_second: float
    seconds: float
    workers: int
    executor: str
    worker_bytes: int
    free_bytes: int | None
    exchange_bytes: int = 0
    drawn: dict[str, str] = field(default_factory=dict)
    overfull: str = ""
    users_code: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Probe:
    """Sums over the probed samples."""

    read: int = 0
    bytes_read: int = 0
    dropped: int = 0
    quarantined: int = 0
    seconds: float = 0.0
    written: dict[str, list[int]] = field(default_factory=dict)
    drawn: dict[str, Forecast] = field(default_factory=dict)


def estimate(job: Job, plan: Plan, tasks: int = TASKS, samples: int = SAMPLES) -> Estimate:
    """Probe a few tasks spread over the plan, and say what all of them will take."""
    probe = _probed(job, plan, tasks, samples)
    per_byte = probe.read / max(probe.bytes_read, 1)
    count = max(probe.read and 1, round(plan.bytes * per_byte)) if probe.read else 0
    scale = count / max(probe.read, 1)
    written = probe.written
    exchange = sum(sum(written[out.name]) for out in job.outputs if job.exchanges(out)) * scale
    often = {
        name: seen.shards(scale, len(plan.tasks)).total / max(len(written[name]) * scale, 1)
        for name, seen in probe.drawn.items()
    }
    output_bytes = round(scale * sum(sum(s) * often.get(n, 1) for n, s in written.items()))
    workers = min(job.executor.workers or cores(), max(len(plan.tasks), 1) * cores())
    rate = probe.read / max(probe.seconds, 1e-9) * workers
    found = Estimate(
        tasks=len(plan.tasks),
        input_bytes=plan.bytes,
        probed=probe.read,
        samples=count,
        shards=_shards(job, plan, probe, scale),
        output_bytes=output_bytes,
        dropped=probe.dropped / max(probe.read, 1),
        quarantined=probe.quarantined / max(probe.read, 1),
        images_per_second=round(rate, 1),
        seconds=round(count / max(rate, 1e-9), 1),
        workers=workers,
        executor=chosen_kind(job, plan.tasks),
        # What is read ahead and uploaded behind, the probe does not hold.
        worker_bytes=peak_rss() + CHUNKS + exchange_memory(job),
        free_bytes=storage.free_bytes(job.output),
        exchange_bytes=round(exchange),
        drawn={n: seen.said(scale, len(plan.tasks)) for n, seen in probe.drawn.items()},
        users_code=_users_code(job),
    )
    found.overfull = _overfull(job, found)
    return found


def _users_code(job: Job) -> tuple[str, ...]:
    steps = chain(job.transforms, *(output.transforms for output in job.outputs))
    return tuple(dict.fromkeys(name for name in map(step_name, steps) if ":" in name))


def check_room(job: Job, plan: Plan) -> None:
    """DiskFull where a quick look says that the output will not fit, by a clear margin."""
    free = storage.free_bytes(job.output)
    # An output larger than its input is rare and found by the probe; one that would fit even at
    # four times the input needs none.
    twice = 2 if any(job.exchanges(output) for output in job.outputs) else 1
    if free is None or plan.bytes * 4 * twice < free:
        return
    found = estimate(job, plan, tasks=2, samples=16)
    if (found.output_bytes + found.exchange_bytes) * 0.8 > free:
        raise DiskFull(found.overfull)


def _probed(job: Job, plan: Plan, tasks: int, samples: int) -> _Probe:
    probe = _Probe(
        written={output.name: [] for output in job.outputs},
        drawn={output.name: Forecast(output) for output in job.outputs if output.sample},
    )
    # What lists, classes and tables tell of sides is known only once the job runs.
    guess = {"split": job.split.guessed()} if job.split else {}
    pipeline = Pipeline(job.model_copy(update=guess))
    chosen = _spread(plan.tasks, tasks)
    for index, task in enumerate(chosen):
        until = perf_counter() + SECONDS / len(chosen)
        for sample in islice(_samples(job, task), samples):
            _one(probe, pipeline, sample, warm=index == 0 and probe.read == 0)
            if perf_counter() > until:
                break
    return probe


def _one(probe: _Probe, pipeline: Pipeline, sample: Sample | Failure, warm: bool) -> None:
    if warm:
        pipeline(sample)  # the first call compiles, or loads what was compiled
    start = perf_counter()
    what = pipeline(sample).what
    probe.seconds += perf_counter() - start
    probe.read += 1
    probe.bytes_read += sample_size(sample.key, sample.fields)
    if isinstance(what, Written):
        for name, written in what.samples.items():
            probe.written[name].append(sample_size(written.key, written.fields))
            if name in probe.drawn:
                probe.drawn[name].add(written.fields)
    elif isinstance(what, Failure):
        probe.quarantined += 1
    else:
        probe.dropped += 1


def _samples(job: Job, task: Task) -> Iterator[Sample | Failure]:
    source = source_of(job.source)
    for part in task.parts:
        try:
            yield from source.read(part)
        except ShardError:
            continue  # the run will say so; the probe looks at what can be read


def _spread(tasks: Sequence[Task], count: int) -> list[Task]:
    step = max(1, len(tasks) // count)
    return list(tasks[::step][:count])


def _shards(job: Job, plan: Plan, probe: _Probe, scale: float) -> int:
    total = 0
    for output in job.outputs:
        sizes = probe.written.get(output.name, [])
        if output.sample:
            total += probe.drawn[output.name].shards(scale, len(plan.tasks)).count
            continue
        if job.exchanges(output) and not output.shards.bytes:
            total += cut(output.shards, round(len(sizes) * scale), len(plan.tasks)).count
            continue
        if job.exchanges(output):
            total += max(1, -(-round(sum(sizes) * scale) // (output.shards.bytes or 1)))
            continue
        per_task_samples = len(sizes) * scale / max(len(plan.tasks), 1)
        per_task_bytes = sum(sizes) * scale / max(len(plan.tasks), 1)
        by_samples = -(-per_task_samples // output.shards.samples) if output.shards.samples else 1
        by_bytes = -(-per_task_bytes // output.shards.bytes) if output.shards.bytes else 1
        total += len(plan.tasks) * max(1, int(by_samples), int(by_bytes))
    return total


def _overfull(job: Job, found: Estimate) -> str:
    needed = found.output_bytes + found.exchange_bytes
    if found.free_bytes is None or needed <= found.free_bytes:
        return ""
    twice = ", most of it twice until it is done" if found.exchange_bytes else ""
    return (
        f"{storage.masked(job.output)}: the output needs about {as_size(needed)}{twice}, and "
        f"{as_size(found.free_bytes)} are free; free some, or write elsewhere"
    )


def as_size(count: float) -> str:
    """Bytes as a person reads them: 4.2 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
