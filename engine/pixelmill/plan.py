"""Plan: the job resolved into tasks, the same every time, and the fingerprint that says so."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pixelmill import storage
from pixelmill.errors import JobError, PixelmillError, StorageError
from pixelmill.job import Job, Source
from pixelmill.job.labels import FolderLabels
from pixelmill.sources import Part, open_source
from pixelmill.sources import Source as OpenSource


@dataclass(frozen=True, slots=True)
class Task:
    """The unit of work, retry and commit: some parts of the source, whole.

    `id` is its number, six digits, and names its shards, its commit record and its quarantine;
    a task that takes up the quarantine of another (`retries`) is that one's id with "-r1",
    "-r2" ... behind, and `changes` are the places of the job that were changed for it.
    `lease` is the number of the lease under which it is done; whoever does it stops once that is
    lost.
    """

    id: str
    parts: tuple[Part, ...]
    retries: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    lease: int = 0

    @property
    def bytes(self) -> int:
        return sum(part.size for part in self.parts)

    @property
    def where(self) -> str:
        """What it reads, in few words."""
        first = storage.masked(self.parts[0].url) if self.parts else "nothing of the source"
        return f"{first} and {len(self.parts) - 1} more" if len(self.parts) > 1 else first


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job comes to: its tasks, and what the source says about itself (its classes ...)."""

    tasks: tuple[Task, ...]
    fingerprint: str
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(task.bytes for task in self.tasks)

    @property
    def parts(self) -> list[Part]:
        return [part for task in self.tasks for part in task.parts]


def make_plan(job: Job) -> Plan:
    """List the source and cut it into tasks; JobError where there is nothing to read."""
    source = source_of(job.source)
    mistakes, parts = _output_mistakes(job.output), []
    try:
        parts = source.parts()
    except JobError as error:
        mistakes += error.mistakes
    except StorageError as error:
        mistakes.append(f"source.urls: {error}")
    if not parts and not mistakes:
        mistakes.append(f"source: nothing to read in {storage.masked(', '.join(job.source.urls))}")
    if mistakes:
        raise JobError(mistakes)
    return plan_of(job, [parts], source.about())


def plan_of(job: Job, generations: Sequence[Sequence[Part]], about: Mapping[str, Any]) -> Plan:
    """The tasks of these parts; those of one generation share none with another."""
    size = job.source.per_task
    groups = (tuple(g[at : at + size]) for g in generations for at in range(0, len(g), size))
    tasks = tuple(Task(f"{i:06d}", group) for i, group in enumerate(groups))
    return Plan(tasks, fingerprint(job, *generations), about)


def _output_mistakes(url: str) -> list[str]:
    try:
        storage.expect_writable(url)
    except StorageError as error:
        return [f"output: {error}"]
    return []


def source_of(spec: Source) -> OpenSource:
    """The source of a job, open; nothing is read or listed before it is asked to."""
    if spec.kind == "listed":
        assert spec.labels is not None  # the job was checked for it
        from pixelmill.labels.listed import Listed

        return Listed(spec.labels, spec.batch)
    return open_source(
        spec.urls, spec.kind, image=spec.image, key=spec.key, batch=spec.batch,
        max_sample=spec.max_sample, classes=not (spec.labels and spec.labels.tells_classes),
        mask=spec.labels.beside if isinstance(spec.labels, FolderLabels) else "",
    )  # fmt: skip


def source_mistakes(data: Any) -> list[str]:
    """What is wrong with the source of a job whose other parts are wrong already."""
    try:
        make_plan(Job(source=Source.model_validate(data), output="unused"))
    except JobError as error:
        return list(error.mistakes)
    except (PixelmillError, ValueError) as error:
        return [f"source: {error}"] if isinstance(error, PixelmillError) else []
    return []


def fingerprint(job: Job, *generations: Sequence[Part]) -> str:
    """sha256 over everything that the output's bytes depend on: the job's words and the inputs."""
    listed = [[part_facts(part) for part in parts] for parts in generations]
    return hashlib.sha256(canonical([job_facts(job), *listed])).hexdigest()


def part_facts(part: Part) -> dict[str, Any]:
    """The part as it is written down: with an URL that opens nothing to whoever reads it."""
    return {**asdict(part), "url": storage.masked(part.url)}


def job_facts(job: Job) -> dict[str, Any]:
    """The job's words that shape the output; the URLs stand in the parts that they expand to."""
    facts = job.shapes_bytes()
    del facts["source"]["urls"]
    return facts


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """One line for each value that differs between two trees of plain values."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            inner = f"{place}.{key}" if place else str(key)
            yield from differences(before.get(key), after.get(key), inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{place}[{index}]")
    elif before != after:
        yield f"{place}: {_short(before)} before, {_short(after)} now"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
