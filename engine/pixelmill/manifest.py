"""Manifest: what the finished output holds; its own hash names this version of the dataset."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from typing import Any

import pixelmill
from pixelmill import storage
from pixelmill.exchange.draw import kept_draw
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.labels import summary
from pixelmill.ledger import MANIFEST, Record, settled, shards_of, total
from pixelmill.outputs import ShardRecord
from pixelmill.papers import write_papers
from pixelmill.plan import Plan, job_facts
from pixelmill.spelling import Rows, by_line, tight
from pixelmill.splits import find_leaks
from pixelmill.statistics import Counts, told

NAME = MANIFEST


def manifest(job: Job, plan: Plan, records: Collection[Record]) -> dict[str, Any]:
    """Nothing in it depends on time, machine or workers: the same job gives the same version.

    What there is one of for each shard is Rows: of 100,000 shards a quarter of a gigabyte.
    """
    facts = {
        "format": 1,
        "pixelmill": pixelmill.__version__,
        "fingerprint": plan.fingerprint,
        "job": job_facts(job),
        "source": dict(plan.about),
        "tally": total(records).to_json(),
        "outputs": {spec.name: _output(job, spec, records) for spec in job.outputs},
        "quarantine": Rows(
            lambda: (_shard(r.quarantine) for r in settled(records) if r.quarantine)
        ),
        **({"statistics": found} if (found := _statistics(records)) else {}),
        **({"labels": _labels(job, records)} if job.source.labels else {}),
        **({"split": _split(job, records)} if job.split else {}),
        "retries": [{"task": r.task, "changes": r.changes} for r in records if r.retries],
        "damaged": [said for record in records for said in record.damaged],
    }
    return {"version": version_of(facts), **facts}


def version_of(facts: dict[str, Any]) -> str:
    """The name of a dataset version: sha256 over the manifest without that name."""
    digest = hashlib.sha256()
    for piece in tight({k: v for k, v in facts.items() if k != "version"}):
        digest.update(piece.encode())
    return digest.hexdigest()


def read_manifest(folder: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(storage.read(storage.join(folder, NAME)))
    return facts


def write_manifest(job: Job, plan: Plan, records: Collection[Record]) -> dict[str, Any]:
    """Write manifest.json, and its papers beside it: the card and the Croissant file."""
    facts = manifest(job, plan, records)
    write_papers(job, plan, facts, records)
    with storage.Upload(storage.join(job.output, NAME)) as upload:
        for piece in by_line(facts):
            upload.write(piece.encode())
        upload.commit()
    reach("manifest.there")
    return facts


def _statistics(records: Collection[Record]) -> dict[str, Any]:
    """What the samples of each output come to, as they were when their tasks wrote them.

    Samples that the exchange left out or repeated since are in it once.
    """
    found: dict[str, Counts] = {}
    for record in records:
        for output, counts in record.statistics.items():
            found.setdefault(output, Counts()).update(counts)
    return {output: told(counts) for output, counts in sorted(found.items())}


def _labels(job: Job, records: Collection[Record]) -> dict[str, Any]:
    """How many images and rows of the labels' tables found each other."""
    return summary(job, [record.task for record in records if record.is_first])


def _split(job: Job, records: Collection[Record]) -> dict[str, Any]:
    """How many samples each side has, and what is on two of them."""
    assert job.split is not None
    tasks = [record.task for record in records if not record.gathers]
    return find_leaks(job.output, job.split, tasks).to_json()


def _output(job: Job, spec: Output, records: Collection[Record]) -> dict[str, Any]:
    drawn = kept_draw(job.output, spec.name) if spec.sample else None
    changes, samples, size = Counter[str](), 0, 0
    for record in records:
        if record.gathers == spec.name:
            changes.update(left_out=record.left_out, repeated=record.repeated)
    for shard in shards_of(spec.name, records):
        samples, size = samples + shard.samples, size + shard.bytes
    return {
        **{word: count for word, count in changes.items() if count},
        "samples": samples,
        "bytes": size,
        **({"classes": drawn.in_and_out()} if drawn and drawn.classes else {}),
        "shards": Rows(lambda: map(_shard, shards_of(spec.name, records))),
    }


def _shard(shard: ShardRecord) -> dict[str, Any]:
    return {
        "name": shard.name,
        "samples": shard.samples,
        "bytes": shard.bytes,
        "sha256": shard.sha256,
    }
