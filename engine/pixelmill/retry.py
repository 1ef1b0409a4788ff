"""Retry: the quarantined samples once more, with the job as it was or with its limits changed."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import yaml

from pixelmill import storage
from pixelmill.errors import OutputInUse
from pixelmill.guard import FATAL
from pixelmill.job import job_from, put
from pixelmill.lanes import both
from pixelmill.lease import Lease, held
from pixelmill.ledger import Ledger, Record, settled
from pixelmill.manifest import NAME, read_manifest
from pixelmill.plan import Plan, Task
from pixelmill.run import Report, Watch, Work, execute, finish
from pixelmill.sources import Part


def retry(
    folder: str, changes: Mapping[str, Any] | None = None, watch: Watch | None = None
) -> Report:
    """Process what is in quarantine again; what passes now goes into shards of its own.

    `changes` maps places of the job ("decode.max_pixels") to new values, for these samples only;
    they are recorded.  OutputInUse where the job is not finished.
    """
    watch = watch or Watch()
    Ledger(folder).job()
    with held(folder, watch.event) as lease:
        storage.sweep(folder)
        return _retried(folder, changes or {}, watch, lease)


def _retried(folder: str, changes: Mapping[str, Any], watch: Watch, lease: Lease) -> Report:
    ledger = Ledger(folder)
    data = ledger.job()
    data.pop("pixelmill", None)
    data["output"] = folder
    if not storage.exists(storage.join(folder, NAME)):
        raise OutputInUse(
            f"{storage.masked(folder)}: the job is not finished; run it again first, then retry"
        )
    original = job_from(data)
    data = yaml.safe_load(yaml.safe_dump(data))
    for place, value in changes.items():
        put(data, place, value)
    job = job_from(data)
    records = ledger.records()
    if job.executor.isolate == "suspects" and any(_is_fatal(one) for one in records.values()):
        always = job.executor.model_copy(update={"isolate": "always"})
        job = job.model_copy(update={"executor": always})
    facts = read_manifest(folder)
    tasks = tuple(
        _task(folder, record, changes) for record in settled(records.values()) if record.quarantine
    )
    plan = Plan(tasks, facts["fingerprint"], facts["source"])
    watch.planned(plan, ())
    report = execute(job, Work(plan, records, tasks, lease), watch)
    _, records = both(lease.expect_kept, partial(ledger.records, report.known))
    return finish(original, plan, records, report)


def _is_fatal(record: Record) -> bool:
    """Whether it has samples that may end the process once more."""
    return not FATAL.isdisjoint(record.tally.quarantined)


def _task(folder: str, record: Record, changes: Mapping[str, Any]) -> Task:
    assert record.quarantine is not None
    stem, _, turn = record.task.partition("-r")
    url = storage.join(folder, record.quarantine.name)
    part = Part(url, record.quarantine.bytes, record.quarantine.sha256)
    return Task(f"{stem}-r{int(turn or 0) + 1}", (part,), record.task, changes)
