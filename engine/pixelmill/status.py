"""Status: how far an output folder has come, from its ledger alone, from any machine."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pixelmill import storage
from pixelmill.exchange.cut import cut
from pixelmill.exchange.draw import kept_draw
from pixelmill.exchange.full import kept_cut
from pixelmill.holder import Holder
from pixelmill.inputs import count_tasks
from pixelmill.job import Shards
from pixelmill.lease import holder_of
from pixelmill.ledger import Ledger, Record, settled, total
from pixelmill.manifest import NAME
from pixelmill.tally import Tally


@dataclass
class Status:
    """Tasks done of all, the tally so far, and what is wrong.

    `gathered` shards of the exchange are done of `to_gather`, which is known once all tasks are.
    `holder` is the run that has the folder.
    """

    folder: str
    tasks: int
    done: int
    tally: Tally
    shards: int
    bytes: int
    finished: bool
    gathered: int = 0
    to_gather: int | None = 0
    damaged: list[str] = field(default_factory=list)
    quarantine: list[str] = field(default_factory=list)
    holder: Holder | None = None

    @property
    def running(self) -> str:
        """Who is at it, or was when it died; "" where no one is."""
        if self.holder is None:
            return ""
        return f"{'left by' if self.holder.is_gone else 'being written by'} {self.holder}"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "tally": self.tally.to_json()}


def status(folder: str) -> Status:
    """InputMissing where the folder is no output of pixelmill."""
    ledger = Ledger(folder)
    job = ledger.job()
    records = ledger.records().values()
    tasks, done = count_tasks(folder, job), [r for r in records if r.is_first]
    return Status(
        folder=folder,
        tasks=tasks,
        done=len(done),
        tally=total(records),
        shards=sum(len(record.shards) for record in records),
        bytes=sum(shard.bytes for record in records for shard in record.shards),
        finished=storage.exists(storage.join(folder, NAME)),
        gathered=sum(bool(record.gathers) for record in records),
        to_gather=_shards(folder, job, done, tasks),
        damaged=[said for record in records for said in record.damaged],
        quarantine=[r.quarantine.name for r in settled(records) if r.quarantine],
        holder=holder_of(folder),
    )


def _shards(folder: str, job: dict[str, Any], done: list[Record], tasks: int) -> int | None:
    """How many shards are cut across tasks; None where some of them are to come.

    From the words of the job alone: its transforms need not be installed here.
    """
    found = 0
    for output in job["outputs"]:
        shards = Shards.model_validate(output["shards"])
        if job.get("shuffle") or shards.across_tasks:
            one = _shards_of(folder, output, shards, done) if len(done) == tasks else None
            if one is None:
                return None
            found += one
    return found


def _shards_of(
    folder: str, output: dict[str, Any], shards: Shards, done: list[Record]
) -> int | None:
    """Those of one output, once all tasks are done."""
    name = output["name"]
    if shards.bytes:
        kept = kept_cut(folder, name)
        return kept.count if kept else None
    total = sum(run.samples for record in done for run in record.runs if run.output == name)
    if output.get("sample"):
        drawn = kept_draw(folder, name)
        if drawn is None:
            return None
        total = drawn.total
    return cut(shards, total, len(done)).count
