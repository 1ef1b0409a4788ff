"""Stage: the second stage of a job, as the commit records of the first one tell it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pixelmill import storage
from pixelmill.errors import InputMissing
from pixelmill.exchange.cut import Cut, cut
from pixelmill.exchange.draw import draw, kept_draw, planned
from pixelmill.exchange.full import bytes_cut, keep_cut, kept_cut
from pixelmill.exchange.map import fields_of, runs_of, write_map
from pixelmill.exchange.runs import FOLDER
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.ledger import Record
from pixelmill.plan import Task


@dataclass(frozen=True, slots=True)
class Gather(Task):
    """A task of the second stage: one shard of `output`, the places from `start` to `stop`.

    The last one tells how many samples are in no shard, by reason too, and how many are there
    already.
    """

    output: str = ""
    number: int = 0
    start: int = 0
    stop: int = 0
    left_out: int = 0
    repeated: int = 0
    left_out_by: Mapping[str, int] = field(default_factory=dict)


class FirstStage(Collection[Record]):
    """The records of the plan's own tasks, one after the other: 100,000 at once take 400 MB."""

    def __init__(self, records: Collection[Record]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[Record]:
        return (record for record in self._records if record.is_first)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, record: object) -> bool:
        return any(record == one for one in self)


def all_gathers(job: Job, records: Collection[Record]) -> list[Gather]:
    """One task a final shard; of a finished first stage, whose runs may be gone already."""
    found = []
    for spec in job.outputs:
        if not job.exchanges(spec):
            continue
        gathers = _gathers(spec, _cut(job, spec, FirstStage(records)))
        drawn = kept_draw(job.output, spec.name) if spec.sample else None
        if drawn is not None:
            gathers[-1] = replace(
                gathers[-1],
                left_out=sum(drawn.left_out.values()),
                left_out_by=drawn.left_out,
                repeated=drawn.repeated,
            )
        found += gathers
    return found


def _gathers(spec: Output, shards: Cut) -> list[Gather]:
    found = []
    for number in range(shards.count):
        start, stop = shards.bounds(number)
        task = f"{FOLDER}-{spec.name}-{number:06d}"
        found.append(Gather(task, (), output=spec.name, number=number, start=start, stop=stop))
    found[-1] = replace(found[-1], left_out=shards.left_out, repeated=shards.repeated)
    return found


def _cut(job: Job, spec: Output, first: Collection[Record]) -> Cut:
    if spec.sample:
        drawn = kept_draw(job.output, spec.name)
        total = drawn.total if drawn else planned(job, spec, first)
        return cut(spec.shards, total, len(first))
    if spec.shards.bytes:
        return kept_cut(job.output, spec.name) or bytes_cut(job, spec, first)
    total = sum(run.samples for record in first for run in record.runs if run.output == spec.name)
    return cut(spec.shards, total, len(first))


def second_stage(job: Job, records: Mapping[str, Record]) -> list[Gather]:
    """What is missing of it; the maps that its tasks read the runs by are written."""
    first = FirstStage(records.values())
    fresh = [o for o in job.outputs if o.sample and kept_draw(job.output, o.name) is None]
    for spec in fresh:
        draw(job, spec, first)
    todo = [task for task in all_gathers(job, records.values()) if task.id not in records]
    for spec in job.outputs:
        if spec not in fresh and any(task.output == spec.name for task in todo):
            _map(job, spec, first)
            reach("exchange.map")
        if todo and job.exchanges(spec) and spec.shards.bytes:
            keep_cut(job.output, spec.name, _cut(job, spec, first))
            reach("exchange.cut")
    return todo


def _map(job: Job, spec: Output, first: Collection[Record]) -> None:
    if spec.sample:
        draw(job, spec, first)
    else:
        runs = runs_of("", spec.name, first)
        write_map(job, spec.name, runs, fields_of(spec.name, first))


def lost_runs(job: Job, tasks: Iterable[Task], done: Mapping[str, Record]) -> set[str]:
    """Tasks of the first stage that are done, and whose runs are needed again and gone.

    A shard that is to be made anew after the job was finished needs them.
    """
    tasks = list(tasks)
    if not any(job.exchanges(spec) for spec in job.outputs):
        return set()
    if all(task.id in done for task in tasks) and _all_gathered(job, done):
        return set()
    there = _runs_there(job.output)
    return {
        task.id
        for task in tasks
        if task.id in done and not all(run.name in there for run in done[task.id].runs)
    }


def _all_gathered(job: Job, done: Mapping[str, Record]) -> bool:
    try:
        return all(task.id in done for task in all_gathers(job, done.values()))
    except InputMissing:  # neither the runs nor how they were cut
        return False


def _runs_there(folder: str) -> set[str]:
    """The names of the runs in an output folder, as their records have them."""
    try:
        found = storage.listing(storage.join(folder, FOLDER), recursive=True)
    except InputMissing:
        return set()
    return {"/".join([FOLDER, *entry.url.rsplit("/", 2)[1:]]) for entry in found}


def clear(job: Job) -> None:
    """Remove what the stages handed over, once the manifest is written."""
    if any(job.exchanges(spec) for spec in job.outputs):
        storage.remove_folder(storage.join(job.output, FOLDER))
        reach("clear.there")
