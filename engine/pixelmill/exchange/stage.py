"""Stage: the second stage of a job, as the commit records of the first one tell it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pixelmill import storage
from pixelmill.errors import InputMissing
from pixelmill.exchange.cut import Cut, cut
from pixelmill.exchange.full import bytes_cut, keep_cut, kept_cut
from pixelmill.exchange.map import write_map
from pixelmill.exchange.runs import FOLDER
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.ledger import Record
from pixelmill.plan import Task


@dataclass(frozen=True, slots=True)
class Gather(Task):
    """A task of the second stage: one shard of `output`, the places from `start` to `stop`.

    The last one tells how many samples are in no shard, and how many are in two.
    """

    output: str = ""
    number: int = 0
    start: int = 0
    stop: int = 0
    left_out: int = 0
    repeated: int = 0


def all_gathers(job: Job, records: Collection[Record]) -> list[Gather]:
    """One task a final shard; of a finished first stage, whose runs may be gone already."""
    found = []
    for spec in job.outputs:
        if not job.exchanges(spec):
            continue
        shards = _cut(job, spec, records)
        for number in range(shards.count):
            last = number == shards.count - 1
            found.append(
                Gather(
                    f"{FOLDER}-{spec.name}-{number:06d}",
                    (),
                    output=spec.name,
                    number=number,
                    start=shards.bounds(number)[0],
                    stop=shards.bounds(number)[1],
                    left_out=shards.left_out if last else 0,
                    repeated=shards.repeated if last else 0,
                )
            )
    return found


def _cut(job: Job, spec: Output, records: Collection[Record]) -> Cut:
    # One record after the other: unpacked, a hundred thousand take 400 MB.
    first = (record for record in records if record.is_first)
    if spec.shards.bytes:
        return kept_cut(job.output, spec.name) or bytes_cut(job, spec, first)
    tasks, total = 0, 0
    for record in first:
        tasks += 1
        total += sum(run.samples for run in record.runs if run.output == spec.name)
    return cut(spec.shards, total, tasks)


def second_stage(job: Job, records: Mapping[str, Record]) -> list[Gather]:
    """What is missing of it; the maps that its tasks read the runs by are written."""
    todo = [task for task in all_gathers(job, records.values()) if task.id not in records]
    for output in dict.fromkeys(task.output for task in todo):
        write_map(job, output, records.values())
        reach("exchange.map")
    for spec in job.outputs:
        if todo and job.exchanges(spec) and spec.shards.bytes:
            keep_cut(job.output, spec.name, _cut(job, spec, records.values()))
            reach("exchange.cut")
    return todo


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
