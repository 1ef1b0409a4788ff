"""Status: how far an output folder has come, from its ledger alone, from any machine."""

import json
from dataclasses import dataclass, field
from typing import Any

from pixelmill import storage
from pixelmill.ledger import INPUTS, LEDGER, Ledger, settled, total
from pixelmill.manifest import NAME
from pixelmill.tally import Tally


@dataclass
class Status:
    """Tasks done of all, the tally so far, and what is wrong."""

    folder: str
    tasks: int
    done: int
    tally: Tally
    shards: int
    bytes: int
    finished: bool
    damaged: list[str] = field(default_factory=list)
    quarantine: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        names = ("folder", "tasks", "done", "shards", "bytes", "finished", "damaged", "quarantine")
        return {**{name: getattr(self, name) for name in names}, "tally": self.tally.to_json()}


def status(folder: str) -> Status:
    """InputMissing where the folder is no output of pixelmill."""
    ledger = Ledger(folder)
    job = ledger.job()
    records = ledger.records().values()
    inputs = json.loads(storage.read(storage.join(folder, LEDGER, INPUTS)))
    return Status(
        folder=folder,
        tasks=-(-len(inputs) // int(job["source"]["per_task"])),
        done=sum(not record.retries for record in records),
        tally=total(records),
        shards=sum(len(record.shards) for record in records),
        bytes=sum(record.bytes_written for record in records),
        finished=storage.exists(storage.join(folder, NAME)),
        damaged=[said for record in records for said in record.damaged],
        quarantine=[r.quarantine.name for r in settled(records) if r.quarantine],
    )
