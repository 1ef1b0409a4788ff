"""Ledger: the commit records in the output folder, one a task, each written after its shards."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NoReturn

import yaml

from pixelmill import storage
from pixelmill.errors import InputMissing, OutputInUse
from pixelmill.failpoint import reach
from pixelmill.inputs import (
    LEDGER,
    STEM,
    Generations,
    added,
    additions,
    cannot_grow,
    differences_of,
    read_inputs,
    write_inputs,
)
from pixelmill.job import NO_BYTES, Job, write_job
from pixelmill.outputs import ShardRecord
from pixelmill.plan import Plan, differences, job_facts, part_facts, plan_of
from pixelmill.shelf import Shelf
from pixelmill.sources import Part
from pixelmill.tally import Tally

JOB, MANIFEST = "job.yaml", "manifest.json"
# What only records of an exchange tell, and what only those that looked at samples.
_WHERE_THERE = {"runs", "gathers", "left_out", "left_out_by", "repeated", "statistics"}


@dataclass(frozen=True, slots=True)
class Record:
    """One task, done: what became of its samples and what it wrote.

    `retries` is the id of the task whose quarantine it took up, with `changes` to the job.
    `damaged` tells of input shards
    that broke off.  `seconds` by step and `wall` are those of the worker, `peak_rss` its bytes.
    `runs` are what it left for the exchange, whose second stage `gathers` them into shards of the
    output of that name; the last of its records says how many samples are in none, by reason where
    they were not drawn, and how many are there already.  `statistics` are of each output's samples.
    """

    task: str
    parts: tuple[Part, ...]
    tally: Tally
    shards: tuple[ShardRecord, ...] = ()
    quarantine: ShardRecord | None = None
    damaged: tuple[str, ...] = ()
    retries: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    bytes_read: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    wall: float = 0.0
    peak_rss: int = 0
    worker: str = ""
    runs: tuple[ShardRecord, ...] = ()
    gathers: str = ""
    left_out: int = 0
    repeated: int = 0
    left_out_by: dict[str, int] = field(default_factory=dict)
    statistics: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def is_first(self) -> bool:
        """Whether it is of one of the plan's own tasks: no retry, no gathering."""
        return not self.retries and not self.gathers

    @property
    def bytes_written(self) -> int:
        return sum(shard.bytes for shard in (*self.shards, *self.runs))

    def to_json(self) -> dict[str, Any]:
        told = {**asdict(self), "tally": self.tally.to_json()}
        told["parts"] = [part_facts(part) for part in self.parts]
        return {name: value for name, value in told.items() if value or name not in _WHERE_THERE}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Record":
        shards = tuple(ShardRecord(**shard) for shard in data["shards"])
        quarantine = ShardRecord(**data["quarantine"]) if data["quarantine"] else None
        parts = tuple(Part(**part) for part in data["parts"])
        tally = Tally.from_json(data["tally"])
        runs = tuple(ShardRecord(**run) for run in data.get("runs", ()))
        made = {"parts": parts, "tally": tally, "shards": shards, "quarantine": quarantine}
        made["runs"] = runs
        return cls(**{**data, **made, "damaged": tuple(data["damaged"])})


class Ledger:
    """The records of one output folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def begin(self, job: Job, plan: Plan, about: dict[str, Any], only_new: bool = False) -> Plan:
        """Claim the folder for this job, or find it begun: the plan that its records belong to.

        That plan has the tasks of a folder that has grown in the order in which they came;
        `only_new` adds tasks for inputs that are new.  OutputInUse, with every difference, where
        the folder holds another job, other inputs, or files that no job wrote.
        """
        found = self._job_file()
        if found is not None:
            return self._gone_on_with(found, job, plan, about, only_new)
        strangers: list[storage.Entry] = []
        with suppress(InputMissing):
            strangers = storage.listing(self.folder)
        if strangers:
            raise OutputInUse(
                f"{storage.masked(self.folder)} holds files that no pixelmill job wrote, such as "
                f"{strangers[0].url}; name an empty or a new folder"
            )
        write_inputs(self.folder, 0, plan.parts)
        reach("begin.inputs")
        about = {**about, "fingerprint": plan.fingerprint}
        storage.write(self._url(JOB), write_job(job, about).encode())
        reach("begin.claimed")
        return plan

    def job(self) -> dict[str, Any]:
        """The folder's job.yaml; InputMissing where there is none."""
        found = self._job_file()
        if found is None:
            raise InputMissing(
                f"{storage.masked(self.folder)} holds no {JOB}, so it is no output of pixelmill run"
            )
        return found

    def records(self, known: Shelf[Record] | None = None) -> Shelf[Record]:
        """Every task that is done, by its id, in the order of the ids; what is `known` is not read.

        A record that is written twice says the same of the output, so that any copy will do.
        """
        known = known or Shelf()
        folder, found = self._url(LEDGER), known.alike()
        try:
            urls = [entry.url for entry in storage.listing(folder)]
        except InputMissing:
            return found
        tasks = {storage.name(url).removesuffix(".json"): url for url in urls if _is_record(url)}
        unknown = [tasks[task] for task in sorted(tasks) if task not in known]
        texts = _texts(unknown)
        for task in sorted(tasks):
            if task in known:
                found.take(task, known)
            else:
                found[task] = Record.from_json(next(texts))
        return found

    def commit(self, record: Record) -> None:
        text = json.dumps(record.to_json(), indent=1)
        storage.write(self._url(LEDGER, f"{record.task}.json"), text.encode())

    def _gone_on_with(
        self, found: dict[str, Any], job: Job, plan: Plan, about: dict[str, Any], only_new: bool
    ) -> Plan:
        said = found.get("pixelmill", {})
        if said.get("fingerprint") == plan.fingerprint:
            return plan
        before = read_inputs(self.folder, said)
        new = added(before, plan)
        lines = [*_job_lines(found, job), *differences_of(before, plan)]
        if new:
            lines += cannot_grow(job, plan) if only_new else additions(new)
        whole = plan_of(job, [*before, new] if new else before, plan.about)
        if not lines and not new and whole.fingerprint != said.get("fingerprint"):
            lines = [f"pixelmill: {said.get('version')} before, which understood the job otherwise"]
        if lines:
            self._refuse(lines)
        if new:
            self._grow(job, whole, [*before, new], about)
        return whole

    def _grow(self, job: Job, plan: Plan, generations: Generations, about: dict[str, Any]) -> None:
        """The added parts, then what makes them count; the manifest is that of a smaller output."""
        number = len(generations) - 1
        write_inputs(self.folder, number, generations[-1])
        reach("grow.inputs")
        storage.remove(self._url(MANIFEST))
        about = {**about, "fingerprint": plan.fingerprint, "grown": number}
        storage.write(self._url(JOB), write_job(job, about).encode())

    def _refuse(self, lines: list[str]) -> NoReturn:
        raise OutputInUse(
            "\n  ".join(
                [
                    f"{storage.masked(self.folder)} holds another job; give this one a folder of "
                    "its own, or undo the change:",
                    *lines[:20],
                ]
            )
        )

    def _job_file(self) -> dict[str, Any] | None:
        try:
            found = yaml.safe_load(storage.read(self._url(JOB)))
        except InputMissing:
            return None
        return found if isinstance(found, dict) else {}

    def _url(self, *names: str) -> str:
        return storage.join(self.folder, *names)


def _job_lines(found: dict[str, Any], job: Job) -> Iterator[str]:
    """What the job's words say otherwise than those of the folder's job.yaml."""
    before = {key: value for key, value in found.items() if key not in NO_BYTES}
    before["source"] = {k: v for k, v in before.get("source", {}).items() if k != "urls"}
    return differences(before, job_facts(job))


class settled(Iterable[Record]):
    """The records with the quarantine of those that were retried taken out of their tallies."""

    def __init__(self, records: Collection[Record]) -> None:
        self._records = records
        self._retried = {record.retries for record in records if record.retries}

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:  # one at a time: there may be a hundred thousand
            yield _without_quarantine(record) if record.task in self._retried else record


def total(records: Collection[Record]) -> Tally:
    """The sum of all: what a retry reads is what another task had put into quarantine."""
    whole, found = Tally(), settled(records)
    for record in found:
        tally = Tally() + record.tally
        if record.retries:
            tally.read = 0
        whole = whole + tally
    for record in found:
        _exchange(whole, record)
    return whole


def shards_of(output: str, records: Iterable[Record]) -> Iterator[ShardRecord]:
    """The shards of an output, in order."""
    return (shard for record in records for shard in record.shards if shard.output == output)


def _exchange(whole: Tally, record: Record) -> None:
    """Take out of the sum what is in no shard; add what is in two."""
    if record.left_out and set(whole.outputs) == {record.gathers}:  # nowhere else is it written
        whole.written -= record.left_out
        whole.dropped.update(record.left_out_by or {"remainder": record.left_out})
    if record.left_out or record.repeated:
        whole.outputs[record.gathers] += record.repeated - record.left_out


def _is_record(url: str) -> bool:
    return url.endswith(".json") and not storage.name(url).startswith(STEM)


def _texts(urls: Sequence[str]) -> Iterator[Any]:
    """What the files say, in this order; not all of it is in memory at once."""
    with ThreadPoolExecutor(16) as pool:  # a bucket answers 16 requests as soon as one
        for start in range(0, len(urls), 1000):
            yield from map(json.loads, pool.map(storage.read, urls[start : start + 1000]))


def _without_quarantine(record: Record) -> Record:
    tally = Tally() + record.tally
    tally.quarantined.clear()
    return replace(record, tally=tally, quarantine=None)
