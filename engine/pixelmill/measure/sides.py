"""Sides: reading, the work on the pixels, and writing, each alone; the others are dummies.

Read: what is read is thrown away.  Decode (with transforms and encode): samples come from memory,
and what is made is thrown away.  Write: what was made lies in memory, and becomes durable shards.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Literal, get_args

from pixelmill import storage
from pixelmill.errors import ShardError
from pixelmill.job import Output as OutputSpec
from pixelmill.journey import Written
from pixelmill.measure.pace import First, Load, expect_images
from pixelmill.measure.pinning import pinned
from pixelmill.outputs import open_output
from pixelmill.pipeline import Pipeline
from pixelmill.plan import Task, source_of
from pixelmill.sample import Failure, Sample

Side = Literal["read", "decode", "write"]
SIDES: tuple[Side, ...] = get_args(Side)
# Encoded samples that are held for the sides without a source; a shard's worth of photographs.
MOST_HELD = 256 << 20


@dataclass(frozen=True, slots=True)
class Spent:
    """Images, the bytes that came in or went out, and the seconds and CPU seconds they took."""

    images: int
    bytes: int
    seconds: float
    cpu: float


def held(load: Load) -> list[Sample]:
    """The first samples of the tasks, as many as fit into `MOST_HELD`, in memory."""
    found, size = [], 0
    for sample in _read(load, load.tasks):
        if isinstance(sample, Sample):
            found.append(sample)
            size += sum(map(len, sample.fields.values()))
        if size >= MOST_HELD:
            break
    expect_images(len(found), load)
    return found


class Sides:
    """Each side of a load alone; `samples` are what its dummies hold."""

    def __init__(self, load: Load, samples: Sequence[Sample]) -> None:
        self.load, self.samples = load, samples
        self.pipeline = Pipeline(load.job)
        made = [self.pipeline(sample).what for sample in samples]
        self.written = [what for what in made if isinstance(what, Written)]

    def spent(self, side: Side, workers: int) -> Spent:
        """What one side takes on so many threads, on as many cores."""
        work: Callable[[Task], tuple[int, int]] = getattr(self, side)
        with pinned(workers), ThreadPoolExecutor(workers) as pool:
            start, cpu = perf_counter(), process_time()
            sums = list(pool.map(work, self.load.for_workers(workers)))
            seconds, cpu = perf_counter() - start, process_time() - cpu
        return Spent(sum(s[0] for s in sums), sum(s[1] for s in sums), seconds, cpu)

    def read(self, task: Task) -> tuple[int, int]:
        return _counted(sample.fields for sample in _read(self.load, [task]))

    def decode(self, task: Task) -> tuple[int, int]:
        def through() -> Iterator[dict[str, bytes]]:
            for sample in self._turn(self.samples, task):
                self.pipeline(sample)
                yield sample.fields

        return _counted(through())

    def write(self, task: Task) -> tuple[int, int]:
        folder = storage.join(self.load.scratch, f"write-{task.id}")
        try:
            images, size = 0, 0
            for spec in self.load.job.outputs:
                mine = [w.samples[spec.name] for w in self.written if spec.name in w.samples]
                made = _write(spec, folder, self._turn(mine, task))
                images, size = max(images, made[0]), size + made[1]
            return images, size
        finally:
            storage.remove_folder(folder)

    def _turn(self, samples: Sequence[Sample], task: Task) -> Sequence[Sample]:
        """As many of what is held as a task has, of another part of it for each task."""
        count = min(self.load.samples, len(samples))
        start = int(task.id) * count % max(len(samples) - count + 1, 1)
        return samples[start : start + count]


def _write(spec: OutputSpec, folder: str, samples: Sequence[Sample]) -> tuple[int, int]:
    shards = spec.shards
    names = "{}-{:03d}".format
    output = open_output(
        spec.format, folder, spec.name, lambda part: names(spec.name, part),
        samples=shards.samples, bytes=shards.bytes, index=spec.index,
    )  # fmt: skip
    for sample in samples:
        output.add(sample, None, sample.image_field)
    return len(samples), sum(shard.bytes for shard in output.close())


def _read(load: Load, tasks: Sequence[Task]) -> Iterator[Sample | Failure]:
    source = First(source_of(load.job.source), load.samples)
    for task in tasks:
        for part in task.parts:
            try:
                yield from source.read(part)
            except ShardError:
                continue  # a run tells of it; here the rest counts


def _counted(all_fields: Iterable[dict[str, bytes]]) -> tuple[int, int]:
    images, size = 0, 0
    for fields in all_fields:
        images += 1
        size += sum(map(len, fields.values()))
    return images, size
