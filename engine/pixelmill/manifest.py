"""Manifest: what the finished output holds; its own hash names this version of the dataset."""

import hashlib
import json
import os
from collections.abc import Collection
from typing import Any

import pixelmill
from pixelmill import storage
from pixelmill.exchange.draw import kept_draw
from pixelmill.job import Job, Output
from pixelmill.ledger import Record, settled, total
from pixelmill.outputs import ShardRecord
from pixelmill.outputs.card import OutputFacts, dataset_card
from pixelmill.plan import Plan, job_facts
from pixelmill.spelling import by_line, tight

NAME, CARD = "manifest.json", "README.md"


def manifest(job: Job, plan: Plan, records: Collection[Record]) -> dict[str, Any]:
    """Nothing in it depends on time, machine or workers: the same job gives the same version."""
    facts = {
        "format": 1,
        "pixelmill": pixelmill.__version__,
        "fingerprint": plan.fingerprint,
        "job": job_facts(job),
        "source": dict(plan.about),
        "tally": total(records).to_json(),
        "outputs": {spec.name: _output(job, spec, records) for spec in job.outputs},
        "quarantine": [_shard(r.quarantine) for r in settled(records) if r.quarantine],
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
    """Write manifest.json, and README.md, the dataset card, beside it."""
    facts = manifest(job, plan, records)
    title = os.path.basename(storage.masked(job.output).rstrip("/")) or "dataset"
    text = dataset_card(
        [_about(spec, facts, records) for spec in job.outputs],
        plan.about.get("classes", ()),
        title,
        about=f"Made by pixelmill; version `{facts['version'][:16]}`.",
    )
    storage.write(storage.join(job.output, CARD), text.encode())
    with storage.Upload(storage.join(job.output, NAME)) as upload:
        for piece in by_line(facts):
            upload.write(piece.encode())
        upload.commit()
    return facts


def _about(spec: Output, facts: dict[str, Any], records: Collection[Record]) -> OutputFacts:
    written = [shard for record in records for shard in record.shards if shard.output == spec.name]
    fields = {name for shard in written for name in shard.fields}
    found = facts["outputs"][spec.name]
    shards = [shard["name"] for shard in found["shards"]]
    return OutputFacts(spec.name, spec.format, shards, found["samples"], sorted(fields))


def _output(job: Job, spec: Output, records: Collection[Record]) -> dict[str, Any]:
    name = spec.name
    drawn = kept_draw(job.output, name) if spec.sample else None
    shards = [shard for record in records for shard in record.shards if shard.output == name]
    gathered = [record for record in records if record.gathers == name]
    changes = {
        "left_out": sum(record.left_out for record in gathered),
        "repeated": sum(record.repeated for record in gathered),
    }
    return {
        **{word: count for word, count in changes.items() if count},
        "samples": sum(shard.samples for shard in shards),
        "bytes": sum(shard.bytes for shard in shards),
        **({"classes": drawn.in_and_out()} if drawn and drawn.classes else {}),
        "shards": [_shard(shard) for shard in shards],
    }


def _shard(shard: ShardRecord) -> dict[str, Any]:
    return {
        "name": shard.name,
        "samples": shard.samples,
        "bytes": shard.bytes,
        "sha256": shard.sha256,
    }
